#include "tests/core/matcher_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_matcher;

BOOST_AUTO_TEST_SUITE(matching_under_change)

BOOST_AUTO_TEST_CASE(a_returned_or_retried_job_goes_to_the_front) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(4)));
  w.offer_room(claim(1, 2));
  auto held = w.said.grants;
  auto r = releases{};
  r.cause.retried.push_back({held[1], 2, {}});
  r.cause.returned.push_back(held[0]);
  r.ready = {{wf, held[1].job, 0, 2}, as_ready(held[0])};
  w.hear(r);
  w.offer_room(claim(2, 3));
  BOOST_TEST(w.jobs() == (list{2, 1, 3}), boost::test_tools::per_element());
  BOOST_TEST(w.said.grants[0].attempt == 2);
  BOOST_TEST((w.said.grants[0].id != held[1].id));
}

BOOST_AUTO_TEST_CASE(an_idle_runner_gets_what_waits_at_another) {
  auto w = world{};
  w.join(by_slots(1, 2, 8));
  w.hear(admitted(wf, 1, many(8)));
  auto held = w.said.grants;
  BOOST_REQUIRE(held.size() == 8u);
  w.join(by_slots(2, 3));
  BOOST_REQUIRE(w.said.recalls.size() == 1u);
  BOOST_TEST(w.said.recalls[0].runner.value == 1);
  BOOST_TEST(w.said.recalls[0].count == 3);
  w.hear({});
  BOOST_TEST(w.said.recalls.empty()); // it is under way
  w.give_back(held[7]);
  BOOST_TEST(w.by_runner()[2] == 1u);
  BOOST_TEST(w.said.recalls.empty());
  auto r = releases{};
  r.cause.started.push_back({held[6].id, held[6].job, {}, {}, {}, runner_id{1}});
  w.hear(r); // too late to have that one back: one more is asked for
  BOOST_REQUIRE(w.said.recalls.size() == 1u);
  BOOST_TEST(w.said.recalls[0].count == 1);
}

BOOST_AUTO_TEST_CASE(no_more_is_recalled_than_waits_or_than_there_is_room_for) {
  auto w = world{};
  w.join(by_slots(1, 1, 2));
  w.join(by_slots(2, 1, 2));
  w.hear(admitted(wf, 1, many(5)));
  w.join(by_slots(3, 50));
  auto count = 0;
  for (auto r : w.said.recalls)
    count += r.count;
  BOOST_TEST(count == 3);
  w.join(by_slots(4, 50));
  BOOST_TEST(w.said.recalls.empty());
  auto x = world{};
  x.hear(admitted(wf, 1, many(6), {of_class(4)}));
  x.join(by_room(1, 8, 64, 4));
  x.join(by_room(2, 8, 64));
  BOOST_REQUIRE(x.said.recalls.size() == 1u);
  BOOST_TEST(x.said.recalls[0].count == 2); // eight CPUs are two jobs
  x.hear({});
  BOOST_TEST(x.said.recalls.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_recalled_for_a_runner_that_serves_other_jobs) {
  auto w = world{};
  w.join(by_slots(1, 1, 8, wf));
  w.hear(admitted(wf, 1, many(5)));
  w.join(by_slots(2, 5, 0, workflow_id{8}));
  w.join(by_slots(3, 5, 0, {}, "bob"));
  BOOST_TEST(w.said.recalls.empty());
}

BOOST_AUTO_TEST_CASE(a_canceled_workflow_is_not_granted_until_it_is_resumed) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  auto r = releases{};
  add(r, cancel_workflow{wf});
  w.hear(r);
  w.join(by_slots(1, 2));
  w.offer_room(claim(1, 2));
  BOOST_TEST(w.jobs().empty());
  r = {};
  r.cause.resumed.push_back(wf);
  w.hear(r);
  BOOST_TEST(w.jobs().size() == 2u);
  auto x = world{};
  auto a = admitted(wf, 1, many(5));
  a.admitted->canceled = true;
  x.join(by_slots(1, 2));
  x.hear(a);
  BOOST_TEST(x.jobs().empty());
}

BOOST_AUTO_TEST_CASE(withdrawn_and_dropped_jobs_are_not_granted) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(5)));
  auto r = releases{};
  auto f = force_status{};
  f.workflow = wf;
  add(r, f);
  r.withdrawn = {job_id{1}, job_id{3}, job_id{99}};
  w.hear(r);
  BOOST_TEST(w.m.waiting() == 3u);
  w.offer_room(claim(1, 1));
  BOOST_TEST(w.jobs() == (list{2}), boost::test_tools::per_element());
  r = {};
  r.dropped = {wf};
  w.hear(r);
  BOOST_TEST(w.m.waiting() == 0u);
  w.offer_room(claim(2, 9));
  BOOST_TEST(w.jobs().empty());
}

BOOST_AUTO_TEST_CASE(withheld_jobs_are_not_granted_and_whoever_has_one_keeps_it) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(3)));
  w.offer_room(claim(1, 1));
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
  auto r = releases{};
  for (int64_t job : {1, 2})
    r.withheld.push_back({wf, job_id{job}, 0, 1});
  w.hear(r);
  w.offer_room(claim(2, 9));
  BOOST_TEST(w.jobs() == (list{3}), boost::test_tools::per_element());
  // Nobody else gets what is open.
  r = {};
  r.ready.push_back({wf, job_id{1}, 0, 1});
  w.hear(r);
  BOOST_TEST(w.m.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(room_that_a_control_closed_is_free_again) {
  auto w = world{};
  w.join(by_slots(1, 1));
  w.hear(admitted(wf, 1, many(1)));
  auto held = w.said.grants;
  w.hear(admitted(workflow_id{8}, 11, many(1)));
  auto r = releases{};
  r.cause.closed = held;
  w.hear(r);
  BOOST_TEST(w.jobs() == (list{11}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_runner_that_left_gets_nothing_and_one_that_came_back_keeps_its_account) {
  auto w = world{};
  w.join(by_slots(1, 2));
  w.hear(admitted(wf, 1, many(5)));
  auto held = w.said.grants;
  auto again = by_slots(1, 3);
  again.open = {held[0]}; // the other order was still under way to the collector
  w.join(again);
  BOOST_TEST(w.jobs().size() == 1u);
  auto r = releases{};
  r.cause.left.push_back({runner_id{1}, {}});
  r.cause.retried.push_back({held[0], 2, {}});
  r.ready.push_back({wf, held[0].job, 0, 2});
  w.hear(r);
  BOOST_TEST(w.jobs().empty());
  BOOST_TEST(w.m.waiting() == 3u);
}

BOOST_AUTO_TEST_CASE(adopted_grants_take_room_at_once) {
  auto w = world{};
  auto a = admitted(wf, 1, many(5));
  w.m.restore(*a.admitted);
  BOOST_TEST(w.m.waiting() == 5u);
  auto j = by_slots(1, 2);
  for (int64_t i = 0; i < 2; ++i) {
    j.open.emplace_back().id = grant_id{5 + i};
    j.open.back().job = job_id{50 + i};
    j.open.back().workflow = wf;
    j.open.back().runner = runner_id{1};
  }
  w.join(j);
  BOOST_TEST(w.jobs().empty());
  w.end({j.open[0]});
  BOOST_TEST(w.jobs() == (list{1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_job_that_is_granted_is_not_granted_again_by_an_admission_of_older_rows) {
  auto w = world{};
  w.hear(admitted(wf, 1, many(3)));
  w.offer_room(claim(1, 1));
  w.hear(admitted(wf, 1, many(3)));
  BOOST_TEST(w.m.waiting() == 2u);
}

BOOST_AUTO_TEST_CASE(a_random_walk_never_over_commits_loses_or_doubles_a_job) {
  struct host {
    runner_joined joined;
    std::vector<grant> held; // in the order of the grants
  };
  auto dice = std::mt19937(17);
  for (int round = 0; round < 60; ++round) {
    auto w = world{};
    auto hosts = std::map<int64_t, host>();
    auto http = std::vector<grant>();
    auto ready = std::map<int64_t, uint32_t>(); // job -> class, as a naive broker would hold them
    auto classes = std::vector<job_class>();
    for (int i = 0; i < 4; ++i)
      classes.push_back(of_class(1 + static_cast<int32_t>(dice() % 4),
                                 1 + static_cast<int64_t>(dice() % 4), 0, 60, dice() % 2));
    auto ids = std::set<int64_t>();
    int64_t next_job = 1, next_runner = 1, done = 0;
    for (int step = 0; step < 150; ++step) {
      auto r = releases{};
      auto free_again = [&](const grant& g, bool returned) {
        if (!returned) {
          ++done;
          return r.cause.ended.push_back(ended(g));
        }
        r.cause.returned.push_back(g);
        uint32_t c = 0;
        while (!(classes[c].need == g.need))
          ++c;
        r.ready.push_back({g.workflow, g.job, c, g.attempt});
        ready[g.job.value] = c;
      };
      switch (dice() % 6) {
      case 0: {
        auto first = next_job;
        auto w_id = workflow_id{100 + step};
        auto list = std::vector<uint32_t>(dice() % 20);
        for (auto& c : list) {
          c = static_cast<uint32_t>(dice() % 4);
          ready[next_job++] = c;
        }
        r = admitted(w_id, first, list, classes);
        break;
      }
      case 1:
        if (hosts.size() < 6) {
          auto j = dice() % 2 ? by_slots(next_runner, 1 + static_cast<int32_t>(dice() % 4),
                                         static_cast<int32_t>(dice() % 4))
                              : by_room(next_runner, 4 + static_cast<int32_t>(dice() % 5), 8,
                                        static_cast<int32_t>(dice() % 4),
                                        1 + static_cast<int32_t>(dice() % 2));
          hosts[next_runner++].joined = j;
          r.cause.joined.push_back(j);
        }
        break;
      case 2:
        if (!hosts.empty() && dice() % 4 == 0) {
          auto at = hosts.begin();
          r.cause.left.push_back({at->second.joined.runner, {}});
          for (const auto& g : at->second.held)
            free_again(g, true);
          hosts.erase(at);
        }
        break;
      case 3: {
        auto o = claim(step + 1, static_cast<int64_t>(dice() % 4));
        o.workflow = workflow_id{100 + static_cast<int64_t>(dice() % 150)};
        r.cause.offers.push_back(o);
        break;
      }
      default:
        for (auto& [id, h] : hosts)
          for (size_t i = h.held.size(); i-- > 0;)
            if (dice() % 3 == 0) {
              free_again(h.held[i], dice() % 5 == 0);
              h.held.erase(h.held.begin() + static_cast<std::ptrdiff_t>(i));
            }
        while (!http.empty() && dice() % 2) {
          free_again(http.back(), dice() % 3 == 0);
          http.pop_back();
        }
      }
      w.hear(r);
      for (const auto& g : w.said.grants) {
        BOOST_REQUIRE(ids.insert(g.id.value).second);
        BOOST_REQUIRE(ready.erase(g.job.value) == 1u);
        if (g.runner)
          hosts.at(g.runner.value).held.push_back(g);
        else
          http.push_back(g);
      }
      BOOST_REQUIRE(w.m.waiting() == ready.size());
      size_t held = http.size();
      for (auto& [id, h] : hosts) {
        held += h.held.size();
        const auto& j = h.joined;
        // What runs, in order, as the runner would start it; the rest is prefill.
        auto room = packing{j.room};
        size_t runs = 0;
        for (const auto& g : h.held) {
          BOOST_REQUIRE((j.slots > 0 || room.could(g.need)));
          runs += j.slots > 0 ? runs < static_cast<size_t>(j.slots) : 0;
        }
        if (j.slots > 0)
          BOOST_REQUIRE(h.held.size() <= static_cast<size_t>(j.slots + j.prefill));
        else {
          auto cpus = int64_t{0};
          for (const auto& g : h.held)
            cpus += g.need.num_cpus;
          auto beyond = int64_t{j.prefill} * 4; // the largest job has four CPUs
          BOOST_REQUIRE(cpus <= int64_t{j.room.num_cpus} * j.room.num_nodes + beyond);
        }
        // A free slot and a waiting job cannot be at the same time.
        if (j.slots > 0 && h.held.size() < static_cast<size_t>(j.slots))
          BOOST_REQUIRE(ready.empty());
      }
      BOOST_REQUIRE(static_cast<int64_t>(held + ready.size()) + done == next_job - 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
