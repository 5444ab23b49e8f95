#include "graph_world.hpp"
#include "ledger_world.hpp"
#include "matcher_world.hpp"

using namespace torc::core;
using namespace torc::core::test;

namespace {

job_class class_of(int32_t cpus, int64_t requirement = 0) {
  auto c = of_matcher::of_class(cpus);
  c.requirement.value = requirement;
  return c;
}

amended_job changed(int64_t job, const job_class& kind, int32_t ready_as = 0, int64_t ticket = 0) {
  auto a = amended_job{};
  a.workflow = of_graph::wf;
  a.job = job_id{job};
  a.kind = kind;
  a.ready_as = ready_as;
  a.ticket = ticket_id{ticket};
  return a;
}

verdicts amending(const amended_job& a) {
  auto v = verdicts{};
  v.amended.jobs.push_back(a);
  return v;
}

/// What the matcher hears when the graph has taken the amendment in.
releases passed_on(graph::step step, verdicts cause) {
  auto r = releases{};
  r.cause = std::move(cause);
  r.ready = std::move(step.ready);
  r.amended = std::move(step.amended);
  return r;
}

/// The diamond again, read from the disk to resume some of its jobs.
admission read_again(std::vector<job_status> statuses, std::vector<job_id> resumed) {
  auto a = of_graph::diamond();
  for (size_t i = 0; i < statuses.size(); ++i)
    a.jobs[i].status = statuses[i];
  a.resumed = std::move(resumed);
  return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(amend)

BOOST_AUTO_TEST_CASE(a_new_class_has_an_index_and_the_same_class_the_same_one) {
  auto w = of_graph::world{};
  w.hear(amending(changed(1, class_of(4))));
  BOOST_REQUIRE_EQUAL(w.said.amended.size(), 1u);
  BOOST_TEST(w.said.amended[0].class_index == 1u);
  w.hear(amending(changed(2, class_of(4))));
  BOOST_TEST(w.said.amended.at(0).class_index == 1u);
  w.hear(amending(changed(2, job_class{})));
  BOOST_TEST(w.said.amended.at(0).class_index == 0u);
  w.hear(of_graph::ended({1}));
  BOOST_REQUIRE_EQUAL(w.said.ready.size(), 2u);
  w.hear(amending(changed(99, class_of(4))));
  BOOST_TEST(w.said.amended.empty());
  BOOST_TEST(w.said.unheld.empty());
}

BOOST_AUTO_TEST_CASE(a_job_that_no_longer_minds_runs_after_a_failure) {
  auto w = of_graph::world{};
  auto a = changed(2, job_class{});
  a.cancel_on_failure = false;
  w.hear(amending(a));
  w.hear(of_graph::ended({1}, job_status::failed));
  w.must_say({2}, {3});
}

BOOST_AUTO_TEST_CASE(an_ended_job_is_ready_again_and_what_waits_for_it_waits) {
  auto w = of_graph::world{};
  w.hear(of_graph::ended({1}));
  w.hear(of_graph::ended({2}, job_status::failed));
  w.hear(amending(changed(2, job_class{}, 2)));
  w.must_say({2});
  BOOST_TEST(w.said.ready.at(0).attempt == 2);
  w.hear(of_graph::ended({3}));
  w.must_say({});
  w.hear(of_graph::ended({2}));
  w.must_say({4}); // the first failure is forgotten
}

BOOST_AUTO_TEST_CASE(whoever_asks_for_a_job_that_is_not_held_is_named) {
  auto w = of_graph::world{};
  auto v = amending(changed(9, job_class{}, 2, 31));
  of_graph::add(v, of_graph::force(9, job_status::ready));
  v.controls.back().ticket = ticket_id{32};
  of_graph::add(v, of_graph::force(9, job_status::disabled));
  v.controls.back().ticket = ticket_id{33};
  w.hear(v);
  BOOST_REQUIRE_EQUAL(w.said.unheld.size(), 2u);
  BOOST_TEST(w.said.unheld[0].value == 31);
  BOOST_TEST(w.said.unheld[1].value == 32);
}

BOOST_AUTO_TEST_CASE(rows_read_before_they_came_here_do_not_undo_what_happened_meanwhile) {
  using st = job_status;
  auto w = of_graph::world{};
  w.hear(of_graph::ended({1}));
  w.hear(of_graph::ended({2}));
  // Read when 1 was running; 5 is new.
  auto a = read_again({st::running, st::blocked, st::blocked, st::blocked}, {job_id{5}});
  a.jobs.push_back({job_id{5}, 0, 0, 3, st::ready});
  w.said = w.g.admit(a);
  w.must_say({5}); // of 3 the broker has heard
  BOOST_TEST(w.said.ready.at(0).attempt == 3);
  w.hear(of_graph::ended({3}));
  w.must_say({4});
}

BOOST_AUTO_TEST_CASE(a_waiting_job_moves_to_its_new_class_and_keeps_its_turn) {
  auto w = of_matcher::world{};
  w.hear(of_matcher::admitted(of_matcher::wf, 1, {0, 0, 0}));
  auto step = graph::step{};
  step.amended.push_back(changed(2, class_of(8)));
  step.amended.back().class_index = 1;
  w.hear(passed_on(std::move(step), {}));
  w.offer_room(of_matcher::claim(1, 10, capacity{4, 0, 1, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (of_matcher::list{1, 3}), boost::test_tools::per_element());
  w.offer_room(of_matcher::claim(2, 10, capacity{8, 0, 1, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == of_matcher::list{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_changed_requirement_changes_what_waiting_jobs_need) {
  auto w = of_matcher::world{};
  w.hear(of_matcher::admitted(of_matcher::wf, 1, {0, 1}, {class_of(1, 5), class_of(1, 6)}));
  auto v = verdicts{};
  v.amended.classes.push_back({of_matcher::wf, requirement_id{5}, class_of(8).need});
  w.hear(passed_on({}, std::move(v)));
  w.offer_room(of_matcher::claim(1, 10, capacity{4, 0, 1, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == of_matcher::list{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_resumed_workflow_keeps_what_waits_in_its_queue) {
  auto w = of_matcher::world{};
  w.hear(of_matcher::admitted(of_matcher::wf, 1, {0, 0}));
  auto again = of_matcher::admitted(of_matcher::wf, 1, {0, 0, 0});
  again.admitted->resumed = {job_id{3}};
  again.admitted->jobs[0].status = job_status::pending; // it was, and has come back
  again.ready = {{of_matcher::wf, job_id{2}, 0, 1}, {of_matcher::wf, job_id{3}, 0, 2}};
  w.hear(again);
  BOOST_TEST(w.m.waiting() == 3u);
  w.offer_room(of_matcher::claim(1, 10));
  BOOST_TEST(w.jobs() == (of_matcher::list{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_retry_of_an_ended_job_is_answered_when_the_rooms_have_it) {
  auto w = of_ledger::world{};
  auto out = ledger::told{};
  auto retry = retry_job{job_id{1}, of_ledger::wf, 1, 3};
  BOOST_TEST(of_ledger::order(w.l, retry, 8, out).ok());
  auto written = launch{};
  written.answers.push_back({ticket_id{8}, done{1}});
  written.amended.jobs.push_back(changed(1, job_class{}, 2, 8));
  w.commit(written);
  BOOST_TEST(w.said.replies.empty());
  BOOST_TEST(w.l.has_verdicts());
  auto followed = launch{};
  followed.unheld = {ticket_id{8}};
  const auto v = w.commit(followed);
  BOOST_TEST(v.amended.jobs.size() == 1u);
  BOOST_REQUIRE_EQUAL(w.said.replies.size(), 1u);
  BOOST_TEST(w.said.replies[0].outcome->needs_admission);
}

BOOST_AUTO_TEST_CASE(a_refused_control_needs_no_admission) {
  auto w = of_ledger::world{};
  auto out = ledger::told{};
  auto force = force_status{};
  force.job = job_id{1};
  force.workflow = of_ledger::wf;
  force.run = 1;
  force.status = job_status::ready;
  BOOST_TEST(of_ledger::order(w.l, force, 8, out).ok());
  auto refused = launch{};
  refused.answers.push_back({ticket_id{8}, refuse(refusal::unprocessable, "no")});
  refused.unheld = {ticket_id{8}};
  w.commit(refused);
  BOOST_REQUIRE_EQUAL(w.said.replies.size(), 1u);
  BOOST_TEST(!w.said.replies[0].outcome.ok());
  BOOST_TEST(of_ledger::order(w.l, force, 9, out).ok());
  auto accepted = launch{};
  accepted.answers.push_back({ticket_id{9}, done{1}});
  accepted.unheld = {ticket_id{9}};
  w.commit(accepted);
  BOOST_TEST(w.said.replies.at(0).outcome->needs_admission);
}

BOOST_AUTO_TEST_SUITE_END()
