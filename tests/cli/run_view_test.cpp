#include "cli/print/table.hpp"
#include "cli/run/live_view.hpp"
#include "cli/run/progress_view.hpp"
#include "cli/run/summary.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace torc::cli;

namespace {

stage_view stage(int64_t total, int64_t completed, int64_t running = 0, int64_t ready = 0,
                 int64_t failed = 0) {
  stage_view s;
  s.total = total;
  s.completed = completed;
  s.running = running;
  s.ready = ready;
  s.failed = failed;
  return s;
}

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_live_view)

BOOST_AUTO_TEST_CASE(has_a_line_for_every_stage_and_one_for_all) {
  progress_view p;
  p.stages = {stage(25000, 25000), stage(1, 0, 1), stage(25000, 0)};
  const auto lines = draw_live(p, {}, 100, 20);
  BOOST_REQUIRE(lines.size() == 4U);
  BOOST_TEST(mentions(lines[0], "stage 1"));
  BOOST_TEST(mentions(lines[0], "25,000/25,000"));
  BOOST_TEST(mentions(lines[1], "running 1"));
  BOOST_TEST(mentions(lines[3], "25,000/50,001"));
}

BOOST_AUTO_TEST_CASE(is_never_wider_or_higher_than_the_window) {
  progress_view p;
  for (int i = 0; i < 300; ++i)
    p.stages.push_back(i < 100 ? stage(9, 9) : i < 150 ? stage(12345, 3, 4, 5, 6) : stage(7, 0));
  for (const size_t columns : {1U, 10U, 39U, 72U, 200U})
    for (const size_t rows : {1U, 2U, 3U, 4U, 10U, 24U, 500U}) {
      const auto lines = draw_live(p, {}, columns, rows);
      BOOST_TEST(lines.size() <= rows);
      BOOST_TEST(!lines.empty());
      for (const auto& line : lines)
        BOOST_TEST(display_width(line) <= columns);
    }
}

BOOST_AUTO_TEST_CASE(gathers_finished_and_waiting_stages_where_there_are_too_many) {
  progress_view p;
  for (int i = 0; i < 1000; ++i)
    p.stages.push_back(i < 400 ? stage(1, 1) : i == 400 ? stage(1, 0, 1) : stage(1, 0));
  const auto lines = draw_live(p, {}, 80, 10);
  BOOST_REQUIRE(lines.size() == 4U);
  BOOST_TEST(lines[0] == "stages 1-400 done");
  BOOST_TEST(mentions(lines[1], "stage  401"));
  BOOST_TEST(lines[2] == "stages 402-1000 waiting");
}

BOOST_AUTO_TEST_CASE(tells_speed_and_time_left_from_the_last_seconds) {
  rates r;
  progress_view p;
  p.stages = {stage(1000, 0)};
  r.add(p, 0);
  BOOST_TEST(r.of_all() == 0.0);
  p.stages = {stage(1000, 200)};
  r.add(p, 2'000'000);
  BOOST_TEST(r.of_all() == 100.0);
  const auto line = draw_live(p, r, 100, 5).front();
  BOOST_TEST(mentions(line, "100 jobs/s"), line);
  BOOST_TEST(mentions(line, "0:08 left"), line);
  p.stages = {stage(1000, 200)};
  r.add(p, 9'000'000);
  r.add(p, 15'000'000);
  BOOST_TEST(r.of_all() == 0.0);
}

BOOST_AUTO_TEST_CASE(fits_into_one_plain_line_for_a_log) {
  progress_view p;
  p.stages = {stage(10, 10), stage(10, 2, 3, 4, 1)};
  BOOST_TEST(draw_plain(p, {}) == "stage 2/2  13/20  running 3  failed 1  ready 4");
}

BOOST_AUTO_TEST_CASE(tells_failed_terminated_and_canceled_jobs_apart_as_the_server_does) {
  const auto p = read_progress(json::parse(R"({"stages":[{"total":10,"by_status":{"completed":2,
    "failed":1,"terminated":2,"canceled":3,"pending_failed":1,"running":1}}]})"));
  BOOST_TEST(p.sum().done() == 9);
  BOOST_TEST(draw_plain(p, {}) ==
             "stage 1/1  9/10  running 1  failed 1  terminated 2  canceled 3  pending_failed 1");
}

BOOST_AUTO_TEST_CASE(writes_numbers_and_times_for_people) {
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(100004) == "100,004");
  BOOST_TEST(grouped(-1234567) == "-1,234,567");
  BOOST_TEST(clock_text(67) == "1:07");
  BOOST_TEST(clock_text(3 * 3600 + 5) == "3:00:05");
  BOOST_TEST(duration_text(0.00085) == "850 us");
  BOOST_TEST(duration_text(0.0123) == "12.3 ms");
  BOOST_TEST(duration_text(1.239) == "1.24 s");
  BOOST_TEST(duration_text(125) == "2:05");
  BOOST_TEST(size_text(512) == "512 B");
  BOOST_TEST(size_text(50541363) == "48.2 MiB");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_run_s_summary)

BOOST_AUTO_TEST_CASE(measures_from_the_last_end_of_a_stage_to_the_first_start_of_the_next) {
  progress_view p;
  p.stages.resize(4);
  p.stages[0].last_end_us = 1000;
  p.stages[1].first_start_us = 1500;
  p.stages[1].last_end_us = 2000;
  p.stages[2].first_start_us = 12000;
  p.stages[2].last_end_us = 13000;
  p.stages[3].first_start_us = 12500; // did not wait for all of stage 2
  const auto t = transitions_of(p);
  BOOST_TEST(t.us == (std::vector<int64_t>{500, 10000}), boost::test_tools::per_element());
  BOOST_TEST(t.percentile(0.5) == 500);
  BOOST_TEST(t.percentile(0.99) == 10000);
  BOOST_TEST(transitions{}.percentile(0.5) == -1);
}

BOOST_AUTO_TEST_CASE(succeeds_only_if_every_job_completed_or_was_switched_off) {
  run_summary s;
  BOOST_TEST(s.succeeded());
  s.jobs = {{"completed", 5}, {"disabled", 1}};
  BOOST_TEST(s.outcome() == "completed");
  s.jobs["failed"] = 1;
  BOOST_TEST(!s.succeeded());
  BOOST_TEST(s.outcome() == "failed");
  s.jobs["ready"] = 1;
  BOOST_TEST(s.outcome() == "unfinished");
  s.stopped = true;
  BOOST_TEST(s.outcome() == "stopped");
  s.canceled = true;
  BOOST_TEST(s.outcome() == "canceled");
}

BOOST_AUTO_TEST_CASE(names_the_six_metrics_and_says_where_one_is_unknown) {
  run_summary s;
  s.workflow_id = 3;
  s.jobs = {{"completed", 5}};
  std::ostringstream out;
  print_summary(out, s);
  for (const char* metric : {"Workflow creation time", "Round transition time", "Total wall time",
                             "Server CPU usage", "Database size", "Runner idle time"})
    BOOST_TEST(mentions(out.str(), metric), metric);
  const auto v = summary_json(s);
  BOOST_TEST(member(member(v, "metrics"), "database_bytes").is_null());
  BOOST_TEST(text_member(v, "status") == "completed");
}

BOOST_AUTO_TEST_CASE(measures_no_run_where_none_was_and_no_share_of_a_moment) {
  run_summary s;
  s.jobs = {{"failed", 5}};
  s.server_cpu_seconds = 0.001;
  s.wall_seconds = 0.0001;
  std::ostringstream brief;
  print_summary(brief, s);
  BOOST_TEST(mentions(brief.str(), "1.0 ms"));
  BOOST_TEST(!mentions(brief.str(), "% of one core"), brief.str());
  s.wall_seconds = 0.2;
  std::ostringstream longer;
  print_summary(longer, s);
  BOOST_TEST(mentions(longer.str(), "0 % of one core"));
  s.ran = false;
  std::ostringstream none;
  print_summary(none, s);
  for (const char* metric : {"Total wall time", "Server CPU usage", "Runner idle time"})
    BOOST_TEST(!mentions(none.str(), metric), metric);
  BOOST_TEST(mentions(none.str(), "No job was left to run"));
  BOOST_TEST(member(member(summary_json(s), "metrics"), "wall_seconds").is_null());
}

BOOST_AUTO_TEST_CASE(says_how_to_go_on_only_where_something_is_left) {
  run_summary s;
  s.workflow_id = 4;
  s.stopped = true;
  s.jobs = {{"completed", 1}, {"failed", 1}};
  std::ostringstream over;
  print_summary(over, s);
  BOOST_TEST(!mentions(over.str(), "Go on with"));
  s.jobs["ready"] = 2;
  std::ostringstream left;
  print_summary(left, s);
  BOOST_TEST(mentions(left.str(), "Go on with: torc run 4"));
}

BOOST_AUTO_TEST_SUITE_END()
