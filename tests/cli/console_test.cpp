#include "cli/commands/console.hpp"

#include <boost/test/unit_test.hpp>

using namespace torc::cli;

namespace {

json::value rooms(int64_t uptime_ms, int64_t turns, double busy_ms) {
  return json::parse(R"({"uptime_ms":)" + std::to_string(uptime_ms) +
                     R"(,"runners":2,"open_grants":7,"rooms":[{"name":"db_writer","mailbox":3,)"
                     R"("messages":[{"name":"turn","count":)" +
                     std::to_string(turns) +
                     R"(,"busy_ms":{"p50":0.5,"p90":1,"p99":2,"max":4,"total":)" +
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
  BOOST_TEST(has(screen, "Runners: 2   open grants: 7"), screen);
  BOOST_TEST(has(screen, "│ db_writer │ 3       │ 200        │ 50.0   │ ##########.......... │"),
             screen);
  BOOST_TEST(has(screen, "│ db_writer turn │ 200        │ 50.0   │ 0.500  │ 2.000  │ 4.000  │"),
             screen);
  BOOST_TEST(!has(screen, "edit"), screen);
}

BOOST_AUTO_TEST_CASE(begins_with_all_since_the_server_s_start) {
  BOOST_TEST(has(console_screen({}, rooms(1'000, 10, 100)), "│ 10         │ 10.0 "));
}

BOOST_AUTO_TEST_CASE(shows_each_runner) {
  auto now = rooms(1'000, 10, 100);
  now.as_object()["runner_list"] = json::parse(R"([
    {"id":3,"user":"ada","hostname":"n1","pid":42,"workflow_id":7,"connected":true,"slots":16,
     "num_cpus":2,"running":15,"waiting":4,"unacked_reports":1,"round_trip_ms":2.54},
    {"id":4,"user":"bob","hostname":"n2","pid":43,"workflow_id":0,"connected":false,"slots":0,
     "num_cpus":8,"running":0,"waiting":0,"unacked_reports":0,"round_trip_ms":0}])");
  const auto screen = console_screen({}, now);
  BOOST_TEST(has(screen, "│ 3        │ n1   │ 42  │ ada  │ 7        │ 16     │ 15      │ 4       │ "
                         "1               │ 2.5           │"),
             screen);
  BOOST_TEST(has(screen, "│ 4 (gone) │ n2   │ 43  │ bob  │ all      │ 8 CPUs │ 0 "), screen);
}

BOOST_AUTO_TEST_CASE(survives_an_answer_that_is_none) {
  BOOST_TEST(has(console_screen({}, {}), "Room"));
  BOOST_TEST(has(console_screen(json::value("x"), json::value(3)), "Room"));
}

BOOST_AUTO_TEST_SUITE_END()
