#include "core/resources.hpp"
#include "net/api/all.hpp"
#include "net/json/job.hpp"
#include "telemetry/call_span.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace torc::net::api {

namespace {

using orders = std::vector<core::launch::placed>;

int32_t clamped(int64_t n) {
  return static_cast<int32_t>(std::clamp<int64_t>(n, 0, std::numeric_limits<int32_t>::max()));
}

int64_t bytes_of(double gib) {
  constexpr double most = 4e18;
  return static_cast<int64_t>(std::clamp(gib * 1024 * 1024 * 1024, 0.0, most));
}

/// A ComputeNodesResources body: what one node has, how many there are, how long.
struct node_resources {
  core::capacity room;
  core::scheduler_id scheduler;
};

core::result<node_resources> read_resources(std::string_view body, json::unknown_keys& unknown) {
  json::members from;
  if (const auto opened = json::open(body, from); !opened)
    return opened.why();
  int64_t cpus = -1, gpus = -1, nodes = -1, scheduler = 0, ignored = 0;
  double memory_gb = std::nan("");
  std::optional<std::string> time_limit;
  core::label_set labels;
  std::string problem;
  json::get(from, "id", ignored, problem);
  json::get(from, "num_cpus", cpus, problem);
  json::get(from, "memory_gb", memory_gb, problem);
  json::get(from, "num_gpus", gpus, problem);
  json::get(from, "num_nodes", nodes, problem);
  json::get(from, "time_limit", time_limit, problem);
  json::get(from, "scheduler_config_id", scheduler, problem);
  json::get(from, "labels", labels, problem);
  if (problem.empty() && (cpus < 0 || gpus < 0 || nodes < 0 || !(memory_gb >= 0)))
    problem = "num_cpus, memory_gb, num_gpus and num_nodes are needed, and none may be negative";
  if (!problem.empty())
    return core::refuse(core::refusal::malformed, problem);
  node_resources found;
  found.room = {
      clamped(cpus),    clamped(gpus), std::max(clamped(nodes), 1), bytes_of(memory_gb), {},
      std::move(labels)};
  found.scheduler.value = scheduler;
  if (time_limit) {
    const auto seconds = core::parse_duration(*time_limit);
    if (!seconds)
      return core::refuse(core::refusal::unprocessable, "time_limit: " + seconds.why().message);
    found.room.time_limit_s = *seconds;
  }
  unknown.add(from);
  return found;
}

/// The claimed jobs in the order of their grants; as claimed, whatever has come over them since.
reply show_claimed(core::read_model& r, const std::vector<int64_t>& ids) {
  auto jobs = r.jobs_by_id(ids, true);
  std::unordered_map<int64_t, core::job_row*> by_id;
  for (auto& job : jobs)
    by_id.emplace(job.id.value, &job);
  std::string body = R"({"jobs":[)";
  for (const auto id : ids) {
    const auto job = by_id.find(id);
    if (job == by_id.end())
      continue;
    if (body.back() == '}')
      body += ',';
    job->second->status = core::job_status::pending;
    json::write_job(body, *job->second);
  }
  return json_reply(body + "]}");
}

reply show_nothing(core::read_model& r, core::workflow_id workflow, bool with_reason) {
  const auto status = r.workflow_status(workflow);
  if (!status)
    return refusal_reply(no_workflow(workflow));
  return json_reply(with_reason && status->is_canceled
                        ? R"({"jobs":[],"reason":"Workflow is canceled"})"
                        : R"({"jobs":[]})");
}

void claim(const services& s, const call& c, core::offer what) {
  const auto workflow = what.workflow;
  const bool with_reason = !what.by_count;
  if (what.limit < 0)
    return c->refuse(core::refuse(core::refusal::unprocessable, "limit must not be negative"));
  what.limit = std::min(what.limit, core::max_page);
  s.house.claim(std::move(what),
                unless_refused<orders>(c, [&s, c, workflow, with_reason](const orders& placed) {
                  std::vector<int64_t> ids;
                  for (const auto& p : placed)
                    ids.push_back(p.open.job.value);
                  reply_by_reading(s, c, [ids, workflow, with_reason](core::read_model& r) {
                    return ids.empty() ? show_nothing(r, workflow, with_reason)
                                       : show_claimed(r, ids);
                  });
                }));
}

} // namespace

void add_claims(router& to, const services& s) {
  to.on("POST", "/workflows/{id}/claim_next_jobs", [&s](const call& c) {
    query_reader q(c->in());
    core::offer what;
    what.workflow.value = c->number(0);
    what.by_count = true;
    const auto limit = q.integer("limit");
    what.limit = limit.value_or(10);
    what.room.labels = read_labels(q).value_or(core::label_set{});
    if (const auto& span = telemetry::current_call(); span && !limit)
      span->note("limit", what.limit);
    if (!q.refused(c))
      claim(s, c, std::move(what));
  });
  to.on("POST", "/workflows/{id}/claim_jobs_based_on_resources/{limit}", [&s](const call& c) {
    query_reader q(c->in());
    core::offer what;
    what.workflow.value = c->number(0);
    what.limit = c->number(1);
    what.sort_method =
        q.one_of("sort_method", {"gpus_runtime_memory", "gpus_memory_runtime", "none"})
            .value_or("none");
    what.strict_scheduler_match = q.flag("strict_scheduler_match").value_or(false);
    if (q.refused(c))
      return;
    with_body(s, c, read_resources, [&s, c, what](const node_resources& has) {
      auto asked = what;
      asked.room = has.room;
      asked.scheduler = has.scheduler;
      claim(s, c, std::move(asked));
    });
  });
}

} // namespace torc::net::api
