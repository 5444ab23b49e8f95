#include "tests/core/ring_world.hpp"

#include <algorithm>
#include <vector>

using namespace torc::core;
using torc::core::test::fake_runner;
using torc::core::test::ring_world;

namespace {

/// Kept out of line: g++ 12 sees uninitialized members in a variant that it has moved in line.
[[gnu::noinline]] answer tell(ledger& l, const control& c, instant now, ticket_id t,
                              ledger::told& out) {
  return l.control_of(c, now, t, out);
}

/// What runners and people do meanwhile.
struct walk : ring_world {
  using ring_world::ring_world;

  /// Starts what fits, ends some of what runs, reports if the last report was acknowledged.
  void work(fake_runner& r) {
    while (!r.waiting.empty() && r.running.size() < static_cast<size_t>(r.slots) && roll(4)) {
      r.running.push_back(r.waiting.front().what);
      r.next.started.push_back(r.waiting.front().what);
      r.next.started_us.push_back(now.us);
      r.waiting.erase(r.waiting.begin());
    }
    while (!r.running.empty() && roll(2)) {
      auto e = wire::ended{};
      e.what = r.running.back();
      e.return_code = roll(6) == 0;
      e.status = static_cast<int8_t>(e.return_code ? job_status::failed : job_status::completed);
      e.start_us = now.us - 5;
      e.end_us = now.us;
      r.running.pop_back();
      r.next.done.push_back(e);
      r.unacked.push_back(e);
    }
    if (r.connected && r.sent && roll(3) == 0)
      resend(r); // as after a doubt about the connection: nothing may count twice
    if (!r.connected || r.sent)
      return;
    if (r.next.started.empty() && r.next.done.empty() && r.next.returned.empty())
      return;
    r.next.seq = ++r.seq;
    r.sent = std::exchange(r.next, {});
    resend(r);
  }

  /// Heartbeats, of some perhaps; whoever was silent for too long is a stranger now.
  void beat_and_tick(bool all) {
    for (auto& [id, r] : runners)
      if (r.connected && (all || roll(4)) && !r.sent) {
        auto beat = wire::report{};
        beat.runner = r.id;
        beat.seq = ++r.seq;
        auto told = ledger::told{};
        collector->hear(beat, now, told);
        deliver(told);
      } else if (r.connected && r.sent) {
        resend(r);
      }
    for (auto lost : collector->tick(now))
      for (auto& [id, r] : runners)
        if (r.id == lost.value)
          r.connected = false;
  }

  void leave_or_die(fake_runner& r) {
    auto id = runner_id{r.id};
    auto instance = r.instance;
    collector->disconnected(id);
    if (roll(2))
      collector->gone(id, now); // its guardian says so; else the lease will
    runners.erase(instance);
  }

  void step_http() {
    auto w = workflow_id{1 + roll(static_cast<unsigned>(disk.workflows.size()) + 1)};
    auto o = offer{};
    o.ticket = ticket_id{next_ticket++};
    o.workflow = w;
    o.by_count = true;
    o.limit = 1 + roll(3);
    if (roll(2))
      collector->claim(o);
    for (auto& [id, started] : std::map(http)) {
      auto& j = disk.jobs.at(id);
      auto run = disk.workflows.at(j.workflow).run;
      if (!started && roll(2)) {
        if (collector->start(id, j.workflow, run, node_id{1}, now, ticket_id{next_ticket++}))
          http[id] = true;
        else
          http.erase(id);
      } else if (started && roll(2)) {
        auto row = result_row{};
        row.job = id;
        row.workflow = j.workflow;
        row.run_id = run;
        row.attempt_id = j.attempt;
        row.compute_node = node_id{1};
        row.status = roll(5) ? job_status::completed : job_status::failed;
        http.erase(id);
        auto ticket = ticket_id{next_ticket++};
        if (collector->complete(row, now, ticket))
          awaited.insert(ticket.value);
      }
    }
  }

  void order(const control& c) {
    auto ticket = ticket_id{next_ticket++};
    auto told = ledger::told{};
    if (tell(*collector, c, now, ticket, told))
      awaited.insert(ticket.value);
    deliver(told);
  }

  void step_control() {
    if (disk.workflows.empty())
      return;
    auto w = workflow_id{1 + roll(static_cast<unsigned>(disk.workflows.size()))};
    switch (roll(5)) {
    case 0:
      return order(cancel_workflow{w});
    case 1:
    case 2:
      return order(reset_status{w, roll(2) == 0});
    case 3:
      order(reset_jobs{w, false, {}});
      return initialize(w);
    default: {
      auto f = force_status{};
      f.job = job_id{1 + roll(static_cast<unsigned>(disk.jobs.size()))};
      f.workflow = disk.jobs.at(f.job).workflow;
      f.run = roll(4) ? 1 : 2;
      f.status = std::array{job_status::completed, job_status::canceled, job_status::disabled,
                            job_status::ready}[roll(4)];
      if (f.status == job_status::ready && disk.jobs.at(f.job).status == job_status::blocked)
        return; // allowed, but then the disk's checks of order do not hold
      return order(f);
    }
    }
  }

  void step() {
    now.us += 1'000'000;
    switch (roll(16)) {
    case 0:
      if (disk.workflows.size() < 6)
        create_workflow();
      break;
    case 1:
      if (runners.size() < 5) {
        auto& r = runners[next_instance];
        r.instance = next_instance++;
        r.slots = 1 + static_cast<int32_t>(roll(3));
        r.prefill = static_cast<int32_t>(roll(4));
        if (roll(3) == 0)
          r.workflow = 1 + roll(6);
      }
      break;
    case 2:
      step_http();
      break;
    case 3:
      if (roll(3) == 0)
        step_control();
      break;
    case 4:
      if (!runners.empty() && roll(4) == 0)
        leave_or_die(runners.begin()->second);
      break;
    case 5:
      for (auto& [id, r] : runners)
        if (r.connected && roll(3) == 0) {
          r.connected = false;
          collector->disconnected(runner_id{r.id});
        }
      break;
    case 6:
      if (roll(20) == 0)
        boot();
      break;
    case 7:
      now.us += roll(30) == 0 ? int64_t{1000} * 1'000'000 : 0;
      beat_and_tick(false);
      break;
    default:
      for (auto& [id, r] : runners) {
        if (!r.connected && roll(2))
          attach(r);
        if (roll(2))
          work(r);
      }
    }
    collector->sanity_check();
    if (roll(2))
      pump();
    if (roll(2))
      commit_one();
  }

  /// Every workflow is resumed and given runners that do not fail any more.
  void finish() {
    settle();
    http.clear();
    for (const auto& [id, w] : disk.workflows)
      order(reset_status{id, true});
    settle();
    // A power cut before an admission was on disk leaves its workflow uninitialized.
    auto lost = std::set<workflow_id>();
    for (const auto& [id, j] : disk.jobs)
      if (j.status == job_status::uninitialized)
        lost.insert(j.workflow);
    for (auto w : lost)
      initialize(w);
    for (auto* user : {"ada", "bob"}) {
      while ((next_instance % 2 == 1) != (std::string(user) == "ada"))
        ++next_instance;
      auto& r = runners[next_instance];
      r.instance = next_instance++;
    }
    for (int round = 0; round < 4000; ++round) {
      now.us += 10'000'000; // leases of the dead and claims that nobody starts run out
      for (auto& [id, r] : runners) {
        if (!r.connected)
          attach(r);
        work(r);
      }
      beat_and_tick(true);
      settle();
      if (unblocker->size() == 0)
        break;
      if (round == 500) // a job that an HTTP runner started and forgot ends by hand only
        for (const auto& [id, j] : std::map(disk.jobs))
          if (j.status == job_status::running && !j.held.runner) {
            auto f = force_status{};
            f.job = id;
            f.workflow = j.workflow;
            f.run = 1;
            f.status = job_status::completed;
            order(f);
          }
    }
    BOOST_TEST(unblocker->size() == 0u);
    BOOST_TEST(broker->waiting() == 0u);
    BOOST_TEST(collector->open_grants() == 0u);
    for (const auto& [id, j] : disk.jobs)
      BOOST_TEST(is_done(j.status), "job " << id.value << " is " << to_string(j.status));
    for (const auto& [id, r] : runners)
      BOOST_TEST(r.running.empty());
    BOOST_TEST(awaited.empty());
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ring_of_brains)

BOOST_AUTO_TEST_CASE(every_job_ends_once_whatever_runners_people_and_power_cuts_do) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      auto w = walk{seed};
      for (int i = 0; i < 500; ++i)
        w.step();
      w.finish();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
