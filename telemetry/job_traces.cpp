#include "telemetry/job_traces.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace torc::telemetry {

namespace {

using kind = job_note::kind;

constexpr std::string_view part_name(job_part p) {
  switch (p) {
  case job_part::job:
    return "job";
  case job_part::blocked:
    return "blocked";
  case job_part::queued:
    return "queued";
  case job_part::commit:
    return "commit";
  case job_part::attempt:
    return "attempt";
  case job_part::dispatch:
    return "dispatch";
  case job_part::run:
    return "run";
  case job_part::record:
    break;
  }
  return "record";
}

/// The first that is known.
int64_t known(std::initializer_list<int64_t> times) {
  const auto at = std::find_if(times.begin(), times.end(), [](auto t) { return t != 0; });
  return at == times.end() ? 0 : *at;
}

void judge(finished_span& s, const job_note& n) {
  s.failed = n.text != "completed";
  if (s.failed)
    s.why = n.text + ", return code " + std::to_string(n.return_code);
}

} // namespace

finished_span job_traces::part(const job_note& n, job_part what, int64_t start_us,
                               int64_t end_us) const {
  finished_span s;
  s.trace = trace_of(seed_, n.of);
  const bool whole = what == job_part::job;
  s.id = span_of(seed_, n.of, what, whole ? 0 : n.attempt);
  if (!whole)
    s.parent = what == job_part::dispatch ? span_of(seed_, n.of, job_part::attempt, n.attempt)
                                          : span_of(seed_, n.of, job_part::job, 0);
  s.name = part_name(what);
  s.start_us = start_us;
  s.end_us = std::max(start_us, end_us); // clocks of two hosts
  return s;
}

void job_traces::forget() {
  jobs_.clear();
  for (auto& [id, w] : workflows_)
    w.submitted_us = 0;
}

job_traces::workflow& job_traces::workflow_of(int64_t id) {
  if (workflows_.size() >= most_workflows && !workflows_.contains(id))
    workflows_.clear();
  return workflows_[id];
}

void job_traces::hear(const job_note& n, std::vector<finished_span>& out) {
  if (n.what == kind::linked) {
    workflow_of(n.of.workflow).link = n.link;
    return;
  }
  if (n.what == kind::admitted) {
    workflow_of(n.of.workflow).submitted_us = n.at_us;
    return;
  }
  auto at = jobs_.find(n.of.job);
  if (n.what == kind::ended) {
    job_over(n, at == jobs_.end() ? journey{} : std::exchange(at->second, {}), out);
    if (at != jobs_.end())
      jobs_.erase(at);
    return;
  }
  if (at == jobs_.end() && (n.what == kind::started || jobs_.size() >= most_jobs))
    return;
  auto& j = at == jobs_.end() ? jobs_[n.of.job] : at->second;
  switch (n.what) {
  case kind::ready:
    j.ready_us = n.at_us;
    j.first_ready_us = known({j.first_ready_us, n.at_us});
    break;
  case kind::granted:
    // What was ready when its workflow came is not told of.
    j.ready_us = known({j.ready_us, workflow_of(n.of.workflow).submitted_us, n.at_us});
    j.first_ready_us = known({j.first_ready_us, j.ready_us});
    j.granted_us = n.at_us;
    j.committed_us = n.disk_us;
    j.runner = n.runner;
    j.name = n.text;
    break;
  case kind::started:
    j.started_us = n.at_us;
    break;
  case kind::retried:
    attempt_over(n, j, j.earlier);
    [[fallthrough]];
  default: // returned
    j.ready_us = n.at_us;
    j.granted_us = j.committed_us = j.started_us = 0;
    break;
  }
}

void job_traces::attempt_over(const job_note& n, const journey& j,
                              std::vector<finished_span>& out) const {
  const auto started = known({n.start_us, j.started_us});
  if (j.granted_us != 0) {
    out.push_back(part(n, job_part::queued, j.ready_us, j.granted_us));
    out.push_back(part(n, job_part::commit, j.granted_us, j.committed_us));
    if (started != 0)
      out.push_back(part(n, job_part::dispatch, j.committed_us, started));
  }
  auto all = part(n, job_part::attempt, known({j.committed_us, started, n.at_us}), n.at_us);
  all.attributes = {{"torc.attempt.id", int64_t{n.attempt}},
                    {"torc.job.return_code", int64_t{n.return_code}},
                    {"torc.runner.id", known({j.runner, n.runner})}};
  judge(all, n);
  out.push_back(std::move(all));
}

void job_traces::job_over(const job_note& n, journey j, std::vector<finished_span>& out) const {
  std::move(j.earlier.begin(), j.earlier.end(), std::back_inserter(out));
  const auto w = workflows_.find(n.of.workflow);
  const auto submitted = w == workflows_.end() ? 0 : w->second.submitted_us;
  const auto begin = known({submitted, j.first_ready_us, n.start_us, n.at_us});
  if (j.first_ready_us != 0)
    out.push_back(part(n, job_part::blocked, begin, j.first_ready_us));
  attempt_over(n, j, out);
  out.push_back(part(n, job_part::record, n.at_us, n.disk_us));
  auto all = part(n, job_part::job, begin, n.disk_us);
  all.attributes = {{"torc.workflow.id", n.of.workflow},
                    {"torc.job.id", n.of.job},
                    {"torc.job.name", std::move(j.name)},
                    {"torc.run.id", n.of.run},
                    {"torc.attempts", int64_t{n.attempt}},
                    {"torc.job.status", n.text},
                    {"torc.job.return_code", int64_t{n.return_code}}};
  if (w != workflows_.end())
    all.link = w->second.link;
  judge(all, n);
  out.push_back(std::move(all));
}

} // namespace torc::telemetry
