#include "tui_screen.hpp"

using namespace torc::test;

namespace {

json::value two_workflows() {
  return json::parse(R"({"items":[
    {"id":8,"name":"later","user":"ada","timestamp":"2026-01-02T03:04:05.678Z"},
    {"id":7,"name":"sooner","user":"bob","timestamp":"2026-01-01T00:00:00.000Z"}],
    "total_count":2})");
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_tui)

BOOST_AUTO_TEST_CASE(lists_workflows_with_the_progress_that_is_pushed) {
  screen s;
  BOOST_TEST(s.shows("asking the server"));
  s.answer(topic::workflows, two_workflows());
  BOOST_TEST(s.shows("later"));
  BOOST_TEST(s.b.feed_path() == "/progress/stream?workflow_ids=8,7");
  s.b.hear_progress(json::object{{"workflows", json::array{progress(7, 30, 1000, 2)}}}, 0);
  BOOST_TEST(s.shows("32/1,000"));
  BOOST_TEST(s.shows("2 failed"));
  // A commit may have made workflows: the list is asked for again, once.
  BOOST_TEST(s.asked(topic::workflows).empty());
  s.wait();
  BOOST_TEST(!s.asked(topic::workflows).empty());
}

BOOST_AUTO_TEST_CASE(searches_workflows_and_opens_the_one_that_is_found) {
  screen s;
  s.answer(topic::workflows, two_workflows());
  s.type(U"/soon");
  BOOST_TEST(s.shows("Search: soon"));
  s.press(key_code::enter);
  BOOST_TEST(!s.shows("later"));
  s.press(key_code::enter);
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200");
  BOOST_TEST(s.b.feed_path() == "/workflows/7/progress/stream");
  BOOST_TEST(s.shows("workflow 7 sooner"));
}

BOOST_AUTO_TEST_CASE(walks_through_more_jobs_than_it_holds) {
  screen s(7);
  s.answer(topic::jobs, listed(1, 200, true));
  BOOST_TEST(s.shows("job 18"));
  BOOST_TEST(!s.shows("job 19"));
  for (int i = 0; i < 9; ++i)
    s.press(key_code::page_down);
  // Three quarters down the next stretch is asked for; it begins in the middle of this one.
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200&after=100");
  const auto before = s.text();
  s.answer(topic::jobs, listed(101, 200, true));
  BOOST_TEST(s.text() == before);
  s.press(key_code::end);
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200&reverse_sort=true");
  json::value last = listed(801, 200, true);
  std::reverse(last.as_object()["items"].as_array().begin(),
               last.as_object()["items"].as_array().end());
  s.answer(topic::jobs, last);
  BOOST_TEST(s.shows("job 1000"));
  s.press(key_code::home);
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200");
}

BOOST_AUTO_TEST_CASE(filters_searches_and_sorts_on_the_server) {
  screen s(7);
  s.answer(topic::jobs, listed(1, 3, false));
  s.type(U"f");
  BOOST_TEST(s.shows("Show jobs that are"));
  s.type(U"jjjj");
  s.press(key_code::enter);
  const std::string failed = "&status=failed&status=terminated&status=pending_failed";
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200" + failed);
  s.answer(topic::jobs, listed(1, 0, false));
  BOOST_TEST(s.shows("No jobs: failed"));
  s.type(U"/a b");
  s.press(key_code::enter);
  BOOST_TEST(s.asked(topic::jobs) ==
             "/workflows/7/job_window?limit=200" + failed + "&search=a%20b");
  s.type(U"oj");
  s.press(key_code::enter);
  s.type(U"O");
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200" + failed +
                                         "&search=a%20b&sort_by=name&reverse_sort=true");
  s.type(U"c");
  BOOST_TEST(s.asked(topic::jobs) ==
             "/workflows/7/job_window?limit=200&sort_by=name&reverse_sort=true");
}

BOOST_AUTO_TEST_CASE(drops_an_answer_to_a_question_of_before) {
  screen s(7);
  reply old;
  old.to.what = topic::jobs;
  old.to.path = s.asked(topic::jobs);
  s.type(U"/x");
  s.press(key_code::enter);
  old.body = listed(1, 3, false);
  s.b.hear(old, 0);
  BOOST_TEST(!s.shows("job 1"));
}

BOOST_AUTO_TEST_CASE(asks_for_the_jobs_it_shows_again_when_counters_are_pushed) {
  screen s(7);
  s.answer(topic::jobs, listed(1, 3, false));
  s.wait();
  BOOST_TEST(s.asked(topic::jobs).empty());
  s.b.hear_progress(progress(7, 1, 3), 0);
  BOOST_TEST(s.shows("1/3"));
  s.wait();
  s.answer(topic::jobs, listed(1, 3, false, "completed"));
  BOOST_TEST(s.shows("completed"));
}

BOOST_AUTO_TEST_CASE(shows_stages_and_the_jobs_of_one) {
  screen s(7);
  auto p = progress(7, 5, 10);
  p.as_object()["stages"].as_array().push_back(
      json::parse(R"({"total":4,"by_status":{"blocked":4}})"));
  s.b.hear_progress(p, 0);
  s.type(U"3");
  BOOST_TEST(s.shows("5/10"));
  BOOST_TEST(s.shows("0/4"));
  s.press(key_code::down);
  s.press(key_code::enter);
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200&stage=1");
  s.press(key_code::escape);
  BOOST_TEST(s.asked(topic::jobs) == "/workflows/7/job_window?limit=200");
}

BOOST_AUTO_TEST_CASE(shows_runners_with_what_the_server_knows_of_them) {
  screen s(7);
  s.type(U"4");
  s.answer(topic::rooms, json::parse(R"({"runner_list":[
    {"id":1,"hostname":"n1","pid":11,"workflow_id":7,"connected":true,"slots":16,"num_cpus":2,
     "running":15,"waiting":4,"unacked_reports":1,"round_trip_ms":2.5},
    {"id":2,"hostname":"n2","pid":12,"workflow_id":9,"connected":true,"slots":0,"num_cpus":3},
    {"id":3,"hostname":"n3","pid":13,"workflow_id":0,"connected":false,"slots":0}]})"));
  s.answer(topic::nodes, json::parse(R"({"items":[
    {"id":5,"hostname":"n0","pid":10,"is_active":false,"num_cpus":8,"duration_seconds":61},
    {"id":6,"hostname":"n1","pid":11,"is_active":true,"num_cpus":2}]})"));
  BOOST_TEST(s.shows("attached          16   15    4       1   2.5 ms"), s.text());
  BOOST_TEST(s.shows("line is down"));
  BOOST_TEST(!s.shows("n2"));
  BOOST_TEST(s.shows("1:01"));
  // No commit tells that a runner has come or gone.
  s.wait();
  BOOST_TEST(s.asked(topic::rooms) == "/rooms");
}

BOOST_AUTO_TEST_CASE(follows_events_until_somebody_scrolls_up) {
  screen s(7);
  BOOST_TEST(s.b.events_path().empty());
  s.type(U"5");
  BOOST_TEST(s.b.events_path() == "/workflows/7/events/stream?level=info");
  const std::string stored = "/events?workflow_id=7&sort_by=id&reverse_sort=true&limit=200";
  BOOST_TEST(s.asked(topic::events) == stored);
  s.answer(topic::events, json::parse(R"({"items":[
    {"id":2,"timestamp":1700000060000,"data":{"category":"job","event_type":"job_retried","job_id":4}},
    {"id":1,"timestamp":1700000000000,"data":{"category":"workflow_canceled","user":"ada"}}]})"));
  BOOST_TEST(s.shows("11-14 22:13  workflow_canceled    user=ada"), s.text());
  BOOST_TEST(s.shows("11-14 22:14  job_retried          job_id=4"), s.text());
  BOOST_TEST(s.text().find("=ada") < s.text().find("job_retried"));
  for (int i = 1; i <= 50; ++i)
    s.b.hear_event("job_failed",
                   json::object{{"severity", "error"},
                                {"timestamp", 1'700'000'000'000},
                                {"data", json::object{{"job_name", "j" + std::to_string(i)}}}});
  BOOST_TEST(s.shows("job_failed           job_name=j50"), s.text());
  s.press(key_code::page_up);
  BOOST_TEST(!s.shows("=j50"));
  s.type(U"f");
  BOOST_TEST(s.asked(topic::events).empty());
  s.type(U"f");
  BOOST_TEST(s.b.events_path() == "/workflows/7/events/stream?level=error");
  BOOST_TEST(s.shows("Nothing has happened since"));
  s.b.hear_event("warning", json::object{{"dropped", 12}});
  BOOST_TEST(s.shows("12 events were missed"));
  s.type(U"f");
  BOOST_TEST(s.asked(topic::events) == stored);
}

BOOST_AUTO_TEST_CASE(opens_a_job_with_its_attempts_and_the_end_of_its_output) {
  screen s(7);
  s.b.hear_progress(progress(7, 1, 3), 0);
  s.answer(topic::jobs, listed(3, 1, false, "failed"));
  s.press(key_code::enter);
  BOOST_TEST(s.asked(topic::job) == "/jobs/3");
  s.answer(topic::job, json::parse(R"({"id":3,"name":"job 3","command":"do it","status":"failed",
    "attempt_id":2,"depends_on_job_ids":[1,2]})"));
  s.answer(topic::attempts, json::parse(R"({"items":[
    {"run_id":1,"attempt_id":2,"status":"failed","return_code":3,"exec_time_minutes":0.5,
     "compute_node_id":6},
    {"run_id":1,"attempt_id":1,"status":"terminated","return_code":137}]})"));
  s.answer(topic::nodes, json::parse(R"({"items":[{"id":6,"hostname":"n1"}]})"));
  BOOST_TEST(s.shows("do it"));
  BOOST_TEST(s.shows("after  jobs 1 2"));
  BOOST_TEST(s.shows("exit code 3, 30.000 s, on n1, run 1, try 2"), s.text());
  BOOST_TEST(s.b.log_path() == "out/job_stdio/job_wf7_j3_r1_a2.o");
  s.b.hear_log({s.b.log_path(), {}, "There is no such file"});
  BOOST_TEST(s.shows("The job ran on n1, this is host."), s.text());
  s.type(U"e");
  s.press(key_code::right);
  BOOST_TEST(s.b.log_path() == "out/job_stdio/job_wf7_j3_r1_a1.e");
  std::vector<std::string> lines;
  for (int i = 1; i <= 40; ++i)
    lines.push_back("line " + std::to_string(i));
  s.b.hear_log({s.b.log_path(), lines, ""});
  BOOST_TEST(s.shows("line 40"));
  s.press(key_code::up);
  BOOST_TEST(!s.shows("line 40"));
  s.press(key_code::escape);
  BOOST_TEST(s.shows("job 3"));
}

BOOST_AUTO_TEST_CASE(asks_before_it_cancels_and_says_what_came_of_it) {
  screen s(7);
  s.answer(topic::jobs, listed(3, 1, false, "running"));
  s.type(U"a");
  BOOST_TEST(s.shows("Retry this job"));
  s.type(U"jjj");
  s.press(key_code::enter);
  BOOST_TEST(s.shows("Cancel workflow 7? (y/n)"), s.text());
  s.type(U"n");
  BOOST_TEST(s.asked(topic::action).empty());
  s.type(U"ajjj");
  s.press(key_code::enter);
  s.type(U"y");
  BOOST_TEST(s.asked(topic::action) == "/workflows/7/cancel");
  s.answer(topic::action, {}, "the workflow is archived");
  BOOST_TEST(s.shows("the workflow is archived"));
  s.type(U"a");
  s.press(key_code::enter);
  BOOST_TEST(s.asked(topic::action) == "/jobs/3/retry/1?max_retries=2");
}

BOOST_AUTO_TEST_CASE(starts_a_runner_and_asks_before_it_leaves_it) {
  screen s(7);
  s.type(U"a");
  s.press(key_code::enter);
  BOOST_TEST(s.b.take_run() == 7);
  s.b.hear_runner({7, 4711, true, 0, "out/tui_runner_wf7.log", ""});
  BOOST_TEST(s.shows("pid 4711"));
  s.type(U"7");
  BOOST_TEST(s.b.log_path() == "out/tui_runner_wf7.log");
  s.type(U"q");
  BOOST_TEST(!s.b.wants_to_quit());
  s.type(U"n");
  s.b.hear_runner({7, 4711, false, 1, "out/tui_runner_wf7.log", ""});
  BOOST_TEST(s.shows("ended with exit code 1"));
  s.type(U"q");
  BOOST_TEST(s.b.wants_to_quit());
}

BOOST_AUTO_TEST_CASE(says_that_the_server_is_gone_and_asks_again_when_it_is_back) {
  screen s(7);
  s.answer(topic::jobs, {}, "cannot connect", true);
  BOOST_TEST(s.shows("trying again: cannot connect"));
  BOOST_TEST(s.shows("not live"));
  s.wait();
  BOOST_TEST(s.asked(topic::jobs).empty());
  s.b.hear_line("");
  BOOST_TEST(s.shows("the server answers again"));
  s.wait();
  s.answer(topic::jobs, listed(1, 3, false));
  BOOST_TEST(s.shows("job 2"));
  BOOST_TEST(s.shows(" live"));
}

BOOST_AUTO_TEST_CASE(fits_into_every_size) {
  for (int rows = 1; rows <= 50; rows += 7)
    for (int columns = 1; columns <= 200; columns += 13)
      for (const char32_t v : U"1234567?af/") {
        screen s(7, rows, columns);
        s.b.hear_progress(progress(7, 5, 10, 1), 0);
        s.answer(topic::jobs, listed(1, 200, true, "completed"));
        if (v != 0)
          s.type(std::u32string(1, v));
        const auto c = s.b.draw();
        BOOST_TEST(c.rows() == rows);
        BOOST_TEST(c.columns() == columns);
      }
  screen small(7, 9, 80);
  BOOST_TEST(small.shows("torc tui needs 40x10 at least"));
  small.b.resize(24, 80);
  BOOST_TEST(small.shows("1 Workflows"));
}

BOOST_AUTO_TEST_CASE(draws_nothing_that_a_terminal_would_obey) {
  canvas c(1, 20);
  c.put(0, 0, "a\x1b[31m\tb\xff\xc3\xa4\xc2\x9bz");
  BOOST_TEST(c.line(0) == "a [31m b\xef\xbf\xbd\xc3\xa4 z");
  canvas narrow(1, 4);
  narrow.put(0, 0, "abcdefg");
  BOOST_TEST(narrow.line(0) == "abc…");
}

BOOST_AUTO_TEST_CASE(says_why_a_job_is_as_it_is) {
  screen s(7);
  s.answer(topic::jobs, listed(3, 1, false, "blocked"));
  s.type(U"w");
  BOOST_TEST(s.asked(topic::reasons) == "/jobs/3/explain");
  s.answer(topic::reasons, json::parse(R"({"reasons":[
    "it waits for job 1, which waits for a runner that has so many CPUs and so much memory"]})"));
  BOOST_TEST(s.shows("it waits for job 1"));
  BOOST_TEST(s.shows("│ much memory"));
  s.type(U"x");
  BOOST_TEST(!s.shows("it waits for job 1"));
}

BOOST_AUTO_TEST_SUITE_END()
