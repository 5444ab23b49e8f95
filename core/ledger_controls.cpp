#include "core/ledger_state.hpp"

#include <algorithm>

namespace torc::core {

namespace {

error run_mismatch(int64_t asked, int64_t actual) {
  return refuse(refusal::unprocessable, "run_id " + std::to_string(asked) +
                                            " is not the workflow's current run " +
                                            std::to_string(actual));
}

std::string name_of(job_id j) {
  return "job " + std::to_string(j.value);
}

} // namespace

void ledger::state::pass_on(const control& c, ticket_id ticket) {
  auto& t = gathered.controls.emplace_back();
  t.ticket = ticket;
  t.what = c;
}

void ledger::state::close_for_control(attempt& a, told& out) {
  auto g = close(a);
  if (g.runner)
    out.parcels.push_back({g.runner, wire::revoke{{g.id.value}, true}});
  gathered.closed.push_back(std::move(g));
}

void ledger::state::close_workflow(workflow_id w, told& out) {
  auto hit = std::vector<grant_id>();
  for (const auto& [id, a] : open)
    if (a.what.workflow == w)
      hit.push_back(id);
  std::sort(hit.begin(), hit.end());
  auto kill = std::map<runner_id, wire::revoke>();
  for (auto id : hit) {
    auto g = close(open.at(id));
    if (g.runner)
      kill[g.runner].grants.push_back(id.value);
    gathered.closed.push_back(std::move(g));
  }
  for (auto& [to, what] : kill) {
    what.kill = true;
    out.parcels.push_back({to, std::move(what)});
  }
  fences.push_back({this_batch(), w, true, {}, {}});
}

void ledger::state::close_jobs(workflow_id w, const std::vector<job_id>& jobs, told& out) {
  for (auto j : jobs)
    if (auto* a = find_open(j))
      close_for_control(*a, out);
  fences.push_back({this_batch(), w, false, {jobs.begin(), jobs.end()}, {}});
}

answer ledger::state::obey_one(const cancel_workflow& c, ticket_id ticket, told& out) {
  close_workflow(c.workflow, out);
  // A reset that was asked for before must not resume what is canceled now.
  std::erase_if(consequences,
                [&](const auto& x) { return x.second.workflow == c.workflow && x.second.resumes; });
  std::erase(gathered.resumed, c.workflow);
  consequences[ticket] = {c.workflow, false, true};
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const put_status& c, ticket_id ticket, told&) {
  for (auto& [id, a] : open)
    if (a.what.workflow == c.row.id && !a.what.runner)
      a.what.run =
          c.row.run_id; // An HTTP runner names the current run when it starts or completes.
  if (c.row.is_canceled) {
    std::erase_if(consequences,
                  [&](const auto& x) { return x.second.workflow == c.row.id && x.second.resumes; });
    std::erase(gathered.resumed, c.row.id);
  }
  consequences[ticket] = {c.row.id, !c.row.is_canceled, c.row.is_canceled};
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const reset_status& c, ticket_id ticket, told&) {
  auto busy = std::any_of(open.begin(), open.end(),
                          [&](const auto& a) { return a.second.what.workflow == c.workflow; });
  if (busy && !c.force)
    return refuse(refusal::unprocessable,
                  "workflow " + std::to_string(c.workflow.value) +
                      " has pending or running jobs; cancel it first, or use force");
  consequences[ticket] = {c.workflow, true, false};
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const reset_jobs& c, ticket_id ticket, told& out) {
  if (!c.failed_only && c.jobs.empty())
    close_workflow(c.workflow, out);
  else
    close_jobs(c.workflow, c.jobs, out);
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const force_status& c, ticket_id ticket, told& out) {
  auto* a = find_open(c.job);
  if (a && a->what.run != c.run)
    return run_mismatch(c.run, a->what.run);
  if (a && is_open(c.status)) {
    // It stays with whoever has it; only what is known of it changes.
    a->started |= c.status == job_status::running;
    pass_on(c, ticket);
    return done{};
  }
  if (a)
    close_for_control(*a, out);
  auto& f = fences.emplace_back(fence{this_batch(), c.workflow, false, {c.job}, c.run});
  if (c.result)
    f.attempt = c.result->attempt_id;
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const retry_job& c, ticket_id ticket, told& out) {
  auto* a = find_open(c.job);
  if (!a) {
    pass_on(c, ticket);
    return done{};
  }
  if (a->what.run != c.run)
    return run_mismatch(c.run, a->what.run);
  if (!a->started)
    return refuse(refusal::unprocessable, name_of(c.job) + " is pending; only a failed, "
                                                           "terminated or running job is retried");
  if (a->what.attempt >= c.max_retries)
    return refuse(refusal::unprocessable,
                  name_of(c.job) + " has used its " + std::to_string(c.max_retries) + " attempts");
  if (a->what.runner)
    out.parcels.push_back({a->what.runner, wire::revoke{{a->what.id.value}, true}});
  retry(*a, ticket);
  replies.push_back({this_batch(), ticket});
  return done{1};
}

/// The writer judges these two; what it accepts comes back in its launch.
answer ledger::state::obey_one(const amend_job& c, ticket_id ticket, told&) {
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const amend_requirement& c, ticket_id ticket, told&) {
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const remove_workflow& c, ticket_id ticket, told& out) {
  close_workflow(c.workflow, out);
  consequences[ticket] = {c.workflow, false, true};
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const remove_jobs& c, ticket_id ticket, told& out) {
  if (c.all)
    close_workflow(c.workflow, out);
  else
    close_jobs(c.workflow, c.jobs, out);
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey_one(const take_back_claims& c, ticket_id ticket, told&) {
  auto waiting = std::vector<grant_id>();
  for (const auto& [id, a] : open)
    if (a.what.workflow == c.workflow && !a.what.runner && !a.started)
      waiting.push_back(id);
  std::sort(waiting.begin(), waiting.end());
  for (auto id : waiting)
    give_back(open.at(id));
  pass_on(c, ticket);
  return done{};
}

answer ledger::state::obey(const control& c, ticket_id ticket, told& out) {
  return std::visit([&](const auto& one) { return obey_one(one, ticket, out); }, c);
}

answer ledger::control_of(const control& c, instant, ticket_id ticket, told& out) {
  return state_->obey(c, ticket, out);
}

void ledger::claim(offer o) {
  state_->gathered.offers.push_back(std::move(o));
}

answer ledger::start(job_id job, workflow_id w, int64_t run, node_id node, instant now,
                     ticket_id ticket) {
  auto& s = *state_;
  auto* a = s.find_open(job);
  if (!a || a->what.workflow != w || a->what.runner || a->started)
    return refuse(refusal::unprocessable,
                  name_of(job) + " is not pending; claim it before it is started");
  if (a->what.run != run)
    return run_mismatch(run, a->what.run);
  a->started = true;
  a->start = now;
  a->node = node;
  s.gathered.started.push_back({a->what.id, job, node, now, ticket, {}});
  s.replies.push_back({s.this_batch(), ticket});
  return done{1};
}

answer ledger::complete(const result_row& r, instant now, ticket_id ticket,
                        const std::string& user) {
  auto& s = *state_;
  if (!is_terminal(r.status))
    return refuse(refusal::unprocessable, std::string(to_string(r.status)) +
                                              " is no status of an ended job; use completed, "
                                              "failed, canceled, terminated or pending_failed");
  auto* a = s.find_open(r.job);
  if (!a) {
    auto f = force_status{};
    f.job = r.job;
    f.workflow = r.workflow;
    f.run = r.run_id;
    f.status = r.status;
    f.result = r;
    f.user = user;
    auto nobody = told{};
    return s.obey(f, ticket, nobody);
  }
  if (a->what.workflow != r.workflow)
    return refuse(refusal::unprocessable,
                  name_of(r.job) + " is not of workflow " + std::to_string(r.workflow.value));
  if (a->what.run != r.run_id)
    return run_mismatch(r.run_id, a->what.run);
  if (a->what.attempt != r.attempt_id)
    return refuse(refusal::unprocessable, name_of(r.job) + " is in attempt " +
                                              std::to_string(a->what.attempt) + ", not " +
                                              std::to_string(r.attempt_id));
  if (a->what.runner)
    s.parcels.push_back({s.this_batch(), {a->what.runner, wire::revoke{{a->what.id.value}, true}}});
  auto v = attempt_ended{};
  v.status = r.status;
  v.return_code = static_cast<int32_t>(r.return_code);
  v.node = r.compute_node;
  v.start = a->start;
  v.end = now;
  v.exec_time_minutes = r.exec_time_minutes;
  v.completion_time = r.completion_time;
  v.used = {r.peak_memory_bytes, r.avg_memory_bytes, r.peak_cpu_percent, r.avg_cpu_percent};
  v.ticket = ticket;
  v.open = s.close(*a);
  s.gathered.ended.push_back(std::move(v));
  if (r.status == job_status::canceled)
    s.gathered.cancelers.push_back({ticket, user});
  s.replies.push_back({s.this_batch(), ticket});
  return done{1};
}

} // namespace torc::core
