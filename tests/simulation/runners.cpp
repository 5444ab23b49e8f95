#include "runners.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace torc::simulation {

/// Starts nothing, but lets time pass.
class pretended_hands final : public actors::hands {
public:
  pretended_hands(runners& all, runner_process& r) : all_(all), runner_(r) {}
  void launch(core::wire::order what) override { all_.launch(runner_, std::move(what)); }
  void kill(int64_t grant) override { all_.kill_job(runner_, grant); }
  void retire() override { runner_.said_goodbye = true; }

private:
  runners& all_;
  runner_process& runner_;
};

runners::runners(environment& env, const scenario& plan, server& s, wire& w, committed_rows& rows,
                 witness& saw)
    : env_(env), plan_(plan), server_(s), wire_(w), rows_(rows), saw_(saw) {}

runners::~runners() {
  for (auto& r : all_)
    if (r->room)
      env_.kill(std::exchange(r->room, {}));
}

void runners::start(const runner_plan& plan, int64_t workflow) {
  auto r = std::make_shared<runner_process>();
  r->plan = plan;
  r->instance = ++last_instance_;
  r->workflow = workflow;
  auto parts = actors::runner_parts{};
  parts.settings.token = "secret";
  parts.settings.user = plan.user;
  parts.settings.workflow = workflow;
  parts.settings.hostname = "host" + std::to_string(r->instance);
  parts.settings.slots = plan.slots;
  parts.settings.room = plan.room;
  parts.settings.prefill = plan.prefill;
  parts.settings.idle_exit_s = plan.idle_exit_s;
  parts.settings.log = [this, r](const std::string& line) {
    env_.found.note("  runner process ", r->instance, ": ", line);
  };
  parts.instance = r->instance;
  parts.make_hands = [this, r](std::function<void(actors::hands_news)> tell) {
    r->tell = std::move(tell);
    return std::make_unique<pretended_hands>(*this, *r);
  };
  parts.dial = [this, r](actors::runner_pointer self, const auto& then) {
    wire_.dial(self, r->instance, then);
  };
  parts.now_us = [this] { return env_.now_us(); };
  parts.done = [this, r](const core::result<actors::runner_report>& how) { over(*r, how); };
  env_.found.note("runner process ", r->instance, " starts, of ", plan.user, ", slots ", plan.slots,
                  ", prefill ", plan.prefill, ", workflow ", workflow);
  all_.push_back(r);
  r->room = env_.system.spawn(actors::runner, std::move(parts));
}

void runners::launch(runner_process& r, core::wire::order what) {
  auto p = job_process{};
  p.start_us = env_.now_us();
  p.end_us = p.start_us + plan_.duration_us(what.name, what.what.attempt_id);
  p.return_code = plan_.return_code(what.name, what.what.attempt_id);
  p.number = saw_.started(
      {what.what.grant, what.what.job, what.what.run, what.what.attempt_id, what.name});
  p.what = std::move(what);
  r.processes.push_back(std::move(p));
  check_room(r);
}

/// No more runs than there is room for. One job may be larger than the whole host.
void runners::check_room(const runner_process& r) {
  int32_t jobs = 0, cpus = 0, gpus = 0;
  int64_t memory = 0;
  for (const auto& p : r.processes)
    if (p.alive) {
      ++jobs;
      cpus += p.what.num_cpus;
      gpus += p.what.num_gpus;
      memory += p.what.memory_bytes;
    }
  const auto& has = r.plan.room;
  const bool fits = r.plan.slots > 0 ? jobs <= r.plan.slots
                                     : jobs <= 1 || (cpus <= has.num_cpus && gpus <= has.num_gpus &&
                                                     memory <= has.memory_bytes);
  if (!fits)
    env_.found.wrong("runner process " + std::to_string(r.instance) + " runs " +
                     std::to_string(jobs) + " jobs with " + std::to_string(cpus) +
                     " CPUs, more than it has");
}

void runners::check_grants() const {
  for (const auto& r : all_)
    if (r->room && wire_.is_attached(r->instance))
      for (const auto& p : r->processes)
        if (p.alive && !rows_.is_open_as(p.what.what.job, p.what.what.grant))
          env_.found.wrong("runner process " + std::to_string(r->instance) + " runs job " +
                           std::to_string(p.what.what.job) + " by grant " +
                           std::to_string(p.what.what.grant) + ", which is closed");
}

void runners::check_idle(const std::vector<int64_t>& workflows) const {
  const auto serves = [](const runner_process& r, const workflow_plan& w, int64_t id) {
    return r.plan.user == w.user && (r.workflow == 0 || r.workflow == id);
  };
  const auto has_room = [](const runner_process& r, const core::needs& n) {
    const auto& room = r.plan.room;
    return r.plan.slots > 0 || (n.num_cpus <= room.num_cpus && n.num_gpus <= room.num_gpus &&
                                n.memory_bytes <= room.memory_bytes);
  };
  auto busy = std::set<int64_t>();
  for (const auto& [id, j] : rows_.jobs())
    busy.insert(j.runner);
  for (size_t w = 0; w < workflows.size(); ++w)
    for (const auto& job : plan_.workflows[w].jobs) {
      const auto* row = rows_.find(workflows[w], job.name);
      if (!row || row->status != core::job_status::ready)
        continue;
      for (const auto& r : all_) {
        const auto id = r->room && !r->was_stopped ? wire_.attached_as(r->instance) : 0;
        if (id != 0 && !busy.contains(id) && serves(*r, plan_.workflows[w], workflows[w]) &&
            has_room(*r, plan_.workflows[w].requirements[job.requirement]))
          env_.found.wrong(text_of(*row) + ": waits, while runner process " +
                           std::to_string(r->instance) + " has nothing to do");
      }
    }
}

void runners::end(job_process& p, int32_t return_code, bool killed) {
  if (!std::exchange(p.alive, false))
    return;
  p.is_killed = killed;
  p.return_code = return_code;
  p.end_us = env_.now_us();
  saw_.ended(p.number, return_code, killed);
}

void runners::kill_job(runner_process& r, int64_t grant) {
  for (auto& p : r.processes)
    if (p.what.what.grant == grant)
      end(p, 137, true);
}

bool runners::act() {
  auto due = std::vector<runner_process*>();
  for (auto& r : all_)
    if (r->room && std::any_of(r->processes.begin(), r->processes.end(), [&](const auto& p) {
          return !p.start_is_told || !p.alive || p.end_us <= env_.now_us();
        }))
      due.push_back(r.get());
  if (due.empty())
    return false;
  return act(*due[static_cast<size_t>(env_.chance.roll(static_cast<int64_t>(due.size())))]);
}

bool runners::act(runner_process& r) {
  auto news = actors::hands_news{};
  const auto now = env_.now_us();
  const auto most = env_.chance.between(1, 4);
  const auto past = env_.wall_us() - now;
  for (int64_t n = 0; n < most && !r.processes.empty(); ++n) {
    const auto at = static_cast<size_t>(env_.chance.roll(static_cast<int64_t>(r.processes.size())));
    auto& p = r.processes[at];
    if (p.alive && p.end_us <= now)
      end(p, p.return_code, false);
    if (p.alive && !std::exchange(p.start_is_told, true))
      news.started.push_back({p.what.what.grant, past + p.start_us});
    if (p.alive)
      continue;
    auto e = core::wire::ended{};
    e.what.grant = p.what.what.grant;
    e.return_code = p.return_code;
    e.start_us = past + p.start_us;
    e.end_us = past + p.end_us;
    news.ended.push_back(e);
    r.processes.erase(r.processes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (news.started.empty() && news.ended.empty())
    return false;
  r.tell(std::move(news));
  return true;
}

int64_t runners::next_us() const {
  auto next = std::numeric_limits<int64_t>::max();
  for (const auto& r : all_)
    for (const auto& p : r->processes)
      if (r->room)
        next = std::min(next, p.end_us);
  for (const auto& g : guardians_)
    if (!g->has_ended_jobs)
      next = std::min(next, g->ends_jobs_us);
  return next;
}

void runners::meet_fault() {
  auto living = std::vector<runner_process*>();
  for (auto& r : all_)
    if (r->room)
      living.push_back(r.get());
  if (living.empty())
    return;
  auto& d = env_.chance;
  auto& r = *living[static_cast<size_t>(d.roll(static_cast<int64_t>(living.size())))];
  switch (d.roll(6)) {
  case 0:
  case 1:
    return crash(r, false);
  case 2:
    return crash(r, true);
  case 3:
    return lose_guardian(r);
  default:
    r.was_stopped = true;
    env_.found.note("runner process ", r.instance, " is asked to end");
    return caf::anon_send(r.room, actors::stop_wish{d.once_in(4) ? 2 : 1});
  }
}

void runners::crash(runner_process& r, bool host) {
  env_.found.note("runner process ", r.instance, host ? "'s host vanishes" : " is killed");
  env_.kill(std::exchange(r.room, {}));
  r.tell = nullptr;
  wire_.runner_gone(r.instance, host);
  auto processes = std::exchange(r.processes, {});
  if (host) {
    for (auto& p : processes)
      end(p, 137, true);
    dead_.push_back(r.instance);
    return;
  }
  auto g = std::make_shared<guardian>();
  g->instance = r.instance;
  g->ends_jobs_us = env_.now_us() + env_.chance.roll(env_.chance.once_in(4) ? 1'000'000 : 2000);
  g->gives_up_us = g->ends_jobs_us + 30'000'000;
  g->processes = std::move(processes);
  guardians_.push_back(std::move(g));
}

/// The runner hears that its jobs are gone with the process that had started them.
void runners::lose_guardian(runner_process& r) {
  if (!r.tell)
    return;
  env_.found.note("runner process ", r.instance, " loses its guardian");
  auto news = actors::hands_news{};
  news.lost = true;
  for (auto& p : r.processes) {
    end(p, 137, true);
    news.open.push_back(p.what.what.grant);
  }
  r.processes.clear();
  r.tell(std::move(news));
}

void runners::over(runner_process& r, const core::result<actors::runner_report>& how) {
  env_.found.note("runner process ", r.instance, " is over", how ? "" : ": " + how.why().message);
  for (auto& p : r.processes) {
    if (p.alive)
      env_.found.wrong("runner process " + std::to_string(r.instance) +
                       " ends while its job of grant " + std::to_string(p.what.what.grant) +
                       " runs");
  }
  r.processes.clear();
  // Once a goodbye was heard, nothing may wait for anybody's word on it.
  if (!r.said_goodbye)
    dead_.push_back(r.instance);
  r.room = actors::runner_room{};
  r.tell = nullptr;
  wire_.runner_gone(r.instance, false);
}

void runners::tick() {
  const auto now = env_.now_us();
  for (auto& g : guardians_) {
    if (!g->has_ended_jobs && g->ends_jobs_us <= now) {
      g->has_ended_jobs = true;
      for (auto& p : g->processes)
        end(p, 137, true);
    }
    if (g->has_ended_jobs && !g->is_heard && server_.is_up() && g->asked_in_life != server_.life())
      call_server(*g);
  }
  for (const auto& g : guardians_)
    if (!g->is_heard && g->gives_up_us <= now)
      dead_.push_back(g->instance);
  std::erase_if(guardians_, [&](const auto& g) { return g->is_heard || g->gives_up_us <= now; });
  std::erase_if(all_, [](const auto& r) { return !r->room && r->processes.empty(); });
}

void runners::tell_of_the_dead() {
  for (const auto instance : std::exchange(dead_, {})) {
    auto g = std::make_shared<guardian>();
    g->instance = instance;
    g->has_ended_jobs = true;
    g->gives_up_us = std::numeric_limits<int64_t>::max();
    guardians_.push_back(std::move(g));
  }
}

void runners::call_server(guardian& g) {
  g.asked_in_life = server_.life();
  const auto at = std::find_if(guardians_.begin(), guardians_.end(),
                               [&](const auto& each) { return each.get() == &g; });
  server_.port().runner_gone(g.instance, [this, me = *at](const core::result<core::done>& how) {
    env_.found.note("guardian of ", me->instance, " is heard", how ? "" : ": " + how.why().message);
    me->is_heard = true; // Where nobody knows of the runner, nothing is lost.
  });
}

bool runners::has_lasting(const std::string& user) const {
  return std::any_of(all_.begin(), all_.end(), [&](const auto& r) {
    return r->room && !r->was_stopped && r->plan.user == user && r->plan.workflow < 0 &&
           r->plan.idle_exit_s == 0 && r->plan.slots >= 1;
  });
}

size_t runners::count() const {
  return static_cast<size_t>(
      std::count_if(all_.begin(), all_.end(), [](const auto& r) { return bool(r->room); }));
}

} // namespace torc::simulation
