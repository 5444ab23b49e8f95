#pragma once

#include "core/ledger.hpp"

#include "core/image.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

/// What the tests of the ledger share: a ledger, a clock, and shorthand for what it hears.
namespace torc::core::test::of_ledger {

inline constexpr auto wf = workflow_id{7};

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] inline answer order(ledger& l, const control& c, int64_t ticket,
                                      ledger::told& out) {
  return l.control_of(c, {}, ticket_id{ticket}, out);
}

inline grant grant_of(int64_t id, int64_t job, runner_id r = {}, int32_t attempt = 1) {
  auto g = grant{};
  g.id = grant_id{id};
  g.workflow = wf;
  g.job = job_id{job};
  g.run = 1;
  g.attempt = attempt;
  g.runner = r;
  return g;
}

inline wire::attempt named(const grant& g) {
  return {g.id.value, g.job.value, g.run, g.attempt};
}

inline wire::ended ended(const grant& g, int32_t code = 0) {
  auto e = wire::ended{};
  e.what = named(g);
  e.return_code = code;
  e.status = static_cast<int8_t>(code == 0 ? job_status::completed : job_status::failed);
  e.start_us = 60'000'000;
  e.end_us = 120'000'000;
  return e;
}

inline result_row result_of(int64_t job, int64_t run = 1, int64_t attempt = 1) {
  auto r = result_row{};
  r.job = job_id{job};
  r.workflow = wf;
  r.run_id = run;
  r.attempt_id = attempt;
  r.compute_node = node_id{3};
  r.status = job_status::completed;
  return r;
}

struct world {
  ledger::settings settings;
  ledger l;
  ledger::told said;
  instant now{1'000'000};
  uint64_t turn = 0;
  int64_t next_grant = 5000;

  explicit world(ledger::settings s = {}) : settings(s), l(s) {}
  ~world() { l.sanity_check(); }

  /// So long after a runner was last heard of it is lost.
  int64_t silence_us() const { return (settings.lease_ms + settings.lease_margin_ms) * 1000; }
  static wire::attach card(int64_t instance) {
    auto a = wire::attach{};
    a.instance = instance;
    a.user = "ada";
    a.hostname = "node1";
    a.slots = 4;
    return a;
  }
  wire::welcome attach(const wire::attach& a) {
    said = {};
    auto w = l.attach(a, now, said);
    l.sanity_check();
    return w;
  }
  runner_id join(int64_t instance = 11) {
    auto id = runner_id{attach(card(instance)).runner};
    commit();
    return id;
  }
  /// The batch goes round: `launch` first, then the receipt, as the writer sends them.
  verdicts commit(launch with = {}) {
    auto v = l.take_batch();
    with.batch = v.batch;
    with.turn = ++turn;
    said = l.hear(with);
    append(l.on_disk(v.batch));
    l.sanity_check();
    return v;
  }
  void append(ledger::told more) {
    for (auto& p : more.parcels)
      said.parcels.push_back(std::move(p));
    for (auto& r : more.replies)
      said.replies.push_back(std::move(r));
  }
  static launch launching(const std::vector<grant>& grants) {
    auto out = launch{};
    for (const auto& g : grants)
      out.orders.push_back({g, {"name", "echo", {}}});
    return out;
  }
  void place(const std::vector<grant>& grants) {
    said = l.hear(launching(grants));
    l.sanity_check();
  }
  grant give(int64_t job, runner_id r = {}) {
    auto g = grant_of(next_grant++, job, r);
    place({g});
    return g;
  }
  void report(runner_id r, wire::report what, int64_t seq) {
    what.runner = r.value;
    what.seq = seq;
    said = {};
    l.hear(what, now, said);
    l.sanity_check();
  }
  answer control(const torc::core::control& c, int64_t ticket = 1) {
    said = {};
    auto a = order(l, c, ticket, said);
    l.sanity_check();
    return a;
  }
  template <class T>
  std::vector<T> told_to(runner_id r) const {
    auto out = std::vector<T>();
    for (const auto& p : said.parcels)
      if (p.to == r)
        if (auto* what = std::get_if<T>(&p.what))
          out.push_back(*what);
    return out;
  }
};

inline wire::report starts(const grant& g) {
  auto r = wire::report{};
  r.started = {named(g)};
  r.started_us = {60'000'000};
  return r;
}
inline wire::report ends(const grant& g, int32_t code = 0) {
  auto r = wire::report{};
  r.done = {ended(g, code)};
  return r;
}
inline wire::report returns(const grant& g) {
  auto r = wire::report{};
  r.returned = {g.id.value};
  return r;
}

inline void refused(const answer& a) {
  BOOST_REQUIRE(!a.ok());
  BOOST_TEST((a.why().why == refusal::unprocessable));
}

} // namespace torc::core::test::of_ledger
