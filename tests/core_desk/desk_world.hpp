#pragma once

#include "core/desk.hpp"
#include "core/job.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>
#include <vector>

namespace torc::core {

/// A desk, a clock, and shorthand for what the line and the hands say.
struct desk_world {
  explicit desk_world(desk::settings s) : d(std::move(s)) {}

  wire::attach attach(int64_t lease_ms = 60'000, std::vector<int64_t> revoked = {}) {
    auto a = wire::attach{};
    d.introduce(a, now);
    auto w = wire::welcome{};
    w.runner = 7;
    w.lease_ms = lease_ms;
    w.revoked = std::move(revoked);
    d.hear(w, now);
    return a;
  }
  void give(const std::vector<int64_t>& grants, int32_t num_cpus = 1) {
    auto r = wire::run_jobs{};
    for (auto g : grants)
      r.orders.push_back(order(g, num_cpus));
    d.hear(std::move(r), now);
  }
  static wire::order order(int64_t grant, int32_t num_cpus = 1) {
    auto o = wire::order{};
    o.what = {grant, grant * 10, 1, 1};
    o.command = "true";
    o.num_cpus = num_cpus;
    return o;
  }
  void start(int64_t grant) { d.started(grant, wall(), now); }
  void end(int64_t grant, int32_t return_code = 0) {
    auto e = wire::ended{};
    e.what.grant = grant;
    e.return_code = return_code;
    e.start_us = e.end_us = wall();
    d.ended(e, now);
  }
  void ack(int64_t seq) { d.hear(wire::ack{seq}); }
  void advance(int64_t ms) { now += ms * 1000; }
  int64_t wall() const { return now + 1'000'000'000; }
  desk::todo settle() {
    auto t = d.settle(now);
    d.sanity_check();
    return t;
  }
  /// The grants that start now; nothing else is looked at.
  std::vector<int64_t> starts() { return grants_of(settle().start); }

  template <class T>
  static std::vector<int64_t> grants_of(const std::vector<T>& all) {
    auto out = std::vector<int64_t>{};
    for (auto& each : all)
      out.push_back(grant_of(each));
    return out;
  }
  static int64_t grant_of(const wire::order& o) { return o.what.grant; }
  static int64_t grant_of(const wire::ended& e) { return e.what.grant; }
  static int64_t grant_of(const wire::attempt& a) { return a.grant; }

  desk d;
  int64_t now = 1'000'000;
};

using grants = std::vector<int64_t>;

inline desk::settings by_slots(int32_t slots, int64_t workflow = 0) {
  auto s = desk::settings{};
  s.slots = slots;
  s.workflow = workflow;
  return s;
}

} // namespace torc::core

#define VERIFY_GRANTS(left, ...)                                                                   \
  BOOST_TEST((left) == (torc::core::grants{__VA_ARGS__}), boost::test_tools::per_element())
