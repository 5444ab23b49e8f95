#include "core/matcher_state.hpp"

#include "core/find_job.hpp"

#include <algorithm>

namespace torc::core {

void matcher::state::before_change(const workflow& w) {
  auto at = users.find(w.user);
  if (at == users.end())
    return;
  at->second.erase({w.open.size(), w.id});
  if (at->second.empty())
    users.erase(at);
}

void matcher::state::after_change(const workflow& w) {
  if (!w.paused && !w.queue.empty())
    users[w.user].emplace(w.open.size(), w.id);
}

void matcher::state::over(const grant& g) {
  if (auto r = runners.find(g.runner); r != runners.end())
    r->second.take_back(g.id);
  auto at = workflows.find(g.workflow);
  if (at == workflows.end())
    return;
  auto& w = at->second;
  if (auto held = w.open.find(g.job); held != w.open.end() && held->second == g.id) {
    before_change(w);
    w.open.erase(held);
    after_change(w);
  }
}

void matcher::state::take_back(const verdicts& v) {
  for (const auto& l : v.left)
    runners.erase(l.runner);
  for (const auto& s : v.started)
    if (auto r = runners.find(s.runner); r != runners.end())
      r->second.started(s.grant);
  for (const auto& e : v.ended) {
    if (auto r = runners.find(e.open.runner); r != runners.end() && e.start.us > 0)
      r->second.took(e.end.us - e.start.us);
    over(e.open);
  }
  for (const auto& r : v.retried)
    over(r.open);
  for (const auto& g : v.returned)
    over(g);
  for (const auto& g : v.closed)
    over(g);
}

void matcher::state::pause(workflow_id id, bool yes) {
  auto at = workflows.find(id);
  if (at == workflows.end())
    return;
  before_change(at->second);
  at->second.paused = yes;
  after_change(at->second);
}

void matcher::state::drop(workflow_id id) {
  auto at = workflows.find(id);
  if (at == workflows.end())
    return;
  before_change(at->second);
  waiting -= at->second.queue.size();
  workflows.erase(at);
}

void matcher::state::withdraw(const releases& r) {
  auto jobs = std::unordered_set<job_id>(r.withdrawn.begin(), r.withdrawn.end());
  auto from = std::set<workflow_id>();
  for (const auto& c : r.cause.controls) {
    if (auto f = std::get_if<force_status>(&c.what))
      from.insert(f->workflow);
    else if (auto reset = std::get_if<reset_jobs>(&c.what))
      from.insert(reset->workflow);
    else if (auto removal = std::get_if<remove_jobs>(&c.what))
      from.insert(removal->workflow);
  }
  for (auto id : from) {
    auto at = workflows.find(id);
    if (at == workflows.end())
      continue;
    auto& w = at->second;
    before_change(w);
    // What is granted already is closed by the collector; here it may be granted anew.
    for (auto j : r.withdrawn)
      w.open.erase(j);
    auto before = w.queue.size();
    w.queue.withdraw(jobs);
    waiting -= before - w.queue.size();
    after_change(w);
  }
}

void matcher::state::withhold(const std::vector<ready_job>& withheld) {
  const auto at = withheld.empty() ? workflows.end() : workflows.find(withheld.front().workflow);
  if (at == workflows.end())
    return;
  auto& w = at->second;
  auto jobs = std::unordered_set<job_id>();
  for (const auto& j : withheld)
    jobs.insert(j.job);
  before_change(w);
  const auto before = w.queue.size();
  w.queue.withdraw(jobs);
  waiting -= before - w.queue.size();
  after_change(w);
}

void matcher::state::obey(const releases& r) {
  for (auto w : r.cause.resumed)
    pause(w, false);
  for (const auto& c : r.cause.controls) {
    if (auto cancel = std::get_if<cancel_workflow>(&c.what))
      pause(cancel->workflow, true);
    else if (auto put = std::get_if<put_status>(&c.what); put && put->row.is_canceled)
      pause(put->row.id, true);
  }
  for (auto w : r.dropped)
    drop(w);
  if (!r.withdrawn.empty())
    withdraw(r);
  withhold(r.withheld);
}

void matcher::state::admit(const admission& a) {
  auto& w = workflows[a.workflow];
  before_change(w);
  waiting -= w.queue.size();
  w.id = a.workflow;
  const auto queued = w.queue.contents(w.id);
  w.user = a.user;
  w.paused = a.canceled;
  w.queue = ready_queue{a.classes, sort_order_from(a.sort_method)};
  // What came back after the rows were read is ready here, and open in the admission.
  w.kept.clear();
  for (auto job : queued) {
    const auto at = find_job(a.jobs, job.job);
    if (at == no_position || (a.resumed.empty() && !is_open(a.jobs[at].status)))
      continue;
    job.job_class = a.jobs[at].job_class;
    w.queue.push_back(job);
    w.kept.insert(job.job);
    ++waiting;
  }
  after_change(w);
}

void matcher::state::amend(const releases& r) {
  for (const auto& c : r.cause.amended.classes)
    if (auto at = workflows.find(c.workflow); at != workflows.end()) {
      before_change(at->second);
      at->second.queue.amend(c);
      after_change(at->second);
    }
  for (const auto& a : r.amended)
    if (auto at = workflows.find(a.workflow); at != workflows.end()) {
      before_change(at->second);
      at->second.queue.set_class(a.class_index, a.kind);
      at->second.queue.move_to(a.class_index, a.job);
      after_change(at->second);
    }
}

void matcher::state::enqueue(const releases& r) {
  auto again = std::unordered_set<job_id>();
  for (const auto& e : r.cause.retried)
    again.insert(e.open.job);
  for (const auto& g : r.cause.returned)
    again.insert(g.job);
  workflow* w = nullptr;
  auto put = [&](const ready_job& j, bool front) {
    if (!w || w->id != j.workflow) {
      if (w)
        after_change(*w);
      auto at = workflows.find(j.workflow);
      w = at == workflows.end() ? nullptr : &at->second;
      if (w)
        before_change(*w);
    }
    if (!w)
      return;
    // A re-admission may list a job as ready that was granted while its rows were read.
    if (w->open.contains(j.job) || w->kept.contains(j.job))
      return;
    front ? w->queue.push_front(j) : w->queue.push_back(j);
    ++waiting;
  };
  for (const auto& j : r.ready)
    if (again.empty() || !again.contains(j.job))
      put(j, false);
  if (!again.empty())
    for (auto j = r.ready.rbegin(); j != r.ready.rend(); ++j)
      if (again.contains(j->job))
        put(*j, true);
  if (w)
    after_change(*w);
  if (r.admitted)
    workflows.at(r.admitted->workflow).kept.clear();
}

void matcher::state::join(const runner_joined& j) {
  if (auto at = runners.find(j.runner); at != runners.end())
    return at->second.change(j);
  runners.emplace(j.runner, j);
  for (const auto& g : j.open)
    if (auto at = workflows.find(g.workflow); at != workflows.end()) {
      before_change(at->second);
      at->second.open.insert_or_assign(g.job, g.id);
      after_change(at->second);
    }
}

void matcher::sanity_check() const {
  size_t waiting = 0, listed = 0, expected = 0;
  for (const auto& [id, w] : state_->workflows) {
    w.queue.sanity_check();
    waiting += w.queue.size();
    expected += !w.paused && !w.queue.empty();
  }
  if (waiting != state_->waiting)
    fault("matcher: the count of waiting jobs is wrong");
  for (const auto& [user, list] : state_->users)
    for (auto [open, id] : list) {
      const auto& w = state_->workflows.at(id);
      ++listed;
      if (w.open.size() != open || w.queue.empty() || w.paused || w.user != user)
        fault("matcher: a workflow lies in the wrong share");
    }
  if (listed != expected)
    fault("matcher: a workflow with ready jobs is in no share");
  for (const auto& [id, r] : state_->runners)
    r.sanity_check();
}

} // namespace torc::core
