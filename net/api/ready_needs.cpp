#include "core/resources.hpp"
#include "net/api/all.hpp"

#include <algorithm>
#include <unordered_map>

namespace torc::net::api {

namespace {

/// What all ready jobs together ask for, and the most that one of them does.
struct sum_of_needs {
  int64_t jobs = 0, cpus = 0, gpus = 0, memory_bytes = 0, most_nodes = 0, longest_s = -1;
  std::string longest = "PT0S";

  void add(const core::requirement_row& one) {
    ++jobs;
    cpus += one.num_cpus;
    gpus += one.num_gpus;
    most_nodes = std::max(most_nodes, one.num_nodes);
    if (const auto bytes = core::parse_memory(one.memory))
      memory_bytes += *bytes;
    if (const auto s = core::parse_duration(one.runtime); s && *s > longest_s) {
      longest_s = *s;
      longest = one.runtime;
    }
  }
};

using requirements = std::unordered_map<core::requirement_id, core::requirement_row>;

requirements requirements_of(core::read_model& r, core::workflow_id workflow) {
  requirements by_id;
  for (auto& row : r.page_where<core::requirement_row>({workflow, {}, {}}).items)
    by_id.emplace(row.id, std::move(row));
  return by_id;
}

reply show_ready_needs(core::read_model& r, core::workflow_id workflow,
                       std::optional<int64_t> scheduler) {
  constexpr int64_t chunk = 10'000;
  if (!r.workflow(workflow))
    return refusal_reply(no_workflow(workflow));
  const auto known = requirements_of(r, workflow);
  sum_of_needs sum;
  core::job_filter f;
  f.workflow = workflow;
  f.status = core::job_status::ready;
  f.at.limit = chunk;
  for (bool more = true; more; f.at.offset += chunk) {
    const auto page = r.jobs(f);
    for (const auto& job : page.items)
      if (const auto needs = known.find(job.requirement);
          needs != known.end() && (!scheduler || job.scheduler.value == *scheduler))
        sum.add(needs->second);
    more = static_cast<int64_t>(page.items.size()) == chunk;
  }
  constexpr double gib = 1 << 30;
  std::string body;
  json::object o(body);
  o.add("num_jobs", sum.jobs).add("num_cpus", sum.cpus).add("num_gpus", sum.gpus);
  o.add("memory_gb", static_cast<double>(sum.memory_bytes) / gib);
  o.add("max_num_nodes", sum.most_nodes).add("max_runtime", sum.longest).close();
  return json_reply(std::move(body));
}

} // namespace

void add_ready_needs(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/ready_job_requirements", [&s](const call& c) {
    query_reader q(c->in());
    const auto scheduler = q.integer("scheduler_config_id");
    if (!q.refused(c))
      reply_by_reading(s, c,
                       [id = core::workflow_id{c->number(0)}, scheduler](core::read_model& r) {
                         return show_ready_needs(r, id, scheduler);
                       });
  });
}

} // namespace torc::net::api
