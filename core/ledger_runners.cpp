#include "core/ledger_state.hpp"

#include "core/image.hpp"

#include <algorithm>
#include <limits>

namespace torc::core {

namespace {

/// A word of the dead is under way for seconds at the most.
constexpr size_t most_buried = 4096;

/// Of a runner whose lease never ends.
constexpr auto no_deadline = std::numeric_limits<int64_t>::max();

capacity room_of(const wire::attach& a, label_set labels) {
  auto c = capacity{a.num_cpus, a.num_gpus, std::max(a.num_nodes, 1), a.memory_bytes, {}};
  if (a.time_limit_s >= 0)
    c.time_limit_s = a.time_limit_s;
  c.labels = std::move(labels);
  return c;
}

/// A runner may say completed, failed or terminated, or that a failure waits to be classified;
/// anything else is judged by its return code.
job_status status_of(const wire::ended& e) {
  auto said = job_status_from(static_cast<int64_t>(e.status));
  if (said && is_terminal(*said) && *said != job_status::canceled)
    return *said;
  return e.return_code == 0 ? job_status::completed : job_status::failed;
}

} // namespace

void ledger::state::judge(attempt& a, const wire::ended& e) {
  auto v = attempt_ended{};
  v.status = status_of(e);
  v.return_code = e.return_code;
  v.node = a.node;
  v.start = e.start_us > 0 ? instant{e.start_us} : a.start;
  v.end = instant{e.end_us};
  auto wall_us = v.start.us > 0 ? std::max<int64_t>(0, v.end.us - v.start.us) : 0;
  v.exec_time_minutes = static_cast<double>(wall_us) / 60e6;
  if (e.peak_memory_bytes >= 0)
    v.used.peak_memory_bytes = e.peak_memory_bytes;
  if (e.cpu_us >= 0 && wall_us > 0)
    v.used.avg_cpu_percent = 100.0 * static_cast<double>(e.cpu_us) / static_cast<double>(wall_us);
  v.open = close(a);
  gathered.ended.push_back(std::move(v));
}

ledger::state::attempt* ledger::state::find_named(const wire::attempt& said, runner_id by,
                                                  told& out) {
  const auto id = grant_id{said.grant};
  const auto lies = [&](const std::string& what) {
    out.lie = "grant " + std::to_string(said.grant) + " " + what;
    return nullptr;
  };
  auto* a = find_open(id, by);
  if (!a && open.contains(id))
    return lies("is not its own");
  if (!a)
    return id > newest ? lies("was never given") : nullptr;
  // A job of 0: the runner knows no more than the grant.
  const auto& g = a->what;
  if (said.job != 0 &&
      (said.job != g.job.value || said.run != g.run || said.attempt_id != g.attempt))
    return lies("is of job " + std::to_string(g.job.value) + ", run " + std::to_string(g.run) +
                ", attempt " + std::to_string(g.attempt) + ", and of no other");
  return a;
}

ledger::state::runner& ledger::state::admit_runner(const wire::attach& a) {
  auto id = runner_id{a.runner};
  if (auto same = by_instance.find(a.instance); a.instance != 0 && same != by_instance.end())
    id = same->second;
  else if (id.value <= 0 || id.value >= first_id_of(set.epoch) || runners.contains(id))
    id = runner_id{next_runner++}; // New, or forgotten, or somebody else's name.
  auto& r = runners[id];
  r.id = id;
  r.instance = a.instance;
  if (a.instance != 0)
    by_instance[a.instance] = id;
  return r;
}

int64_t ledger::state::deadline_of(int64_t lease_ms, instant now) const {
  return lease_ms > 0 ? now.us + (lease_ms + set.lease_margin_ms) * 1000 : no_deadline;
}

void ledger::state::join(runner& r, instant now) {
  auto& list = gathered.joined;
  auto at = std::find_if(list.begin(), list.end(), [&](auto& j) { return j.runner == r.id; });
  auto& j = at == list.end() ? list.emplace_back() : *at;
  j.runner = r.id;
  j.instance = r.instance;
  j.user = r.user;
  j.workflow = r.workflow;
  j.room = r.room;
  j.slots = r.slots;
  j.prefill = r.prefill;
  j.hostname = r.hostname;
  j.pid = r.pid;
  j.at = now;
  r.known_to_broker = true;
}

/// Compares what the runner has with what it should have.
void ledger::state::reconcile(runner& r, const wire::attach& a, wire::welcome& w, told& out) {
  for (const auto& e : a.unacked)
    if (auto* at = find_named(e.what, r.id, out))
      judge(*at, e);
  auto listed = std::unordered_set<int64_t>();
  auto ask_again = wire::revoke{};
  for (const auto& h : a.held) {
    auto* at = find_named(h, r.id, out);
    if (!at) {
      w.revoked.push_back(h.grant);
      continue;
    }
    listed.insert(h.grant);
    at->sent = true;
    if (at->recalled && !at->started)
      ask_again.grants.push_back(h.grant);
  }
  auto again = wire::run_jobs{};
  for (auto id : std::vector(r.held.begin(), r.held.end())) {
    auto& at = open.at(id);
    if (listed.contains(id.value))
      continue;
    if (at.started) {
      retry(at); // It ran there once and is gone without a word.
    } else if (at.text) {
      at.sent = true;
      at.recalled = false;
      again.orders.push_back(as_order(at.what, *at.text));
    } else {
      give_back(at); // Its text went with the server that was killed.
    }
  }
  send_orders(r.id, std::move(again), out);
  if (!ask_again.grants.empty())
    out.parcels.push_back({r.id, std::move(ask_again)});
}

wire::welcome ledger::attach(const wire::attach& a, instant now, told& out) {
  auto& s = *state_;
  auto w = wire::welcome{};
  w.chosen_protocol = std::min(a.newest_protocol, wire::protocol);
  if (w.chosen_protocol < a.oldest || w.chosen_protocol < wire::oldest_protocol) {
    w.refused = "the runner speaks protocols " + std::to_string(a.oldest) + " to " +
                std::to_string(a.newest_protocol) + ", the server " +
                std::to_string(wire::oldest_protocol) + " to " + std::to_string(wire::protocol) +
                "; use programs of closer versions";
    return w;
  }
  // Else it would be given jobs that nobody ever runs.
  if (std::find(s.buried.begin(), s.buried.end(), a.instance) != s.buried.end()) {
    w.refused = "the guardian of this runner has told of its death; start another";
    return w;
  }
  auto labels = make_labels(a.labels);
  if (!labels) {
    w.refused = labels.why().message;
    return w;
  }
  auto& r = s.admit_runner(a);
  auto room = room_of(a, std::move(*labels));
  auto changed = r.room != room || r.slots != a.slots || r.prefill != a.prefill ||
                 r.workflow.value != a.workflow || r.user != a.user;
  r.user = a.user;
  r.workflow = workflow_id{a.workflow};
  r.room = room;
  r.slots = a.slots;
  r.prefill = a.prefill;
  r.hostname = a.hostname;
  r.pid = a.pid;
  r.connected = true;
  // It may never hear this welcome, and go on as it was told before; its next report knows.
  r.deadline_us = std::max(r.deadline_us, s.deadline_of(s.set.lease_ms, now));
  w.runner = r.id.value;
  w.server_epoch = s.set.epoch;
  w.lease_ms = s.set.lease_ms;
  s.reconcile(r, a, w, out);
  if (!r.known_to_broker || changed)
    s.join(r, now);
  return w;
}

void ledger::state::acknowledge(runner_id r, int64_t seq, uint64_t batch, told& out) {
  if (batch <= on_disk)
    out.parcels.push_back({r, wire::ack{seq}});
  else
    acks.push_back({batch, r, seq});
}

void ledger::hear(const wire::report& r, instant now, told& out) {
  auto& s = *state_;
  auto from = runner_id{r.runner};
  auto stale = wire::revoke{{}, true};
  auto over = std::unordered_set<int64_t>();
  for (const auto& e : r.done)
    over.insert(e.what.grant);
  for (size_t i = 0; i < r.started.size(); ++i) {
    auto g = grant_id{r.started[i].grant};
    auto* a = s.find_named(r.started[i], from, out);
    if (!a) {
      if (!over.contains(g.value))
        stale.grants.push_back(g.value);
      continue;
    }
    if (std::exchange(a->started, true))
      continue;
    a->start = i < r.started_us.size() ? instant{r.started_us[i]} : now;
    a->recalled = false;
    a->text.reset();
    // A start and its end in one report are one write.
    if (over.contains(g.value))
      continue;
    s.gathered.started.push_back({g, a->what.job, {}, a->start, {}, from});
    s.note(from);
  }
  for (const auto& e : r.done)
    if (auto* a = s.find_named(e.what, from, out))
      s.judge(*a, e);
  for (auto g : r.returned)
    if (auto* a = s.find_named({.grant = g}, from, out))
      a->started ? s.retry(*a) : s.give_back(*a);
  if (!stale.grants.empty())
    out.parcels.push_back({from, std::move(stale)});

  auto at = s.runners.find(from);
  if (at != s.runners.end()) {
    at->second.round_trip_us = r.round_trip_us;
    at->second.deadline_us = s.deadline_of(s.set.lease_ms, now);
  }
  // Of a runner that is forgotten: everything about it lies in this batch or before.
  auto batch = has_verdicts() ? s.this_batch() : s.last_taken;
  if (at != s.runners.end() && r.leaving) {
    s.lose(at->second, now, true);
    batch = s.this_batch();
  } else if (at != s.runners.end()) {
    batch = at->second.last_batch;
  }
  s.acknowledge(from, r.seq, batch, out);
}

void ledger::state::lose(runner& r, instant now, bool returns) {
  for (auto id : std::vector(r.held.begin(), r.held.end())) {
    auto& a = open.at(id);
    if (!a.started && (returns || !a.sent))
      give_back(a);
    else
      retry(a);
  }
  // One that comes and goes within a batch must not stay with the broker.
  auto id = r.id;
  std::erase_if(gathered.joined, [&](const auto& j) { return j.runner == id; });
  gathered.left.push_back({id, now});
  by_instance.erase(r.instance);
  runners.erase(id);
}

void ledger::disconnected(runner_id id) {
  if (auto at = state_->runners.find(id); at != state_->runners.end())
    at->second.connected = false;
}

void ledger::gone(runner_id id, instant now) {
  if (auto at = state_->runners.find(id); at != state_->runners.end())
    state_->lose(at->second, now, false);
}

void ledger::state::bury(int64_t instance) {
  if (buried.size() == most_buried)
    buried.pop_front();
  buried.push_back(instance);
}

answer ledger::gone(int64_t instance, instant now, ticket_id ticket) {
  auto& s = *state_;
  if (instance != 0)
    s.bury(instance);
  const auto at = s.by_instance.find(instance);
  if (instance == 0 || at == s.by_instance.end())
    return refuse(refusal::not_found, "no runner of this instance holds anything");
  s.lose(s.runners.at(at->second), now, false);
  s.replies.push_back({s.this_batch(), ticket});
  return done{1};
}

std::vector<runner_id> ledger::tick(instant now) {
  auto& s = *state_;
  auto lost = std::vector<runner_id>();
  for (auto at = s.runners.begin(); at != s.runners.end();) {
    auto& r = (at++)->second; // lose() takes it out
    if (r.deadline_us == no_deadline || now.us < r.deadline_us)
      continue;
    lost.push_back(r.id);
    s.lose(r, now, false);
  }
  for (auto g : s.new_claims)
    s.claims.push_back({g, now.us});
  s.new_claims.clear();
  auto timeout = s.set.claim_timeout_ms * 1000;
  while (!s.claims.empty()) {
    auto* a = s.find_open(s.claims.front().grant, runner_id{});
    auto waits = a && !a->started;
    if (waits && now.us - s.claims.front().since_us < timeout)
      break;
    if (waits)
      s.give_back(*a);
    s.claims.pop_front();
  }
  return lost;
}

void ledger::restore(const grant& g, bool started, int64_t runner_instance, instant now) {
  auto& s = *state_;
  auto& a = s.open[g.id];
  s.newest = std::max(s.newest, g.id);
  a.what = g;
  a.started = started;
  a.sent = true;
  s.by_job[g.job] = g.id;
  if (!g.runner) {
    s.claims.push_back({g.id, now.us});
    return;
  }
  auto& r = s.runners[g.runner];
  r.id = g.runner;
  r.instance = runner_instance;
  if (runner_instance != 0)
    s.by_instance[runner_instance] = g.runner;
  const auto believed = s.set.promised_lease_ms.value_or(s.set.lease_ms);
  r.deadline_us = s.deadline_of(longer_lease(s.set.lease_ms, believed), now);
  r.held.insert(g.id);
}

} // namespace torc::core
