#include "tests/core/graph_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_graph;

BOOST_AUTO_TEST_SUITE(graph_of_jobs)

BOOST_AUTO_TEST_CASE(a_job_is_released_by_its_last_blocker_and_by_no_other) {
  auto w = world{};
  w.must_say({1});
  w.hear(ended({1}));
  w.must_say({2, 3});
  w.hear(ended({2}));
  w.must_say({});
  w.hear(ended({3}));
  w.must_say({4});
  BOOST_TEST(w.said.completed.empty());
  w.hear(ended({4}));
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(what_a_restart_takes_in_is_no_turn) {
  auto g = graph{};
  g.restore(diamond());
  g.apply(ordered(cancel_workflow{wf})); // turn 1
  auto a = diamond();
  a.read_at_turn = 1;
  BOOST_TEST(!g.is_outdated(a));
  a.read_at_turn = 0;
  BOOST_TEST(g.is_outdated(a));
}

BOOST_AUTO_TEST_CASE(a_second_verdict_on_a_job_sets_nothing_free) {
  auto w = world{};
  w.hear(ended({1, 1}));
  w.must_say({2, 3});
  w.hear(ended({1}));
  w.must_say({});
}

BOOST_AUTO_TEST_CASE(a_ready_job_carries_its_class_and_attempt) {
  auto a = diamond();
  a.classes.resize(3);
  a.jobs[1].job_class = 2;
  a.jobs[1].attempt = 4;
  auto w = world{a};
  w.hear(ended({1}));
  BOOST_TEST(w.said.ready[0].job_class == 2u);
  BOOST_TEST(w.said.ready[0].attempt == 4);
  BOOST_TEST((w.said.ready[0].workflow == wf));
}

BOOST_AUTO_TEST_CASE(a_failure_cancels_all_levels_down_in_one_step) {
  for (auto how : {st::failed, st::terminated, st::canceled}) {
    auto w = world{};
    w.hear(ended({1}, how));
    w.must_say({}, {2, 3, 4});
    w.must_be_complete();
  }
}

BOOST_AUTO_TEST_CASE(a_successor_is_canceled_only_when_all_its_blockers_have_ended) {
  auto w = world{};
  w.hear(ended({1}));
  w.hear(ended({2}, st::failed));
  w.must_say({}, {});
  w.hear(ended({3}));
  w.must_say({}, {4});
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(a_job_that_does_not_ask_to_be_canceled_runs_after_a_failure) {
  auto a = diamond();
  a.jobs[1].cancel_on_failure = false;
  auto w = world{a};
  w.hear(ended({1}, st::failed));
  w.must_say({2}, {3});
  w.hear(ended({2}));
  w.must_say({}, {4}); // 3 was canceled
}

BOOST_AUTO_TEST_CASE(a_failure_before_the_admission_counts) {
  auto a = diamond();
  a.jobs[1].blocker_failed = true;
  auto w = world{a};
  w.hear(ended({1}));
  w.must_say({3}, {2});
}

BOOST_AUTO_TEST_CASE(pending_failed_frees_nothing_until_it_is_classified) {
  auto w = world{};
  w.hear(ended({1}, st::pending_failed));
  w.must_say({});
  BOOST_TEST(w.g.size() == 4u);
  w.hear(ordered(force(1, st::failed)));
  w.must_say({}, {2, 3, 4});
}

BOOST_AUTO_TEST_CASE(a_retried_job_is_ready_as_its_next_attempt_and_a_returned_one_as_the_same) {
  auto w = world{};
  auto v = verdicts{};
  v.retried.push_back({open(1), 2, {}});
  w.hear(v);
  w.must_say({1});
  BOOST_TEST(w.said.ready[0].attempt == 2);
  v = {};
  v.returned.push_back(open(1, wf, 2));
  w.hear(v);
  w.must_say({1});
  BOOST_TEST(w.said.ready[0].attempt == 2);
}

BOOST_AUTO_TEST_CASE(a_forced_end_withdraws_a_ready_job_and_releases_its_successors) {
  auto w = world{};
  w.hear(ordered(force(1, st::completed)));
  w.must_say({2, 3}, {}, {1});
  w.hear(ordered(force(4, st::disabled))); // while it was blocked
  w.must_say({});
  w.hear(ended({2, 3}));
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(a_forced_status_of_another_run_changes_nothing) {
  auto w = world{};
  w.hear(ordered(force(1, st::completed, 9)));
  w.must_say({});
  auto row = workflow_status_row{};
  row.id = wf;
  row.run_id = 9;
  w.hear(ordered(put_status{row}));
  w.hear(ordered(force(1, st::completed, 9)));
  w.must_say({2, 3}, {}, {1});
}

BOOST_AUTO_TEST_CASE(a_result_of_an_attempt_that_was_retried_changes_nothing) {
  auto w = world{};
  auto v = verdicts{};
  v.retried.push_back({open(1), 2, {}});
  w.hear(v);
  auto f = force(1, st::completed);
  f.result = result_row{};
  f.result->attempt_id = 1;
  w.hear(ordered(f));
  w.must_say({});
  f.result->attempt_id = 2;
  w.hear(ordered(f));
  w.must_say({2, 3}, {}, {1});
}

BOOST_AUTO_TEST_CASE(a_job_forced_back_to_uninitialized_keeps_its_successors_waiting) {
  auto w = world{};
  w.hear(ordered(force(1, st::uninitialized)));
  w.must_say({}, {}, {1});
  w.hear(ended({1})); // a late word on it
  w.must_say({});
  w.hear(ordered(force(1, st::ready)));
  w.must_say({1});
  w.hear(ended({1}));
  w.must_say({2, 3});
}

BOOST_AUTO_TEST_CASE(a_blocked_job_forced_ready_is_released_once) {
  auto w = world{};
  w.hear(ordered(force(4, st::ready)));
  w.must_say({4});
  w.hear(ended({1}));
  w.hear(ended({2, 3}));
  w.must_say({}); // 4 has been released before
  w.hear(ended({4}));
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(a_ready_job_forced_back_to_blocked_or_taken_by_hand_is_withdrawn) {
  auto w = world{};
  w.hear(ended({1}));
  w.hear(ordered(force(2, st::running)));
  w.must_say({}, {}, {2});
  w.hear(ordered(force(2, st::completed)));
  w.hear(ended({3}));
  w.must_say({4});
  auto x = world{};
  x.hear(ended({1}));
  x.hear(ordered(force(2, st::blocked)));
  x.must_say({}, {}, {2});
}

BOOST_AUTO_TEST_CASE(a_reset_drops_the_workflow_and_a_late_verdict_on_it_is_nothing) {
  auto w = world{};
  w.hear(ordered(reset_jobs{wf, false, {}}));
  BOOST_TEST(w.said.dropped.size() == 1u);
  BOOST_TEST(w.said.completed.empty());
  BOOST_TEST(w.g.size() == 0u);
  w.hear(ended({1}));
  w.must_say({});
}

BOOST_AUTO_TEST_CASE(a_reset_of_some_jobs_holds_them_and_what_waits_for_them) {
  auto w = world{};
  w.hear(ended({1}));
  w.hear(ended({2}, st::failed));
  w.hear(ordered(reset_jobs{wf, true, {job_id{2}, job_id{4}}}));
  w.must_say({});
  BOOST_TEST(w.g.size() == 3u);
  w.hear(ended({3}));
  w.must_say({});
  auto again = admission{};
  again.workflow = wf;
  again.user = "ada";
  again.jobs = {{job_id{2}, 0, 1, 1, st::ready}, {job_id{4}, 0, 2, 1, st::blocked}};
  again.edges = {{0, 1}};
  w.said = w.g.admit(again);
  w.must_say({2});
  w.hear(ended({2}));
  w.must_say({4});
}

BOOST_AUTO_TEST_CASE(removed_jobs_leave_as_if_their_edges_had_never_been) {
  auto w = world{};
  w.hear(ended({1}));
  w.hear(ended({2}, st::failed));
  w.hear(ordered(remove_jobs{wf, false, {job_id{2}, job_id{3}}}));
  w.must_say({4}, {}, {3});
  w.hear(ordered(remove_jobs{wf, true, {}}));
  BOOST_TEST(w.said.dropped.size() == 1u);
  auto x = world{};
  x.hear(ordered(remove_workflow{wf}));
  BOOST_TEST(x.g.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_deleted_job_holds_nobody_though_it_is_reset_or_deleted_once_more) {
  auto w = world{};
  auto v = ordered(cancel_workflow{wf});
  v.closed.push_back(open(1));
  w.hear(v);
  w.hear(ordered(remove_jobs{wf, false, {job_id{1}}}));
  w.hear(ordered(remove_jobs{wf, false, {job_id{1}}}));
  w.hear(ordered(reset_jobs{wf, true, {job_id{1}}}));
  v = {};
  v.resumed.push_back(wf);
  w.hear(v);
  w.must_say({2, 3});
  w.hear(ended({2, 3}));
  w.must_say({4});
  w.hear(ended({4}));
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(canceling_ends_what_is_open_and_moves_nothing_else_until_it_resumes) {
  auto w = world{};
  w.hear(ended({1}));
  auto v = ordered(cancel_workflow{wf});
  v.closed.push_back(open(2));
  w.hear(v);
  w.must_say({});
  v = {};
  v.closed.push_back(open(3)); // its order was still under way to the collector
  w.hear(v);
  w.must_say({});
  BOOST_TEST(w.g.size() == 1u);
  v = {};
  v.resumed.push_back(wf);
  w.hear(v);
  w.must_say({}, {4});
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(a_job_that_a_cancel_has_ended_is_not_forced_back_by_what_comes_after_it) {
  auto w = world{};
  w.hear(ended({1}));
  auto v = ordered(cancel_workflow{wf});
  add(v, force(2, st::ready)); // the writer refuses it
  v.closed.push_back(open(2));
  w.hear(v);
  w.must_say({});
  v = ordered(force(3, st::ready));
  v.closed.push_back(open(3)); // its order was under way when it was canceled
  w.hear(v);
  w.must_say({});
  BOOST_TEST(w.g.size() == 1u);
  auto x = world{};
  x.hear(ended({1}));
  v = ordered(force(2, st::ready));
  add(v, cancel_workflow{wf});
  v.closed.push_back(open(2));
  x.hear(v);
  x.must_say({2}, {}, {2});
}

BOOST_AUTO_TEST_CASE(
    what_was_forced_to_run_and_is_judged_anew_meanwhile_keeps_its_attempt_and_its_end) {
  auto w = world{};
  w.hear(ordered(force(4, st::ready)));
  w.said = w.g.admit(diamond());
  auto v = verdicts{};
  v.retried.push_back({open(4), 2, {}});
  w.hear(v);
  w.must_say({4});
  for (int withheld : {1, 0}) {
    w.said = w.g.admit(diamond());
    BOOST_TEST(w.said.withheld.size() == static_cast<size_t>(withheld));
  }
  for (auto job : {1, 2, 3})
    w.hear(ended({job}));
  w.must_say({4});
  BOOST_TEST(w.said.ready.at(0).attempt == 2);
  auto x = world{};
  x.hear(ordered(force(4, st::ready)));
  x.said = x.g.admit(diamond());
  auto anew = diamond();
  anew.jobs[3].status = st::running;
  std::erase_if(anew.edges, [](const edge& e) { return e.job == 3; });
  x.said = x.g.admit(anew);
  for (auto job : {4, 1, 2, 3})
    x.hear(ended({job}));
  x.must_be_complete();
}

BOOST_AUTO_TEST_CASE(what_a_later_control_of_the_message_takes_back_is_not_told) {
  auto w = world{};
  auto v = ended({1});
  add(v, force(2, st::completed));
  w.hear(v);
  w.must_say({3}, {}, {2});
  auto x = world{};
  v = ended({1});
  add(v, reset_jobs{wf, false, {}});
  x.hear(v);
  x.must_say({});
  auto y = world{};
  v = ended({1}, st::failed);
  add(v, cancel_workflow{wf});
  add(v, remove_workflow{wf});
  y.hear(v);
  y.must_say({});
  BOOST_TEST(y.said.completed.empty());
  auto z = world{};
  z.hear(ended({1}));
  v = ended({2}, st::failed);
  v.ended.push_back(ended({3}).ended[0]);
  add(v, reset_jobs{wf, true, {job_id{2}, job_id{4}}});
  z.hear(v);
  z.must_say({});
  BOOST_TEST(z.said.completed.empty());
  BOOST_TEST(z.g.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_workflow_admitted_with_nothing_unfinished_is_complete) {
  auto a = admission{};
  a.workflow = wf;
  a.user = "ada";
  auto w = world{a};
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(an_attempt_that_ended_while_the_rows_were_read_stays_ended) {
  auto a = diamond();
  a.jobs[0].status = st::running;
  auto w = world{a};
  w.hear(ended({1}));
  w.said = w.g.admit(a);
  w.must_say({2, 3});
}

BOOST_AUTO_TEST_CASE(a_chain_of_a_million_jobs_is_canceled_without_a_recursion) {
  auto a = admission{};
  a.workflow = wf;
  constexpr uint32_t n = 1'000'000;
  for (uint32_t i = 0; i < n; ++i) {
    a.jobs.push_back({job_id{i + 1}, 0, i, 1, i == 0 ? st::ready : st::blocked});
    if (i > 0)
      a.edges.push_back({i - 1, i});
  }
  auto g = graph{};
  g.admit(a);
  BOOST_TEST(g.apply(ended({1}, st::failed)).canceled.size() == n - 1);
}

BOOST_AUTO_TEST_SUITE_END()
