#pragma once

#include "core/matcher.hpp"

#include "core/packing.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

/// What the tests of the matcher share: a matcher, its jobs, and shorthand for both.
namespace torc::core::test::of_matcher {

inline constexpr auto wf = workflow_id{7};
inline constexpr auto no_sort = "none";

inline job_class of_class(int32_t cpus, int64_t gib = 1, int32_t gpus = 0, int64_t runtime_s = 60,
                          int64_t priority = 0) {
  auto c = job_class{};
  c.need = {cpus, gpus, 1, gib << 30, runtime_s};
  c.priority = priority;
  return c;
}

/// A workflow whose jobs are all ready. Jobs of class i in turn.
inline releases admitted(workflow_id w, int64_t first, const std::vector<uint32_t>& job_classes,
                         std::vector<job_class> classes = {of_class(1)}, std::string user = "ada",
                         std::string sort = no_sort) {
  auto r = releases{};
  auto a = admission{};
  a.workflow = w;
  a.user = std::move(user);
  a.classes = std::move(classes);
  a.sort_method = std::move(sort);
  for (auto c : job_classes) {
    a.jobs.push_back({job_id{first}, c, 0, 1, job_status::ready});
    r.ready.push_back({w, job_id{first++}, c, 1});
  }
  r.admitted = std::move(a);
  return r;
}

inline std::vector<uint32_t> many(size_t n) {
  return std::vector<uint32_t>(n, 0);
}

inline runner_joined by_slots(int64_t id, int32_t slots, int32_t prefill = 0, workflow_id w = {},
                              std::string user = "ada") {
  auto j = runner_joined{};
  j.runner = runner_id{id};
  j.user = std::move(user);
  j.workflow = w;
  j.slots = slots;
  j.prefill = prefill;
  return j;
}

inline runner_joined by_room(int64_t id, int32_t cpus, int64_t gib, int32_t prefill = 0,
                             int32_t nodes = 1) {
  auto j = by_slots(id, 0, prefill);
  j.room = {cpus, 0, nodes, gib << 30, {}};
  return j;
}

inline offer claim(int64_t ticket, int64_t limit, const std::optional<capacity>& room = {}) {
  auto o = offer{};
  o.ticket = ticket_id{ticket};
  o.workflow = wf;
  o.limit = limit;
  o.by_count = !room;
  o.room = room.value_or(capacity{});
  return o;
}

inline attempt_ended ended(const grant& g) {
  auto e = attempt_ended{};
  e.open = g;
  return e;
}

inline ready_job as_ready(const grant& g) {
  return {g.workflow, g.job, 0, g.attempt};
}

struct world {
  matcher m{1000};
  matcher::outcome said;

  void hear(const releases& r) {
    said = m.apply(r);
    m.sanity_check();
  }
  void join(runner_joined j) {
    auto r = releases{};
    r.cause.joined.push_back(std::move(j));
    hear(r);
  }
  void offer_room(offer o) {
    auto r = releases{};
    r.cause.offers.push_back(std::move(o));
    hear(r);
  }
  void end(const std::vector<grant>& list) {
    auto r = releases{};
    for (const auto& g : list)
      r.cause.ended.push_back(ended(g));
    hear(r);
  }
  void give_back(const grant& g) {
    auto r = releases{};
    r.cause.returned.push_back(g);
    r.ready.push_back(as_ready(g));
    hear(r);
  }
  std::map<int64_t, size_t> by_runner() const {
    auto out = std::map<int64_t, size_t>();
    for (const auto& g : said.grants)
      ++out[g.runner.value];
    return out;
  }
  std::vector<int64_t> jobs() const {
    auto out = std::vector<int64_t>();
    for (const auto& g : said.grants)
      out.push_back(g.job.value);
    return out;
  }
};

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] inline void add(releases& r, const control& c) {
  r.cause.controls.emplace_back().what = c;
}

using list = std::vector<int64_t>;

} // namespace torc::core::test::of_matcher
