#include "tests/core/graph_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_graph;

// What an admission does whose rows were read while the ring went on.
BOOST_AUTO_TEST_SUITE(graph_of_jobs)

BOOST_AUTO_TEST_CASE(an_admission_is_outdated_by_a_change_that_its_rows_did_not_know_of) {
  auto w = world{}; // turn 1
  auto again = diamond();
  const auto read_at = [&](uint64_t turn) {
    again.read_at_turn = turn;
    return w.g.is_outdated(again);
  };
  w.hear(ended({1}));
  BOOST_TEST(!read_at(0));
  auto removal = remove_jobs{wf, false, {job_id{2}}};
  w.hear(ordered(removal)); // turn 3
  BOOST_TEST(read_at(2));
  BOOST_TEST(!read_at(3));
  BOOST_TEST(!read_at(admission::as_of_now));
  w.hear(ordered(cancel_workflow{workflow_id{8}}));
  BOOST_TEST(!read_at(3));
  auto yes = verdicts{};
  yes.resumed.push_back(wf);
  w.hear(yes); // turn 5
  BOOST_TEST(read_at(4));
  auto amended = verdicts{};
  amended.amended.classes.push_back({wf, {}, {}});
  w.hear(amended); // turn 6
  BOOST_TEST(read_at(5));
  BOOST_TEST(!read_at(6));
}

BOOST_AUTO_TEST_CASE(what_has_ended_since_its_rows_were_read_stays_ended) {
  auto w = world{}; // turn 1
  auto again = diamond();
  again.read_at_turn = 1;
  w.hear(ended({1})); // turn 2
  w.hear(ended({2})); // turn 3
  w.said = w.g.admit(again);
  w.must_say({3});
  BOOST_TEST(ids(w.said.ended_since) == (list{1, 2}), boost::test_tools::per_element());
  w.hear(ended({3}));
  w.must_say({4});
  w.hear(ended({4}));
  w.must_be_complete();
  BOOST_TEST(w.g.is_outdated(again)); // the graph knows nothing of it any more
}

BOOST_AUTO_TEST_CASE(an_attempt_that_was_retried_since_its_rows_were_read_keeps_its_number) {
  auto w = world{};
  auto again = diamond();
  again.read_at_turn = 1;
  again.jobs[0].status = st::running;
  auto retry = verdicts{};
  retry.retried.push_back({open(1), 2, {}});
  w.hear(retry);
  w.said = w.g.admit(again);
  w.hear(ordered(force(1, st::ready)));
  BOOST_REQUIRE(w.said.ready.size() == 1u);
  BOOST_TEST(w.said.ready[0].attempt == 2);
}

// Job 1 has ended, is to run anew, and jobs 2 and 3, ready when the rows were read, are to wait
// for it again.
BOOST_AUTO_TEST_CASE(what_may_have_been_granted_is_withheld_before_it_waits_again) {
  auto w = world{};
  w.hear(ended({1}));
  w.said = w.g.admit(diamond());
  w.must_say({});
  BOOST_TEST(ids(w.said.withheld) == (list{2, 3}), boost::test_tools::per_element());
  // Job 2 had been granted, as rows that are read now know.
  auto anew = diamond();
  anew.jobs[1].status = st::running;
  std::erase_if(anew.edges, [](const edge& e) { return e.job == 1; });
  w.said = w.g.admit(anew);
  w.must_say({1});
  BOOST_TEST(w.said.withheld.empty());
  w.hear(ended({1}, st::failed));
  w.must_say({}, {3});
  w.hear(ended({2}));
  w.must_say({}, {4});
  w.must_be_complete();
}

BOOST_AUTO_TEST_CASE(what_is_ready_again_meanwhile_is_withheld_again) {
  auto w = world{};
  w.hear(ended({1}));
  w.said = w.g.admit(diamond());
  auto v = verdicts{};
  v.returned.push_back(open(3));
  w.hear(v);
  w.must_say({3});
  w.said = w.g.admit(diamond());
  BOOST_TEST(ids(w.said.withheld) == (list{3}), boost::test_tools::per_element());
  w.said = w.g.admit(diamond());
  w.must_say({1});
  w.hear(ended({1}));
  w.must_say({2, 3});
}

BOOST_AUTO_TEST_CASE(what_has_been_released_since_its_rows_were_read_is_not_withheld) {
  auto w = world{}; // turn 1
  auto again = diamond();
  again.read_at_turn = 1;
  w.hear(ended({1}));
  w.said = w.g.admit(again);
  w.must_say({2, 3});
  BOOST_TEST(w.said.withheld.empty());
}

BOOST_AUTO_TEST_CASE(what_the_broker_has_heard_of_is_not_told_again_when_others_are_resumed) {
  auto w = world{};
  w.hear(ended({1}));
  w.must_say({2, 3}); // and both may have been granted since
  auto again = diamond();
  again.read_at_turn = 1;
  again.jobs[1].status = st::ready;
  for (auto resumed : {2, 4}) {
    again.resumed = {job_id{resumed}};
    w.said = w.g.admit(again);
    w.must_say({});
  }
  again.resumed = {};
  w.said = w.g.admit(again);
  w.must_say({2, 3});
}

BOOST_AUTO_TEST_SUITE_END()
