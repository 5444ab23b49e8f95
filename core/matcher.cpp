#include "core/matcher.hpp"

#include "core/matcher_state.hpp"

#include <algorithm>
#include <queue>

namespace torc::core {

namespace {

/// A grant without a runner yet.
grant grant_for(const ready_job& j, const needs& n) {
  auto g = grant{};
  g.workflow = j.workflow;
  g.job = j.job;
  g.attempt = j.attempt;
  g.need = n;
  return g;
}

} // namespace

grant matcher::state::issue(workflow& w, uint32_t job_class) {
  auto g = grant_for(w.queue.pop(w.id, job_class), w.queue.class_at(job_class).need);
  g.id = grant_id{next_grant++};
  before_change(w);
  w.open.insert_or_assign(g.job, g.id);
  after_change(w);
  --waiting;
  return g;
}

bool matcher::state::place_one(standing_offer& r, bool beyond_room) {
  auto fits = [&](const job_class& c) {
    return beyond_room ? r.could_run(c.need) : r.has_room(c.need);
  };
  auto try_one = [&](workflow& w) {
    if (w.paused || w.queue.empty())
      return false;
    auto c = w.queue.pick(w.queue.order(), fits);
    if (c == ready_queue::no_class)
      return false;
    auto g = issue(w, c);
    g.runner = r.id();
    r.give(g);
    out.grants.push_back(std::move(g));
    return true;
  };
  if (r.workflow()) {
    auto at = workflows.find(r.workflow());
    return at != workflows.end() && try_one(at->second);
  }
  auto user = users.find(r.user());
  if (user == users.end())
    return false;
  for (auto [open, id] : user->second)
    if (try_one(workflows.at(id)))
      return true; // The set has changed.
  return false;
}

/// The runner with most to give comes first, so that equal ones get equal shares.
void matcher::state::fill(bool beyond_room) {
  auto left_of = [&](const standing_offer& r) {
    return beyond_room ? r.free_prefill() : r.free_room();
  };
  using chance = std::pair<int64_t, int64_t>; // room, then the older runner
  auto next = std::priority_queue<chance>();
  for (auto& [id, r] : runners)
    if (auto n = left_of(r); n > 0)
      next.emplace(n, -id.value);
  while (!next.empty() && waiting > 0) {
    auto id = runner_id{-next.top().second};
    next.pop();
    auto& r = runners.at(id);
    if (!place_one(r, beyond_room))
      continue;
    if (auto n = left_of(r); n > 0)
      next.emplace(n, -id.value);
  }
}

void matcher::state::recall_for(standing_offer& idle, int64_t& covered) {
  // Each order that is on its way back serves the first idle runner only.
  int64_t under_way = -covered;
  for (const auto& [id, r] : runners)
    under_way += r.recalled_cost(idle);
  auto room = idle.free_room();
  auto wanted = room - std::clamp(under_way, int64_t{0}, room);
  auto serves = [&](const grant& g) {
    auto w = workflows.find(g.workflow);
    return w != workflows.end() && !w->second.paused && idle.serves(g.workflow, w->second.user);
  };
  while (wanted > 0) {
    standing_offer* most = nullptr;
    int64_t surplus = 0;
    for (auto& [id, r] : runners)
      if (auto n = r.has_queue() ? r.surplus_for(idle, serves) : 0; n > surplus) {
        surplus = n;
        most = &r;
      }
    auto n = most ? most->recall_for(idle, wanted, serves) : 0;
    if (n == 0)
      break;
    out.recalls.push_back({most->id(), n});
  }
  covered += room - wanted;
}

void matcher::state::recall_for_idle() {
  if (std::none_of(runners.begin(), runners.end(),
                   [](const auto& r) { return r.second.has_queue(); }))
    return;
  int64_t covered = 0;
  for (auto& [id, r] : runners)
    if (r.free_room() > 0)
      recall_for(r, covered);
}

void matcher::state::serve(const offer& o) {
  auto at = workflows.find(o.workflow);
  if (at == workflows.end() || at->second.paused)
    return;
  auto& w = at->second;
  auto room = packing{o.room};
  auto by = o.by_count ? w.queue.order() : sort_order_from(o.sort_method);
  auto meant = [&](const job_class& c) { return !c.scheduler || c.scheduler == o.scheduler; };
  // torc's lenient match: another scheduler's jobs only where none of its own could ever run.
  bool any_scheduler = !o.strict_scheduler_match && w.queue.pick(by, [&](const auto& c) {
    return meant(c) && room.could(c.need);
  }) == ready_queue::no_class;
  auto fits = [&](const job_class& c) {
    return o.by_count ? serves(o.room.labels, c.need.labels)
                      : (any_scheduler || meant(c)) && room.has_room(c.need);
  };
  for (int64_t n = 0; n < o.limit; ++n) {
    auto c = w.queue.pick(by, fits);
    if (c == ready_queue::no_class)
      break;
    auto g = issue(w, c);
    g.offer = o.ticket;
    if (!o.by_count)
      room.take(g.need);
    out.grants.push_back(std::move(g));
  }
}

matcher::matcher(int64_t first_grant) : state_(std::make_unique<state>()) {
  state_->next_grant = first_grant;
}
matcher::~matcher() = default;
matcher::matcher(matcher&&) noexcept = default;
matcher& matcher::operator=(matcher&&) noexcept = default;

matcher::outcome matcher::apply(const releases& r) {
  auto& s = *state_;
  s.out = {};
  s.take_back(r.cause);
  s.obey(r);
  s.amend(r);
  if (r.admitted)
    s.admit(*r.admitted);
  s.enqueue(r);
  for (const auto& j : r.cause.joined)
    s.join(j);
  for (const auto& o : r.cause.offers)
    s.serve(o);
  if (!s.runners.empty()) {
    s.fill(false);
    s.fill(true);
    s.recall_for_idle();
  }
  for (const auto& c : r.completed)
    s.drop(c.workflow);
  return std::move(s.out);
}

void matcher::restore(const admission& a) {
  state_->admit(a);
  auto r = releases{};
  for (const auto& j : a.jobs)
    if (j.status == job_status::ready)
      r.ready.push_back({a.workflow, j.job, j.job_class, j.attempt});
  state_->enqueue(r);
}

size_t matcher::waiting() const {
  return state_->waiting;
}

} // namespace torc::core
