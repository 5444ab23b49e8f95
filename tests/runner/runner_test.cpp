#include "tests/runner/world.hpp"

#include "core/job.hpp"

namespace torc::actors {

using namespace std::chrono_literals;
namespace wire = core::wire;

namespace {

std::vector<int64_t> grants_of(const std::vector<wire::ended>& all) {
  auto out = std::vector<int64_t>{};
  for (auto& e : all)
    out.push_back(e.what.grant);
  return out;
}

using grants = std::vector<int64_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(attaching)

BOOST_FIXTURE_TEST_CASE(a_runner_shows_its_token_and_itself, world) {
  run();
  BOOST_REQUIRE(server->attached.size() == 1u);
  auto& a = server->attached[0];
  BOOST_TEST(a.token == "secret");
  BOOST_TEST(a.instance == 99);
  BOOST_TEST(a.workflow == 42);
  BOOST_TEST(a.slots == 1);
  BOOST_TEST(a.prefill == 2);
  BOOST_TEST(a.runner == 0);
  BOOST_TEST(static_cast<bool>(server->runner));
}

BOOST_AUTO_TEST_CASE(a_runner_with_labels_is_for_no_server_that_knows_none) {
  world plain, with_labels{1, {{"gpu"}}};
  plain.run();
  with_labels.run();
  BOOST_TEST(plain.server->attached.at(0).oldest == wire::oldest_protocol);
  BOOST_TEST(with_labels.server->attached.at(0).oldest == wire::protocol_of_labels);
  BOOST_TEST(with_labels.server->attached[0].labels.at(0) == "gpu");
}

BOOST_FIXTURE_TEST_CASE(a_refused_runner_ends_with_the_servers_sentence, world) {
  server->welcome.runner = 0;
  server->welcome.refused = "the token is not this server's";
  run();
  BOOST_REQUIRE(outcome);
  BOOST_REQUIRE(!outcome->ok());
  BOOST_TEST(outcome->why().message.find("the token is not this server's") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_never_answers_is_given_thirty_seconds, world) {
  server->mute = true;
  run();
  advance(29s);
  BOOST_TEST(!outcome.has_value());
  advance(1s);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(!outcome->ok());
  BOOST_TEST(outcome->why().message.find("did not answer") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_runner_that_finds_nobody_gives_up_after_a_few_tries, world) {
  reachable = false;
  run();
  for (int i = 0; i < 10; ++i)
    advance(6s);
  BOOST_TEST(dials == first_tries);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->why().message == "nobody there");
}

BOOST_FIXTURE_TEST_CASE(a_null_handle_is_nobody, world) {
  door = door_actor{};
  run();
  for (int i = 0; i < 10; ++i)
    advance(6s);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(!outcome->ok());
}

BOOST_FIXTURE_TEST_CASE(a_stop_before_the_welcome_ends_the_runner, world) {
  server->mute = true;
  run();
  caf::anon_send(room, stop_wish{1});
  run();
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->value().drained);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(working)

BOOST_FIXTURE_TEST_CASE(orders_are_run_reported_and_the_runner_leaves_with_its_workflow, world) {
  run();
  must_give({1, 2});
  BOOST_REQUIRE(launched.size() == 1u);
  BOOST_TEST(launched[0].command == "true");
  end(1);
  BOOST_REQUIRE(launched.size() == 2u);
  auto first = must_report();
  BOOST_TEST(first.runner == 7);
  BOOST_TEST(grants_of(first.done) == grants{1}, boost::test_tools::per_element());
  end(2, 3);
  BOOST_TEST(server->reports.empty());
  ack(first);
  auto second = must_report();
  BOOST_TEST(second.done.at(0).return_code == 3);
  BOOST_TEST(second.done.at(0).status == static_cast<int8_t>(core::job_status::failed));
  ack(second);
  say(wire::finished{42, false});
  auto bye = must_report();
  BOOST_TEST(bye.leaving);
  BOOST_TEST(!outcome.has_value());
  ack(bye);
  BOOST_REQUIRE(outcome);
  auto& r = outcome->value();
  BOOST_TEST(r.started == 2);
  BOOST_TEST(r.completed == 1);
  BOOST_TEST(r.failed == 1);
  BOOST_TEST(!r.drained);
  BOOST_TEST(!r.canceled);
}

BOOST_FIXTURE_TEST_CASE(a_message_that_cannot_be_read_changes_nothing, world) {
  run();
  caf::anon_send(server->runner, core::sealed{1, core::kind_of<wire::run_jobs>, "garbage"});
  caf::anon_send(server->runner, core::sealed{1, 777, "from the future"});
  run();
  BOOST_TEST(launched.empty());
  must_give({1});
  BOOST_TEST(launched.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_idle_runner_says_that_it_lives_and_leaves_after_its_time, world) {
  run();
  advance(10s);
  auto beat = must_report();
  BOOST_TEST(!beat.leaving);
  ack(beat);
  auto leaving = false;
  for (int i = 0; i < 90 && !leaving; ++i) {
    advance(1s);
    for (; !server->reports.empty(); ack(beat)) {
      beat = must_report();
      leaving = beat.leaving;
    }
  }
  BOOST_TEST(leaving);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->ok());
}

BOOST_FIXTURE_TEST_CASE(the_first_stop_drains_and_the_second_kills, world) {
  run();
  must_give({1, 2});
  caf::anon_send(room, stop_wish{1});
  run();
  auto back = must_report();
  BOOST_TEST(back.returned == grants{2}, boost::test_tools::per_element());
  BOOST_TEST(killed.empty());
  ack(back);
  caf::anon_send(room, stop_wish{2});
  run();
  BOOST_TEST(killed == grants{1}, boost::test_tools::per_element());
  end(1, 137);
  auto bye = must_report();
  BOOST_TEST(bye.leaving);
  BOOST_TEST(bye.done.empty());
  BOOST_TEST(bye.started.at(0).grant == 1);
  BOOST_TEST(bye.returned == grants{1}, boost::test_tools::per_element());
  ack(bye);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->value().drained);
}

BOOST_FIXTURE_TEST_CASE(lost_hands_end_the_runner_and_tell_the_jobs_terminated, world) {
  run();
  must_give({1, 2});
  auto news = hands_news{};
  news.lost = true;
  news.open = {1};
  tell(std::move(news));
  run();
  auto bye = must_report();
  BOOST_TEST(bye.leaving);
  BOOST_TEST(bye.returned == grants{2}, boost::test_tools::per_element());
  BOOST_TEST(grants_of(bye.done) == grants{1}, boost::test_tools::per_element());
  ack(bye);
  BOOST_TEST(outcome.has_value());
  BOOST_TEST(retired);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_lost_line)

BOOST_FIXTURE_TEST_CASE(a_goodbye_that_nobody_has_heard_is_left_to_the_guardian, world) {
  run();
  caf::anon_send(room, stop_wish{1});
  run();
  BOOST_TEST(must_report().leaving);
  reachable = false;
  break_line();
  for (int i = 0; i < 20 && !outcome; ++i)
    advance(1s);
  BOOST_TEST(outcome.has_value());
  BOOST_TEST(!retired);
}

BOOST_FIXTURE_TEST_CASE(jobs_go_on_and_are_told_to_the_server_that_comes_back, world) {
  run();
  must_give({1, 2});
  end(1);
  reachable = false;
  break_line();
  for (int i = 0; i < 5; ++i)
    advance(1s);
  BOOST_TEST(dials >= 3);
  BOOST_TEST(launched.size() == 2u); // what waited has started meanwhile
  server->reports.clear();
  reachable = true;
  new_server();
  advance(6s);
  BOOST_REQUIRE(server->attached.size() == 1u);
  auto& a = server->attached[0];
  BOOST_TEST(a.runner == 7);
  BOOST_TEST(a.instance == 99);
  BOOST_TEST(grants_of(a.unacked) == grants{1}, boost::test_tools::per_element());
  BOOST_REQUIRE(a.held.size() == 1u);
  BOOST_TEST(a.held[0].grant == 2);
  auto again = must_report();
  BOOST_TEST(grants_of(again.done) == grants{1}, boost::test_tools::per_element());
  BOOST_TEST(!outcome.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_too_busy_to_answer_is_asked_less_often, world) {
  server->welcome.lease_ms = 900'000;
  run();
  must_give({1});
  reachable = false;
  break_line();
  const auto dials_in_50s = [&] {
    const auto before = dials;
    for (int i = 0; i < 50; ++i)
      advance(1s);
    return dials - before;
  };
  why_not = core::refusal::conflict;
  BOOST_TEST(dials_in_50s() <= 10); // and 13 or more where nobody is there
}

BOOST_FIXTURE_TEST_CASE(no_pause_is_longer_than_a_small_part_of_the_lease, world) {
  server->welcome.lease_ms = 20'000;
  run();
  must_give({1});
  reachable = false;
  why_not = core::refusal::conflict;
  break_line();
  for (int i = 0; i < 100; ++i)
    advance(100ms);
  const auto before = dials;
  for (int i = 0; i < 31; ++i) // an eighth of the lease, and a fifth of that
    advance(100ms);
  BOOST_TEST(dials > before);
  BOOST_TEST(killed.empty());
}

BOOST_FIXTURE_TEST_CASE(a_server_that_shuts_down_while_it_is_asked_is_asked_again, world) {
  run();
  must_give({1});
  break_line();
  server->welcome.runner = 0;
  server->welcome.refused = "the server is shutting down";
  new_server();
  advance(1s);
  BOOST_TEST(!outcome.has_value());
  server->welcome.runner = 7;
  advance(6s);
  end(1);
  BOOST_TEST(grants_of(must_report().done) == grants{1}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_lease_ends_the_jobs_and_then_the_runner, world) {
  run();
  must_give({1});
  reachable = false;
  break_line();
  for (int i = 0; i < 59; ++i)
    advance(1s);
  BOOST_TEST(killed.empty());
  advance(1s);
  BOOST_TEST(killed == grants{1}, boost::test_tools::per_element());
  end(1, 137);
  BOOST_TEST(!outcome.has_value());
  for (int i = 0; i < 11; ++i)
    advance(1s);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->value().failed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace torc::actors
