#include "tests/core/ledger_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_ledger;

namespace {

/// A server that was told `lease_ms`, after one that had told its runners `promised_ms`.
ledger::settings after(int64_t promised_ms, int64_t lease_ms) {
  auto s = ledger::settings{};
  s.lease_ms = lease_ms;
  s.promised_lease_ms = promised_ms;
  return s;
}

/// Runner `id` holds job `id` when the server starts.
void restore(world& w, int64_t id) {
  w.l.restore(grant_of(40 + id, id, runner_id{id}), true, 100 + id, w.now);
}

void come_back(world& w, int64_t id) {
  auto back = world::card(100 + id);
  back.runner = id;
  back.held = {named(grant_of(40 + id, id))};
  w.attach(back);
}

} // namespace

BOOST_AUTO_TEST_SUITE(leases_of_two_servers)

BOOST_AUTO_TEST_CASE(a_shorter_lease_does_not_bind_those_who_have_not_heard_of_it) {
  auto w = world{after(900'000, 10'000)};
  for (auto id : {7, 8, 9})
    restore(w, id);
  const auto began = w.now;
  come_back(w, 7);
  w.report(runner_id{7}, {}, 1); // it has heard its welcome
  come_back(w, 8);               // its welcome may be lost
  w.now.us += w.silence_us();
  BOOST_TEST((w.l.tick(w.now) == std::vector{runner_id{7}}));
  w.now.us = began.us + (900'000 + w.settings.lease_margin_ms) * 1000 - 1;
  BOOST_TEST(w.l.tick(w.now).empty());
  w.now.us += 1;
  BOOST_TEST((w.l.tick(w.now) == std::vector{runner_id{8}, runner_id{9}}));
}

BOOST_AUTO_TEST_CASE(a_lease_that_never_ends_is_longer_than_any_other) {
  auto w = world{after(0, 900'000)};
  restore(w, 8);
  restore(w, 9);
  w.now.us += 100 * w.silence_us();
  BOOST_TEST(w.l.tick(w.now).empty());
  come_back(w, 8);
  w.now.us += 100 * w.silence_us();
  BOOST_TEST(w.l.tick(w.now).empty());
  w.report(runner_id{8}, {}, 1);
  w.now.us += w.silence_us();
  BOOST_TEST((w.l.tick(w.now) == std::vector{runner_id{8}}));
  w.now.us += 100 * w.silence_us();
  BOOST_TEST(w.l.tick(w.now).empty());
  w.l.gone(runner_id{9}, w.now);
  BOOST_TEST(w.commit().retried.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_server_whose_lease_never_ends_waits_for_those_who_were_told_another) {
  auto w = world{after(900'000, 0)};
  restore(w, 8);
  w.now.us += int64_t{1} << 60;
  BOOST_TEST(w.l.tick(w.now).empty());
}

BOOST_AUTO_TEST_SUITE_END()
