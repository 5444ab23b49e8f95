#include "clients.hpp"

#include <algorithm>
#include <limits>

namespace torc::simulation {

// The author.

core::open_submission author::opening() const {
  auto o = core::open_submission{};
  o.workflow.name = plan_.name;
  o.workflow.user = plan_.user;
  o.job_count = static_cast<int64_t>(plan_.jobs.size());
  for (size_t i = 0; i < plan_.requirements.size(); ++i) {
    const auto& n = plan_.requirements[i];
    auto r = core::requirement_row{};
    r.name = "r" + std::to_string(i);
    r.num_cpus = n.num_cpus;
    r.num_gpus = n.num_gpus;
    r.memory = std::to_string(n.memory_bytes >> 30) + "g";
    o.requirements.push_back(r);
  }
  return o;
}

core::create_jobs author::chunk(size_t from, size_t to) const {
  const auto id = [&](core::submission_ids i) { return ids_.at(static_cast<size_t>(i)); };
  const auto first = id(core::submission_ids::jobs);
  auto c = core::create_jobs{};
  c.workflow.value = id(core::submission_ids::workflow);
  c.preassigned = true;
  for (auto n = from; n < to; ++n) {
    const auto& p = plan_.jobs[n];
    auto j = core::job_row{};
    j.id.value = first + static_cast<int64_t>(n);
    j.workflow = c.workflow;
    j.name = p.name;
    j.command = "true";
    j.priority = p.priority;
    j.cancel_on_blocking_job_failure = p.cancel_on_failure;
    j.requirement.value =
        id(core::submission_ids::requirements) + static_cast<int64_t>(p.requirement);
    j.depends_on_job_ids.emplace();
    for (const auto b : p.blockers)
      j.depends_on_job_ids->push_back(first + static_cast<int64_t>(b));
    c.jobs.push_back(std::move(j));
  }
  return c;
}

bool author::step() {
  if (at_ == done || !server_.is_up())
    return false;
  const bool is_arriving = at_ > submission && at_ < start;
  if (edit_.is_lost(server_) || starting_.is_lost(server_) ||
      (is_arriving && life_ != server_.life())) {
    lost();
    return true;
  }
  if (edit_.is_open() || starting_.is_open())
    return hear();
  ask();
  return true;
}

void author::ask() {
  const auto half = plan_.jobs.size() / 2;
  auto& p = server_.port();
  switch (at_) {
  case submission:
    life_ = server_.life();
    return p.edit(opening(), edit_.begin(server_));
  case first_half:
    return p.edit(chunk(0, half), edit_.begin(server_));
  case second_half:
    return p.edit(chunk(half, plan_.jobs.size()), edit_.begin(server_));
  case closing:
    return p.edit(core::close_submission{core::workflow_id{ids_.front()}, {}},
                  edit_.begin(server_));
  case start:
  case again: {
    using wish = net::api::initializer::wish;
    const auto what = at_ == start ? wish::start : wish::all;
    return server_.starter().ask(core::workflow_id{workflow_}, what, starting_.begin(server_));
  }
  case done:
    return;
  }
}

bool author::hear() {
  if (auto edited = edit_.take()) {
    if (!*edited && rows_.has_controls()) {
      at_ = done; // somebody deleted it before it was whole
      return true;
    }
    if (!*edited)
      env_.found.wrong("a workflow cannot be created: " + edited->why().message);
    else if (at_ == submission)
      ids_ = (*edited)->ids;
    at_ = static_cast<place>(at_ + 1);
    if (at_ == start)
      workflow_ = ids_.front();
    return true;
  }
  if (auto started = starting_.take()) {
    // Somebody may have deleted it meanwhile.
    if (!*started && started->why().why != core::refusal::not_found)
      env_.found.wrong("a workflow cannot be initialized: " + started->why().message);
    env_.found.note("workflow ", workflow_, " is initialized");
    at_ = done;
    return true;
  }
  return false;
}

/// What became of it is on the disk.
void author::lost() {
  edit_.forget();
  starting_.forget();
  if (at_ >= start)
    return;
  workflow_ = rows_.workflow_of(plan_.name).value_or(0);
  at_ = workflow_ ? start : submission;
}

// The runner over HTTP.

bool http_runner::step(int64_t workflow) {
  if (!server_.is_up())
    return false;
  std::erase_if(jobs_, [](const auto& j) { return j->is_over; });
  if (!jobs_.empty() && env_.chance.once_in(2))
    return work(*jobs_[static_cast<size_t>(env_.chance.roll(static_cast<int64_t>(jobs_.size())))]);
  if (node_workflow_ != workflow && !claim_.is_open())
    return workflow != 0 && make_node(workflow);
  return claim(workflow);
}

bool http_runner::make_node(int64_t workflow) {
  if (node_call_.is_lost(server_))
    node_call_.forget();
  if (node_call_.is_open()) {
    auto made = node_call_.take();
    if (!made)
      return false;
    if (*made) { // else the workflow is gone
      node_ = (*made)->ids.front();
      node_workflow_ = workflow;
    }
    return true;
  }
  auto row = core::compute_node_row{};
  row.workflow.value = workflow;
  row.hostname = "elsewhere";
  row.start_time = "2027-01-15T08:00:00Z";
  row.compute_node_type = "local";
  server_.port().edit(core::create<core::compute_node_row>{row}, node_call_.begin(server_));
  return true;
}

bool http_runner::claim(int64_t workflow) {
  if (claim_.is_lost(server_))
    claim_.forget(); // What was claimed comes back when it is not started for so long.
  if (claim_.is_open()) {
    auto got = claim_.take();
    if (!got)
      return false;
    if (!*got) {
      env_.found.wrong("a claim is refused: " + got->why().message);
      return true;
    }
    for (auto& p : **got) {
      if (!rows_.was_granted(p.open.id.value))
        env_.found.wrong("a claim is answered with job " + std::to_string(p.open.job.value) +
                         ", which is not granted on the disk");
      auto j = std::make_unique<job>();
      j->open = p.open;
      j->name = p.text.name;
      jobs_.push_back(std::move(j));
    }
    return true;
  }
  if (workflow == 0 || jobs_.size() >= 3)
    return false;
  auto o = core::offer{};
  o.workflow.value = workflow;
  o.by_count = env_.chance.once_in(2);
  o.limit = env_.chance.between(1, 3);
  o.room = {8, 1, 1, int64_t{16} << 30, {}};
  server_.port().claim(std::move(o), claim_.begin(server_));
  return true;
}

bool http_runner::work(job& j) {
  if (j.call.is_lost(server_)) {
    j.call.forget();
    const auto* row = rows_.find(j.open.job.value);
    const bool is_ours = row && row->grant == j.open.id.value;
    if (is_ours && row->status == core::job_status::running && !j.runs)
      begin(j); // The start was heard, the answer was not.
    if (!is_ours)
      j.is_over = true;
    return true;
  }
  if (j.call.is_open()) {
    if (auto how = j.call.take()) {
      hear(j, *how);
      return true;
    }
    return false;
  }
  if (!j.runs) {
    server_.port().start_job(j.open.job, j.open.workflow, j.open.run, core::node_id{node_},
                             j.call.begin(server_));
    return true;
  }
  if (j.end_us > env_.now_us())
    return false;
  auto row = core::result_row{};
  row.job = j.open.job;
  row.workflow = j.open.workflow;
  row.run_id = j.open.run;
  row.attempt_id = j.open.attempt;
  row.compute_node.value = node_;
  row.return_code = plan_.return_code(j.name, j.open.attempt);
  row.completion_time = "2027-01-15T08:00:01Z";
  row.status = row.return_code == 0 ? core::job_status::completed : core::job_status::failed;
  if (!std::exchange(j.has_ended, true))
    saw_.ended(j.number, static_cast<int32_t>(row.return_code), false);
  server_.port().complete_job(std::move(row), {}, j.call.begin(server_));
  return true;
}

void http_runner::begin(job& j) {
  j.runs = true;
  j.end_us = env_.now_us() + plan_.duration_us(j.name, j.open.attempt);
  j.number = saw_.started({j.open.id.value, j.open.job.value, j.open.run, j.open.attempt, j.name});
}

void http_runner::hear(job& j, const core::result<core::done>& how) {
  env_.found.note("http runner, job ", j.open.job.value, ": ",
                  how ? "accepted" : how.why().message);
  const auto* row = rows_.find(j.open.job.value);
  if (!j.runs) {
    if (!how) {
      j.is_over = true; // it took too long, or somebody interfered
    } else {
      if (!rows_.is_touched(j.open.job.value) && (!row || row->status != core::job_status::running))
        env_.found.wrong("a start is accepted, but on the disk is " +
                         (row ? text_of(*row) : "no such job"));
      begin(j);
    }
    return;
  }
  if (rows_.is_open_as(j.open.job.value, j.open.id.value))
    env_.found.wrong("a completion is answered, but on the disk is " + text_of(*row));
  if (!how && !rows_.is_touched(j.open.job.value))
    env_.found.wrong("a completion is refused: " + how.why().message);
  j.is_over = true;
}

int64_t http_runner::next_us() const {
  auto next = std::numeric_limits<int64_t>::max();
  for (const auto& j : jobs_)
    if (j->runs)
      next = std::min(next, j->end_us);
  return next;
}

} // namespace torc::simulation
