#include "core/ledger.hpp"

#include "core/image.hpp"
#include "core/ledger_state.hpp"

#include <algorithm>

namespace torc::core {

namespace {

/// Of one run_jobs message. The codec refuses lists and texts far above this.
constexpr size_t most_orders = 4096;
constexpr size_t most_order_bytes = size_t{8} << 20;

} // namespace

ledger::state::state(settings s) : set(s), next_runner(first_id_of(s.epoch)) {}

wire::order as_order(const grant& g, const order_text& text) {
  auto o = wire::order{};
  o.what = {g.id.value, g.job.value, g.run, g.attempt};
  o.workflow = g.workflow.value;
  o.name = text.name;
  o.command = text.command;
  o.env = text.env;
  o.num_cpus = g.need.num_cpus;
  o.num_gpus = g.need.num_gpus;
  o.num_nodes = g.need.num_nodes;
  o.memory_bytes = g.need.memory_bytes;
  o.runtime_s = g.need.runtime_s;
  return o;
}

void send_orders(runner_id to, wire::run_jobs all, ledger::told& out) {
  auto part = wire::run_jobs{};
  size_t bytes = 0;
  auto send = [&] {
    if (!part.orders.empty())
      out.parcels.push_back({to, std::move(part)});
    part = {};
    bytes = 0;
  };
  for (auto& o : all.orders) {
    auto size = o.command.size() + o.name.size();
    for (const auto& one : o.env)
      size += one.size();
    if (part.orders.size() >= most_orders || bytes + size > most_order_bytes)
      send();
    bytes += size;
    part.orders.push_back(std::move(o));
  }
  send();
}

ledger::state::attempt* ledger::state::find_open(grant_id g, runner_id owner) {
  auto at = open.find(g);
  return at != open.end() && at->second.what.runner == owner ? &at->second : nullptr;
}

ledger::state::attempt* ledger::state::find_open(job_id j) {
  auto at = by_job.find(j);
  return at == by_job.end() ? nullptr : &open.at(at->second);
}

grant ledger::state::close(attempt& a) {
  auto g = a.what;
  if (auto at = by_job.find(g.job); at != by_job.end() && at->second == g.id)
    by_job.erase(at);
  if (auto r = runners.find(g.runner); r != runners.end())
    r->second.held.erase(g.id);
  note(g.runner);
  open.erase(g.id);
  return g;
}

void ledger::state::note(runner_id r) {
  if (auto at = runners.find(r); at != runners.end())
    at->second.last_batch = this_batch();
}

void ledger::state::retry(attempt& a, ticket_id ticket) {
  auto next = a.what.attempt + 1;
  gathered.retried.push_back({close(a), next, ticket});
}

void ledger::state::give_back(attempt& a) {
  gathered.returned.push_back(close(a));
}

bool ledger::state::is_fenced(const grant& g) const {
  return std::any_of(fences.begin(), fences.end(), [&](const fence& f) {
    return f.workflow == g.workflow && (f.all || f.jobs.contains(g.job)) &&
           (!f.run || *f.run == g.run) && (!f.attempt || *f.attempt == g.attempt);
  });
}

void ledger::state::drop_fences(uint64_t batch) {
  while (!fences.empty() && fences.front().batch <= batch)
    fences.pop_front();
}

void ledger::state::open_attempt(const launch::placed& p, handout& to, told& out) {
  const auto& g = p.open;
  newest = std::max(newest, g.id);
  if (is_fenced(g)) {
    gathered.closed.push_back(g);
    return;
  }
  auto r = runners.find(g.runner);
  if (g.runner && r == runners.end()) {
    gathered.returned.push_back(g); // The runner left while its order was being written.
    return;
  }
  // The broker grants no job twice; if the disk says otherwise, the newer grant is the one that
  // counts.
  if (auto* older = find_open(g.job))
    close_for_control(*older, out);
  auto& a = open[g.id];
  a.what = g;
  by_job[g.job] = g.id;
  if (!g.runner) {
    new_claims.push_back(g.id);
    to.claimed[g.offer].push_back(p);
    return;
  }
  r->second.held.insert(g.id);
  a.text = std::make_unique<order_text>(p.text);
  a.sent = r->second.connected;
  if (a.sent)
    to.orders[g.runner].orders.push_back(as_order(g, p.text));
}

void ledger::state::recall_from(const recall& wish, told& out) {
  auto at = runners.find(wish.runner);
  if (at == runners.end() || !at->second.connected)
    return;
  auto ask = wire::revoke{};
  const auto& held = at->second.held;
  for (auto g = held.rbegin();
       g != held.rend() && ask.grants.size() < static_cast<size_t>(wish.count); ++g) {
    auto& a = open.at(*g);
    if (a.started || a.recalled)
      continue;
    a.recalled = true;
    ask.grants.push_back(g->value);
  }
  if (!ask.grants.empty())
    out.parcels.push_back({wish.runner, std::move(ask)});
}

void ledger::state::finish(workflow_id w, const std::string& user, bool canceled, told& out) {
  for (const auto& [id, r] : runners)
    if (r.connected && (r.workflow ? r.workflow == w : !user.empty() && r.user == user))
      out.parcels.push_back({id, wire::finished{w.value, canceled}});
}

void ledger::state::follow(const amendments& a) {
  gathered.amended.classes.insert(gathered.amended.classes.end(), a.classes.begin(),
                                  a.classes.end());
  for (const auto& j : a.jobs) {
    gathered.amended.jobs.push_back(j);
    if (j.ticket) {
      replies.push_back({this_batch(), j.ticket});
      waits_for_rooms.insert(j.ticket);
    }
  }
}

void ledger::state::settle(const ticketed<answer>& a, told& out) {
  const bool unknown = unheld.erase(a.ticket) > 0;
  if (waits_for_rooms.erase(a.ticket) == 0 || !a.what)
    out.replies.push_back({a.ticket, a.what, {}});
  if (unknown && a.what)
    out.replies.back().outcome->needs_admission = true;
  auto at = consequences.find(a.ticket);
  if (at == consequences.end())
    return;
  if (a.what && at->second.resumes)
    gathered.resumed.push_back(at->second.workflow);
  if (a.what && at->second.cancels)
    finish(at->second.workflow, {}, true, out);
  consequences.erase(at);
}

ledger::ledger(settings s) : state_(std::make_unique<state>(s)) {}
ledger::~ledger() = default;
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;

bool ledger::has_verdicts() const {
  const auto& v = state_->gathered;
  return !v.started.empty() || !v.ended.empty() || !v.retried.empty() || !v.returned.empty() ||
         !v.joined.empty() || !v.left.empty() || !v.offers.empty() || !v.controls.empty() ||
         !v.closed.empty() || !v.resumed.empty() || !v.amended.empty();
}

void ledger::remember(ticket_id ticket, once_ptr call) {
  state_->gathered.once.push_back({ticket, std::move(call)});
}

ledger::judged_count ledger::judged() const {
  return {state_->gathered.started.size(), state_->gathered.ended.size()};
}

verdicts ledger::take_batch() {
  auto& s = *state_;
  s.gathered.batch = ++s.last_taken;
  // Now, not when the runner attached: what has ended since must not be counted as its load.
  for (auto& j : s.gathered.joined)
    for (auto g : s.runners.at(j.runner).held)
      j.open.push_back(s.open.at(g).what);
  return std::exchange(s.gathered, {});
}

ledger::told ledger::hear(const launch& l) {
  auto& s = *state_;
  auto out = told{};
  if (l.batch > 0)
    s.drop_fences(l.batch);
  auto handout = state::handout{};
  for (const auto& p : l.orders)
    s.open_attempt(p, handout, out);
  for (auto& [to, run] : handout.orders)
    send_orders(to, std::move(run), out);
  for (const auto& r : l.recalls)
    s.recall_from(r, out);
  for (auto ticket : l.offers) {
    auto got = handout.claimed.find(ticket);
    auto list =
        got == handout.claimed.end() ? std::vector<launch::placed>() : std::move(got->second);
    auto count = static_cast<int64_t>(list.size());
    out.replies.push_back({ticket, done{count}, std::move(list)});
  }
  s.unheld.insert(l.unheld.begin(), l.unheld.end());
  s.follow(l.amended);
  for (const auto& a : l.answers)
    s.settle(a, out);
  for (const auto& c : l.completed)
    s.finish(c.workflow, c.user, false, out);
  return out;
}

ledger::told ledger::on_disk(uint64_t batch) {
  auto& s = *state_;
  auto out = told{};
  s.on_disk = std::max(s.on_disk, batch);
  s.drop_fences(batch);
  for (; !s.acks.empty() && s.acks.front().batch <= batch; s.acks.pop_front())
    out.parcels.push_back({s.acks.front().runner, wire::ack{s.acks.front().seq}});
  for (; !s.parcels.empty() && s.parcels.front().batch <= batch; s.parcels.pop_front())
    out.parcels.push_back(std::move(s.parcels.front().what));
  for (; !s.replies.empty() && s.replies.front().batch <= batch; s.replies.pop_front()) {
    const auto ticket = s.replies.front().ticket;
    out.replies.push_back({ticket, done{1, s.unheld.erase(ticket) > 0}, {}});
  }
  return out;
}

std::vector<runner_view> ledger::runners() const {
  auto out = std::vector<runner_view>();
  out.reserve(state_->runners.size());
  for (const auto& [id, r] : state_->runners) {
    const auto running = std::count_if(r.held.begin(), r.held.end(),
                                       [&](auto g) { return state_->open.at(g).started; });
    const auto unacked = std::count_if(state_->acks.begin(), state_->acks.end(),
                                       [&, id = id](const auto& a) { return a.runner == id; });
    out.push_back({id, r.user, r.hostname, r.pid, r.workflow, r.connected, r.slots, r.room.num_cpus,
                   running, static_cast<int64_t>(r.held.size()) - running, unacked,
                   r.round_trip_us});
  }
  return out;
}

size_t ledger::open_grants() const {
  return state_->open.size();
}

void ledger::sanity_check() const {
  const auto& s = *state_;
  size_t held = 0, of_http = 0;
  for (const auto& [id, a] : s.open) {
    if (a.what.id != id || s.by_job.at(a.what.job) != id)
      fault("ledger: an open attempt is not the one of its job");
    if (!a.what.runner)
      ++of_http;
    else if (!s.runners.at(a.what.runner).held.contains(id))
      fault("ledger: a runner does not hold its own grant");
  }
  for (const auto& [id, r] : s.runners) {
    held += r.held.size();
    if (r.connected && !r.known_to_broker &&
        std::none_of(s.gathered.joined.begin(), s.gathered.joined.end(),
                     [&, runner = id](const auto& j) { return j.runner == runner; }))
      fault("ledger: the broker never hears of a runner");
  }
  if (held + of_http != s.open.size() || s.by_job.size() != s.open.size())
    fault("ledger: the counts of open attempts differ");
}

} // namespace torc::core
