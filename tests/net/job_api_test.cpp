#include "tests/net/api_fixture.hpp"

using namespace torc;

namespace {

const std::string result_body =
    R"({"job_id":1,"workflow_id":1,"run_id":3,"compute_node_id":1,"return_code":0,)"
    R"("exec_time_minutes":1,"completion_time":"2026-01-01T00:00:00.000Z","status":"completed"})";

} // namespace

BOOST_FIXTURE_TEST_SUITE(job_api, with_workflow)

BOOST_AUTO_TEST_CASE(jobs_are_created_one_by_one_and_in_bulk) {
  auto& normal = rows.requirements[8];
  normal.id.value = 8;
  normal.workflow.value = 1;
  normal.name = "default";
  check("POST", "/jobs", R"({"workflow_id":1,"name":"a","command":"true"})", 200,
        R"({"id":41,"workflow_id":1,"name":"a","command":"true","status":"uninitialized",)"
        R"("cancel_on_blocking_job_failure":true,"supports_termination":false,)"
        R"("resource_requirements_id":8,"scheduler_id":null,"attempt_id":1})");
  house.edited = core::edited{{51, 52}, 2};
  const auto reply =
      ask("POST", "/bulk_jobs",
          R"({"jobs":[{"workflow_id":1,"name":"a","command":"x"},)"
          R"({"workflow_id":1,"name":"b","command":"y","depends_on_job_ids":[3]}]})");
  BOOST_TEST(reply.body.starts_with(R"({"jobs":[{"id":51,)"));
  BOOST_TEST(reply.body.find(R"({"id":52,)") != std::string::npos);
  check("POST", "/bulk_jobs", R"({"jobs":[]})", 200, R"({"jobs":[]})");
  BOOST_TEST(ask("POST", "/bulk_jobs",
                 R"({"jobs":[{"workflow_id":1,"name":"a","command":"x"},)"
                 R"({"workflow_id":2,"name":"b","command":"y"}]})")
                 .status == 422);
}

BOOST_AUTO_TEST_CASE(a_large_body_is_parsed_on_a_worker) {
  std::string body = R"({"jobs":[)";
  for (int i = 0; i < 2000; ++i)
    body += std::string(i ? "," : "") + R"({"workflow_id":1,"name":"job )" + std::to_string(i) +
            R"(","command":"echo some command"})";
  BOOST_TEST(ask("POST", "/bulk_jobs", body + "]}").status == 200);
  BOOST_TEST(only_edit<core::create_jobs>().jobs.size() == 2000u);
  BOOST_TEST(ask("POST", "/bulk_jobs", body).status == 400);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_house_becomes_its_status) {
  job(1);
  using core::refusal;
  const std::vector<std::pair<refusal, int>> table{
      {refusal::forbidden, 403},     {refusal::not_found, 404},   {refusal::conflict, 409},
      {refusal::unprocessable, 422}, {refusal::unavailable, 503}, {refusal::malformed, 400}};
  for (const auto& [why, status] : table) {
    house.outcome = core::refuse(why, "no");
    BOOST_TEST(ask("PUT", "/jobs/1/start_job/3/1").status == status);
  }
  house.outcome = core::refuse(refusal::unprocessable, "wrong \"run\"");
  check("PUT", "/jobs/1/start_job/9/1", "", 422, R"({"error":{"message":"wrong \"run\""}})");
}

BOOST_AUTO_TEST_CASE(claims_show_the_jobs_in_order_and_as_pending) {
  job(1).status = core::job_status::running;
  job(2);
  house.claims = {2, 1};
  const auto reply = ask("POST", "/workflows/1/claim_next_jobs?limit=2");
  BOOST_TEST(reply.body.starts_with(R"({"jobs":[{"id":2,)"));
  BOOST_TEST(reply.body.find("running") == std::string::npos);
  BOOST_TEST(house.offers.back().by_count);
  BOOST_TEST(house.offers.back().limit == 2);
  house.claims.clear();
  check("POST", "/workflows/1/claim_next_jobs", "", 200, R"({"jobs":[]})");
  BOOST_TEST(house.offers.back().limit == 10);
  BOOST_TEST(ask("POST", "/workflows/9/claim_next_jobs").status == 404);
}

BOOST_AUTO_TEST_CASE(a_claim_by_resources_carries_what_the_node_has) {
  const std::string path = "/workflows/1/claim_jobs_based_on_resources/4";
  check("POST", path + "?sort_method=gpus_runtime_memory&strict_scheduler_match=true",
        R"({"num_cpus":8,"memory_gb":1.5,"num_gpus":1,"num_nodes":2,"time_limit":"PT1H",)"
        R"("scheduler_config_id":7})",
        200, R"({"jobs":[]})");
  const auto& o = house.offers.back();
  BOOST_TEST(o.limit == 4);
  BOOST_TEST(o.room.num_cpus == 8);
  BOOST_TEST(o.room.memory_bytes == 1536 * 1024 * 1024);
  BOOST_TEST(o.room.num_nodes == 2);
  BOOST_TEST(o.room.time_limit_s.value() == 3600);
  BOOST_TEST(o.scheduler.value == 7);
  BOOST_TEST(o.strict_scheduler_match);
  BOOST_TEST(o.sort_method == "gpus_runtime_memory");
  rows.statuses[1].is_canceled = true;
  check("POST", path, R"({"num_cpus":8,"memory_gb":1,"num_gpus":0,"num_nodes":1})", 200,
        R"({"jobs":[],"reason":"Workflow is canceled"})");
  BOOST_TEST(ask("POST", path,
                 R"({"num_cpus":8,"memory_gb":1,"num_gpus":0,"num_nodes":1,)"
                 R"("time_limit":"zz"})")
                 .status == 422);
  BOOST_TEST(ask("POST", path, R"({"num_cpus":8})").status == 400);
  BOOST_TEST(ask("POST", path + "?sort_method=zz", "{}").status == 400);
}

BOOST_AUTO_TEST_CASE(claims_carry_the_labels_of_the_runner) {
  const std::string path = "/workflows/1/claim_jobs_based_on_resources/4";
  const std::string node = R"({"num_cpus":8,"memory_gb":1,"num_gpus":0,"num_nodes":1,"labels":)";
  BOOST_TEST(ask("POST", path, node + R"(["w","gpu"]})").status == 200);
  BOOST_TEST(core::joined(house.offers.back().room.labels) == "gpu,w");
  BOOST_TEST(ask("POST", path, node + "null}").status == 200);
  BOOST_TEST(house.offers.back().room.labels.empty());
  for (const auto* bad : {R"(["w "]})", R"([""]})", R"(["a,b"]})", R"("w"})", "[1]}"})
    BOOST_TEST(ask("POST", path, node + bad).status == 400, bad);
  const std::string next = "/workflows/1/claim_next_jobs?labels=";
  BOOST_TEST(ask("POST", next + "w,gpu").status == 200);
  BOOST_TEST(core::joined(house.offers.back().room.labels) == "gpu,w");
  BOOST_TEST(ask("POST", next).status == 200);
  BOOST_TEST(house.offers.back().room.labels.empty());
  BOOST_TEST(ask("POST", next + "w,%20").status == 422);
}

BOOST_AUTO_TEST_CASE(completions_carry_the_path_and_agree_with_it) {
  job(1).status = core::job_status::completed;
  const auto reply = ask("POST", "/jobs/1/complete_job/failed/3", result_body);
  BOOST_TEST(reply.status == 200, reply.body);
  BOOST_REQUIRE_EQUAL(house.completed.size(), 1u);
  BOOST_TEST((house.completed[0].status == core::job_status::failed));
  BOOST_TEST(house.completed_by.empty());
  auto by_hand = result_body;
  by_hand.insert(1, R"("user":"ada",)");
  const auto canceled = ask("POST", "/jobs/1/complete_job/canceled/3", by_hand);
  BOOST_TEST(canceled.status == 200, canceled.body);
  BOOST_TEST(canceled.warning.empty());
  BOOST_TEST(house.completed_by == "ada");
  house.completed.pop_back();
  BOOST_TEST(ask("POST", "/jobs/2/complete_job/failed/3", result_body).status == 422);
  BOOST_TEST(ask("POST", "/jobs/1/complete_job/failed/4", result_body).status == 422);
  BOOST_TEST(ask("POST", "/jobs/1/complete_job/ready/3", result_body).status == 422);
  check("POST", "/jobs/1/complete_job/zz/3", result_body, 400,
        "Couldn't parse path parameter status: Value not valid: zz");
  BOOST_TEST(house.completed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(status_changes_and_retries_become_controls) {
  job(1);
  BOOST_TEST(ask("PUT", "/jobs/1/manage_status_change/ready/3").status == 200);
  BOOST_TEST((last_control<core::force_status>().status == core::job_status::ready));
  BOOST_TEST(last_control<core::force_status>().run == 3);
  BOOST_TEST(ask("PUT", "/jobs/1/manage_status_change/completed/3").status == 422);
  BOOST_TEST(ask("PUT", "/jobs/9/manage_status_change/ready/3").status == 404);
  BOOST_TEST(ask("POST", "/jobs/1/retry/3?max_retries=2").status == 200);
  BOOST_TEST(last_control<core::retry_job>().max_retries == 2);
  check("POST", "/jobs/1/retry/3", "", 400, "Missing required query parameter max_retries");
}

BOOST_AUTO_TEST_CASE(an_update_of_a_job_becomes_an_amendment_of_what_differs) {
  job(1).input_file_ids = {{7, 8}};
  const std::string base = R"({"workflow_id":1,"name":"j1","command":"true",)";
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("priority":4,"input_file_ids":[8,7]})").status == 200);
  const auto amend = last_control<core::amend_job>();
  BOOST_TEST(amend.job.value == 1);
  BOOST_TEST(amend.workflow.value == 1);
  BOOST_TEST(amend.priority.value() == 4);
  BOOST_TEST(!amend.name);
  BOOST_TEST(!amend.requirement);
  BOOST_TEST(!amend.depends_on_job_ids);
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("input_file_ids":[9]})").status == 422);
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("failure_handler_id":9})").status == 422);
  BOOST_TEST(house.controls.size() == 1u);
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("env":{"A":"1"}})").status == 422);
  rows.jobs[1].labels = core::make_labels({"gpu"}).value();
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("labels":["w","gpu"]})").status == 200);
  BOOST_TEST(core::joined(last_control<core::amend_job>().labels.value()) == "gpu,w");
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("labels":[]})").status == 200);
  BOOST_TEST(last_control<core::amend_job>().labels->empty());
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("labels":null,"priority":5})").status == 200);
  BOOST_TEST(!last_control<core::amend_job>().labels);
  rows.jobs[1].status = core::job_status::ready;
  check("PUT", "/jobs/1", R"({"workflow_id":1,"name":"x","command":"false"})", 422,
        R"({"error":{"message":"job 1 is ready; its name, command can be changed only while it is )"
        R"(uninitialized"}})");
  BOOST_TEST(ask("PUT", "/jobs/1", base + R"("resource_requirements_id":9})").status == 200);
  BOOST_TEST(last_control<core::amend_job>().requirement->value == 9);
}

BOOST_AUTO_TEST_CASE(a_job_that_no_room_holds_is_admitted_before_its_call_is_answered) {
  job(1);
  house.outcome = core::done{1, true};
  rows.facts.emplace();
  rows.facts->workflow.value = 1;
  rows.facts->classes.resize(1);
  rows.facts->jobs.push_back({core::job_id{1}, core::job_status::ready, 0, 2, true, false});
  BOOST_TEST(ask("POST", "/jobs/1/retry/3?max_retries=2").status == 200);
  BOOST_TEST(house.admissions == 1);
  BOOST_REQUIRE_EQUAL(house.admission.resumed.size(), 1u);
  BOOST_TEST(house.admission.resumed[0].value == 1);
  house.outcome = core::done{1};
  BOOST_TEST(ask("POST", "/jobs/1/retry/3?max_retries=2").status == 200);
  BOOST_TEST(house.admissions == 1);
}

BOOST_AUTO_TEST_CASE(an_update_of_a_job_accepts_no_change_and_refuses_what_it_cannot_do) {
  job(1);
  const auto stored = ask("GET", "/jobs/1").body;
  check("PUT", "/jobs/1", stored, 200, stored);
  check("PUT", "/jobs/1", R"({"workflow_id":1,"name":"j1","command":"true"})", 200, stored);
  BOOST_TEST(house.controls.empty());
  BOOST_TEST(ask("PUT", "/jobs/1", R"({"workflow_id":1,"status":"disabled"})").status == 200);
  BOOST_TEST((last_control<core::force_status>().status == core::job_status::disabled));
  BOOST_TEST(ask("PUT", "/jobs/1", R"({"workflow_id":1,"status":"ready"})").status == 422);
}

BOOST_AUTO_TEST_CASE(workflow_status_is_read_and_changed_by_controls) {
  BOOST_TEST(ask("GET", "/workflows/1/status")
                 .body.starts_with(R"({"id":1,"is_canceled":false,"run_id":3,)"));
  BOOST_TEST(ask("PUT", "/workflows/1/status", R"({"is_canceled":false,"run_id":4})").status ==
             200);
  BOOST_TEST(last_control<core::put_status>().row.run_id == 4);
  BOOST_TEST(last_control<core::put_status>().row.id.value == 1);
  BOOST_TEST(ask("PUT", "/workflows/1/cancel").status == 200);
  BOOST_TEST(last_control<core::cancel_workflow>().workflow.value == 1);
  BOOST_TEST(ask("POST", "/workflows/1/reset_status?force=true").status == 200);
  BOOST_TEST(last_control<core::reset_status>().force);
}

BOOST_AUTO_TEST_CASE(resets_tell_how_many_and_failed_ones_are_found_first) {
  house.outcome = core::done{3};
  check("POST", "/workflows/1/reset_job_status", "", 200,
        R"({"workflow_id":1,"updated_count":3,"status":"uninitialized"})");
  check(
      "POST", "/workflows/1/reset_job_status?failed_only=true", "", 200,
      R"({"workflow_id":1,"updated_count":0,"status":"uninitialized","reset_type":"failed_only"})");
  rows.failed = {core::job_id{4}, core::job_id{5}};
  ask("POST", "/workflows/1/reset_job_status?failed_only=true");
  BOOST_TEST(last_control<core::reset_jobs>().jobs.size() == 2u);
  BOOST_TEST(last_control<core::reset_jobs>().failed_only);
}

BOOST_AUTO_TEST_SUITE_END()
