#include "tests/core/ledger_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_ledger;

BOOST_AUTO_TEST_SUITE(ledger_of_attempts)

BOOST_AUTO_TEST_CASE(a_new_runner_gets_an_id_of_this_epoch_and_the_broker_hears_of_it) {
  auto s = ledger::settings{};
  s.epoch = 3;
  auto w = world{s};
  auto welcome = w.attach(world::card(11));
  BOOST_TEST(welcome.runner == first_id_of(3));
  BOOST_TEST(welcome.lease_ms == s.lease_ms);
  BOOST_TEST(welcome.server_epoch == 3);
  auto v = w.commit();
  BOOST_REQUIRE(v.joined.size() == 1u);
  BOOST_TEST(v.joined[0].user == "ada");
  BOOST_TEST(v.joined[0].slots == 4);
  BOOST_TEST(v.joined[0].open.empty());
  BOOST_TEST(w.attach(world::card(12)).runner == first_id_of(3) + 1);
}

BOOST_AUTO_TEST_CASE(a_runner_of_a_protocol_out_of_range_is_refused) {
  auto w = world{};
  auto a = world::card(1);
  a.oldest = wire::protocol + 1;
  a.newest_protocol = wire::protocol + 2;
  BOOST_TEST(w.attach(a).runner == 0);
  a.oldest = wire::protocol;
  auto welcome = w.attach(a);
  BOOST_TEST(welcome.runner != 0);
  BOOST_TEST(welcome.chosen_protocol == wire::protocol);
  auto b = world::card(2);
  b.newest_protocol = wire::oldest_protocol - 1;
  b.oldest = b.newest_protocol;
  BOOST_TEST(w.attach(b).runner == 0);
}

BOOST_AUTO_TEST_CASE(an_order_goes_out_when_its_launch_is_heard) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  auto got = w.told_to<wire::run_jobs>(r);
  BOOST_REQUIRE(got.size() == 1u);
  BOOST_REQUIRE(got[0].orders.size() == 1u);
  BOOST_TEST(got[0].orders[0].what.grant == g.id.value);
  BOOST_TEST(got[0].orders[0].what.run == 1);
  BOOST_TEST(got[0].orders[0].command == "echo");
  BOOST_TEST(w.l.open_grants() == 1u);
}

BOOST_AUTO_TEST_CASE(a_runner_shows_what_it_runs_and_what_it_waits_for) {
  auto w = world{};
  const auto r = w.join();
  const auto first = w.give(1, r);
  w.give(2, r);
  auto report = wire::report{};
  report.runner = r.value;
  report.seq = 1;
  report.started = {named(first)};
  report.started_us = {1};
  report.round_trip_us = 1500;
  w.said = {};
  w.l.hear(report, w.now, w.said);
  auto shown = w.l.runners().at(0);
  BOOST_TEST(shown.id.value == r.value);
  BOOST_TEST(shown.user == "ada");
  BOOST_TEST(shown.hostname == "node1");
  BOOST_TEST(shown.connected);
  BOOST_TEST(shown.slots == 4);
  BOOST_TEST(shown.running == 1);
  BOOST_TEST(shown.waiting == 1);
  BOOST_TEST(shown.unacked_reports == 1);
  BOOST_TEST(shown.round_trip_us == 1500);
  w.commit();
  BOOST_TEST(w.l.runners().at(0).unacked_reports == 0);
  w.l.disconnected(r);
  BOOST_TEST(!w.l.runners().at(0).connected);
}

BOOST_AUTO_TEST_CASE(a_report_is_acknowledged_only_when_its_batch_is_on_disk) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  w.report(r, ends(g), 1);
  BOOST_TEST(w.said.parcels.empty());
  auto first = w.l.take_batch();
  BOOST_REQUIRE(first.ended.size() == 1u);
  BOOST_TEST((first.ended[0].status == job_status::completed));
  BOOST_TEST(first.ended[0].exec_time_minutes == 1.0);
  w.report(r, ends(g), 1); // asked again before the disk has it
  BOOST_TEST(w.said.parcels.empty());
  BOOST_TEST(!w.l.has_verdicts());
  w.said = w.l.hear(launch{});
  BOOST_TEST(w.said.parcels.empty());
  w.said = w.l.on_disk(first.batch);
  BOOST_TEST(w.told_to<wire::ack>(r).size() == 2u);
  w.report(r, ends(g), 1); // and once more: nothing is judged twice, and it is acknowledged at once
  BOOST_TEST(!w.l.has_verdicts());
  BOOST_REQUIRE(w.told_to<wire::ack>(r).size() == 1u);
  BOOST_TEST(w.told_to<wire::ack>(r)[0].seq == 1);
}

BOOST_AUTO_TEST_CASE(a_start_and_its_end_in_one_report_are_one_verdict) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  auto both = ends(g, 3);
  both.started = {named(g)};
  both.started_us = {50'000'000};
  w.report(r, both, 1);
  auto v = w.commit();
  BOOST_TEST(v.started.empty());
  BOOST_REQUIRE(v.ended.size() == 1u);
  BOOST_TEST((v.ended[0].status == job_status::failed));
  BOOST_TEST(v.ended[0].return_code == 3);
}

BOOST_AUTO_TEST_CASE(a_start_is_told_once_and_with_its_runner) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  w.report(r, starts(g), 1);
  w.report(r, starts(g), 2);
  auto v = w.commit();
  BOOST_REQUIRE(v.started.size() == 1u);
  BOOST_TEST((v.started[0].runner == r));
  BOOST_TEST(v.started[0].at.us == 60'000'000);
}

BOOST_AUTO_TEST_CASE(a_grant_that_is_not_the_runners_is_revoked_and_changes_nothing) {
  auto w = world{};
  auto r = w.join(11), other = w.join(12);
  auto g = w.give(1, r);
  w.report(other, starts(g), 1);
  auto got = w.told_to<wire::revoke>(other);
  BOOST_REQUIRE(got.size() == 1u);
  BOOST_TEST(got[0].kill);
  w.report(other, ends(g), 2);
  w.report(other, returns(g), 3);
  BOOST_TEST(!w.l.has_verdicts());
  BOOST_TEST(w.l.open_grants() == 1u);
}

BOOST_AUTO_TEST_CASE(a_returned_order_is_ready_again_as_the_same_attempt) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  w.report(r, returns(g), 1);
  auto v = w.commit();
  BOOST_REQUIRE(v.returned.size() == 1u);
  BOOST_TEST(v.returned[0].attempt == 1);
  BOOST_TEST(w.l.open_grants() == 0u);
}

BOOST_AUTO_TEST_CASE(the_newest_unstarted_orders_are_recalled_each_once) {
  auto w = world{};
  auto r = w.join();
  auto a = w.give(1, r), b = w.give(2, r), c = w.give(3, r);
  w.report(r, starts(c), 1);
  auto l = launch{};
  l.recalls = {{r, 1}};
  w.said = w.l.hear(l);
  BOOST_REQUIRE(w.told_to<wire::revoke>(r).size() == 1u);
  BOOST_TEST(!w.told_to<wire::revoke>(r)[0].kill);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].grants == (std::vector{b.id.value}),
             boost::test_tools::per_element());
  l.recalls = {{r, 9}};
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].grants == (std::vector{a.id.value}),
             boost::test_tools::per_element());
  w.said = w.l.hear(l);
  BOOST_TEST(w.said.parcels.empty());
}

BOOST_AUTO_TEST_CASE(a_lost_connection_requeues_nothing_before_lease_and_margin) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  w.now.us += 1'000'000;
  w.report(r, starts(g), 1);
  w.commit();
  w.l.disconnected(r);
  w.now.us += w.silence_us() - 1;
  w.l.tick(w.now);
  BOOST_TEST(!w.l.has_verdicts());
  w.now.us += 1;
  w.l.tick(w.now);
  auto v = w.commit();
  BOOST_REQUIRE(v.retried.size() == 1u);
  BOOST_TEST(v.retried[0].next_attempt == 2);
  BOOST_REQUIRE(v.left.size() == 1u);
  BOOST_TEST((v.left[0].runner == r));
  // It comes back after all: it is a new runner, and its old grant is void.
  auto a = world::card(11);
  a.runner = r.value;
  a.held = {named(g)};
  auto welcome = w.attach(a);
  BOOST_TEST(welcome.runner != r.value);
  BOOST_TEST(welcome.revoked == (std::vector{g.id.value}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_runner_that_nobody_says_is_gone_is_lost_by_its_silence) {
  auto w = world{};
  auto r = w.join(), other = w.join(12);
  w.give(1, r);
  auto g = w.give(2, other);
  w.now.us += w.silence_us() - 1;
  BOOST_TEST(w.l.tick(w.now).empty());
  w.report(other, {}, 1); // a heartbeat
  w.now.us += 1;
  BOOST_TEST((w.l.tick(w.now) == std::vector{r}));
  auto v = w.commit();
  BOOST_REQUIRE(v.retried.size() == 1u);
  BOOST_TEST((v.retried[0].open.job == job_id{1}));
  BOOST_TEST(w.l.runners().size() == 1u);
  w.now.us += w.silence_us() - 2;
  BOOST_TEST(w.l.tick(w.now).empty());
  auto back = world::card(12);
  back.runner = other.value;
  back.held = {named(g)};
  w.attach(back); // an attach counts, too
  w.now.us += 2;
  BOOST_TEST(w.l.tick(w.now).empty());
}

BOOST_AUTO_TEST_CASE(an_attach_that_comes_after_the_news_of_its_runners_death_is_refused) {
  auto w = world{};
  auto dead = world::card(11);
  BOOST_TEST(!w.l.gone(dead.instance, w.now, ticket_id{1}).ok());
  auto welcome = w.attach(dead);
  BOOST_TEST(welcome.runner == 0);
  BOOST_TEST(welcome.refused.find("death") != std::string::npos);
  BOOST_TEST(w.l.runners().empty());
  BOOST_TEST(w.attach(world::card(12)).runner != 0);
}

BOOST_AUTO_TEST_CASE(a_lease_of_zero_never_ends_and_the_guardians_word_ends_all) {
  auto s = ledger::settings{};
  s.lease_ms = 0;
  auto w = world{s};
  auto r = w.join();
  w.give(1, r);
  w.l.disconnected(r);
  w.l.tick({int64_t{1} << 60});
  BOOST_TEST(!w.l.has_verdicts());
  w.l.gone(r, w.now);
  BOOST_TEST(w.commit().retried.size() == 1u);
  BOOST_TEST(w.l.runners().empty());
}

BOOST_AUTO_TEST_CASE(a_runner_that_comes_back_keeps_its_id_and_what_it_holds) {
  auto w = world{};
  auto r = w.join();
  auto held = w.give(1, r), lost = w.give(2, r), done = w.give(3, r);
  w.l.disconnected(r);
  auto waiting = w.give(4, r);
  BOOST_TEST(w.said.parcels.empty()); // nobody is there
  auto a = world::card(11);
  a.runner = r.value;
  a.held = {named(held), named(grant_of(77, 9))};
  a.unacked = {ended(done)};
  auto welcome = w.attach(a);
  BOOST_TEST(welcome.runner == r.value);
  BOOST_TEST(welcome.revoked == (std::vector{int64_t{77}}), boost::test_tools::per_element());
  auto again = w.told_to<wire::run_jobs>(r);
  BOOST_REQUIRE(again.size() == 1u);
  BOOST_REQUIRE(again[0].orders.size() == 2u);
  BOOST_TEST(again[0].orders[0].what.grant == lost.id.value);
  BOOST_TEST(again[0].orders[1].what.grant == waiting.id.value);
  auto v = w.commit();
  BOOST_TEST(v.ended.size() == 1u);
  BOOST_TEST(v.joined.empty()); // the broker knows it
  w.now.us += w.silence_us() - 1;
  w.l.tick(w.now);
  BOOST_TEST(!w.l.has_verdicts());
}

BOOST_AUTO_TEST_CASE(another_process_that_gives_a_known_runners_id_gets_one_of_its_own) {
  auto w = world{};
  auto r = w.join(11);
  auto g = w.give(1, r);
  auto a = world::card(99);
  a.runner = r.value;
  a.held = {named(g)};
  auto welcome = w.attach(a);
  BOOST_TEST(welcome.runner != r.value);
  BOOST_TEST(welcome.revoked.size() == 1u);
  BOOST_TEST(w.l.open_grants() == 1u);
}

BOOST_AUTO_TEST_CASE(after_a_restart_a_runner_adopts_what_it_holds_and_the_rest_is_ready_again) {
  auto s = ledger::settings{};
  s.epoch = 2;
  auto w = world{s};
  auto r = runner_id{first_id_of(1)};
  auto runs = grant_of(50, 1, r), waits = grant_of(51, 2, r), vanished = grant_of(52, 3, r),
       ended_there = grant_of(53, 4, r);
  w.l.restore(runs, true, 11, w.now);
  w.l.restore(waits, false, 11, w.now);
  w.l.restore(vanished, true, 11, w.now);
  w.l.restore(ended_there, true, 11, w.now);
  BOOST_TEST(!w.l.has_verdicts());
  auto a = world::card(11);
  a.runner = r.value;
  a.held = {named(runs)};
  a.unacked = {ended(ended_there)};
  BOOST_TEST(w.attach(a).runner == r.value);
  auto v = w.commit();
  BOOST_TEST(v.ended.size() == 1u);
  BOOST_REQUIRE(v.returned.size() == 1u);
  BOOST_TEST((v.returned[0].job == job_id{2}));
  BOOST_REQUIRE(v.retried.size() == 1u);
  BOOST_TEST((v.retried[0].open.job == job_id{3}));
  BOOST_REQUIRE(v.joined.size() == 1u);
  BOOST_REQUIRE(v.joined[0].open.size() == 1u);
  BOOST_TEST((v.joined[0].open[0].job == job_id{1}));
}

BOOST_AUTO_TEST_CASE(after_a_restart_a_runner_that_never_comes_is_lost_by_its_lease) {
  auto w = world{};
  w.l.restore(grant_of(50, 1, runner_id{9}), false, 11, w.now);
  w.now.us += w.silence_us();
  w.l.tick(w.now);
  auto v = w.commit();
  BOOST_TEST(v.retried.size() == 1u);
  BOOST_TEST(v.left.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_ends_between_attach_and_batch_is_not_counted_as_load) {
  auto s = ledger::settings{};
  s.epoch = 2;
  auto w = world{s};
  auto r = runner_id{first_id_of(1)};
  auto g = grant_of(50, 1, r);
  w.l.restore(g, true, 11, w.now);
  auto a = world::card(11);
  a.held = {named(g)};
  w.attach(a);
  w.report(r, ends(g), 1);
  auto v = w.commit();
  BOOST_REQUIRE(v.joined.size() == 1u);
  BOOST_TEST(v.joined[0].open.empty());
}

BOOST_AUTO_TEST_CASE(a_leaving_runner_is_acknowledged_and_forgotten) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r), late = grant_of(900, 3, r);
  w.give(2, r); // which it never starts
  auto last = ends(g);
  last.leaving = true;
  w.report(r, last, 1);
  auto v = w.commit();
  BOOST_TEST(v.ended.size() == 1u);
  BOOST_TEST(v.returned.size() == 1u);
  BOOST_TEST(v.left.size() == 1u);
  BOOST_TEST(w.told_to<wire::ack>(r).size() == 1u);
  w.place({late}); // its order was being written meanwhile
  BOOST_TEST(w.said.parcels.empty());
  BOOST_TEST(w.commit().returned.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_runner_that_comes_and_goes_within_a_batch_never_reaches_the_broker) {
  auto w = world{};
  auto r = runner_id{w.attach(world::card(11)).runner};
  w.l.gone(r, w.now);
  auto v = w.commit();
  BOOST_TEST(v.joined.empty());
  BOOST_TEST(v.left.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
