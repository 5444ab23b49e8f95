#include "core/graph.hpp"

#include "core/dependencies.hpp"
#include "core/find_job.hpp"

#include <algorithm>
#include <unordered_set>
#include <variant>

namespace torc::core {

struct graph::workflow_graph : dependencies {
  using dependencies::dependencies;
  /// Canceled and not resumed since: what was open then has ended, also what is closed only now.
  bool is_swept = false;
  /// Released, and no more for the broker to grant: an admission that has them wait is planned.
  std::unordered_set<job_id> withheld;
};

namespace {

/// Hands what one workflow set free to the step of the whole message.
template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty())
    to = std::move(from);
  else
    to.insert(to.end(), from.begin(), from.end());
}

template <class T, class JobOf>
void erase_jobs(std::vector<T>& from, const std::vector<job_id>& jobs, JobOf job_of) {
  if (jobs.empty() || from.empty())
    return;
  auto set = std::unordered_set<job_id>(jobs.begin(), jobs.end());
  std::erase_if(from, [&](const T& x) { return set.contains(job_of(x)); });
}

/// A step says what holds at its end: what an earlier part of the message had freed and a later one
/// took back is not told.
void collect(graph::step& out, dependencies::freed&& f) {
  erase_jobs(out.ready, f.withdrawn, [](const ready_job& r) { return r.job; });
  erase_jobs(out.canceled, f.undone, [](job_id j) { return j; });
  append(out.ready, std::move(f.ready));
  append(out.canceled, std::move(f.canceled));
  append(out.withdrawn, std::move(f.withdrawn));
}

void force(dependencies& d, uint32_t at, job_status s, dependencies::freed& out) {
  switch (s) {
  case job_status::ready:
    return d.release(at, out);
  case job_status::blocked:
    return d.block(at, out);
  case job_status::pending:
  case job_status::running:
    return d.set_open(at, out);
  case job_status::uninitialized:
  case job_status::pending_failed:
    if (!d.is_over(at))
      d.hold(at, out);
    return;
  default:
    return d.end_by_force(at, is_failure(s), out);
  }
}

/// Tells a graph of rows that were read a while ago what the one it replaces has learnt since: of
/// all jobs where only some were resumed, else of those that have ended since. Attempts only rise.
void catch_up(const admission& a, const dependencies& before, dependencies& fresh,
              graph::step& out) {
  const auto resumed = std::unordered_set<job_id>(a.resumed.begin(), a.resumed.end());
  for (const auto& j : a.jobs) {
    const bool kept = !resumed.empty() && !resumed.contains(j.job);
    const auto at = before.find(j.job);
    if (at == no_position)
      continue;
    fresh.raise_attempt(fresh.find(j.job), before.attempt_of(at));
    const bool ended_since = before.ended_after(at, a.read_at_turn);
    if (!kept && !is_open(j.status) && !ended_since)
      continue;
    if (!kept && ended_since)
      out.ended_since.push_back(j.job);
    auto corrected = dependencies::freed{};
    if (kept)
      fresh.correct(fresh.find(j.job), before, at, corrected);
    else if (before.is_over(at))
      fresh.end_by_force(fresh.find(j.job), before.state_of(at) == dependencies::state::failed,
                         corrected);
    collect(out, std::move(corrected));
  }
  // Of these the broker has heard, and may have granted them since.
  if (!resumed.empty())
    std::erase_if(out.ready, [&](const ready_job& r) { return before.is_released(r.job); });
}

/// Whom an admission has wait again though the broker may have granted them since its rows were
/// read.
std::vector<ready_job> to_withhold(const admission& a, const dependencies& before,
                                   const std::unordered_set<job_id>& withheld,
                                   const dependencies& fresh) {
  auto out = std::vector<ready_job>();
  for (const auto& j : a.jobs)
    if (j.status == job_status::blocked && before.is_released(j.job) && !withheld.contains(j.job) &&
        fresh.state_of(fresh.find(j.job)) == dependencies::state::waiting)
      out.push_back({a.workflow, j.job, j.job_class, j.attempt});
  return out;
}

workflow_id workflow_of_row(const workflow_status_row& r) {
  return r.id;
}
workflow_id workflow_of_row(const requirement_row& r) {
  return r.workflow;
}

/// So many workflows' last changes are remembered one by one.
constexpr size_t most_changed = 4096;

constexpr auto workflow_of = [](const auto& control) {
  if constexpr (requires { control.row; })
    return workflow_of_row(control.row);
  else
    return control.workflow;
};

/// A job of this status is some room's.
bool wants_room(job_status s) {
  return s == job_status::blocked || s == job_status::ready || is_open(s);
}

} // namespace

/// One message being applied: finds the workflow of each of its parts and notices which are
/// complete.
class graph::application {
public:
  application(graph& g, step& out, const std::vector<grant>& closed)
      : graph_(g), out_(out), closed_(closed) {}

  /// Calls `f` with the workflow and the job's position, where both are held.
  template <class F>
  void with(workflow_id w, job_id j, F f) {
    auto* d = find(w);
    if (auto at = d ? d->find(j) : no_position; at != no_position)
      change(w, *d, [&](auto& freed) { f(*d, at, freed); });
  }
  template <class F>
  void with(workflow_id w, F f) {
    if (auto* d = find(w))
      change(w, *d, [&](auto& freed) { f(*d, freed); });
  }
  void drop(workflow_id w) {
    if (auto* d = find(w)) {
      std::erase_if(out_.ready, [&](const ready_job& r) { return r.workflow == w; });
      std::erase_if(out_.canceled, [&](job_id j) { return d->find(j) != no_position; });
    }
    graph_.workflows_.erase(w);
    last_ = nullptr;
    out_.dropped.push_back(w);
  }

  void operator()(const cancel_workflow& c) {
    auto* d = find(c.workflow);
    if (!d)
      return;
    d->pause();
    d->is_swept = true;
    sweep([&](const workflow_graph& w) { return &w == d; });
  }
  /// What a cancel has closed has ended there, before whatever follows it in the message.
  template <class F>
  void sweep(F is_meant) {
    for (const auto& g : closed_)
      if (const auto* w = find(g.workflow); w && is_meant(*w))
        with(g.workflow, g.job, [&](auto& d, uint32_t at, auto& freed) {
          if (d.may_be_open(at) && !forced_.contains(g.job))
            d.end(at, true, freed);
        });
  }
  void resume(workflow_id w) {
    if (auto* d = find(w))
      d->is_swept = false;
    with(w, [](auto& d, auto& freed) { d.resume(freed); });
  }
  void operator()(const put_status& c) {
    auto* d = find(c.row.id);
    if (!d)
      return;
    d->set_run(c.row.run_id);
    if (c.row.is_canceled)
      d->pause();
  }
  /// The writer may refuse it; `verdicts.resumed` says when it did not.
  void operator()(const reset_status&) {}
  void operator()(const reset_jobs& c) {
    if (!c.failed_only && c.jobs.empty())
      return drop(c.workflow);
    for (auto j : c.jobs)
      with(c.workflow, j, [](auto& d, uint32_t at, auto& freed) { d.hold(at, freed); });
  }
  void operator()(const force_status& c, ticket_id ticket) {
    if (!holds(c.workflow, c.job)) {
      if (wants_room(c.status))
        out_.unheld.push_back(ticket);
      return;
    }
    with(c.workflow, c.job, [&](auto& d, uint32_t at, auto& freed) {
      if (d.run() >= 0 && d.run() != c.run)
        return; // The writer refuses it.
      if (c.result && c.result->attempt_id != d.attempt_of(at))
        return; // This, too: it is of an attempt that was retried since.
      force(d, at, c.status, freed);
      forced_.insert(c.job);
    });
  }
  template <class Control>
  void operator()(const Control& c, ticket_id) {
    (*this)(c);
  }
  /// Only now: a control of the same message may have opened a complete workflow again.
  void finish() {
    last_ = nullptr;
    for (auto w : may_be_complete_)
      if (auto at = graph_.workflows_.find(w);
          at != graph_.workflows_.end() && at->second->unfinished() == 0) {
        out_.completed.push_back({w, at->second->user()});
        graph_.workflows_.erase(at);
        graph_.changed_[w] = graph_.turn_; // Nobody knows any more what has ended.
      }
  }
  /// A retry of an open attempt comes as `retried`; of an ended job as an amendment, like these.
  void operator()(const retry_job&) {}
  void operator()(const take_back_claims&) {} // They come as `returned`.
  void operator()(const amend_job&) {}
  void operator()(const amend_requirement&) {}

  void amend(const amended_job& a) {
    if (!holds(a.workflow, a.job)) {
      if (a.ready_as > 0)
        out_.unheld.push_back(a.ticket);
      return;
    }
    with(a.workflow, a.job, [&](auto& d, uint32_t at, auto& freed) {
      auto& told = out_.amended.emplace_back(a);
      told.class_index = d.amend(at, a.kind, a.cancel_on_failure);
      if (a.ready_as > 0)
        d.revive(at, a.ready_as, freed);
    });
  }
  void operator()(const remove_workflow& c) { drop(c.workflow); }
  void operator()(const remove_jobs& c) {
    if (c.all)
      return drop(c.workflow);
    with(c.workflow, [&](auto& d, auto& freed) {
      auto positions = std::vector<uint32_t>();
      for (auto j : c.jobs)
        if (auto at = d.find(j); at != no_position)
          positions.push_back(at);
      d.remove(positions, freed);
    });
  }

private:
  bool holds(workflow_id w, job_id j) {
    auto* d = find(w);
    return d && d->find(j) != no_position;
  }
  workflow_graph* find(workflow_id w) {
    if (!last_ || last_id_ != w) {
      auto at = graph_.workflows_.find(w);
      last_ = at == graph_.workflows_.end() ? nullptr : at->second.get();
      last_id_ = w;
    }
    return last_;
  }
  template <class F>
  void change(workflow_id w, workflow_graph& d, F f) {
    auto freed = dependencies::freed{};
    d.begin_turn(graph_.turn_);
    f(freed);
    if (!d.withheld.empty())
      for (const auto& r : freed.ready)
        d.withheld.erase(r.job);
    collect(out_, std::move(freed));
    if (d.unfinished() == 0)
      may_be_complete_.push_back(w);
  }

  graph& graph_;
  step& out_;
  const std::vector<grant>& closed_;
  // Most verdicts of a message are about one workflow.
  workflow_graph* last_ = nullptr;
  workflow_id last_id_;
  std::unordered_set<job_id> forced_;
  std::vector<workflow_id> may_be_complete_;
};

graph::graph() = default;
graph::~graph() = default;
graph::graph(graph&&) noexcept = default;
graph& graph::operator=(graph&&) noexcept = default;

bool graph::is_outdated(const admission& a) const {
  const auto at = changed_.find(a.workflow);
  return a.read_at_turn < (at == changed_.end() ? forgotten_ : at->second);
}

void graph::note_changes(const verdicts& v) {
  if (changed_.size() >= most_changed) {
    changed_.clear();
    forgotten_ = turn_;
  }
  for (const auto& c : v.controls)
    changed_[std::visit(workflow_of, c.what)] = turn_;
  // What the disk had before the rooms did.
  for (auto w : v.resumed)
    changed_[w] = turn_;
  for (const auto& j : v.amended.jobs)
    changed_[j.workflow] = turn_;
  for (const auto& c : v.amended.classes)
    changed_[c.workflow] = turn_;
}

graph::step graph::admit(const admission& a) {
  ++turn_;
  auto out = step{};
  auto fresh = std::make_unique<workflow_graph>(a);
  fresh->begin_turn(turn_);
  auto freed = dependencies::freed{};
  for (const auto& j : a.jobs)
    if (j.status == job_status::ready)
      freed.ready.push_back({a.workflow, j.job, j.job_class, j.attempt});
  fresh->start(freed);
  collect(out, std::move(freed));
  if (auto at = workflows_.find(a.workflow); at != workflows_.end()) {
    auto& before = *at->second;
    catch_up(a, before, *fresh, out);
    if (auto jobs = to_withhold(a, before, before.withheld, *fresh); !jobs.empty()) {
      for (const auto& j : jobs)
        before.withheld.insert(j.job);
      out = {};
      out.withheld = std::move(jobs);
      return out;
    }
  }
  // What a correction took back was not told to anybody.
  out.withdrawn.clear();
  if (!a.resumed.empty())
    std::stable_sort(out.ready.begin(), out.ready.end(), [&](const auto& l, const auto& r) {
      return fresh->find(l.job) < fresh->find(r.job);
    });
  for (auto& r : out.ready)
    r.attempt = fresh->attempt_of(fresh->find(r.job));
  if (fresh->unfinished() > 0) {
    workflows_[a.workflow] = std::move(fresh);
  } else {
    out.completed.push_back({a.workflow, a.user});
    workflows_.erase(a.workflow);
    changed_[a.workflow] = turn_;
  }
  return out;
}

void graph::restore(const admission& a) {
  admit(a);
  --turn_;
}

graph::step graph::apply(const verdicts& v) {
  ++turn_;
  note_changes(v);
  auto out = step{};
  auto on = application{*this, out, v.closed};
  for (const auto& e : v.ended)
    on.with(e.open.workflow, e.open.job, [&](auto& d, uint32_t at, auto& freed) {
      if (!d.may_be_open(at))
        return; // Reset or ended while its report was under way.
      if (e.status == job_status::pending_failed)
        d.set_aside(at);
      else
        d.end(at, is_failure(e.status), freed);
    });
  for (const auto& r : v.retried)
    on.with(r.open.workflow, r.open.job,
            [&](auto& d, uint32_t at, auto& freed) { d.again(at, r.next_attempt, freed); });
  for (const auto& g : v.returned)
    on.with(g.workflow, g.job,
            [&](auto& d, uint32_t at, auto& freed) { d.again(at, g.attempt, freed); });
  // Their grants were still under way when they were canceled.
  on.sweep([](const auto& w) { return w.is_swept; });
  for (auto w : v.resumed)
    on.resume(w);
  for (const auto& c : v.amended.classes)
    on.with(c.workflow, [&](auto& d, auto&) { d.amend(c); });
  for (const auto& j : v.amended.jobs)
    on.amend(j);
  for (const auto& c : v.controls)
    std::visit([&](const auto& what) { on(what, c.ticket); }, c.what);
  // Other controls have moved their jobs already.
  on.sweep([](const auto& w) { return w.paused(); });
  on.finish();
  // Who comes for a workflow that has ended meanwhile would wait for ever.
  for (const auto& j : v.joined)
    if (j.workflow && !workflows_.contains(j.workflow) &&
        std::none_of(out.completed.begin(), out.completed.end(),
                     [&](const auto& c) { return c.workflow == j.workflow; }))
      out.completed.push_back({j.workflow, j.user});
  return out;
}

size_t graph::size() const {
  size_t n = 0;
  for (const auto& [id, w] : workflows_)
    n += w->unfinished();
  return n;
}

void graph::sanity_check() const {
  for (const auto& [id, w] : workflows_) {
    w->sanity_check();
    if (w->unfinished() == 0)
      fault("graph: a complete workflow is held");
  }
}

} // namespace torc::core
