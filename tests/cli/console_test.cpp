#include "cli/commands/console.hpp"

#include "cli/commands/timing.hpp"
#include "cli/print/live_screen.hpp"
#include "cli/print/table.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace torc::cli;

namespace {

json::value rooms(int64_t uptime_ms, int64_t turns, double busy_ms) {
  return json::parse(
      R"({"uptime_ms":)" + std::to_string(uptime_ms) +
      R"(,"runners":2,"open_grants":7,"turns_in_flight":1,"turn_window":2,"rooms":[{"name":"db_writer","mailbox":3,)"
      R"("messages":[{"name":"turn","count":)" +
      std::to_string(turns) + R"(,"busy_ms":{"p50":0.5,"p90":1,"p99":2,"max":4,"total":)" +
      std::to_string(busy_ms) +
      R"(}},{"name":"edit","count":0,"busy_ms":{"p50":0,"total":0}}]}]})");
}

bool has(const std::string& text, const char* what) {
  return text.find(what) != text.npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_console)

BOOST_AUTO_TEST_CASE(shows_what_happened_between_two_answers) {
  const auto screen = console_screen(rooms(10'000, 100, 50), rooms(12'000, 500, 1050));
  BOOST_TEST(has(screen, "Runners: 2   open grants: 7   turns under way: 1 of 2"), screen);
  BOOST_TEST(has(screen, "│ db_writer │ ##########.......... │       3 │        200 │   50.0 │"),
             screen);
  BOOST_TEST(has(screen, "│ db_writer turn │        200 │   50.0 │  0.500 │  2.000 │  4.000 │"),
             screen);
  BOOST_TEST(!has(screen, "edit"), screen);
}

BOOST_AUTO_TEST_CASE(begins_with_all_since_the_server_s_start) {
  BOOST_TEST(has(console_screen({}, rooms(1'000, 10, 100)), "│         10 │   10.0 "));
}

BOOST_AUTO_TEST_CASE(shows_each_runner) {
  auto now = rooms(1'000, 10, 100);
  now.as_object()["runner_list"] = json::parse(R"([
    {"id":3,"user":"ada","hostname":"n1","pid":42,"workflow_id":7,"connected":true,"slots":16,
     "num_cpus":2,"running":15,"waiting":4,"unacked_reports":1,"round_trip_ms":2.54},
    {"id":4,"user":"bob","hostname":"n2","pid":43,"workflow_id":0,"connected":false,"slots":0,
     "num_cpus":8,"running":0,"waiting":0,"unacked_reports":0,"round_trip_ms":0}])");
  const auto screen = console_screen({}, now);
  BOOST_TEST(has(screen, "│ 3        │ n1   │ ada  │  42 │        7 │     16 │      15 │       4 │ "
                         "      1 │     2.5 │"),
             screen);
  BOOST_TEST(has(screen, "│ 4 (gone) │ n2   │ bob  │  43 │      all │ 8 CPUs │       0 "), screen);
}

BOOST_AUTO_TEST_CASE(fits_into_a_terminal_however_much_there_is) {
  auto now = rooms(1'000, 10, 100);
  auto& all = now.as_object()["rooms"].as_array();
  while (all.size() < 5)
    all.push_back(all.front());
  auto& messages = all.front().as_object()["messages"].as_array();
  while (messages.size() < 20)
    messages.push_back(messages.front());
  auto& runners = now.as_object()["runner_list"].emplace_array();
  for (int i = 0; i < 40; ++i)
    runners.push_back(json::object{{"id", i}, {"hostname", "n"}});
  for (size_t rows = 16; rows < 70; ++rows) {
    const auto screen = console_screen({}, now, rows);
    BOOST_TEST(std::count(screen.begin(), screen.end(), '\n') < static_cast<std::ptrdiff_t>(rows),
               screen);
    BOOST_TEST(has(screen, " more"), screen);
  }
  const auto screen = console_screen({}, now, 24);
  for (size_t at = 0, end = 0; (end = screen.find('\n', at)) != screen.npos; at = end + 1)
    BOOST_TEST(display_width(std::string_view(screen).substr(at, end - at)) <= 80u, screen);
  BOOST_TEST(!has(console_screen({}, now), " more"));
}

BOOST_AUTO_TEST_CASE(survives_an_answer_that_is_none) {
  BOOST_TEST(has(console_screen({}, {}), "Room"));
  BOOST_TEST(has(console_screen(json::value("x"), json::value(3)), "Room"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_timing_report)

BOOST_AUTO_TEST_CASE(has_no_frame_where_it_would_not_fit) {
  const auto report = json::parse(R"({"spans":[
    {"name":"list_jobs","count":0},
    {"name":"complete_job","count":100,
     "busy_ms":{"p50":0.5,"p90":1,"p99":2,"max":4,"total":60},
     "idle_ms":{"p50":1.5,"p90":2,"p99":3,"max":4,"total":150}}]})");
  const auto wide = timing_screen(report, false, 0);
  BOOST_TEST(
      has(wide, "│ complete_job │   100 │    0.500 │ 1.000 │ 2.000 │ 4.000 │ 60.000 │    1.500 │"),
      wide);
  BOOST_TEST(!has(wide, "list_jobs"), wide);
  const auto bare = timing_screen(report, true, 81);
  BOOST_TEST(has(bare, "complete_job   100    0.500 1.000 2.000 4.000 60.000    1.500    3.000    "
                       "150.000\n"),
             bare);
  const auto narrow = timing_screen(report, true, 80);
  BOOST_TEST(has(narrow, "complete_job   100    0.500 2.000 4.000 60.000    150.000\n"), narrow);
  BOOST_TEST(has(narrow, "list_jobs        0"), narrow);
  BOOST_TEST(timing_screen({}, false, 80) == "No span has been counted yet.\n");
}

BOOST_AUTO_TEST_CASE(replaces_the_one_before_line_by_line) {
  BOOST_TEST(frame_of("one\ntwo\n", {80, 24}) == "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J");
  BOOST_TEST(frame_of("abcdef\ntwo\nthree\n", {4, 3}) == "\x1b[Habc…\x1b[K\ntwo\x1b[K\n\x1b[J");
}

BOOST_AUTO_TEST_SUITE_END()
