#include "tui_screen.hpp"

using namespace torc::test;

BOOST_AUTO_TEST_SUITE(the_screen_of_the_tui)

BOOST_AUTO_TEST_CASE(offers_what_can_be_done_to_the_job_and_nothing_else) {
  const auto offers = [](const char* status, const char* action) {
    screen s(7);
    s.answer(topic::jobs, listed(3, 1, false, status));
    s.type(U"a");
    return s.shows(action);
  };
  for (const char* status : {"failed", "terminated", "running"})
    BOOST_TEST(offers(status, "Retry this job"), status);
  for (const char* status : {"completed", "canceled", "ready", "blocked"})
    BOOST_TEST(!offers(status, "Retry this job"), status);
  for (const char* status : {"uninitialized", "blocked", "ready", "pending", "running"})
    BOOST_TEST(offers(status, "Cancel this job"), status);
  for (const char* status : {"completed", "failed", "canceled", "terminated", "disabled"})
    BOOST_TEST(!offers(status, "Cancel this job"), status);
}

BOOST_AUTO_TEST_CASE(shows_a_long_command_on_several_lines_and_its_log_below) {
  screen s(7);
  s.answer(topic::jobs, listed(3, 1, false, "completed"));
  s.press(key_code::enter);
  std::string words;
  for (int i = 1; i <= 25; ++i)
    words += "--option-" + std::to_string(i) + " ";
  s.answer(topic::job, json::object{{"id", 3}, {"name", "j"}, {"command", words}});
  s.answer(topic::attempts, json::parse(R"({"items":[]})"));
  BOOST_TEST(s.shows("The job has not been started."), s.text());
  s.press(key_code::escape);
  s.press(key_code::enter);
  s.answer(topic::job, json::object{{"id", 3}, {"name", "j"}, {"command", words}});
  BOOST_TEST(s.shows("runs   --option-1 "), s.text());
  BOOST_TEST(s.shows("\n        --option-7 "), s.text());
  BOOST_TEST(s.shows("--option-18"), s.text());
  BOOST_TEST(s.shows("…\n after  nothing"), s.text());
  std::vector<std::string> lines;
  for (int i = 1; i <= 40; ++i)
    lines.push_back("line " + std::to_string(i));
  s.b.hear_log({s.b.log_path(), lines, ""});
  BOOST_TEST(s.shows("line 40"));
  s.press(key_code::home);
  BOOST_TEST(s.shows(" line 1\n"), s.text());
}

BOOST_AUTO_TEST_CASE(says_that_it_asks_before_it_says_that_there_is_nothing) {
  screen s(7);
  BOOST_TEST(s.shows("asking the server: all"));
  s.answer(topic::jobs, listed(1, 0, false));
  BOOST_TEST(s.shows("No jobs: all"));
  s.type(U"/x");
  s.press(key_code::enter);
  BOOST_TEST(s.shows("asking the server: all, name has 'x'"));
  s.answer(topic::jobs, listed(1, 0, false));
  BOOST_TEST(s.shows("No jobs: all, name has 'x'"));
}

BOOST_AUTO_TEST_CASE(leaves_names_the_room_that_numbers_do_not_need) {
  screen s;
  s.answer(topic::workflows,
           json::parse(R"({"items":[{"id":1,"name":"a_name_of_twenty_five","user":"ada",
    "timestamp":"2026-01-02T03:04:05.678Z"}],"total_count":1})"));
  s.b.hear_progress(json::object{{"workflows", json::array{progress(1, 30, 1000, 2)}}}, 0);
  BOOST_TEST(s.shows("  1 a_name_of_twenty_five"), s.text());
  s.b.hear_progress(json::object{{"workflows", json::array{progress(1, 1'000'000, 1'000'000)}}}, 0);
  BOOST_TEST(s.shows(" 1,000,000/1,000,000 done"), s.text());
  s.press(key_code::enter);
  s.answer(topic::jobs, listed(1, 1, false, "pending_failed"));
  BOOST_TEST(s.shows(" pending_failed "), s.text());
  BOOST_TEST(s.shows("here  workflow 1 a_name_of_twenty_five "), s.text());
}

BOOST_AUTO_TEST_CASE(breaks_lines_at_blanks_and_words_where_they_do_not_fit) {
  const std::vector<std::string> broken{"a bc", "öäüßö", "äüß d", "e"};
  BOOST_TEST(wrapped("a bc öäüßöäüß d e", 5) == broken, boost::test_tools::per_element());
  BOOST_TEST(wrapped("", 5).size() == 1u);
}

BOOST_AUTO_TEST_CASE(shows_every_key_in_its_help) {
  screen s;
  s.type(U"?");
  BOOST_TEST(!s.shows("…"), s.text());
  BOOST_TEST(s.shows("stdout or stderr"));
  BOOST_TEST(s.shows("run, cancel, reset, retry"));
  s.type(U"x");
  BOOST_TEST(!s.shows("stdout or stderr"));
}

BOOST_AUTO_TEST_SUITE_END()
