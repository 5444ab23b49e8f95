#pragma once

#include "core/graph.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

/// What the tests of the graph share: a graph, a diamond of jobs, and shorthand for verdicts.
namespace torc::core::test::of_graph {

using st = job_status;
inline constexpr auto wf = workflow_id{7};

inline admission diamond() {
  auto a = admission{};
  a.workflow = wf;
  a.user = "ada";
  a.run = 1;
  a.classes.resize(1);
  for (int i = 1; i <= 4; ++i)
    a.jobs.push_back({job_id{i}, 0, 0, 1, i == 1 ? st::ready : st::blocked});
  a.edges = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
  return a;
}

inline grant open(int64_t job, workflow_id w = wf, int32_t attempt = 1) {
  auto g = grant{};
  g.id = grant_id{1000 + job};
  g.workflow = w;
  g.job = job_id{job};
  g.run = 1;
  g.attempt = attempt;
  return g;
}

inline verdicts ended(std::vector<int64_t> jobs, st how = st::completed) {
  auto v = verdicts{};
  for (auto j : jobs) {
    auto e = attempt_ended{};
    e.open = open(j);
    e.status = how;
    v.ended.push_back(e);
  }
  return v;
}

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] inline void add(verdicts& v, const control& c) {
  v.controls.emplace_back().what = c;
}

inline verdicts ordered(const control& c) {
  auto v = verdicts{};
  add(v, c);
  return v;
}

inline force_status force(int64_t job, st s, int64_t run = 1) {
  auto f = force_status{};
  f.job = job_id{job};
  f.workflow = wf;
  f.run = run;
  f.status = s;
  return f;
}

inline std::vector<int64_t> ids(const std::vector<ready_job>& list) {
  auto out = std::vector<int64_t>();
  for (const auto& r : list)
    out.push_back(r.job.value);
  return out;
}
inline std::vector<int64_t> ids(const std::vector<job_id>& list) {
  auto out = std::vector<int64_t>();
  for (auto j : list)
    out.push_back(j.value);
  return out;
}

using list = std::vector<int64_t>;

struct world {
  graph g;
  graph::step said;

  explicit world(const admission& a = diamond()) { said = g.admit(a); }
  ~world() { g.sanity_check(); }

  void hear(const verdicts& v) {
    said = g.apply(v);
    g.sanity_check();
  }
  void must_say(const list& ready, const list& canceled = {}, const list& withdrawn = {}) {
    BOOST_TEST(ids(said.ready) == ready, boost::test_tools::per_element());
    BOOST_TEST(ids(said.canceled) == canceled, boost::test_tools::per_element());
    BOOST_TEST(ids(said.withdrawn) == withdrawn, boost::test_tools::per_element());
  }
  void must_be_complete() {
    BOOST_REQUIRE(said.completed.size() == 1u);
    BOOST_TEST(said.completed[0].user == "ada");
    BOOST_TEST(g.size() == 0u);
  }
};

} // namespace torc::core::test::of_graph
