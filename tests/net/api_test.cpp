#include "tests/net/api_fixture.hpp"

using namespace torc;

BOOST_FIXTURE_TEST_SUITE(api, with_workflow)

BOOST_AUTO_TEST_CASE(ping_and_version_say_who_we_are) {
  check("GET", "/ping", "", 200, R"({"status":"ok"})");
  check("GET", "/version", "", 200,
        R"({"api_version":"0.11.0","server":"torc-server","version":"0.1.0"})");
}

BOOST_AUTO_TEST_CASE(unknown_paths_and_wrong_methods_have_empty_bodies) {
  check("GET", "/nope", "", 404, "");
  check("GET", "/workflows/1/status/x", "", 404, "");
  check("GET", "", "", 404, "");
  check("PATCH", "/workflows", "", 405, "");
  check("DELETE", "/workflows/1/is_complete", "", 405, "");
}

BOOST_AUTO_TEST_CASE(bad_paths_and_queries_are_told_in_plain_text) {
  check("GET", "/workflows/abc", "", 400,
        "Couldn't parse path parameter id: invalid digit found in string");
  check("GET", "/workflows/99999999999999999999", "", 400,
        "Couldn't parse path parameter id: invalid digit found in string");
  check("GET", "/workflows?limit=x", "", 400,
        "Couldn't parse query parameter limit - doesn't match schema: invalid digit found in "
        "string");
  check("GET", "/jobs", "", 400, "Missing required query parameter workflow_id");
  check("GET", "/jobs?workflow_id=1&status=zzz", "", 400,
        "Couldn't parse query parameter status - doesn't match schema: Value not valid: zzz");
  check("GET", "/jobs?workflow_id=1&x=%ff", "", 400, "the URL is not UTF-8");
  check("GET", "/jobs?workflow_id=%4", "", 400,
        "the URL has a % that two hexadecimal digits do not follow");
  BOOST_TEST(ask("GET", "/workflows?limit=100001").status == 422);
  BOOST_TEST(ask("GET", "/workflows?offset=-1").status == 422);
}

BOOST_AUTO_TEST_CASE(bad_bodies_are_told_in_plain_text) {
  check("POST", "/workflows", "", 400, "Missing required body parameter body");
  check("POST", "/workflows", R"({"user":"u"})", 400,
        "Couldn't parse body parameter body - doesn't match schema: missing field `name`");
  for (const std::string bad : {"{", "[]", "null", "\"\xff\"", "{\"name\":\"\xc3\"}"})
    BOOST_TEST(ask("POST", "/workflows", bad).status == 400, bad);
  BOOST_TEST(ask("POST", "/workflows", std::string(70'000, '[')).status == 400);
  BOOST_TEST(house.edits.empty());
}

BOOST_AUTO_TEST_CASE(a_workflow_is_created_and_echoed) {
  const auto reply = ask("POST", "/workflows", R"({"name":"n","user":"u","foo":1,"b\r\na":2})");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.body.starts_with(R"({"id":41,"name":"n","user":"u","timestamp":"2)"));
  BOOST_TEST(reply.body.ends_with(R"(,"status_id":41})"));
  BOOST_TEST(reply.warning == R"(Ignoring unknown fields in body: ["foo", "b??a"])");
  BOOST_TEST(only_edit<core::create<core::workflow_row>>().row.name == "n");
  BOOST_TEST(
      ask("POST", "/workflows", R"({"name":"n","user":"u","jobs_sort_method":"x"})").status == 400);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_a_404_with_an_error_body) {
  check("GET", "/workflows/99", "", 404,
        R"({"error":{"error":"NotFound","message":"there is no workflow with ID 99"}})");
  for (const auto target :
       {"/jobs/99", "/files/99", "/events/99", "/results/99", "/jobs?workflow_id=99",
        "/files?workflow_id=99", "/workflows/99/status", "/workflows/99/is_complete",
        "/workflows/99/progress", "/workflows/99/actions", "/results?workflow_id=99"})
    BOOST_TEST(ask("GET", target).status == 404, target);
}

BOOST_AUTO_TEST_CASE(lists_are_pages) {
  job(1);
  job(2);
  job(3);
  const auto reply = ask("GET", "/jobs?workflow_id=1&limit=2");
  BOOST_TEST(reply.body.starts_with(R"({"items":[{"id":1,)"));
  BOOST_TEST(reply.body.ends_with(
      R"(],"offset":0,"max_limit":100000,"count":2,"total_count":3,"has_more":true})"));
  check("GET", "/files?workflow_id=1", "", 200,
        R"({"items":[],"offset":0,"max_limit":100000,"count":0,"total_count":0,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(filters_reach_the_reader) {
  ask("GET", "/compute_nodes?workflow_id=1&hostname=a%20b&is_active=true&sort_by=pid"
             "&reverse_sort=true&offset=5");
  BOOST_REQUIRE(rows.last_filter);
  using pairs = std::vector<std::pair<std::string, std::string>>;
  BOOST_TEST((rows.last_filter->equals == pairs{{"hostname", "a b"}, {"is_active", "true"}}));
  BOOST_TEST(rows.last_filter->at.sort_by == "pid");
  BOOST_TEST(rows.last_filter->at.reverse);
  BOOST_TEST(rows.last_filter->at.offset == 5);
  ask("GET", "/jobs?workflow_id=1&status=ready&upstream_job_id=4&include_relationships=true");
  BOOST_REQUIRE(rows.last_job_filter);
  BOOST_TEST((rows.last_job_filter->status == core::job_status::ready));
  BOOST_TEST(rows.last_job_filter->upstream_job_id.value() == 4);
  BOOST_TEST(rows.last_job_filter->include_relationships);
}

BOOST_AUTO_TEST_CASE(files_are_made_read_changed_and_deleted) {
  check("POST", "/files", R"({"workflow_id":1,"name":"f","path":"/f","st_mtime":3})", 200,
        R"({"id":41,"workflow_id":1,"name":"f","path":"/f","st_mtime":3.0})");
  auto& file = rows.files[5];
  file.id.value = 5;
  file.workflow.value = 1;
  file.name = "g";
  file.path = "/g";
  const std::string shown = R"({"id":5,"workflow_id":1,"name":"g","path":"/g"})";
  check("GET", "/files/5", "", 200, shown);
  check("PUT", "/files/5", R"({"workflow_id":1,"name":"g","path":"/g"})", 200, shown);
  BOOST_TEST(std::get<core::replace<core::file_row>>(house.edits.back()).row.id.value == 5);
  check("DELETE", "/files/5", "", 200, shown);
  BOOST_TEST(std::get<core::erase<core::file_row>>(house.edits.back()).id == 5);
  check("DELETE", "/files?workflow_id=1", "", 200, R"({"deleted_count":1})");
}

BOOST_AUTO_TEST_CASE(files_can_be_asked_for_by_their_producer) {
  for (int64_t id : {5, 6}) {
    rows.files[id].id.value = id;
    rows.files[id].workflow.value = 1;
  }
  job(2).output_file_ids = {6};
  BOOST_TEST(ask("GET", "/files?workflow_id=1&produced_by_job_id=2")
                 .body.starts_with(R"({"items":[{"id":6,)"));
  BOOST_TEST(
      ask("GET", "/files?workflow_id=1&is_output=false").body.starts_with(R"({"items":[{"id":5,)"));
}

BOOST_AUTO_TEST_CASE(json_members_are_served_as_they_came) {
  check("POST", "/user_data", R"({"workflow_id":1,"name":"d","data":{"b":[1, 2]}})", 200,
        R"({"id":41,"workflow_id":1,"name":"d","data":{"b":[1, 2]}})");
  rows.events[1].id.value = 1;
  rows.events[1].workflow.value = 1;
  check("PUT", "/events/1", R"({"zz":1})", 200,
        R"({"id":1,"workflow_id":1,"timestamp":0,"data":{"zz":1}})");
}

BOOST_AUTO_TEST_CASE(requirements_are_checked) {
  for (const auto body :
       {R"({"workflow_id":1,"name":"r","memory":"12q"})",
        R"({"workflow_id":1,"name":"r","runtime":"1h"})",
        R"({"workflow_id":1,"name":"r","num_nodes":0})", R"({"workflow_id":1,"name":"default"})"})
    BOOST_TEST(ask("POST", "/resource_requirements", body).status == 422, body);
  check("POST", "/resource_requirements", R"({"workflow_id":1,"name":"r","memory":"2g"})", 200,
        R"({"id":41,"workflow_id":1,"name":"r","num_cpus":1,"num_gpus":0,"num_nodes":1,)"
        R"("memory":"2g","runtime":"P0DT1M"})");
}

BOOST_AUTO_TEST_CASE(small_views_have_torcs_shape) {
  job(1);
  check("GET", "/workflows/1/is_complete", "", 200,
        R"({"is_canceled":false,"is_complete":true,"needs_to_run_completion_script":false})");
  check("GET", "/workflows/1/is_uninitialized", "", 200, R"({"is_uninitialized":true})");
  check("GET", "/workflows/1/job_ids", "", 200, R"({"job_ids":[1],"count":1})");
  check("GET", "/workflows/1/missing_user_data", "", 200, R"({"user_data":[3]})");
  check("GET", "/workflows/1/required_existing_files", "", 200, R"({"files":[1,2]})");
  check("GET", "/workflows/1/job_dependencies", "", 200,
        R"({"items":[{"job_id":2,"job_name":"b","depends_on_job_id":1,)"
        R"("depends_on_job_name":"a","workflow_id":1}],"offset":0,"max_limit":100000,"count":1,)"
        R"("total_count":1,"has_more":false})");
  check("POST", "/workflows/1/process_changed_job_inputs?dry_run=true", "", 200,
        R"({"reinitialized_jobs":[]})");
  check("GET", "/workflows/1/job_file_relationships", "", 200,
        R"({"items":[{"file_id":5,"file_name":"f","file_path":"/f","producer_job_id":1,)"
        R"("producer_job_name":"a","workflow_id":1}],"offset":0,"max_limit":100000,"count":1,)"
        R"("total_count":1,"has_more":false})");
  check("GET", "/workflows/1/dot_graph/jobs", "", 200,
        R"({"graph":"digraph \"jobs\" {\n  \"a\" -> \"b\";\n}\n"})");
}

BOOST_AUTO_TEST_CASE(what_runners_poll_is_counted_where_the_counters_have_it) {
  auto counted = std::make_shared<core::workflow_progress>();
  counted->stages.resize(2);
  counted->stages[1].by_status[static_cast<size_t>(core::job_status::blocked)] = 1;
  counted->stages[0].by_status[static_cast<size_t>(core::job_status::disabled)] = 1;
  house.counters->workflows[core::workflow_id{1}] = counted;
  check("GET", "/workflows/1/is_complete", "", 200,
        R"({"is_canceled":false,"is_complete":false,"needs_to_run_completion_script":false})");
  check("GET", "/workflows/1/is_uninitialized", "", 200, R"({"is_uninitialized":false})");
  rows.statuses[1].is_canceled = true;
  check("GET", "/workflows/1/is_complete", "", 200,
        R"({"is_canceled":true,"is_complete":true,"needs_to_run_completion_script":false})");
  rows.statuses[1].is_canceled = false;
  counted->stages.resize(1);
  check("GET", "/workflows/1/is_complete", "", 200,
        R"({"is_canceled":false,"is_complete":true,"needs_to_run_completion_script":false})");
  check("GET", "/workflows/1/is_uninitialized", "", 200, R"({"is_uninitialized":true})");
  BOOST_TEST(ask("GET", "/workflows/9/is_complete").status == 404);
}

BOOST_AUTO_TEST_CASE(totals_of_lists_come_from_the_counters_where_these_count_the_same) {
  auto counted = std::make_shared<core::workflow_progress>();
  counted->stages.resize(2);
  counted->stages[0].by_status[static_cast<size_t>(core::job_status::ready)] = 3;
  counted->stages[1].by_status[static_cast<size_t>(core::job_status::blocked)] = 4;
  counted->results = 5;
  house.counters->workflows[core::workflow_id{1}] = counted;
  const auto jobs = [&](const std::string& filter) {
    ask("GET", "/jobs?workflow_id=1" + filter);
    return rows.last_job_filter->total;
  };
  BOOST_TEST(jobs("").value() == 7);
  BOOST_TEST(jobs("&status=blocked").value() == 4);
  BOOST_TEST(!jobs("&upstream_job_id=1"));
  BOOST_TEST(!jobs("&needs_file_id=1"));
  BOOST_TEST(!jobs("&active_compute_node_id=1"));
  const auto results = [&](const std::string& filter) {
    ask("GET", "/results?workflow_id=1" + filter);
    return rows.last_result_filter->total;
  };
  BOOST_TEST(results("").value() == 5);
  for (const auto* filter : {"all_runs=true", "job_id=1", "run_id=1", "return_code=0",
                             "compute_node_id=1", "status=completed"})
    BOOST_TEST(!results(std::string("&") + filter));
}

BOOST_AUTO_TEST_CASE(changed_inputs_are_told_and_reset_unless_it_is_only_a_question) {
  rows.changed = {{core::job_id{3}, "c"}};
  const std::string path = "/workflows/1/process_changed_job_inputs";
  check("POST", path + "?dry_run=true", "", 200, R"({"reinitialized_jobs":["c"]})");
  BOOST_TEST(house.controls.empty());
  check("POST", path, "", 200, R"({"reinitialized_jobs":["c"]})");
  BOOST_TEST(last_control<core::reset_jobs>().jobs.at(0).value == 3);
}

BOOST_AUTO_TEST_CASE(remote_workers_and_groups_are_edits) {
  check("POST", "/workflows/1/remote_workers", R"(["a","a"])", 201,
        R"([{"worker":"a","workflow_id":1},{"worker":"a","workflow_id":1}])");
  check("GET", "/workflows/1/remote_workers", "", 200,
        R"([{"worker":"b","workflow_id":1},{"worker":"c","workflow_id":1}])");
  check("DELETE", "/workflows/1/remote_workers/u@h", "", 200,
        R"({"worker":"u@h","workflow_id":1})");
  BOOST_TEST(std::get<core::remove_remote_worker>(house.edits.back()).worker == "u@h");
  BOOST_TEST(ask("POST", "/workflows/1/remote_workers", R"([1])").status == 400);
  BOOST_TEST(ask("POST", "/workflows/1/remote_workers", R"({})").status == 400);
  const auto made = ask("POST", "/access_groups", R"({"name":"g"})");
  BOOST_TEST(made.status == 200);
  BOOST_TEST(made.body.starts_with(R"({"id":41,"name":"g","created_at":"20)"), made.body);
  check("GET", "/access_groups", "", 200,
        R"({"items":[],"offset":0,"limit":100000,"total_count":0,"has_more":false})");
  BOOST_TEST(ask("GET", "/access_groups/5").status == 404);
  BOOST_TEST(ask("DELETE", "/access_groups/5/members/bob").status == 404);
  BOOST_TEST(
      ask("POST", "/access_groups/5/members", R"({"user_name":"bob","group_id":5})").status == 200);
  BOOST_TEST(ask("POST", "/workflows/1/access_groups/5").status == 200);
  check("GET", "/access_check/1/bob", "", 200,
        R"({"has_access":false,"user_name":"bob","workflow_id":1})");
  BOOST_TEST(ask("GET", "/access_check/9/bob").status == 404);
}

BOOST_AUTO_TEST_CASE(actions_are_checked_created_listed_and_claimed) {
  const std::string path = "/workflows/1/actions";
  check("POST", path,
        R"({"workflow_id":1,"trigger_type":"on_jobs_ready","action_type":"run_commands",)"
        R"("action_config":{"commands":["echo hi"]},"job_ids":[1,2]})",
        200,
        R"({"id":41,"workflow_id":1,"trigger_type":"on_jobs_ready","action_type":"run_commands",)"
        R"("action_config":{"commands":["echo hi"]},"job_ids":[1,2],"trigger_count":0,)"
        R"("required_triggers":2,"executed":false,"persistent":false,"is_recovery":false})");
  for (const auto config : {R"({"comands":["x"]})", R"({"commands":["x"],"y":1})",
                            R"({"commands":[""]})", R"({"commands":[1]})", "[]"})
    BOOST_TEST(ask("POST", path,
                   std::string(R"({"trigger_type":"on_workflow_start",)") +
                       R"("action_type":"run_commands","action_config":)" + config + "}")
                       .status == 422,
               config);
  check("GET", path + "/pending?trigger_type=a&trigger_type=b", "", 200, "[]");
  check("POST", path + "/7/claim", R"({"compute_node_id":5})", 200,
        R"({"claimed":true,"success":true,"action_id":7})");
  house.edited = core::refuse(core::refusal::conflict, "taken");
  check("POST", path + "/7/claim", "", 409,
        R"({"error":{"message":"taken","claimed":false,"success":false}})");
}

BOOST_AUTO_TEST_SUITE_END()
