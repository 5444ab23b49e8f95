#include "tests/net/api_fixture.hpp"

#include <atomic>
#include <thread>
#include <utility>

using namespace torc;

BOOST_FIXTURE_TEST_SUITE(start_api, with_workflow)

BOOST_AUTO_TEST_CASE(initialize_freezes_reads_plans_and_admits) {
  core::workflow_facts facts;
  facts.workflow.value = 1;
  facts.run = 3;
  facts.classes.emplace_back();
  for (int64_t id : {1, 2}) {
    facts.jobs.emplace_back();
    facts.jobs.back().job.value = id;
  }
  facts.edges.emplace_back(core::job_id{1}, core::job_id{2});
  rows.facts = facts;
  check("POST", "/workflows/1/initialize_jobs", "", 200, R"({"message":"Initialized job status"})");
  BOOST_TEST(!only_edit<core::begin_initialize>().fresh_run);
  BOOST_TEST(last_control<core::take_back_claims>().workflow.value == 1);
  BOOST_TEST(house.admissions == 1);
  BOOST_REQUIRE_EQUAL(house.admission.jobs.size(), 2u);
  BOOST_TEST((house.admission.jobs[0].status == core::job_status::ready));
  BOOST_TEST((house.admission.jobs[1].status == core::job_status::blocked));
  BOOST_TEST((house.stages == std::vector<uint32_t>{0, 1}));
  rows.facts->edges.emplace_back(core::job_id{2}, core::job_id{1});
  BOOST_TEST(ask("POST", "/workflows/1/initialize_jobs").status == 422);
  BOOST_TEST(house.admissions == 1);
  house.controls.clear();
  ask("POST", "/workflows/1/initialize_jobs?only_uninitialized=true");
  BOOST_TEST(house.controls.empty());
}

BOOST_AUTO_TEST_CASE(an_outdated_admission_is_read_and_planned_anew) {
  rows.facts.emplace();
  rows.facts->workflow.value = 1;
  house.counters->turn = 41;
  house.outdated = 2;
  check("POST", "/workflows/1/initialize_jobs", "", 200, R"({"message":"Initialized job status"})");
  BOOST_TEST(house.admissions == 3);
  BOOST_TEST(house.admission.read_at_turn == 41u);
  BOOST_TEST(house.edits.size() == 1u);
}

BOOST_AUTO_TEST_CASE(sixteen_starts_at_once_initialize_once_and_all_are_answered) {
  rows.facts.emplace();
  rows.facts->workflow.value = 1;
  rows.facts->run = 4;
  house.hold = true;
  std::vector<std::thread> runners;
  std::vector<std::string> replies(16);
  for (auto& reply : replies)
    runners.emplace_back([this, &reply] {
      auto c = net::client::at(url());
      const auto got = c->request("POST", "/workflows/1/start");
      reply = got ? got->body : got.why().message;
    });
  // Answers everything that the house is asked until all runners have heard.
  std::atomic<bool> all_done = false;
  std::thread house_thread([&] {
    while (!all_done)
      on_socket_thread([this] {
        for (const auto& tell : std::exchange(house.held, {}))
          tell();
        house.edited = core::edited{{}, house.admissions > 0 ? 0 : 1};
      });
  });
  for (auto& r : runners)
    r.join();
  all_done = true;
  house_thread.join();
  int initialized = 0;
  for (const auto& reply : replies)
    initialized += reply.find(R"("initialized":true)") != std::string::npos;
  BOOST_TEST(initialized == 1);
  BOOST_TEST(house.admissions == 1);
  for (const auto& reply : replies)
    BOOST_TEST(reply.starts_with(R"({"initialized":)"), reply);
}

BOOST_AUTO_TEST_CASE(a_submission_is_opened_filled_and_closed) {
  house.edited = core::edited{{9, 10, 0, 20, 0, 0, 30}, 4};
  check("POST", "/submissions",
        R"({"workflow":{"name":"w","user":"u"},"files":[{"name":"f","path":"p"}],)"
        R"("resource_requirements":[{"name":"r","memory":"1g"}],"job_count":2})",
        200,
        R"({"workflow_id":9,"first_file_id":10,"first_user_data_id":0,)"
        R"("first_resource_requirements_id":20,"first_slurm_scheduler_id":0,)"
        R"("first_failure_handler_id":0,"first_job_id":30})");
  const auto& opened = only_edit<core::open_submission>();
  BOOST_TEST(opened.job_count == 2);
  BOOST_TEST(opened.files.size() == 1u);
  BOOST_TEST(opened.requirements.at(0).memory == "1g");
  check("POST", "/submissions/9/jobs",
        R"({"jobs":[{"id":30,"name":"a","command":"x"},)"
        R"({"id":31,"name":"b","command":"y","depends_on_job_ids":[30]}]})",
        200, R"({"count":2})");
  const auto& jobs = std::get<core::create_jobs>(house.edits.back());
  BOOST_TEST(jobs.preassigned);
  BOOST_TEST(jobs.workflow.value == 9);
  BOOST_TEST(jobs.jobs.at(1).id.value == 31);
  BOOST_TEST(jobs.jobs.at(1).workflow.value == 9);
  check("POST", "/submissions/9/close",
        R"({"actions":[{"trigger_type":"on_jobs_complete","action_type":"run_commands",)"
        R"("action_config":{"commands":["x"]},"job_ids":[30,31]}]})",
        200, R"({"workflow_id":9})");
  BOOST_TEST(std::get<core::close_submission>(house.edits.back()).actions.at(0).required_triggers ==
             2);
  check("POST", "/submissions/9/close", "", 200, R"({"workflow_id":9})");
}

BOOST_AUTO_TEST_CASE(a_wrong_submission_names_the_place_and_writes_nothing) {
  check("POST", "/submissions",
        R"({"workflow":{"name":"w","user":"u"},"files":[{"name":"f","path":"p"},{"name":"g"}]})",
        400,
        "Couldn't parse body parameter body - doesn't match schema: files[1]: missing field "
        "`path`");
  BOOST_TEST(ask("POST", "/submissions",
                 R"({"workflow":{"name":"w","user":"u"},)"
                 R"("resource_requirements":[{"name":"r","memory":"x"}]})")
                 .status == 422);
  BOOST_TEST(
      ask("POST", "/submissions/9/jobs", R"({"jobs":[{"name":"a","command":"x"}]})").status == 400);
  BOOST_TEST(ask("POST", "/submissions", R"({"files":[]})").status == 400);
  BOOST_TEST(house.edits.empty());
}

BOOST_AUTO_TEST_CASE(progress_comes_from_memory_or_else_from_the_disk) {
  job(1);
  auto reply = ask("GET", "/workflows/1/progress");
  BOOST_TEST(reply.body.find(R"("ready":1)") != std::string::npos, reply.body);
  auto p = std::make_shared<core::workflow_progress>();
  p->workflow.value = 1;
  p->run = 8;
  p->stages.resize(2);
  p->stages[1].by_status[static_cast<size_t>(core::job_status::failed)] = 6;
  p->stages[1].first_start.us = 11;
  p->stages[1].last_end.us = 12;
  house.counters->workflows[core::workflow_id{1}] = p;
  reply = ask("GET", "/workflows/1/progress");
  BOOST_TEST(
      reply.body.starts_with(R"({"workflow_id":1,"run_id":8,"is_canceled":false,"stages":[{)"));
  BOOST_TEST(reply.body.ends_with(R"("failed":6,"canceled":0,"terminated":0,"disabled":0,)"
                                  R"("pending_failed":0},"total":6,"first_start_us":11,)"
                                  R"("last_end_us":12}]})"));
}

BOOST_AUTO_TEST_CASE(server_stats_count_the_process_and_the_file) {
  const auto body = ask("GET", "/server_stats").body;
  for (const auto part : {"\"pid\":", "\"cpu_seconds\":", "\"rss_bytes\":", "\"peak_rss_bytes\":",
                          "\"database_bytes\":4096", "\"wal_bytes\":512", "\"commits\":0"})
    BOOST_TEST(body.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(runner_certificates)

BOOST_AUTO_TEST_CASE(only_who_knows_the_secret_is_signed) {
  net::server_settings settings;
  settings.api.runner_secret = "s3cret";
  settings.api.runner_secret_path = "/x/secret";
  running_server s(settings);
  const auto signed_one =
      s.ask("POST", "/runner_certificates", R"({"csr_pem":"CSR","secret":"s3cret"})");
  BOOST_TEST(signed_one.body == R"({"certificate_pem":"SIGNED CSR","token":"token"})");
  for (const auto body : {R"({"csr_pem":"CSR","secret":"s3creT"})", R"({"csr_pem":"CSR"})",
                          R"({"csr_pem":"CSR","secret":""})"}) {
    const auto refused = s.ask("POST", "/runner_certificates", body);
    BOOST_TEST(refused.status == 403, body);
    BOOST_TEST(refused.body.find("/x/secret") != std::string::npos);
  }
  BOOST_TEST(
      s.ask("POST", "/runner_certificates", R"({"csr_pem":"bad","secret":"s3cret"})").status ==
      400);
  BOOST_TEST(s.ask("GET", "/runner_door").body ==
             R"({"host":"127.0.0.1","port":4711,"authority_pem":"PEM",)"
             R"("secret_path":"/x/secret","needs_secret":true})");
}

BOOST_AUTO_TEST_CASE(a_server_without_a_secret_signs_for_nobody) {
  running_server s;
  BOOST_TEST(s.ask("POST", "/runner_certificates", R"({"csr_pem":"CSR","secret":""})").status ==
             403);
}

BOOST_AUTO_TEST_CASE(the_death_of_a_runner_is_passed_on) {
  running_server s;
  BOOST_TEST(s.ask("POST", "/runner_deaths", R"({"instance":4611686018427387904})").status == 200);
  BOOST_TEST(s.house.gone == std::vector<int64_t>{4611686018427387904},
             boost::test_tools::per_element());
  for (const auto body : {"", "{}", R"({"instance":0})", R"({"instance":"x"})", "[]"})
    BOOST_TEST(s.ask("POST", "/runner_deaths", body).status / 100 == 4, body);
  BOOST_TEST(s.house.gone.size() == 1u);
  s.house.outcome = core::refuse(core::refusal::not_found, "nobody");
  BOOST_TEST(s.ask("POST", "/runner_deaths", R"({"instance":7})").status == 404);
}

BOOST_AUTO_TEST_CASE(everybody_is_signed_where_that_was_asked_for) {
  net::server_settings settings;
  settings.api.allow_anonymous = true;
  running_server s(settings);
  BOOST_TEST(s.ask("POST", "/runner_certificates", R"({"csr_pem":"CSR"})").status == 200);
  BOOST_TEST(s.ask("GET", "/runner_door").body.ends_with(R"("needs_secret":false})"));
}

BOOST_AUTO_TEST_SUITE_END()
