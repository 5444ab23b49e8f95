#include "tests/core_desk/desk_world.hpp"

namespace torc::core {

namespace {

constexpr auto completed = static_cast<int8_t>(job_status::completed);
constexpr auto terminated = static_cast<int8_t>(job_status::terminated);

} // namespace

BOOST_AUTO_TEST_SUITE(leaving)

BOOST_AUTO_TEST_CASE(a_runner_leaves_when_its_workflow_is_finished_and_the_goodbye_is_on_disk) {
  auto w = desk_world{by_slots(1, 42)};
  w.attach();
  w.give({1});
  w.settle();
  w.end(1);
  w.d.hear(wire::finished{41, false});
  w.ack(w.settle().send.value().seq);
  BOOST_TEST(!w.settle().send);
  w.d.hear(wire::finished{42, false});
  auto bye = w.settle().send;
  BOOST_REQUIRE(bye);
  BOOST_TEST(bye->leaving);
  w.give({2}); // crossed with the goodbye: the server takes it back
  BOOST_TEST(w.starts().empty());
  BOOST_TEST(!w.d.over(w.now));
  w.ack(bye->seq);
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_CASE(draining_returns_what_waits_and_lets_the_rest_end) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.d.drain();
  auto t = w.settle();
  BOOST_TEST(t.kill.empty());
  VERIFY_GRANTS(t.send.value().returned, 2);
  w.ack(t.send->seq);
  w.give({3});
  t = w.settle();
  BOOST_TEST(t.start.empty());
  VERIFY_GRANTS(t.send.value().returned, 3);
  w.ack(t.send->seq);
  w.end(1);
  t = w.settle();
  BOOST_TEST(t.send.value().leaving);
  VERIFY_GRANTS(w.grants_of(t.send->done), 1);
}

BOOST_AUTO_TEST_CASE(killing_reports_the_jobs_terminated) {
  auto w = desk_world{by_slots(2)};
  w.attach();
  w.give({1, 2});
  w.settle();
  w.d.kill();
  auto t = w.settle();
  std::sort(t.kill.begin(), t.kill.end());
  VERIFY_GRANTS(t.kill, 1, 2);
  w.d.kill();
  BOOST_TEST(w.settle().kill.empty());
  w.end(1, 137);
  w.end(2, 0); // was faster
  t = w.settle();
  BOOST_TEST(t.send.value().leaving);
  BOOST_TEST(t.ended[0].status == terminated);
  BOOST_TEST(t.ended[1].status == completed);
}

BOOST_AUTO_TEST_CASE(what_is_broken_off_ran_and_is_given_back_when_the_runner_leaves) {
  auto w = desk_world{by_slots(3)};
  w.attach();
  w.give({1, 2, 3, 4});
  w.settle();
  w.start(2);
  w.d.break_off();
  auto t = w.settle();
  std::sort(t.kill.begin(), t.kill.end());
  VERIFY_GRANTS(t.kill, 1, 2, 3);
  VERIFY_GRANTS(t.send.value().returned, 4);
  w.ack(t.send->seq);
  w.end(1, 137);
  w.end(2, 137);
  BOOST_TEST(!w.settle().send);
  w.end(3, 0); // was faster
  t = w.settle();
  BOOST_REQUIRE(t.send);
  BOOST_TEST(t.send->leaving);
  VERIFY_GRANTS(w.grants_of(t.send->done), 3);
  VERIFY_GRANTS(w.grants_of(t.send->started), 1, 2);
  BOOST_TEST(t.send->started_us.size() == 2u);
  VERIFY_GRANTS(t.send->returned, 1, 2);
  VERIFY_GRANTS(w.grants_of(t.ended), 3);
  BOOST_TEST(w.d.counts().failed == 0);
  w.ack(t.send->seq);
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_CASE(what_is_broken_off_is_held_and_given_back_again_after_a_cut) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.give({1});
  w.settle();
  w.d.break_off();
  w.settle();
  w.end(1, 137);
  VERIFY_GRANTS(w.settle().send.value().returned, 1);
  w.d.cut_off(w.now);
  VERIFY_GRANTS(w.grants_of(w.attach().held), 1);
  w.give({1}); // it is held: a second order of it is none
  auto t = w.settle();
  BOOST_TEST(t.start.empty());
  VERIFY_GRANTS(w.grants_of(t.send.value().started), 1);
  VERIFY_GRANTS(t.send->returned, 1);
  BOOST_TEST(t.send->leaving);
}

BOOST_AUTO_TEST_CASE(an_idle_runner_leaves_after_its_time) {
  auto s = by_slots(1);
  s.idle_exit_us = 5'000'000;
  auto w = desk_world{s};
  w.attach();
  w.advance(3'000);
  w.give({1});
  w.settle();
  w.advance(20'000);
  w.end(1);
  w.ack(w.settle().send.value().seq);
  w.advance(4'999);
  BOOST_TEST(!w.settle().send);
  BOOST_TEST(w.d.wake_at() == w.now + 1'000);
  w.advance(1);
  BOOST_TEST(w.settle().send.value().leaving);
}

BOOST_AUTO_TEST_CASE(a_runner_that_is_cut_off_is_not_idle) {
  auto s = by_slots(1);
  s.idle_exit_us = 5'000'000;
  auto w = desk_world{s};
  w.attach(60'000);
  w.advance(3'000);
  w.d.cut_off(w.now);
  w.advance(56'999);
  w.settle();
  BOOST_TEST(w.d.wake_at() == w.now + 1'000); // when the lease has run out
  BOOST_TEST(!w.d.over(w.now));
  w.attach(60'000);
  w.advance(4'999);
  BOOST_TEST(!w.settle().send);
  w.advance(1);
  BOOST_TEST(w.settle().send.value().leaving);
}

BOOST_AUTO_TEST_CASE(a_runner_whose_lease_never_ends_is_idle_also_while_it_is_cut_off) {
  auto s = by_slots(1);
  s.idle_exit_us = 5'000'000;
  auto w = desk_world{s};
  w.attach(0);
  w.d.cut_off(w.now);
  w.advance(5'000);
  w.settle();
  w.advance(desk::farewell_us / 1000);
  w.settle();
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_CASE(ends_that_nobody_has_acknowledged_keep_a_drained_runner_as_long_as_its_lease) {
  auto w = desk_world{by_slots(1)};
  w.attach(60'000);
  w.give({1});
  w.settle();
  w.d.drain();
  w.d.cut_off(w.now);
  w.end(1);
  w.settle();
  w.advance(59'999);
  w.settle();
  BOOST_TEST(!w.d.over(w.now));
  BOOST_TEST(w.d.wake_at() > w.now);
  w.advance(1);
  w.settle();
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_CASE(a_goodbye_that_nobody_answers_is_waited_for_ten_seconds) {
  auto w = desk_world{by_slots(1)};
  w.attach();
  w.d.drain();
  BOOST_TEST(w.settle().send.value().leaving);
  w.advance(9'999);
  w.settle();
  BOOST_TEST(!w.d.over(w.now));
  w.advance(1);
  w.settle();
  BOOST_TEST(w.d.over(w.now));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace torc::core
