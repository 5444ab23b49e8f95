#include "net/api/tasks.hpp"
#include "tests/net/api_fixture.hpp"

using namespace torc;

BOOST_FIXTURE_TEST_SUITE(what_came_with_torc_1_0, with_workflow)

BOOST_AUTO_TEST_CASE(files_and_records_are_added_in_bulk) {
  house.edited = core::edited{{41, 42}, 2};
  check("POST", "/bulk_files",
        R"({"files":[{"workflow_id":1,"name":"a","path":"/a"},)"
        R"({"workflow_id":1,"name":"b","path":"/b"}]})",
        200,
        R"({"files":[{"id":41,"workflow_id":1,"name":"a","path":"/a"},)"
        R"({"id":42,"workflow_id":1,"name":"b","path":"/b"}]})");
  BOOST_TEST(only_edit<core::create_many<core::file_row>>().rows.size() == 2u);
  house.edits.clear();
  house.edited = core::edited{{7}, 1};
  check("POST", "/bulk_user_data", R"({"user_data":[{"workflow_id":1,"name":"a","data":[1]}]})",
        200, R"({"user_data":[{"id":7,"workflow_id":1,"name":"a","data":[1]}]})");
  house.edits.clear();
  check("POST", "/bulk_files", R"({"files":[]})", 200, R"({"files":[]})");
  for (const auto* wrong : {R"({"files":7})", R"({})", R"({"files":[{"workflow_id":1}]})"})
    BOOST_TEST(ask("POST", "/bulk_files", wrong).status == 400, wrong);
  BOOST_TEST(ask("POST", "/bulk_files",
                 R"({"files":[{"workflow_id":1,"name":"a","path":"/a"},)"
                 R"({"workflow_id":2,"name":"b","path":"/b"}]})")
                 .status == 422);
  BOOST_TEST(house.edits.empty());
}

namespace {
std::string end_of(int64_t job, const std::string& status = "completed") {
  const auto id = std::to_string(job);
  return R"({"job_id":)" + id + R"(,"run_id":3,"status":")" + status + R"(","result":{"job_id":)" +
         id +
         R"(,"workflow_id":1,"run_id":3,"compute_node_id":1,"return_code":0,)"
         R"("exec_time_minutes":1.0,"completion_time":"t","status":"completed"}})";
}
} // namespace

BOOST_AUTO_TEST_CASE(ends_of_many_jobs_are_told_at_once_and_what_is_wrong_beside_them) {
  job(5), job(6), job(7);
  job(8).workflow.value = 2;
  check("POST", "/workflows/1/batch_complete_jobs",
        R"({"completions":[)" + end_of(5) + ',' + end_of(8) + ',' + end_of(6, "failed") + ',' +
            end_of(7, "ready") + "]}",
        200,
        R"({"completed":[5,6],"errors":[)"
        R"({"job_id":8,"message":"there is no job 8 in workflow 1"},)"
        R"({"job_id":7,"message":"no job ends as ready"}]})");
  BOOST_REQUIRE_EQUAL(house.completed.size(), 2u);
  BOOST_TEST((house.completed[1].status == core::job_status::failed));
  BOOST_TEST(ask("POST", "/workflows/9/batch_complete_jobs", R"({"completions":[]})").status ==
             404);
  check("POST", "/workflows/1/batch_complete_jobs", R"({"completions":[]})", 200,
        R"({"completed":[],"errors":[]})");
  auto other = end_of(5);
  other.replace(other.find("\"run_id\":3"), 10, "\"run_id\":4");
  const auto refused =
      ask("POST", "/workflows/1/batch_complete_jobs", R"({"completions":[)" + other + "]}");
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(refused.body.find("of another job or run than its entry") != std::string::npos);
  for (const auto* wrong : {"{}", R"({"completions":[{}]})", R"({"completions":[7]})"})
    BOOST_TEST(ask("POST", "/workflows/1/batch_complete_jobs", wrong).status == 400, wrong);
}

BOOST_AUTO_TEST_CASE(more_ends_than_may_be_open_are_told_one_after_another) {
  std::string all;
  for (int64_t id = 10; id < 1010; ++id) {
    job(id);
    all += (all.empty() ? "" : ",") + end_of(id);
  }
  house.outcome = core::refuse(core::refusal::unprocessable, "no");
  const auto got =
      ask("POST", "/workflows/1/batch_complete_jobs", R"({"completions":[)" + all + "]}");
  BOOST_TEST(got.status == 200);
  BOOST_TEST(house.completed.size() == 1000u);
  BOOST_TEST(got.body.starts_with(R"({"completed":[],"errors":[{"job_id":10,"message":"no"})"));
}

BOOST_AUTO_TEST_CASE(a_status_serves_both_clients) {
  house.counters->workflows[core::workflow_id{1}] = [] {
    auto p = std::make_shared<core::workflow_progress>();
    auto& stage = p->stages.emplace_back();
    stage.by_status[static_cast<size_t>(core::job_status::completed)] = 4;
    stage.by_status[static_cast<size_t>(core::job_status::ready)] = 1;
    stage.first_start = {1'000'000};
    stage.last_end = {3'500'000};
    return p;
  }();
  rows.unserved_labels = {{core::make_labels({"w\"", "gpu"}).value(), 3}};
  check("GET", "/workflows/1/status", "", 200,
        R"({"id":1,"is_canceled":false,"run_id":3,"workflow_id":1,"workflow_name":"w",)"
        R"("workflow_user":"u","total_jobs":5,"jobs_by_status":{"uninitialized":0,"blocked":0,)"
        R"("ready":1,"pending":0,"running":0,"completed":4,"failed":0,"canceled":0,)"
        R"("terminated":0,"disabled":0,"pending_failed":0},"total_exec_time_minutes":2.5,)"
        R"("walltime_seconds":2.5,"active_compute_nodes":0,"pending_scheduled_nodes":0,)"
        R"("active_scheduled_nodes":0,"is_complete":false,)"
        R"("unserved_ready_labels":{"gpu,w\"":3}})");
  BOOST_TEST(ask("GET", "/workflows/2/status").status == 404);
}

BOOST_AUTO_TEST_CASE(running_jobs_are_listed_with_their_nodes) {
  rows.running = {{core::job_id{5}, "a", "node1", "slurm", "77"},
                  {core::job_id{6}, "b", "node2", "local", {}}};
  check("GET", "/workflows/1/running_jobs", "", 200,
        R"({"items":[{"job_id":5,"job_name":"a","compute_node_name":"node1",)"
        R"("scheduler_type":"slurm","scheduler_job_id":"77"},{"job_id":6,"job_name":"b",)"
        R"("compute_node_name":"node2","scheduler_type":"local"}],"offset":0,)"
        R"("max_limit":100000,"count":2,"total_count":2,"has_more":false})");
  BOOST_TEST(ask("GET", "/workflows/9/running_jobs").status == 404);
  BOOST_TEST(ask("GET", "/workflows/1/running_jobs?limit=-1").status == 422);
}

BOOST_AUTO_TEST_CASE(an_environment_is_an_object_of_texts_with_names_of_variables) {
  house.edited = core::edited{{1}, 1};
  const auto create = [&](const std::string& env) {
    house.edits.clear();
    return ask("POST", "/workflows", R"({"name":"w","user":"u","env":)" + env + "}").status;
  };
  BOOST_TEST(create(R"({"B":"x","A":"\n"})") == 200);
  BOOST_TEST(only_edit<core::create<core::workflow_row>>().row.env->text ==
             R"({"A":"\n","B":"x"})");
  for (const auto* bad : {R"({"1A":"x"})", R"({"A":1})", R"({"":""})", R"(["A"])", R"("A=1")"})
    BOOST_TEST(create(bad) == 400, bad);
  BOOST_TEST(create("{\"A\":\"" + std::string(core::env_object::longest, 'x') + "\"}") == 400);
}

BOOST_AUTO_TEST_CASE(a_workflow_is_archived_by_its_flag_alone) {
  BOOST_TEST(ask("POST", "/workflows/1/archive", R"({"is_archived":true})").status == 200);
  BOOST_TEST(only_edit<core::archive_workflow>().archived);
  BOOST_TEST(ask("POST", "/workflows/1/archive", R"({"is_archived":1})").status == 400);
}

BOOST_AUTO_TEST_CASE(initialization_may_be_a_task) {
  rows.facts.emplace();
  rows.facts->workflow.value = 1;
  house.hold = true;
  const auto begun = ask("POST", "/workflows/1/initialize_jobs?async=true");
  BOOST_TEST(begun.status == 202);
  BOOST_TEST(begun.body.starts_with(
                 R"({"id":1,"workflow_id":1,"operation":"initialize_jobs","status":"running")"),
             begun.body);
  BOOST_TEST(ask("POST", "/workflows/1/initialize_jobs?async=true").status == 409);
  BOOST_TEST(ask("GET", "/workflows/1/active_task").body == R"({"task":)" + begun.body + "}");
  house.outcome = core::done{};
  on_socket_thread([&] {
    house.hold = false;
    for (auto& tell : std::exchange(house.held, {}))
      tell();
  });
  std::string now;
  while (now.find("running") != now.npos || now.empty()) // the plan is made on a worker
    now = ask("GET", "/tasks/1").body;
  BOOST_TEST(now.find(R"("status":"succeeded")") != now.npos, now);
  check("GET", "/workflows/1/active_task", "", 200, R"({"task":null})");
  BOOST_TEST(ask("GET", "/tasks/2").status == 404);
  BOOST_TEST(ask("POST", "/workflows/9/initialize_jobs?async=true").status == 404);
}

BOOST_AUTO_TEST_CASE(a_failed_task_says_why) {
  house.edited = core::refuse(core::refusal::unprocessable, "it is archived");
  ask("POST", "/workflows/1/initialize_jobs?async=true");
  const auto got = ask("GET", "/tasks/1").body;
  BOOST_TEST(got.find(R"("status":"failed")") != got.npos, got);
  BOOST_TEST(got.find(R"("error":"it is archived")") != got.npos, got);
}

BOOST_AUTO_TEST_CASE(old_tasks_are_forgotten_and_those_under_way_are_not) {
  net::api::task_book book;
  const auto first = book.begin(core::workflow_id{1}, "x");
  BOOST_TEST(!book.begin(core::workflow_id{1}, "x"));
  for (size_t i = 0; i < net::api::task_book::most_tasks; ++i)
    book.end(book.begin(core::workflow_id{2}, "x")->id, "");
  BOOST_TEST(book.find(first->id).has_value());
  BOOST_TEST(!book.find(first->id + 1));
}

BOOST_AUTO_TEST_SUITE_END()
