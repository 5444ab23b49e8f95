#define BOOST_TEST_MODULE actors
#include "world.hpp"

using namespace torc;
using namespace torc::test;
using core::job_status;

BOOST_FIXTURE_TEST_SUITE(ring, world)

BOOST_AUTO_TEST_CASE(a_diamond_runs_in_the_order_of_its_edges) {
  auto w = must_create(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  verify_statuses(w, {{job_status::uninitialized, 4}});
  must_initialize(w);
  verify_statuses(w, {{job_status::ready, 1}, {job_status::blocked, 3}});
  auto g = must_attach(2, 0, w);
  BOOST_REQUIRE(g.heard->orders.size() == 1u);
  verify_statuses(w, {{job_status::pending, 1}, {job_status::blocked, 3}});
  must_finish(g, g.heard->orders.begin()->first);
  BOOST_TEST(g.heard->orders.size() == 2u);
  verify_statuses(w,
                  {{job_status::completed, 1}, {job_status::pending, 2}, {job_status::blocked, 1}});
  must_finish(g, g.heard->orders.begin()->first);
  BOOST_TEST(g.heard->orders.size() == 1u);
  BOOST_TEST(work_off(g) == 2);
  verify_statuses(w, {{job_status::completed, 4}});
  BOOST_REQUIRE(g.heard->finished.size() == 1u);
  BOOST_TEST(g.heard->finished.front().workflow == w.value);
}

BOOST_AUTO_TEST_CASE(a_runner_that_comes_too_late_is_told_so) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto first = must_attach(1, 0, w);
  BOOST_TEST(work_off(first) == 1);
  auto late = must_attach(1, 0, w);
  BOOST_REQUIRE(late.heard->finished.size() == 1u);
  BOOST_TEST(late.heard->finished[0].workflow == w.value);
  BOOST_TEST(!late.heard->finished[0].canceled);
}

BOOST_AUTO_TEST_CASE(an_order_carries_what_the_runner_needs) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto o = g.heard->orders.begin()->second;
  BOOST_TEST(o.name == "j0");
  BOOST_TEST(o.command == "echo 0");
  BOOST_TEST(o.workflow == w.value);
  BOOST_TEST(o.what.run == 1);
  BOOST_TEST(o.what.attempt_id == 1);
}

BOOST_AUTO_TEST_CASE(a_report_is_acknowledged_once_it_is_on_disk_and_not_before) {
  auto w = must_create(2, {{0, 1}});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto e = core::wire::ended{};
  e.what = g.heard->orders.begin()->second.what;
  e.status = static_cast<int8_t>(job_status::completed);
  auto r = core::wire::report{};
  r.done.push_back(e);
  report(g, std::move(r));
  auto before = commits();
  while (g.heard->acks.empty() && sched.try_run_once())
    if (!g.heard->acks.empty() || g.heard->orders.size() > 1)
      BOOST_TEST(commits() > before);
  run();
  BOOST_TEST((g.heard->acks == std::vector<int64_t>{1}));
  BOOST_TEST(commits() > before);
  BOOST_TEST(status(e.what.job) == job_status::completed);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_blocker_cancels_what_comes_after_all_levels_down) {
  auto w = must_create(3, {{0, 1}, {1, 2}});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  must_finish(g, g.heard->orders.begin()->first, 3);
  verify_statuses(w, {{job_status::failed, 1}, {job_status::canceled, 2}});
  BOOST_TEST(g.heard->finished.size() == 1u);
}

BOOST_AUTO_TEST_CASE(edits_that_are_queued_together_are_one_commit) {
  must_create(1, {});
  auto before = commits();
  auto row = core::workflow_row{};
  row.name = "x";
  row.user = "ann";
  auto asked = std::vector<decltype(self->request(
      rooms.writer, caf::infinite, core::edit{core::create<core::workflow_row>{row}}))>{};
  for (int i = 0; i < 5; ++i)
    asked.push_back(self->request(rooms.writer, caf::infinite,
                                  core::edit{core::create<core::workflow_row>{row}}));
  run();
  for (auto& a : asked)
    a.receive([](const actors::edit_reply& r) { BOOST_TEST(r.outcome.ok()); },
              [&](const caf::error& e) { BOOST_ERROR(sys.render(e)); });
  BOOST_TEST(commits() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_reboot_between_order_and_completion_loses_nothing) {
  auto w = must_create(3, {{0, 2}, {1, 2}});
  must_initialize(w);
  auto g = must_attach(2, 0, w);
  BOOST_REQUIRE(g.heard->orders.size() == 2u);
  auto first = g.heard->orders.begin()->second.what;
  auto second = std::next(g.heard->orders.begin())->second.what;
  reboot();
  verify_statuses(w, {{job_status::pending, 2}, {job_status::blocked, 1}});
  auto ended = core::wire::ended{};
  ended.what = first;
  ended.status = static_cast<int8_t>(job_status::completed);
  must_reattach(g, {second}, {ended});
  BOOST_TEST(g.welcome.revoked.empty());
  verify_statuses(w,
                  {{job_status::completed, 1}, {job_status::pending, 1}, {job_status::blocked, 1}});
  g.heard->orders.erase(first.grant);
  BOOST_TEST(work_off(g) == 2);
  verify_statuses(w, {{job_status::completed, 3}});
}

BOOST_AUTO_TEST_CASE(an_end_reported_again_after_a_reboot_is_recorded_once) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto ended = core::wire::ended{};
  ended.what = g.heard->orders.begin()->second.what;
  ended.status = static_cast<int8_t>(job_status::completed);
  must_finish(g, ended.what.grant);
  reboot();
  must_reattach(g, {}, {ended});
  auto f = core::result_filter{};
  f.workflow = w;
  f.all_runs = true;
  BOOST_TEST(reads().results(f).total == 1);
  verify_statuses(w, {{job_status::completed, 1}});
}

BOOST_AUTO_TEST_CASE(a_runner_that_stays_away_longer_than_its_lease_loses_its_jobs) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  auto old = g.heard->orders.begin()->second.what;
  lose(g);
  advance(std::chrono::minutes{14});
  verify_statuses(w, {{job_status::pending, 1}});
  advance(std::chrono::minutes{2});
  verify_statuses(w, {{job_status::ready, 1}});
  auto other = must_attach(1, 0, w);
  BOOST_REQUIRE(other.heard->orders.size() == 1u);
  BOOST_TEST(other.heard->orders.begin()->second.what.attempt_id == 2);
  BOOST_TEST(other.heard->orders.begin()->second.what.grant != old.grant);
  // The old runner was alive after all: its grant is stale.
  must_reattach(g, {old}, {});
  BOOST_TEST((g.welcome.revoked == std::vector<int64_t>{old.grant}));
  BOOST_TEST(work_off(other) == 1);
  verify_statuses(w, {{job_status::completed, 1}});
}

BOOST_AUTO_TEST_CASE(a_runner_that_is_silent_loses_its_jobs_though_nobody_reports_it_down) {
  auto w = must_create(2, {});
  must_initialize(w);
  auto silent = must_attach(1, 0, w), speaks = must_attach(1, 0, w);
  advance(std::chrono::minutes{14});
  report(speaks, {}); // a heartbeat
  run();
  advance(std::chrono::minutes{2});
  verify_statuses(w, {{job_status::pending, 1}, {job_status::ready, 1}});
  // What it says now is a stranger's.
  auto old = silent.heard->orders.begin()->second;
  must_finish(silent, old.what.grant);
  BOOST_TEST(silent.heard->acks.empty());
  verify_statuses(w, {{job_status::pending, 1}, {job_status::ready, 1}});
  must_reattach(silent, {old.what}, {});
  BOOST_TEST((silent.welcome.revoked == std::vector<int64_t>{old.what.grant}));
  BOOST_TEST(work_off(silent) + work_off(speaks) == 2);
  verify_statuses(w, {{job_status::completed, 2}});
}

BOOST_AUTO_TEST_CASE(a_runner_whose_guardian_reports_its_death_loses_its_jobs_at_once) {
  auto w = must_create(2, {});
  must_initialize(w);
  auto g = must_attach(2, 0, w);
  auto bury = [&](int64_t instance) {
    auto heard = core::answer{core::done{}};
    auto asked = self->request(rooms.collector, caf::infinite, actors::gone_call{instance});
    run();
    asked.receive([&](const actors::call_reply& r) { heard = r.outcome; },
                  [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
    return heard;
  };
  reboot(); // The next server knows it by its instance, too.
  BOOST_TEST(!bury(g.card.instance + 1000).ok());
  BOOST_TEST(!bury(0).ok());
  verify_statuses(w, {{job_status::pending, 2}});
  BOOST_TEST(bury(g.card.instance).ok());
  verify_statuses(w, {{job_status::ready, 2}});
  BOOST_TEST(!bury(g.card.instance).ok());
  auto other = must_attach(2, 0, w);
  BOOST_TEST(other.heard->orders.begin()->second.what.attempt_id == 2);
  BOOST_TEST(work_off(other) == 2);
  verify_statuses(w, {{job_status::completed, 2}});
}

BOOST_AUTO_TEST_CASE(a_prefilled_order_moves_to_a_runner_that_has_nothing_to_do) {
  auto w = must_create(4, {});
  must_initialize(w);
  auto a = must_attach(1, 3, w);
  BOOST_TEST(a.heard->orders.size() == 4u);
  auto b = must_attach(1, 0, w);
  BOOST_REQUIRE(a.heard->revokes.size() == 1u);
  BOOST_TEST(!a.heard->revokes[0].kill);
  BOOST_REQUIRE(a.heard->revokes[0].grants.size() == 1u);
  auto back = a.heard->revokes[0].grants[0];
  a.heard->orders.erase(back);
  auto r = core::wire::report{};
  r.returned.push_back(back);
  report(a, std::move(r));
  run();
  BOOST_REQUIRE(b.heard->orders.size() == 1u);
  BOOST_TEST(b.heard->orders.begin()->second.what.attempt_id == 1);
  BOOST_TEST(work_off(a) == 3);
  BOOST_TEST(work_off(b) == 1);
  verify_statuses(w, {{job_status::completed, 4}});
}

BOOST_AUTO_TEST_CASE(a_wrong_token_is_refused_with_a_sentence) {
  auto card = core::wire::attach{};
  card.token = "guess";
  auto stranger =
      sys.spawn([](actors::runner_actor::pointer) -> actors::runner_actor::behavior_type {
        return {[](const core::sealed&) {}};
      });
  auto asked = self->request(rooms.collector, caf::infinite, core::seal(card), stranger);
  run();
  asked.receive(
      [&](const core::sealed& s) {
        auto w = core::open_sealed<core::wire::welcome>(s);
        BOOST_REQUIRE(w.ok());
        BOOST_TEST(w->runner == 0);
        BOOST_TEST(w->refused.find("token") != std::string::npos);
      },
      [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
}

BOOST_AUTO_TEST_CASE(garbage_in_an_envelope_harms_nobody) {
  auto w = must_create(1, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  for (const auto& bytes : {std::string{}, std::string(100, '\xff'), std::string(3, '\0')})
    caf::send_as(g.handle, rooms.collector, core::sealed{1, 7, bytes});
  run();
  BOOST_TEST(work_off(g) == 1);
  verify_statuses(w, {{job_status::completed, 1}});
}

BOOST_AUTO_TEST_CASE(
    what_ends_while_its_workflow_is_initialized_again_is_neither_lost_nor_run_twice) {
  auto w = must_create(3, {{0, 1}, {1, 2}});
  must_initialize(w);
  auto facts = reads().facts_for_admission(w);
  auto stages = std::vector<uint32_t>{};
  auto plan = core::plan_admission(*facts, core::admit_mode::all, stages);
  plan->read_at_turn = turns();
  auto g = must_attach(1, 0, w);
  must_finish(g, g.heard->orders.begin()->first);
  must_finish(g, g.heard->orders.begin()->first);
  auto asked = self->request(rooms.unblocker, caf::infinite, std::move(*plan));
  run();
  asked.receive([](const core::receipt& r) { BOOST_TEST(r.turn > 0u); },
                [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
  verify_statuses(w, {{job_status::completed, 2}, {job_status::pending, 1}});
  BOOST_TEST(work_off(g) == 1);
  verify_statuses(w, {{job_status::completed, 3}});
}

// Job 1 is forced to be ready before job 0 has ended; an initialization has it wait again.
BOOST_AUTO_TEST_CASE(
    what_is_granted_while_an_admission_has_it_wait_goes_on_though_its_blocker_fails) {
  auto w = must_create(3, {{0, 1}, {1, 2}});
  must_initialize(w);
  const auto jobs = reads().job_ids(w);
  auto force = core::force_status{};
  force.job.value = jobs[1];
  force.workflow = w;
  force.run = reads().workflow_status(w)->run_id;
  force.status = job_status::ready;
  BOOST_TEST(control(force).ok());
  const auto plan = [&] {
    auto facts = reads().facts_for_admission(w);
    auto stages = std::vector<uint32_t>{};
    auto out = core::plan_admission(*facts, core::admit_mode::all, stages);
    out->read_at_turn = turns();
    return std::move(*out);
  };
  const auto written = [&](core::admission a) {
    uint64_t turn = 0;
    auto asked = self->request(rooms.unblocker, caf::infinite, std::move(a));
    run();
    asked.receive([&](const core::receipt& r) { turn = r.turn; },
                  [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
    return turn;
  };
  auto late = plan();
  auto g = must_attach(2, 0, w);
  BOOST_REQUIRE(g.heard->orders.size() == 2u);
  BOOST_TEST(written(std::move(late)) == 0u);
  BOOST_TEST(written(plan()) > 0u);
  // What it waited for fails, which takes nothing away from whoever has it.
  const auto first = std::find_if(g.heard->orders.begin(), g.heard->orders.end(),
                                  [&](const auto& o) { return o.second.what.job == jobs[0]; });
  must_finish(g, first->first, 1);
  verify_statuses(w, {{job_status::failed, 1}, {job_status::pending, 1}, {job_status::blocked, 1}});
  BOOST_TEST(work_off(g) == 2);
  verify_statuses(w, {{job_status::failed, 1}, {job_status::completed, 2}});
}

BOOST_AUTO_TEST_CASE(a_job_that_was_deleted_while_its_workflow_was_initialized_does_not_come_back) {
  auto w = must_create(2, {{0, 1}});
  must_initialize(w);
  const auto jobs = reads().job_ids(w);
  auto facts = reads().facts_for_admission(w);
  auto stages = std::vector<uint32_t>{};
  auto plan = core::plan_admission(*facts, core::admit_mode::all, stages);
  plan->read_at_turn = turns();
  BOOST_TEST(control(core::remove_jobs{w, false, {core::job_id{jobs[0]}}}).ok());
  verify_statuses(w, {{job_status::ready, 1}});
  auto asked = self->request(rooms.unblocker, caf::infinite, std::move(*plan));
  run();
  asked.receive([](const core::receipt& r) { BOOST_TEST(r.turn == 0u); },
                [&](const caf::error& e) { BOOST_FAIL(sys.render(e)); });
  auto g = must_attach(2, 0, w);
  BOOST_TEST(work_off(g) == 1);
  verify_statuses(w, {{job_status::completed, 1}});
}

BOOST_AUTO_TEST_CASE(a_canceled_workflow_kills_its_jobs_and_grants_nothing) {
  auto w = must_create(3, {});
  must_initialize(w);
  auto g = must_attach(1, 0, w);
  BOOST_TEST(control(core::cancel_workflow{w}).ok());
  BOOST_REQUIRE(g.heard->revokes.size() == 1u);
  BOOST_TEST(g.heard->revokes[0].kill);
  verify_statuses(w, {{job_status::canceled, 1}, {job_status::ready, 2}});
  BOOST_REQUIRE(g.heard->finished.size() == 1u);
  BOOST_TEST(g.heard->finished[0].canceled);
}

BOOST_AUTO_TEST_SUITE_END()
