#include "tests/core/matcher_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_matcher;

BOOST_AUTO_TEST_SUITE(matching)

BOOST_AUTO_TEST_CASE(ready_jobs_wait_for_an_offer_and_an_offer_waits_for_ready_jobs) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(3)));
  BOOST_TEST(w.said.grants.empty());
  BOOST_TEST(w.m.waiting() == 3u);
  w.join(by_slots(1, 2));
  BOOST_TEST(w.jobs() == (list{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].id.value == 1000);
  BOOST_TEST(w.said.grants[0].attempt == 1);
  BOOST_TEST(w.m.waiting() == 1u);
  w.end({w.said.grants[0]});
  BOOST_TEST(w.jobs() == (list{3}), boost::test_tools::per_element());
  w.end({w.said.grants[0]});
  BOOST_TEST(w.jobs().empty());
  w.hear(admitted(workflow_id{8}, 10, many(5)));
  BOOST_TEST(w.jobs().size() == 1u); // job 2 still runs
}

BOOST_AUTO_TEST_CASE(sixteen_runners_share_a_barrier_evenly) {
  auto w = world{};
  for (int i = 1; i <= 16; ++i)
    w.join(by_slots(i, 100, 20));
  w.hear(admitted(wf, 1, many(800)));
  for (auto [r, n] : w.by_runner())
    BOOST_TEST(n == 50u);
  w.hear(admitted(workflow_id{8}, 10'000, many(1'000)));
  auto got = w.by_runner();
  BOOST_TEST(got.size() == 16u);
  for (auto [r, n] : got)
    BOOST_TEST((n == 62u || n == 63u)); // 50 that run, then 12 or 13 each beyond
}

BOOST_AUTO_TEST_CASE(room_is_filled_everywhere_before_anything_waits_at_a_runner) {
  auto w = world{};
  w.join(by_slots(1, 2, 8));
  w.join(by_slots(2, 2, 8));
  w.hear(admitted(wf, 1, many(6)));
  auto got = w.by_runner();
  BOOST_TEST(got[1] == 3u);
  BOOST_TEST(got[2] == 3u);
}

BOOST_AUTO_TEST_CASE(more_waits_at_a_runner_whose_jobs_are_over_in_a_moment) {
  const auto waiting_after = [](int64_t job_us) {
    auto w = world{};
    w.join(by_slots(1, 4, 4));
    w.hear(admitted(wf, 1, many(1'000)));
    auto open = w.said.grants;
    BOOST_REQUIRE(open.size() == 8u);
    for (int round = 0; round < 50; ++round) {
      auto r = releases{};
      r.cause.ended.push_back(ended(open.front()));
      r.cause.ended.back().start = instant{1'000'000};
      r.cause.ended.back().end = instant{1'000'000 + job_us};
      open.erase(open.begin());
      w.hear(r);
      open.insert(open.end(), w.said.grants.begin(), w.said.grants.end());
    }
    return open.size() - 4;
  };
  BOOST_TEST(waiting_after(60'000'000) == 4u); // what it asked for
  BOOST_TEST(waiting_after(100'000) == 4u);
  BOOST_TEST(waiting_after(10'000) == 10u); // 4 at a time for 25 ms
  BOOST_TEST(waiting_after(1) == 32u);      // and no more than this
  BOOST_TEST(waiting_after(0) == 4u);       // nobody knows
  BOOST_TEST(waiting_after(-5) == 4u);      // a clock that was set back
}

BOOST_AUTO_TEST_CASE(a_runner_serves_its_own_workflow_or_those_of_its_user) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  w.hear(admitted(workflow_id{8}, 11, many(5)));
  w.hear(admitted(workflow_id{9}, 21, many(5), {of_class(1)}, "bob"));
  w.join(by_slots(1, 100, 0, workflow_id{8}));
  BOOST_TEST(w.jobs() == (list{11, 12, 13, 14, 15}), boost::test_tools::per_element());
  w.join(by_slots(2, 100, 0, {}, "bob"));
  BOOST_TEST(w.jobs().size() == 5u);
  w.join(by_slots(3, 100, 0, {}, "eve"));
  BOOST_TEST(w.jobs().empty());
  w.join(by_slots(4, 100));
  BOOST_TEST(w.jobs() == (list{1, 2, 3, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_workflow_of_ten_is_served_beside_one_of_a_million) {
  auto w = world{};
  w.join(by_slots(1, 16));
  w.hear(admitted(wf, 1, many(1'000'000)));
  auto running = w.said.grants;
  w.hear(admitted(workflow_id{8}, 2'000'001, many(10)));
  auto small = size_t{0};
  for (int round = 0; round < 3; ++round) {
    auto some = std::vector(running.begin(), running.begin() + 8);
    running.erase(running.begin(), running.begin() + 8);
    w.end(some);
    for (const auto& g : w.said.grants) {
      small += g.workflow == workflow_id{8};
      running.push_back(g);
    }
  }
  BOOST_TEST(small == 10u);
}

BOOST_AUTO_TEST_CASE(higher_priority_goes_first_and_equal_ones_in_their_order_of_release) {
  auto w = world{};
  auto classes = std::vector{of_class(1), of_class(1, 1, 0, 60, 5), of_class(2)};
  w.hear(admitted(wf, 1, {0, 2, 1, 0, 2, 1}, classes));
  w.offer_room(claim(1, 10));
  BOOST_TEST(w.jobs() == (list{3, 6, 1, 2, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_sort_methods_order_by_gpus_then_runtime_and_memory) {
  auto classes = std::vector{of_class(1, 1, 0, 600), of_class(1, 4, 0, 60), of_class(1, 1, 2, 60)};
  for (auto [method, expected] :
       {std::pair{"gpus_runtime_memory", list{3, 1, 2}},
        std::pair{"gpus_memory_runtime", list{3, 2, 1}}, std::pair{"none", list{1, 2, 3}}}) {
    auto standing = world{};
    standing.hear(admitted(wf, 1, {0, 1, 2}, classes, "ada", method));
    standing.join(by_slots(1, 9));
    BOOST_TEST(standing.jobs() == expected, boost::test_tools::per_element());
    auto asked = world{};
    asked.hear(admitted(wf, 1, {0, 1, 2}, classes, "ada", "gpus_runtime_memory"));
    auto o = claim(1, 9, capacity{8, 8, 1, int64_t{64} << 30, {}});
    o.sort_method = method;
    asked.offer_room(o);
    BOOST_TEST(asked.jobs() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_job_that_does_not_fit_now_does_not_hold_up_those_behind_it) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 0, 1, 1}, {of_class(3), of_class(1)}));
  w.offer_room(claim(1, 3, capacity{4, 0, 1, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 4}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].offer.value == 1);
  BOOST_TEST(!bool(w.said.grants[0].runner));
}

BOOST_AUTO_TEST_CASE(a_claim_is_served_at_once_with_nothing_if_nothing_is_ready) {
  auto w = world{};
  w.offer_room(claim(1, 5));
  BOOST_TEST(w.said.grants.empty());
  w.hear(admitted(wf, 1, many(5)));
  BOOST_TEST(w.said.grants.empty()); // the claim is not kept
  w.offer_room(claim(2, 3));
  BOOST_TEST(w.jobs().size() == 3u);
}

BOOST_AUTO_TEST_CASE(jobs_lie_on_one_node_and_no_node_is_over_committed) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 1}, {of_class(3), of_class(2)}));
  w.offer_room(claim(1, 10, capacity{4, 0, 2, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_job_of_several_nodes_reserves_idle_ones) {
  auto two = of_class(1);
  two.need.num_nodes = 2;
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 1, 0, 0}, {of_class(1), two}));
  w.offer_room(claim(1, 10, capacity{2, 0, 4, int64_t{64} << 30, {}}));
  BOOST_TEST(w.jobs() == (list{1, 2, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
    a_strict_claim_gets_its_schedulers_jobs_only_and_a_lenient_one_others_at_need) {
  auto mine = of_class(1), other = of_class(1), any = of_class(8);
  mine.scheduler = scheduler_id{1};
  other.scheduler = scheduler_id{2};
  auto room = capacity{4, 0, 1, int64_t{64} << 30, {}};
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 2}, {mine, other, any}));
  auto o = claim(1, 10, room);
  o.scheduler = scheduler_id{1};
  w.offer_room(o);
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
  o.strict_scheduler_match = true;
  w.offer_room(o);
  BOOST_TEST(w.jobs().empty());
  o.strict_scheduler_match = false;
  w.offer_room(o);
  BOOST_TEST(w.jobs() == (list{2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_runner_by_resources_is_filled_up_to_its_room_and_gets_room_back) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(10), {of_class(2, 3)}));
  w.join(by_room(1, 8, 10));
  BOOST_TEST(w.jobs().size() == 3u); // memory for three
  auto first = w.said.grants;
  w.end(first);
  BOOST_TEST(w.jobs().size() == 3u);
  w.end(first); // a second time: not its room
  BOOST_TEST(w.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_job_larger_than_the_idle_host_or_longer_than_its_time_is_never_placed) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 1, 2}, {of_class(9), of_class(1, 1, 0, 7200), of_class(1)}));
  auto j = by_room(1, 8, 64, 5);
  j.room.time_limit_s = 3600;
  w.join(j);
  BOOST_TEST(w.jobs() == (list{3}), boost::test_tools::per_element());
  auto counted = by_slots(2, 4);
  counted.room.time_limit_s = 3600;
  w.join(counted); // by count: nine CPUs do not matter, two hours do
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_large_job_waits_at_its_runner_and_no_smaller_one_overtakes_it_there) {
  auto w = world{};
  w.hear(admitted(wf, 1, {0, 0, 1}, {of_class(2), of_class(4)}));
  w.join(by_room(1, 4, 64, 1));
  BOOST_TEST(w.jobs() == (list{1, 2, 3}), boost::test_tools::per_element());
  auto first = w.said.grants;
  w.hear(admitted(workflow_id{8}, 11, many(3), {of_class(2)}));
  BOOST_TEST(w.jobs().empty());
  w.end({first[0]});
  BOOST_TEST(w.jobs().empty()); // two CPUs are free, but job 3 is next and needs four
  w.end({first[1]});
  BOOST_TEST(w.jobs().size() == 1u); // job 3 runs, and one may wait behind it
}

BOOST_AUTO_TEST_SUITE_END()
