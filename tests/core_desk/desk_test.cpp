#define BOOST_TEST_MODULE core_desk
#include "tests/core_desk/desk_world.hpp"

namespace torc::core {

namespace {

constexpr auto failed = static_cast<int8_t>(job_status::failed);
constexpr auto completed = static_cast<int8_t>(job_status::completed);
constexpr auto terminated = static_cast<int8_t>(job_status::terminated);

} // namespace

BOOST_AUTO_TEST_SUITE(starting)

BOOST_AUTO_TEST_CASE(orders_start_in_their_sequence_and_never_more_than_there_are_slots) {
  auto w = desk_world{by_slots(2)};
  w.attach();
  w.give({5, 3, 9});
  VERIFY_GRANTS(w.starts(), 5, 3);
  w.end(3);
  VERIFY_GRANTS(w.starts(), 9);
}

BOOST_AUTO_TEST_CASE(an_order_that_came_twice_starts_once) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2, 2, 1});
  VERIFY_GRANTS(w.starts(), 1);
  w.end(1);
  w.give({1});
  VERIFY_GRANTS(w.starts(), 2);
  w.end(2);
  VERIFY_GRANTS(w.starts());
}

BOOST_AUTO_TEST_CASE(a_small_order_passes_a_large_one_that_does_not_fit_yet) {
  auto s = desk::settings{};
  s.room.num_cpus = 4;
  auto w = desk_world{s};
  w.attach();
  w.give({1}, 3);
  w.give({2}, 2);
  w.give({3}, 1);
  VERIFY_GRANTS(w.starts(), 1, 3);
  w.end(1);
  VERIFY_GRANTS(w.starts(), 2);
}

BOOST_AUTO_TEST_CASE(a_large_order_is_not_passed_for_ever) {
  auto s = desk::settings{};
  s.room.num_cpus = 2;
  auto w = desk_world{s};
  w.attach();
  w.give({1}, 1);
  VERIFY_GRANTS(w.starts(), 1);
  w.give({2}, 2);
  auto last = int64_t{1};
  for (int64_t g = 3; g < 1000; ++g) {
    w.give({g}, 1);
    for (auto started : w.starts()) {
      if (started == 2) {
        BOOST_TEST(g <= 3 + desk::most_passes + 1);
        return;
      }
      w.end(std::exchange(last, started));
    }
    if (w.d.running() == 1 && w.d.waiting() > 1)
      w.end(last);
  }
  BOOST_FAIL("the large order never started");
}

BOOST_AUTO_TEST_CASE(an_order_larger_than_the_host_starts_when_nothing_else_runs) {
  auto s = desk::settings{};
  s.room.num_cpus = 2;
  auto w = desk_world{s};
  w.attach();
  w.give({1}, 1);
  w.give({2}, 8);
  VERIFY_GRANTS(w.starts(), 1);
  w.end(1);
  VERIFY_GRANTS(w.starts(), 2);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reporting)

BOOST_AUTO_TEST_CASE(ends_gather_while_more_orders_wait_than_have_ended) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2, 3, 4, 5, 6});
  w.settle();
  w.end(1);
  BOOST_TEST(!w.settle().send);
  BOOST_TEST(w.d.wake_at() == w.now + desk::gather_us);
  w.advance(1);
  w.end(2);
  BOOST_TEST(!w.settle().send);
  w.advance(7);
  auto in_time = w.settle().send;
  BOOST_REQUIRE(in_time);
  VERIFY_GRANTS(w.grants_of(in_time->done), 1, 2);
  w.ack(in_time->seq);

  w.end(3);
  BOOST_TEST(!w.settle().send);
  w.end(4);
  auto by_count = w.settle().send;
  BOOST_REQUIRE(by_count);
  VERIFY_GRANTS(w.grants_of(by_count->done), 3, 4);
  w.ack(by_count->seq);

  // Nothing waits any more: whatever comes next depends on this one.
  w.end(5);
  BOOST_TEST(w.settle().send.has_value());
}

BOOST_AUTO_TEST_CASE(one_report_is_under_way_and_the_rest_coalesces) {
  auto w = desk_world{by_slots(4)};
  w.attach();
  w.give({1, 2, 3, 4});
  w.settle();
  w.end(1);
  auto first = w.settle().send;
  BOOST_REQUIRE(first);
  VERIFY_GRANTS(w.grants_of(first->done), 1);
  w.end(2, 3);
  BOOST_TEST(!w.settle().send);
  w.end(3);
  BOOST_TEST(!w.settle().send);
  w.ack(first->seq);
  auto second = w.settle().send;
  BOOST_REQUIRE(second);
  VERIFY_GRANTS(w.grants_of(second->done), 2, 3);
  BOOST_TEST(second->done[0].status == failed);
  BOOST_TEST(second->done[0].return_code == 3);
  BOOST_TEST(second->done[0].what.job == 20);
  BOOST_TEST(second->done[1].status == completed);
  BOOST_TEST(second->seq > first->seq);
}

BOOST_AUTO_TEST_CASE(a_start_is_told_when_the_job_has_run_for_a_moment_and_only_then) {
  auto w = desk_world{by_slots(2)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.start(1);
  w.start(2);
  auto at = w.wall();
  w.advance(100);
  w.end(2);
  auto early = w.settle().send;
  BOOST_REQUIRE(early);
  BOOST_TEST(early->started.empty());
  w.ack(early->seq);
  BOOST_TEST(!w.settle().send);
  BOOST_TEST(w.d.wake_at() == w.now + desk::moment_us - 100'000);
  w.advance(150);
  auto late = w.settle().send;
  BOOST_REQUIRE(late);
  VERIFY_GRANTS(w.grants_of(late->started), 1);
  BOOST_TEST(late->started_us.at(0) == at);
  w.ack(late->seq);
  w.advance(1000);
  BOOST_TEST(!w.settle().send);
}

BOOST_AUTO_TEST_CASE(a_silent_runner_says_that_it_lives) {
  auto w = desk_world{by_slots(1)};
  w.attach(8'000);
  w.advance(1'999);
  BOOST_TEST(!w.settle().send);
  BOOST_TEST(w.d.wake_at() == w.now + 1'000);
  w.advance(1);
  auto beat = w.settle().send;
  BOOST_REQUIRE(beat);
  BOOST_TEST(beat->done.empty());
  BOOST_TEST(!beat->leaving);
}

BOOST_AUTO_TEST_CASE(hops_are_counted_for_orders_that_came_after_the_end_before_them) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.start(1);
  w.advance(5);
  w.end(1);
  w.settle();
  w.start(2);
  w.advance(5);
  w.end(2);
  w.advance(3);
  w.give({3});
  w.settle();
  w.start(3);
  BOOST_TEST(w.d.counts().hops_us == std::vector<int64_t>{3'000}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(idle_time_is_the_share_of_slots_without_a_job) {
  auto w = desk_world{by_slots(4)};
  w.attach();
  w.advance(1000);
  w.give({1});
  w.settle();
  w.advance(4000);
  w.settle();
  BOOST_TEST(w.d.counts().idle_seconds == 1.0 + 4 * 0.75, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(revoking)

BOOST_AUTO_TEST_CASE(a_recalled_order_is_returned_if_it_has_not_started) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.d.hear(wire::revoke{{2}, false});
  auto answer = w.settle().send;
  BOOST_REQUIRE(answer);
  VERIFY_GRANTS(answer->returned, 2);
  w.end(1);
  VERIFY_GRANTS(w.starts());
}

BOOST_AUTO_TEST_CASE(a_recalled_order_that_runs_is_answered_with_its_start) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1});
  w.settle();
  w.d.hear(wire::revoke{{1}, false});
  BOOST_TEST(!w.settle().send); // the hands have not confirmed it yet
  w.start(1);
  auto answer = w.settle().send;
  BOOST_REQUIRE(answer);
  VERIFY_GRANTS(w.grants_of(answer->started), 1);
  BOOST_TEST(answer->returned.empty());
}

BOOST_AUTO_TEST_CASE(a_killed_grant_ends_its_process_and_concerns_nobody_any_more) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2, 3});
  w.settle();
  w.start(1);
  w.d.hear(wire::revoke{{1, 2}, true});
  auto t = w.settle();
  VERIFY_GRANTS(t.kill, 1);
  BOOST_TEST(t.start.empty()); // the slot is taken until the process has ended
  w.end(1, 137);
  t = w.settle();
  VERIFY_GRANTS(w.grants_of(t.start), 3);
  BOOST_TEST(!t.send);
  BOOST_TEST(w.d.counts().failed == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_line)

BOOST_AUTO_TEST_CASE(attach_lists_what_is_held_and_what_was_never_acknowledged) {
  auto w = desk_world{by_slots(2)};
  w.attach();
  w.give({1, 2, 3, 4});
  w.settle();
  w.end(1);
  BOOST_REQUIRE(w.settle().send); // never acknowledged
  w.end(2);
  w.settle();
  w.d.cut_off(w.now);
  auto a = w.attach();
  BOOST_TEST(a.runner == 7);
  VERIFY_GRANTS(w.grants_of(a.unacked), 1, 2);
  auto held = w.grants_of(a.held);
  std::sort(held.begin(), held.end());
  VERIFY_GRANTS(held, 3, 4);
  auto again = w.settle().send;
  BOOST_REQUIRE(again);
  VERIFY_GRANTS(w.grants_of(again->done), 1, 2);
  w.ack(again->seq - 1); // the old report's, late
  BOOST_TEST(w.d.unacked() == 2u);
  w.ack(again->seq);
  w.ack(again->seq);
  BOOST_TEST(w.d.unacked() == 0u);
}

BOOST_AUTO_TEST_CASE(a_return_that_may_not_have_been_heard_is_not_repeated) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.d.hear(wire::revoke{{2}, false});
  BOOST_REQUIRE(w.settle().send);
  w.d.cut_off(w.now);
  auto a = w.attach();
  VERIFY_GRANTS(w.grants_of(a.held), 1);
  w.give({2}); // the server had not heard it
  auto t = w.settle();
  BOOST_TEST((!t.send || t.send->returned.empty()));
  w.end(1);
  VERIFY_GRANTS(w.starts(), 2);
}

BOOST_AUTO_TEST_CASE(a_start_in_a_lost_report_is_told_again) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1});
  w.settle();
  w.start(1);
  w.advance(300);
  BOOST_REQUIRE(w.settle().send);
  w.d.cut_off(w.now);
  w.attach();
  auto again = w.settle().send;
  BOOST_REQUIRE(again);
  VERIFY_GRANTS(w.grants_of(again->started), 1);
}

BOOST_AUTO_TEST_CASE(a_welcome_that_revokes_ends_those_attempts) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.d.cut_off(w.now);
  w.attach(60'000, {1, 2});
  VERIFY_GRANTS(w.settle().kill, 1);
  w.end(1, 137);
  auto t = w.settle();
  BOOST_TEST(t.start.empty());
  BOOST_TEST(t.ended.empty());
}

BOOST_AUTO_TEST_CASE(
    jobs_end_when_the_lease_has_passed_since_the_last_acknowledged_report_was_sent) {
  auto w = desk_world{by_slots(1)};
  w.attach(10'000);
  w.give({1, 2});
  w.settle();
  w.advance(4'000);
  auto beat = w.settle().send;
  BOOST_REQUIRE(beat);
  w.advance(3'000);
  w.ack(beat->seq);
  w.d.cut_off(w.now);
  w.advance(6'999);
  BOOST_TEST(w.settle().kill.empty());
  BOOST_TEST(w.d.wake_at() == w.now + 1'000);
  w.advance(1);
  VERIFY_GRANTS(w.settle().kill, 1);
  BOOST_TEST(w.d.counts().lost);
  BOOST_TEST(!w.d.over(w.now));
  w.end(1, 137);
  auto t = w.settle();
  BOOST_REQUIRE(t.ended.size() == 1u);
  BOOST_TEST(t.ended[0].status == terminated);
  BOOST_TEST(t.start.empty());
  w.advance(desk::farewell_us / 1000);
  w.settle();
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_CASE(a_report_tells_how_long_the_one_before_was_on_its_way) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1});
  w.starts();
  w.end(1);
  auto said = w.settle();
  BOOST_REQUIRE(said.send.has_value());
  BOOST_TEST(said.send->round_trip_us == 0);
  w.advance(3);
  w.ack(said.send->seq);
  w.settle();
  w.give({2});
  w.starts();
  w.advance(7);
  w.end(2);
  said = w.settle();
  BOOST_REQUIRE(said.send.has_value());
  BOOST_TEST(said.send->round_trip_us == 3000);
}

BOOST_AUTO_TEST_CASE(a_lease_of_zero_never_ends) {
  auto w = desk_world{by_slots(1)};
  w.attach(0);
  w.give({1});
  w.settle();
  w.d.cut_off(w.now);
  w.advance(1000LL * 86'400 * 365);
  BOOST_TEST(w.settle().kill.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace torc::core
