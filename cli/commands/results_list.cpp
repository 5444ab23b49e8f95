#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/summary.hpp"
#include "net/client.hpp"

#include <cstdio>
#include <unordered_map>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  add_paging_options(to);
  to.add_options()("job-id,j", po::value<int64_t>()->value_name("ID"), "only of this job")(
      "run-id,r", po::value<int64_t>()->value_name("ID"), "only of this run")(
      "return-code", po::value<int64_t>()->value_name("CODE"), "only with this return code")(
      "failed", po::bool_switch(), "only where the return code is not 0")(
      "status,s", po::value<std::string>()->value_name("STATUS"), "only with this status")(
      "compute-node", po::value<int64_t>()->value_name("ID"), "only from this compute node")(
      "all-runs", po::bool_switch(), "of all runs and attempts, not only the latest of each job");
}

std::string query_of(const call& c, int64_t workflow) {
  std::string q = "/results?workflow_id=" + std::to_string(workflow);
  for (const auto& [option, name] :
       {std::pair{"job-id", "job_id"}, std::pair{"run-id", "run_id"},
        std::pair{"return-code", "return_code"}, std::pair{"compute-node", "compute_node_id"}})
    if (const auto n = c.maybe<int64_t>(option))
      q += "&" + std::string(name) + "=" + std::to_string(*n);
  if (const auto status = c.maybe<std::string>("status"))
    q += "&status=" + net::encode(*status);
  if (c.get<bool>("all-runs"))
    q += "&all_runs=true";
  return q;
}

/// Names of all jobs; only the table needs them.
std::unordered_map<int64_t, std::string> job_names(api& server, int64_t workflow) {
  std::unordered_map<int64_t, std::string> names;
  // A table without names is better than none.
  (void)server.each("/jobs?workflow_id=" + std::to_string(workflow), [&](const json::value& job) {
    names[integer_member(job, "id")] = text_member(job, "name");
    return true;
  });
  return names;
}

int list(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  auto all = listed(c, server, query_of(c, *id));
  if (!all)
    return fail(c, all.why().message);
  auto items = std::move(*all);
  if (c.get<bool>("failed"))
    items.erase(
        std::remove_if(items.begin(), items.end(),
                       [](const json::value& r) { return integer_member(r, "return_code") == 0; }),
        items.end());
  std::unordered_map<int64_t, std::string> names;
  if (!c.global.json())
    names = job_names(server, *id);
  const auto with_unit = [](const char* name, auto text) {
    return [name, text](const json::value& r) {
      const auto n = number(member(r, name));
      return n ? text(*n) : std::string("-");
    };
  };
  const auto minutes = [](double m) { return duration_text(m * 60); };
  const auto bytes = [](double b) { return size_text(static_cast<int64_t>(b)); };
  const auto percent = [](double p) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", p);
    return std::string(text);
  };
  print_list(
      c, "results", items,
      {plain("ID", "id"),
       plain("Job ID", "job_id"),
       {"Job Name", [&](const json::value& r) { return names[integer_member(r, "job_id")]; }},
       plain("WF ID", "workflow_id"),
       plain("Run ID", "run_id"),
       plain("Attempt", "attempt_id"),
       plain("Return Code", "return_code"),
       {"Exec Time", with_unit("exec_time_minutes", minutes)},
       {"Peak Mem", with_unit("peak_memory_bytes", bytes)},
       {"Avg CPU %", with_unit("avg_cpu_percent", percent)},
       plain("Completion Time", "completion_time"),
       plain("Status", "status")});
  return exit_ok;
}

} // namespace

command results_list_command() {
  return {.name = "list",
          .summary = "List how the jobs of a workflow ended",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = list};
}

} // namespace torc::cli
