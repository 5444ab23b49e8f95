#include "core/dependencies.hpp"

#include "core/find_job.hpp"

#include <algorithm>

namespace torc::core {

namespace {

dependencies::state state_for(job_status s) {
  using enum dependencies::state;
  switch (s) {
  case job_status::blocked:
    return waiting;
  case job_status::ready:
  case job_status::pending:
  case job_status::running:
    return released;
  case job_status::uninitialized:
  case job_status::pending_failed:
    return held;
  case job_status::completed:
  case job_status::disabled:
    return succeeded;
  default:
    return failed;
  }
}

} // namespace

dependencies::dependencies(const admission& a)
    : workflow_(a.workflow), user_(a.user), run_(a.run), paused_(a.canceled), classes_(a.classes) {
  jobs_.reserve(a.jobs.size());
  for (const auto& j : a.jobs) {
    auto n = node{j.job, j.job_class, j.attempt, 0, state_for(j.status)};
    n.cancel_on_failure = j.cancel_on_failure;
    n.blocker_failed = n.failed_before = j.blocker_failed;
    unfinished_ += !is_over(n.now);
    jobs_.push_back(n);
  }
  first_.assign(jobs_.size() + 1, 0);
  for (const auto& e : a.edges)
    ++first_[e.blocker + 1];
  for (size_t i = 0; i < jobs_.size(); ++i)
    first_[i + 1] += first_[i];
  next_.resize(a.edges.size());
  auto at = first_;
  for (const auto& e : a.edges) {
    next_[at[e.blocker]++] = e.job;
    jobs_[e.job].waits_for += !is_over(jobs_[e.blocker].now);
  }
}

uint32_t dependencies::find(job_id j) const {
  const auto at = find_job(jobs_, j);
  return at == no_position || jobs_[at].removed ? no_position : at;
}

bool dependencies::is_released(job_id j) const {
  const auto at = find(j);
  return at != no_position && state_of(at) == state::released;
}

void dependencies::start(freed& out) {
  auto canceled = std::vector<uint32_t>();
  for (uint32_t i = 0; i < jobs_.size(); ++i) {
    const auto& n = jobs_[i];
    if (n.now == state::waiting && n.waits_for == 0 && judge(i, out))
      canceled.push_back(i);
  }
  spread(std::move(canceled), out);
}

void dependencies::withdraw(const node& n, freed& out) const {
  if (n.now == state::released)
    out.withdrawn.push_back(n.job);
}

bool dependencies::judge(uint32_t at, freed& out) {
  auto& n = jobs_[at];
  if (paused_)
    return false;
  if (!n.blocker_failed || !n.cancel_on_failure) {
    n.now = state::released;
    out.ready.push_back(as_ready(n));
    return false;
  }
  n.now = state::failed;
  n.ended_in = turn_;
  --unfinished_;
  out.canceled.push_back(n.job);
  return true;
}

/// Level by level, because a chain of a million jobs must not be a recursion of a million calls.
void dependencies::spread(std::vector<uint32_t> ended, freed& out) {
  auto ready = out.ready.size();
  auto canceled = out.canceled.size();
  while (!ended.empty()) {
    auto at = ended.back();
    ended.pop_back();
    for (auto e = first_[at]; e < first_[at + 1]; ++e) {
      auto& n = jobs_[next_[e]];
      n.blocker_failed |= jobs_[at].now == state::failed;
      if (--n.waits_for == 0 && n.now == state::waiting && judge(next_[e], out))
        ended.push_back(next_[e]);
    }
  }
  using diff = std::ptrdiff_t;
  std::sort(out.ready.begin() + static_cast<diff>(ready), out.ready.end(),
            [](const ready_job& a, const ready_job& b) { return a.job < b.job; });
  std::sort(out.canceled.begin() + static_cast<diff>(canceled), out.canceled.end());
}

void dependencies::end(uint32_t at, bool failed, freed& out) {
  auto& n = jobs_[at];
  if (is_over(n.now))
    return;
  n.now = failed ? state::failed : state::succeeded;
  n.ended_in = turn_;
  --unfinished_;
  spread({at}, out);
}

void dependencies::end_by_force(uint32_t at, bool failed, freed& out) {
  withdraw(jobs_[at], out);
  end(at, failed, out);
}

void dependencies::hold(uint32_t at, freed& out) {
  auto& n = jobs_[at];
  withdraw(n, out);
  if (is_over(n.now)) {
    out.undone.push_back(n.job);
    ++unfinished_;
    for (auto e = first_[at]; e < first_[at + 1]; ++e)
      ++jobs_[next_[e]].waits_for;
  }
  n.now = state::held;
}

void dependencies::release(uint32_t at, freed& out) {
  auto& n = jobs_[at];
  if (is_over(n.now))
    return;
  withdraw(n, out);
  n.now = state::released;
  out.ready.push_back(as_ready(n));
}

void dependencies::block(uint32_t at, freed& out) {
  auto& n = jobs_[at];
  if (is_over(n.now))
    return;
  withdraw(n, out);
  n.now = n.waits_for > 0 ? state::waiting : state::held;
}

void dependencies::set_open(uint32_t at, freed& out) {
  auto& n = jobs_[at];
  if (is_over(n.now))
    return;
  withdraw(n, out);
  n.now = state::released;
}

void dependencies::again(uint32_t at, int32_t attempt, freed& out) {
  auto& n = jobs_[at];
  if (n.now != state::released)
    return;
  n.attempt = attempt;
  out.ready.push_back(as_ready(n));
}

void dependencies::revive(uint32_t at, int32_t attempt, freed& out) {
  auto& n = jobs_[at];
  hold(at, out);
  recall_failures();
  n.now = state::released;
  n.attempt = attempt;
  out.ready.push_back(as_ready(n));
}

uint32_t dependencies::amend(uint32_t at, const job_class& kind, bool cancel_on_failure) {
  auto known = std::find(classes_.begin(), classes_.end(), kind);
  if (known == classes_.end())
    known = classes_.insert(known, kind);
  jobs_[at].job_class = static_cast<uint32_t>(known - classes_.begin());
  jobs_[at].cancel_on_failure = cancel_on_failure;
  return jobs_[at].job_class;
}

void dependencies::amend(const amended_needs& what) {
  for (auto& c : classes_)
    if (c.requirement == what.requirement)
      c.need = changed(c.need, what.need);
}

void dependencies::correct(uint32_t at, const dependencies& before, uint32_t there, freed& out) {
  const auto& known = before.jobs_[there];
  auto& n = jobs_[at];
  if (is_over(known.now))
    end_by_force(at, known.now == state::failed, out);
  else if (known.now == state::held)
    hold(at, out);
  else if (known.now == state::released && n.now == state::waiting)
    release(at, out);
}

void dependencies::remove(const std::vector<uint32_t>& positions, freed& out) {
  auto ended = std::vector<uint32_t>();
  for (auto at : positions) {
    auto& n = jobs_[at];
    withdraw(n, out);
    if (is_over(n.now)) {
      out.undone.push_back(n.job);
    } else {
      ended.push_back(at);
      --unfinished_;
    }
    n.now = state::succeeded;
    n.removed = true;
  }
  recall_failures();
  spread(std::move(ended), out);
}

void dependencies::recall_failures() {
  for (auto& n : jobs_)
    n.blocker_failed = n.failed_before;
  for (uint32_t i = 0; i < jobs_.size(); ++i)
    if (jobs_[i].now == state::failed)
      for (auto e = first_[i]; e < first_[i + 1]; ++e)
        jobs_[next_[e]].blocker_failed = true;
}

void dependencies::resume(freed& out) {
  if (!paused_)
    return;
  paused_ = false;
  start(out);
}

void dependencies::sanity_check() const {
  auto waits = std::vector<uint32_t>(jobs_.size(), 0);
  size_t unfinished = 0;
  for (size_t i = 0; i < jobs_.size(); ++i) {
    unfinished += !is_over(jobs_[i].now);
    for (auto e = first_[i]; e < first_[i + 1]; ++e)
      waits[next_[e]] += !is_over(jobs_[i].now);
  }
  if (unfinished != unfinished_)
    fault("graph: the count of unfinished jobs is wrong");
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (waits[i] != jobs_[i].waits_for)
      fault("graph: a job waits for another number of blockers than it has");
    if (jobs_[i].now == state::waiting && waits[i] == 0 && !paused_)
      fault("graph: a job waits for nothing");
  }
}

} // namespace torc::core
