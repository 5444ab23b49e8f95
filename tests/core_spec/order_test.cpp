#include "core/stages.hpp"
#include "tests/core_spec/spec_kit.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>

using namespace torc;
using namespace torc::test;

namespace {

/// A spec with random edges of all kinds, always from an earlier job to a later one of a hidden
/// order, and what its edges are.
struct random_dag {
  workflow_spec spec;
  std::map<std::string, std::set<std::string>> depends_on;
  std::map<std::string, std::set<std::string>> waits_for; ///< files and user data, too

  explicit random_dag(uint32_t seed) {
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    const size_t count = 1 + below(40);
    std::vector<size_t> hidden(count);
    for (size_t i = 0; i < count; ++i)
      hidden[i] = i;
    std::shuffle(hidden.begin(), hidden.end(), random);
    spec = workflow();
    for (size_t i = 0; i < count; ++i)
      spec.jobs.push_back(job("j" + std::to_string(i)));
    const auto name = [&](size_t at) { return "j" + std::to_string(hidden[at]); };
    for (size_t e = below(3 * count); e-- > 0;) {
      const size_t later = below(count);
      if (later == 0)
        continue;
      const size_t earlier = below(later);
      auto& waits = spec.jobs[hidden[later]];
      auto& blocks = spec.jobs[hidden[earlier]];
      waits_for[name(later)].insert(name(earlier));
      const auto thing = "t" + std::to_string(e);
      if (const auto how = below(3); how == 0) {
        waits.depends_on.push_back(text(name(earlier)));
        depends_on[name(later)].insert(name(earlier));
      } else if (how == 1) {
        spec.files.push_back(file(thing, thing));
        waits.input_files.push_back(text(thing));
        blocks.output_files.push_back(text(thing));
      } else {
        core::user_data_spec u;
        u.name = text(thing);
        spec.user_data.push_back(u);
        waits.input_user_data.push_back(text(thing));
        blocks.output_user_data.push_back(text(thing));
      }
    }
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE(any_graph_without_a_circle_comes_out_in_order_with_the_same_edges) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    const random_dag dag(seed);
    const auto w = must_expand(dag.spec);
    BOOST_REQUIRE(w.jobs.size() == dag.spec.jobs.size());
    std::map<std::string, size_t> at;
    for (size_t i = 0; i < w.jobs.size(); ++i)
      at[w.jobs[i].name] = i;
    BOOST_REQUIRE(at.size() == w.jobs.size());
    for (size_t i = 0; i < w.jobs.size(); ++i) {
      const auto& job = w.jobs[i];
      std::set<std::string> blockers;
      for (const auto b : w.depends_on(job))
        blockers.insert(w.jobs[b].name);
      const auto expected = dag.depends_on.find(job.name);
      BOOST_TEST((blockers ==
                  (expected == dag.depends_on.end() ? std::set<std::string>{} : expected->second)));
      uint32_t stage = 0;
      if (const auto waits = dag.waits_for.find(job.name); waits != dag.waits_for.end())
        for (const auto& b : waits->second) {
          BOOST_TEST(at[b] < i);
          stage = std::max(stage, w.jobs[at[b]].stage + 1);
        }
      BOOST_TEST(job.stage == stage);
      if (i > 0 && w.jobs[i - 1].stage == job.stage)
        BOOST_TEST(w.jobs[i - 1].spec < job.spec);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_edge_back_makes_a_circle_and_an_error) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    random_dag dag(seed);
    if (dag.waits_for.empty())
      continue;
    const auto& [waits, blockers] = *dag.waits_for.begin();
    for (auto& j : dag.spec.jobs)
      if (j.name.value == *blockers.begin())
        j.depends_on.push_back(text(waits));
    BOOST_TEST(!errors_of(dag.spec).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_long_chain_needs_no_deep_stack) {
  std::vector<job_spec> jobs;
  constexpr int length = 50'000;
  for (int i = 0; i < length; ++i)
    jobs.push_back(job("j" + std::to_string(i), i + 1 < length
                                                    ? text_list{text("j" + std::to_string(i + 1))}
                                                    : text_list{}));
  const auto w = must_expand(workflow(std::move(jobs)));
  BOOST_TEST(w.stages == length);
  BOOST_TEST(w.jobs.front().name == "j49999");
}

BOOST_AUTO_TEST_CASE(stages_are_the_longest_paths) {
  const core::edge edges[] = {{0, 1}, {1, 2}, {0, 2}, {2, 4}, {3, 4}};
  const auto s = core::stages(5, edges);
  BOOST_REQUIRE(s);
  BOOST_TEST(*s == (std::vector<uint32_t>{0, 1, 2, 0, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(stages_refuse_a_circle) {
  const core::edge edges[] = {{0, 1}, {1, 0}};
  BOOST_TEST(!core::stages(3, edges).ok());
}

BOOST_AUTO_TEST_CASE(readers_wait_for_writers_but_not_for_themselves) {
  const core::link writers[] = {{7, 0}, {7, 1}, {8, 2}};
  const core::link readers[] = {{8, 0}, {7, 2}, {7, 1}, {9, 3}, {7, 2}};
  const auto edges = core::derive_edges(writers, readers);
  std::string all;
  for (const auto& e : edges)
    all += std::to_string(e.blocker) + ">" + std::to_string(e.job) + " ";
  BOOST_TEST(all == "2>0 0>1 0>2 1>2 ");
}

BOOST_AUTO_TEST_SUITE_END()
