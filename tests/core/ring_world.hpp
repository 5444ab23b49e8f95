#pragma once

#include "tests/core/fake_disk.hpp"
#include "tests/core/fake_runner.hpp"

#include "core/graph.hpp"
#include "core/ledger.hpp"
#include "core/matcher.hpp"

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>

namespace torc::core::test {

/// The brains of the ring, a disk and a network of which a seed says how slow they are.
struct ring_world {
  std::mt19937 dice;
  fake_disk disk;
  std::unique_ptr<graph> unblocker;
  std::unique_ptr<matcher> broker;
  std::unique_ptr<ledger> collector;
  std::deque<turn> under_way; ///< judged and granted in memory, not yet on disk
  std::map<int64_t, fake_runner> runners;
  std::map<job_id, bool> http; ///< claimed over HTTP -> started
  std::set<int64_t> awaited;   ///< tickets of controls
  instant now{1'000'000};
  int64_t epoch = 1, next_instance = 1, next_ticket = 1;

  explicit ring_world(unsigned seed) : dice(seed) {
    disk.classes.resize(2);
    disk.classes[1].priority = 1;
    boot();
  }

  unsigned roll(unsigned n) { return static_cast<unsigned>(dice() % n); }

  /// The server starts, for the first time or after kill -9: only the disk is left.
  void boot() {
    under_way.clear();
    awaited.clear();
    unblocker = std::make_unique<graph>();
    broker = std::make_unique<matcher>(first_id_of(++epoch));
    auto s = ledger::settings{};
    s.epoch = epoch;
    collector = std::make_unique<ledger>(s);
    for (auto& [id, r] : runners)
      r.connected = false;
    for (const auto& [id, w] : disk.workflows) {
      auto stages = std::vector<uint32_t>();
      auto a = plan_admission(disk.facts(id), admit_mode::recovery, stages);
      BOOST_REQUIRE(a.ok());
      // Only where the power went between a reset of the canceled status and what follows from it.
      for (auto j : a->canceled_jobs)
        disk.jobs.at(j).status = job_status::canceled;
      for (const auto& j : a->jobs)
        disk.jobs.at(j.job).status = j.status;
      if (a->jobs.empty())
        continue;
      unblocker->admit(*a);
      broker->restore(*a);
    }
    for (const auto& [id, j] : disk.jobs)
      if (is_open(j.status))
        collector->restore(j.held, j.status == job_status::running,
                           j.held.runner ? disk.instance_of.at(j.held.runner.value) : 0, now);
  }

  void create_workflow() {
    auto id = workflow_id{static_cast<int64_t>(disk.workflows.size()) + 1};
    auto& w = disk.workflows[id];
    w.user = roll(2) ? "ada" : "bob";
    auto first = static_cast<int64_t>(disk.jobs.size()) + 1;
    auto n = 1 + static_cast<int64_t>(roll(12));
    for (auto j = first; j < first + n; ++j) {
      disk.jobs[job_id{j}] = {id, job_status::uninitialized, 1, roll(3) > 0, {}, false, 0};
      for (auto b = first; b < j; ++b)
        if (roll(4) == 0)
          w.edges.emplace_back(job_id{b}, job_id{j});
    }
    initialize(id);
  }

  /// Rows are read when nothing is under way, as the initialization's freeze sees to it.
  void initialize(workflow_id id) {
    settle();
    auto stages = std::vector<uint32_t>();
    auto a = plan_admission(disk.facts(id), admit_mode::all, stages);
    BOOST_REQUIRE(a.ok());
    auto step = unblocker->admit(*a);
    send_on(std::move(step), {}, std::move(*a));
  }

  void send_on(graph::step step, verdicts cause, std::optional<admission> admitted = {}) {
    auto r = releases{};
    r.cause = std::move(cause);
    r.admitted = std::move(admitted);
    r.ready = std::move(step.ready);
    r.canceled = std::move(step.canceled);
    r.withdrawn = std::move(step.withdrawn);
    r.dropped = std::move(step.dropped);
    r.completed = std::move(step.completed);
    auto placed = broker->apply(r);
    unblocker->sanity_check();
    broker->sanity_check();
    under_way.push_back({std::move(r), std::move(placed.grants), std::move(placed.recalls)});
  }

  void pump() {
    if (!collector->has_verdicts() || under_way.size() >= 2)
      return;
    auto v = collector->take_batch();
    auto step = unblocker->apply(v);
    send_on(std::move(step), std::move(v));
  }

  void commit_one() {
    if (under_way.empty())
      return;
    auto t = std::move(under_way.front());
    under_way.pop_front();
    auto l = disk.apply(std::move(t));
    deliver(collector->hear(l));
    if (l.batch > 0)
      deliver(collector->on_disk(l.batch));
    collector->sanity_check();
  }

  void settle() {
    while (!under_way.empty() || collector->has_verdicts()) {
      pump();
      commit_one();
    }
  }

  void deliver(const ledger::told& told) {
    for (const auto& p : told.parcels)
      for (auto& [instance, r] : runners)
        if (r.id == p.to.value && r.connected)
          std::visit([&, &to = r](const auto& what) { hear(to, what); }, p.what);
    for (const auto& r : told.replies) {
      awaited.erase(r.ticket.value);
      for (const auto& o : r.orders)
        http[o.open.job] = false;
    }
  }

  void hear(fake_runner& r, const wire::run_jobs& what) {
    for (const auto& o : what.orders)
      if (r.known.insert(o.what.grant).second)
        r.waiting.push_back(o);
  }
  void hear(fake_runner& r, const wire::revoke& what) {
    for (auto g : what.grants) {
      auto found = std::erase_if(r.waiting, [&](const auto& o) { return o.what.grant == g; });
      if (found && !what.kill)
        r.next.returned.push_back(g);
      if (what.kill)
        std::erase_if(r.running, [&](const auto& a) { return a.grant == g; });
    }
  }
  void hear(fake_runner& r, const wire::ack& what) {
    if (!r.sent || what.seq != r.sent->seq)
      return;
    for (const auto& e : r.sent->done)
      std::erase_if(r.unacked, [&](const auto& u) { return u.what.grant == e.what.grant; });
    r.sent.reset();
  }
  void hear(fake_runner&, const wire::finished&) {}

  void attach(fake_runner& r) {
    auto a = wire::attach{};
    a.runner = r.id;
    a.instance = r.instance;
    a.user = r.instance % 2 ? "ada" : "bob";
    a.workflow = r.workflow;
    a.slots = r.slots;
    a.prefill = r.prefill;
    for (const auto& o : r.waiting)
      a.held.push_back(o.what);
    a.held.insert(a.held.end(), r.running.begin(), r.running.end());
    for (auto g : r.next.returned) // given back, but nobody was told: it still counts as held
      a.held.push_back({g, 0, 0, 1});
    if (r.sent)
      for (auto g : r.sent->returned)
        a.held.push_back({g, 0, 0, 1});
    a.unacked = r.unacked;
    auto told = ledger::told{};
    auto w = collector->attach(a, now, told);
    BOOST_REQUIRE(w.runner != 0);
    r.id = w.runner;
    disk.instance_of[r.id] = r.instance;
    r.connected = true;
    hear(r, wire::revoke{w.revoked, true});
    deliver(told);
    if (r.sent)
      resend(r);
  }

  void resend(fake_runner& r) {
    r.sent->runner = r.id;
    auto told = ledger::told{};
    auto copy = *r.sent; // The answer may take `sent` away.
    collector->hear(copy, now, told);
    deliver(told);
  }
};

} // namespace torc::core::test
