#include "storage/sqlite.hpp"
#include "world.hpp"

using namespace torc;
using namespace torc::test;
using core::job_status;

namespace {

/// Somebody else who writes the world's database.
struct somebody_else {
  explicit somebody_else(const std::string& path) {
    std::string why;
    db = storage::database::open(path, storage::database::mode::read_write_create, why);
    BOOST_REQUIRE(db);
    db->execute("BEGIN IMMEDIATE");
  }
  void let_go() { db->execute("COMMIT"); }
  std::unique_ptr<storage::database> db;
};

/// Hears of foreign locks, as the ingress does.
actors::lock_watch_actor::behavior_type watch(actors::lock_watch_actor::pointer,
                                              std::shared_ptr<std::vector<std::string>> heard) {
  return {[heard](const actors::foreign_lock& l) { heard->push_back(l.holder); }};
}

core::edit any_edit() {
  auto row = core::workflow_row{};
  row.name = "x";
  row.user = "ann";
  return core::create<core::workflow_row>{row};
}

/// The clock here runs as fast as it can, and a runner that says nothing is not to be lost by it.
core::ledger::settings without_lease() {
  auto s = core::ledger::settings{};
  s.lease_ms = 0;
  return s;
}

struct locked_world : world {
  locked_world() : world({}, without_lease()) {
    caf::anon_send(rooms.writer, sys.spawn(watch, heard));
    run();
  }
  /// Turns the clock until the watch has been told so many things.
  void until_heard(size_t count) {
    while (heard->size() < count)
      advance(std::chrono::milliseconds{10});
  }
  std::shared_ptr<std::vector<std::string>> heard = std::make_shared<std::vector<std::string>>();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lock, locked_world)

BOOST_AUTO_TEST_CASE(
    a_turn_waits_for_somebody_elses_lock_and_an_edit_is_refused_by_its_holders_name) {
  auto w = must_create(2, {{0, 1}});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto first = g.heard->orders.begin()->second.what;
  auto other = somebody_else{path()};
  must_finish(g, first.grant);
  auto asked = self->request(rooms.writer, caf::infinite, any_edit());
  until_heard(1);
  BOOST_TEST(heard->at(0).find("pid " + std::to_string(getpid())) == 0u);
  asked.receive(
      [&](const actors::edit_reply& r) {
        BOOST_REQUIRE(!r.outcome);
        BOOST_TEST((r.outcome.why().why == core::refusal::unavailable));
        BOOST_TEST(r.outcome.why().message.find(heard->at(0)) != std::string::npos);
      },
      [&](const caf::error& e) { BOOST_ERROR(sys.render(e)); });
  BOOST_TEST(g.heard->acks.empty());
  BOOST_TEST(g.heard->orders.empty());
  verify_statuses(w, {{job_status::pending, 1}, {job_status::blocked, 1}});
  other.let_go();
  until_heard(2);
  run();
  BOOST_TEST(heard->at(1) == "");
  BOOST_TEST(g.heard->acks.size() == 1u);
  verify_statuses(w, {{job_status::completed, 1}, {job_status::pending, 1}});
  BOOST_TEST(work_off(g) == 1);
  must_edit(any_edit());
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_gone_soon_is_not_spoken_of) {
  auto other = somebody_else{path()};
  auto asked = self->request(rooms.writer, caf::infinite, any_edit());
  run();
  other.let_go();
  advance(std::chrono::milliseconds{10});
  asked.receive([](const actors::edit_reply& r) { BOOST_TEST(r.outcome.ok()); },
                [&](const caf::error& e) { BOOST_ERROR(sys.render(e)); });
  BOOST_TEST(heard->empty());
}

BOOST_AUTO_TEST_CASE(a_house_that_closes_under_a_lock_gives_up_what_nobody_was_told_of) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto other = somebody_else{path()};
  must_finish(g, g.heard->orders.begin()->first);
  until_heard(1);
  caf::anon_send(rooms.writer, actors::close_atom::value);
  auto closed = self->request(rooms.collector, caf::infinite, actors::close_atom::value);
  advance(std::chrono::milliseconds{10});
  closed.receive([](const core::receipt&) {},
                 [&](const caf::error& e) { BOOST_ERROR(sys.render(e)); });
  BOOST_TEST(g.heard->acks.empty());
  other.let_go();
  reboot();
  verify_statuses(w, {{job_status::pending, 1}});
}

BOOST_AUTO_TEST_SUITE_END()
