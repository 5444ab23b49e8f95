#include "core/ledger.hpp"

#include "core/image.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace torc::core;

namespace {

constexpr auto wf = workflow_id{7};

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] answer order(ledger& l, const control& c, int64_t ticket, ledger::told& out) {
  return l.control_of(c, {}, ticket_id{ticket}, out);
}

grant grant_of(int64_t id, int64_t job, runner_id r = {}, int32_t attempt = 1) {
  auto g = grant{};
  g.id = grant_id{id};
  g.workflow = wf;
  g.job = job_id{job};
  g.run = 1;
  g.attempt = attempt;
  g.runner = r;
  return g;
}

wire::attempt named(const grant& g) {
  return {g.id.value, g.job.value, g.run, g.attempt};
}

wire::ended ended(const grant& g, int32_t code = 0) {
  auto e = wire::ended{};
  e.what = named(g);
  e.return_code = code;
  e.status = static_cast<int8_t>(code == 0 ? job_status::completed : job_status::failed);
  e.start_us = 60'000'000;
  e.end_us = 120'000'000;
  return e;
}

result_row result_of(int64_t job, int64_t run = 1, int64_t attempt = 1) {
  auto r = result_row{};
  r.job = job_id{job};
  r.workflow = wf;
  r.run_id = run;
  r.attempt_id = attempt;
  r.compute_node = node_id{3};
  r.status = job_status::completed;
  return r;
}

struct world {
  ledger::settings settings;
  ledger l;
  ledger::told said;
  instant now{1'000'000};
  uint64_t turn = 0;
  int64_t next_grant = 5000;

  explicit world(ledger::settings s = {}) : settings(s), l(s) {}
  ~world() { l.sanity_check(); }

  static wire::attach card(int64_t instance) {
    auto a = wire::attach{};
    a.instance = instance;
    a.user = "ada";
    a.hostname = "node1";
    a.slots = 4;
    return a;
  }
  wire::welcome attach(const wire::attach& a) {
    said = {};
    auto w = l.attach(a, now, said);
    l.sanity_check();
    return w;
  }
  runner_id join(int64_t instance = 11) {
    auto id = runner_id{attach(card(instance)).runner};
    commit();
    return id;
  }
  /// The batch goes round: `launch` first, then the receipt, as the writer sends them.
  verdicts commit(launch with = {}) {
    auto v = l.take_batch();
    with.batch = v.batch;
    with.turn = ++turn;
    said = l.hear(with);
    append(l.on_disk(v.batch));
    l.sanity_check();
    return v;
  }
  void append(ledger::told more) {
    for (auto& p : more.parcels)
      said.parcels.push_back(std::move(p));
    for (auto& r : more.replies)
      said.replies.push_back(std::move(r));
  }
  static launch launching(const std::vector<grant>& grants) {
    auto out = launch{};
    for (const auto& g : grants)
      out.orders.push_back({g, {"name", "echo", {}}});
    return out;
  }
  void place(const std::vector<grant>& grants) {
    said = l.hear(launching(grants));
    l.sanity_check();
  }
  grant give(int64_t job, runner_id r = {}) {
    auto g = grant_of(next_grant++, job, r);
    place({g});
    return g;
  }
  void report(runner_id r, wire::report what, int64_t seq) {
    what.runner = r.value;
    what.seq = seq;
    said = {};
    l.hear(what, now, said);
    l.sanity_check();
  }
  answer control(const torc::core::control& c, int64_t ticket = 1) {
    said = {};
    auto a = order(l, c, ticket, said);
    l.sanity_check();
    return a;
  }
  template <class T>
  std::vector<T> told_to(runner_id r) const {
    auto out = std::vector<T>();
    for (const auto& p : said.parcels)
      if (p.to == r)
        if (auto* what = std::get_if<T>(&p.what))
          out.push_back(*what);
    return out;
  }
};

wire::report starts(const grant& g) {
  auto r = wire::report{};
  r.started = {named(g)};
  r.started_us = {60'000'000};
  return r;
}
wire::report ends(const grant& g, int32_t code = 0) {
  auto r = wire::report{};
  r.done = {ended(g, code)};
  return r;
}
wire::report returns(const grant& g) {
  auto r = wire::report{};
  r.returned = {g.id.value};
  return r;
}

void refused(const answer& a) {
  BOOST_REQUIRE(!a.ok());
  BOOST_TEST((a.why().why == refusal::unprocessable));
}

} // namespace

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
  w.report(r, starts(g), 1);
  w.commit();
  w.l.disconnected(r, w.now);
  w.now.us += (w.settings.lease_ms + w.settings.lease_margin_ms) * 1000 - 1;
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

BOOST_AUTO_TEST_CASE(a_lease_of_zero_never_ends_and_the_guardians_word_ends_all) {
  auto s = ledger::settings{};
  s.lease_ms = 0;
  auto w = world{s};
  auto r = w.join();
  w.give(1, r);
  w.l.disconnected(r, w.now);
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
  w.l.disconnected(r, w.now);
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
  w.l.tick({int64_t{1} << 60});
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
  w.now.us += (w.settings.lease_ms + w.settings.lease_margin_ms) * 1000;
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

BOOST_AUTO_TEST_CASE(a_claim_is_answered_with_its_orders_by_its_launch) {
  auto w = world{};
  auto o = offer{};
  o.ticket = ticket_id{5};
  o.workflow = wf;
  w.l.claim(o);
  auto g = grant_of(1, 1);
  g.offer = o.ticket;
  auto l = world::launching({g});
  l.offers = {ticket_id{5}, ticket_id{6}};
  auto v = w.commit(l);
  BOOST_TEST(v.offers.size() == 1u);
  BOOST_REQUIRE(w.said.replies.size() == 2u);
  BOOST_REQUIRE(w.said.replies[0].orders.size() == 1u);
  BOOST_TEST(w.said.replies[0].orders[0].text.command == "echo");
  BOOST_TEST(w.said.replies[1].orders.empty());
  BOOST_TEST(w.said.replies[1].outcome.ok());
}

BOOST_AUTO_TEST_CASE(an_http_job_is_started_and_completed_once_and_answered_from_the_disk) {
  auto w = world{};
  auto g = w.give(1);
  refused(w.l.start(job_id{2}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  refused(w.l.start(job_id{1}, wf, 2, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{2}).ok());
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{3}));
  auto v = w.commit();
  BOOST_REQUIRE(v.started.size() == 1u);
  BOOST_TEST((v.started[0].ticket == ticket_id{2}));
  BOOST_TEST((v.started[0].node == node_id{3}));
  BOOST_REQUIRE(w.said.replies.size() == 1u);
  BOOST_TEST((w.said.replies[0].ticket == ticket_id{2}));

  refused(w.l.complete(result_of(1, 9), w.now, ticket_id{4}));
  refused(w.l.complete(result_of(1, 1, 2), w.now, ticket_id{4}));
  auto running = result_of(1);
  running.status = job_status::running;
  refused(w.l.complete(running, w.now, ticket_id{4}));
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{5}).ok());
  v = w.commit();
  BOOST_REQUIRE(v.ended.size() == 1u);
  BOOST_TEST((v.ended[0].open.id == g.id));
  BOOST_TEST((v.ended[0].node == node_id{3}));
  BOOST_TEST(w.said.replies.size() == 1u);

  // A second one is for the writer to refuse.
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{6}).ok());
  v = w.commit();
  BOOST_TEST(v.ended.empty());
  BOOST_REQUIRE(v.controls.size() == 1u);
  BOOST_TEST(std::get<force_status>(v.controls[0].what).result.has_value());
  BOOST_TEST(w.said.replies.empty());
  auto l = launch{};
  l.answers.push_back({ticket_id{6}, refuse(refusal::unprocessable, "complete already")});
  w.said = w.l.hear(l);
  BOOST_REQUIRE(w.said.replies.size() == 1u);
  BOOST_TEST(!w.said.replies[0].outcome.ok());
}

BOOST_AUTO_TEST_CASE(a_job_that_a_caf_runner_holds_is_not_started_over_http_but_may_be_completed) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.complete(result_of(1), w.now, ticket_id{2}).ok());
  w.commit();
  BOOST_REQUIRE(w.told_to<wire::revoke>(r).size() == 1u);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].kill);
  w.report(r, ends(g), 1);
  BOOST_TEST(!w.l.has_verdicts());
}

BOOST_AUTO_TEST_CASE(a_claimed_job_that_nobody_starts_is_ready_again_after_the_claim_timeout) {
  auto w = world{};
  auto never = w.give(1), later = w.give(2);
  w.l.tick(w.now);
  w.l.start(job_id{2}, wf, 1, node_id{3}, w.now, ticket_id{1}).ok();
  w.commit();
  w.now.us += w.settings.claim_timeout_ms * 1000 - 1;
  w.l.tick(w.now);
  BOOST_TEST(!w.l.has_verdicts());
  w.now.us += 1;
  w.l.tick(w.now);
  auto v = w.commit();
  BOOST_REQUIRE(v.returned.size() == 1u);
  BOOST_TEST((v.returned[0].id == never.id));
  refused(w.l.start(job_id{1}, wf, 1, node_id{3}, w.now, ticket_id{1}));
  BOOST_TEST(w.l.open_grants() == 1u);
  BOOST_TEST((later.job == job_id{2}));
}

BOOST_AUTO_TEST_CASE(canceling_kills_what_is_open_and_closes_what_is_under_way) {
  auto w = world{};
  auto own = world::card(12);
  own.workflow = wf.value;
  auto r = w.join();
  auto watcher = runner_id{w.attach(own).runner};
  w.commit();
  auto g = w.give(1, r);
  BOOST_TEST(w.control(cancel_workflow{wf}, 4).ok());
  BOOST_REQUIRE(w.told_to<wire::revoke>(r).size() == 1u);
  BOOST_TEST(w.told_to<wire::revoke>(r)[0].kill);
  auto v = w.l.take_batch();
  BOOST_REQUIRE(v.closed.size() == 1u);
  BOOST_TEST((v.closed[0].id == g.id));
  w.place({grant_of(800, 2, r)}); // granted before the broker heard of it
  BOOST_TEST(w.told_to<wire::run_jobs>(r).empty());
  BOOST_TEST(w.l.open_grants() == 0u);
  auto l = world::launching({grant_of(801, 3, r)}); // granted by the turn that knows of it
  l.batch = v.batch;
  l.answers.push_back({ticket_id{4}, done{2}});
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::run_jobs>(r).size() == 1u);
  BOOST_TEST(w.said.replies.size() == 1u);
  BOOST_REQUIRE(w.told_to<wire::finished>(watcher).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(watcher)[0].canceled);
  v = w.commit();
  BOOST_REQUIRE(v.closed.size() == 1u);
  BOOST_TEST((v.closed[0].id == grant_id{800}));
  w.report(r, ends(g), 1);
  BOOST_TEST(!w.l.has_verdicts()); // the late word on it
  BOOST_TEST(w.told_to<wire::ack>(r).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_workflow_resumes_when_the_disk_says_so_and_not_against_a_later_cancel) {
  auto w = world{};
  auto said_yes = launch{};
  said_yes.answers.push_back({ticket_id{1}, done{}});
  w.control(reset_status{wf, false}, 1).ok();
  BOOST_TEST(w.commit().resumed.empty());
  w.said = w.l.hear(said_yes);
  BOOST_TEST(w.commit().resumed.size() == 1u);

  w.control(reset_status{wf, false}, 1).ok();
  w.commit();
  w.control(cancel_workflow{wf}, 2).ok();
  w.said = w.l.hear(said_yes);
  BOOST_TEST(w.commit().resumed.empty());

  w.control(reset_status{wf, false}, 1).ok();
  w.commit();
  auto said_no = launch{};
  said_no.answers.push_back({ticket_id{1}, refuse(refusal::unprocessable, "archived")});
  w.said = w.l.hear(said_no);
  BOOST_TEST(!w.l.has_verdicts());
}

BOOST_AUTO_TEST_CASE(a_status_is_not_reset_under_open_jobs_unless_forced) {
  auto w = world{};
  w.give(1);
  refused(w.control(reset_status{wf, false}));
  BOOST_TEST(w.control(reset_status{wf, true}).ok());
  BOOST_TEST(w.l.open_grants() == 1u);
}

BOOST_AUTO_TEST_CASE(a_forced_status_closes_only_grants_of_its_run) {
  auto w = world{};
  auto r = w.join();
  auto f = force_status{};
  f.job = job_id{1};
  f.workflow = wf;
  f.status = job_status::completed;
  f.run = 9;
  w.control(f, 1).ok();
  auto v = w.l.take_batch();
  w.place({grant_of(800, 1, r)});
  BOOST_TEST(w.l.open_grants() == 1u); // the writer will refuse run 9
  refused(w.control(f, 2));
  f.run = 1;
  BOOST_TEST(w.control(f, 3).ok());
  BOOST_TEST(w.l.open_grants() == 0u);
  BOOST_TEST(w.l.take_batch().closed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_job_forced_to_running_stays_with_whoever_has_it) {
  auto w = world{};
  w.give(1);
  auto f = force_status{};
  f.job = job_id{1};
  f.workflow = wf;
  f.status = job_status::running;
  f.run = 1;
  BOOST_TEST(w.control(f, 1).ok());
  BOOST_TEST(w.l.open_grants() == 1u);
  w.now.us += 2 * w.settings.claim_timeout_ms * 1000;
  w.l.tick(w.now);
  w.l.tick({w.now.us * 2});
  BOOST_TEST(w.commit().returned.empty());
}

BOOST_AUTO_TEST_CASE(a_running_job_is_retried_by_order_and_its_runner_ends_it) {
  auto w = world{};
  auto r = w.join();
  auto g = w.give(1, r);
  auto c = retry_job{job_id{1}, wf, 1, 3};
  refused(w.control(c)); // pending
  w.report(r, starts(g), 1);
  w.commit();
  c.run = 2;
  refused(w.control(c));
  c.run = 1;
  c.max_retries = 1;
  refused(w.control(c));
  c.max_retries = 2;
  BOOST_TEST(w.control(c, 8).ok());
  BOOST_TEST(w.told_to<wire::revoke>(r).size() == 1u);
  auto v = w.commit();
  BOOST_REQUIRE(v.retried.size() == 1u);
  BOOST_TEST(v.retried[0].next_attempt == 2);
  BOOST_TEST((v.retried[0].ticket == ticket_id{8}));
  BOOST_TEST(w.said.replies.size() == 1u);
}

BOOST_AUTO_TEST_CASE(
    a_reset_closes_the_jobs_it_names_and_a_put_status_moves_http_jobs_to_the_new_run) {
  auto w = world{};
  w.give(1), w.give(2);
  w.control(reset_jobs{wf, true, {job_id{1}}}).ok();
  BOOST_TEST(w.l.open_grants() == 1u);
  auto row = workflow_status_row{};
  row.id = wf;
  row.run_id = 2;
  w.control(put_status{row}).ok();
  BOOST_TEST(w.l.complete(result_of(2, 2), w.now, ticket_id{3}).ok());
  w.control(remove_workflow{wf}).ok();
  BOOST_TEST(w.l.open_grants() == 0u);
}

BOOST_AUTO_TEST_CASE(runners_hear_that_a_workflow_they_serve_is_complete) {
  auto w = world{};
  auto all = w.join(11);
  auto card = world::card(12);
  card.workflow = wf.value;
  card.user = "eve";
  auto own = runner_id{w.attach(card).runner};
  card = world::card(13);
  card.workflow = 99;
  auto other = runner_id{w.attach(card).runner};
  card = world::card(14);
  card.user = "bob";
  auto stranger = runner_id{w.attach(card).runner};
  auto l = launch{};
  l.completed = {{wf, "ada"}};
  w.said = w.l.hear(l);
  BOOST_TEST(w.told_to<wire::finished>(all).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(own).size() == 1u);
  BOOST_TEST(w.told_to<wire::finished>(other).empty());
  BOOST_TEST(w.told_to<wire::finished>(stranger).empty());
}

BOOST_AUTO_TEST_CASE(a_large_handout_goes_in_messages_of_bounded_size) {
  auto w = world{};
  auto r = w.join();
  auto grants = std::vector<grant>();
  for (int64_t i = 1; i <= 10'000; ++i)
    grants.push_back(grant_of(10'000 + i, i, r));
  w.place(grants);
  auto got = w.told_to<wire::run_jobs>(r);
  BOOST_TEST(got.size() == 3u);
  int64_t next = 10'001;
  for (const auto& part : got)
    for (const auto& o : part.orders)
      BOOST_REQUIRE(o.what.grant == next++);
  BOOST_TEST(next == 20'001);
}

BOOST_AUTO_TEST_SUITE_END()
