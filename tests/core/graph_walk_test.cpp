#include "tests/core/graph_world.hpp"

using namespace torc::core;
using namespace torc::core::test::of_graph;

BOOST_AUTO_TEST_SUITE(graph_at_random)

/// What every job's status should be, recomputed from nothing after each event.
struct naive {
  admission a;
  std::map<int64_t, st> now;
  naive(const admission& from) : a(from) {
    for (const auto& j : a.jobs)
      now[j.job.value] = j.status;
  }
  void settle() {
    for (bool more = true; more;) {
      more = false;
      for (uint32_t i = 0; i < a.jobs.size(); ++i) {
        auto& mine = now[a.jobs[i].job.value];
        bool waits = false, bad = a.jobs[i].blocker_failed;
        for (const auto& e : a.edges)
          if (e.job == i) {
            auto s = now[a.jobs[e.blocker].job.value];
            waits |= !is_done(s);
            bad |= is_failure(s);
          }
        if (mine != st::blocked || waits)
          continue;
        mine = bad && a.jobs[i].cancel_on_failure ? st::canceled : st::ready;
        more = true;
      }
    }
  }
};

BOOST_AUTO_TEST_CASE(a_random_walk_agrees_with_a_naive_model) {
  auto dice = std::mt19937(3);
  for (int round = 0; round < 400; ++round) {
    auto a = admission{};
    a.workflow = wf;
    a.user = "ada";
    a.run = 1;
    auto n = 1 + dice() % 14;
    for (uint32_t i = 0; i < n; ++i) {
      bool waits = false;
      for (uint32_t b = 0; b < i; ++b)
        if (dice() % 3 == 0) {
          a.edges.push_back({b, i});
          waits = true;
        }
      a.jobs.push_back({job_id{10 + i * (1 + round % 3)}, 0, 0, 1, waits ? st::blocked : st::ready,
                        dice() % 3 > 0, waits && dice() % 5 == 0});
    }
    auto model = naive{a};
    auto w = world{a};
    for (int turn = 0; turn < 60 && w.g.size() > 0; ++turn) {
      auto before = model.now;
      auto v = verdicts{};
      auto expected_withdrawn = std::set<int64_t>();
      for (auto batch = 1 + dice() % 3; batch > 0; --batch) {
        auto& j = a.jobs[dice() % n];
        auto& mine = model.now[j.job.value];
        if (mine == st::ready && dice() % 3 > 0) {
          auto how = std::array{st::completed, st::failed, st::terminated, st::pending_failed};
          auto s = dice() % 3 ? st::completed : how[dice() % 4];
          auto one = ended({j.job.value}, s);
          v.ended.push_back(one.ended[0]);
          mine = s;
        } else if (dice() % 8 == 0 && !is_done(mine) && v.ended.empty()) {
          auto how = std::array{st::completed, st::canceled, st::disabled, st::uninitialized};
          auto s = how[dice() % 4];
          if (mine == st::ready)
            expected_withdrawn.insert(j.job.value);
          add(v, force(j.job.value, s));
          mine = s;
          break; // the model settles once a batch, so a control comes alone
        }
      }
      model.settle();
      w.hear(v);
      auto ready = std::set<int64_t>(), canceled = std::set<int64_t>();
      size_t unfinished = 0;
      for (auto [j, s] : model.now) {
        unfinished += !is_done(s);
        if (s == st::ready && before[j] == st::blocked)
          ready.insert(j);
        if (s == st::canceled && before[j] == st::blocked &&
            std::none_of(v.controls.begin(), v.controls.end(), [&, id = j](auto& c) {
              return std::get<force_status>(c.what).job.value == id;
            }))
          canceled.insert(j);
      }
      auto got = ids(w.said.ready);
      BOOST_TEST(std::set(got.begin(), got.end()) == ready, boost::test_tools::per_element());
      BOOST_TEST(got.size() == ready.size());
      auto gone = ids(w.said.canceled);
      BOOST_TEST(std::set(gone.begin(), gone.end()) == canceled, boost::test_tools::per_element());
      auto taken = ids(w.said.withdrawn);
      BOOST_TEST(std::set(taken.begin(), taken.end()) == expected_withdrawn,
                 boost::test_tools::per_element());
      BOOST_TEST(w.g.size() == unfinished);
      BOOST_TEST(w.said.completed.size() == (unfinished == 0 ? 1u : 0u));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
