#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("output-dir,o",
                   po::value<std::string>()->default_value("torc_output")->value_name("FOLDER"),
                   "where the runners wrote")(
      "all-runs", po::bool_switch(), "of all runs and attempts, not only the latest of each job")(
      "job-id,j", po::value<std::vector<int64_t>>()->value_name("ID"),
      "only of this job; may be repeated");
}

/// "Completed" for "completed": torc's report spells it so.
std::string capital(std::string status) {
  if (!status.empty() && status[0] >= 'a' && status[0] <= 'z')
    status[0] = static_cast<char>(status[0] - 'a' + 'A');
  return status;
}

struct report_of {
  api& server;
  int64_t workflow;
  std::string folder;
  std::unordered_map<int64_t, std::string> names = {};
  std::map<int64_t, json::value> nodes = {};

  core::result<core::nothing> read() {
    const auto of = "workflow_id=" + std::to_string(workflow);
    auto jobs = server.each("/jobs?" + of, [&](const json::value& j) {
      names[integer_member(j, "id")] = text_member(j, "name");
      return true;
    });
    if (!jobs)
      return jobs;
    return server.each("/compute_nodes?" + of, [&](const json::value& n) {
      nodes[integer_member(n, "id")] = n;
      return true;
    });
  }

  json::object entry(const json::value& r) {
    const auto job = integer_member(r, "job_id");
    const auto run = integer_member(r, "run_id");
    const auto node = nodes.find(integer_member(r, "compute_node_id"));
    json::object o{{"job_id", job},
                   {"job_name", names[job]},
                   {"status", capital(text_member(r, "status"))},
                   {"run_id", run}};
    for (const auto* name :
         {"return_code", "completion_time", "exec_time_minutes", "compute_node_id"})
      o[name] = member(r, name);
    const auto stdio = folder + "/job_stdio/job_wf" + std::to_string(workflow) + "_j" +
                       std::to_string(job) + "_r" + std::to_string(run) + "_a" +
                       std::to_string(integer_member(r, "attempt_id", 1));
    o["job_stdout"] = stdio + ".o";
    o["job_stderr"] = stdio + ".e";
    if (node == nodes.end())
      return o;
    o["compute_node_type"] = text_member(node->second, "compute_node_type");
    o["job_runner_log"] = folder + "/job_runner_" + text_member(node->second, "hostname") + "_wf" +
                          std::to_string(workflow) + "_r" + std::to_string(run) + ".log";
    return o;
  }
};

core::result<json::object> gather(const call& c, api& server, int64_t id) {
  const auto workflow = server.get(workflow_path(id));
  if (!workflow)
    return workflow.why();
  report_of report{server, id, c.get<std::string>("output-dir")};
  if (auto r = report.read(); !r)
    return r.why();
  const auto only = c.maybe<std::vector<int64_t>>("job-id").value_or(std::vector<int64_t>{});
  const bool all_runs = c.get<bool>("all-runs");
  json::array results;
  auto read =
      server.each("/results?workflow_id=" + std::to_string(id) + (all_runs ? "&all_runs=true" : ""),
                  [&](const json::value& r) {
                    const auto job = integer_member(r, "job_id");
                    if (only.empty() || std::ranges::count(only, job) > 0)
                      results.push_back(report.entry(r));
                    return true;
                  });
  if (!read)
    return read.why();
  return json::object{{"workflow_id", id},
                      {"workflow_name", text_member(*workflow, "name")},
                      {"workflow_user", text_member(*workflow, "user")},
                      {"all_runs", all_runs},
                      {"total_results", results.size()},
                      {"results", std::move(results)}};
}

int report(call& c) {
  std::error_code none;
  if (!std::filesystem::is_directory(c.get<std::string>("output-dir"), none))
    return fail(c, "there is no folder " + c.get<std::string>("output-dir") +
                       "; --output-dir names the one that the runners were given");
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto all = gather(c, server, *id);
  if (!all)
    return fail(c, all.why().message);
  if (c.global.json())
    print_json(c.out, *all);
  else
    print_list(c, "results", list_member(*all, "results"),
               {plain("Job ID", "job_id"), plain("Job Name", "job_name"), plain("Status", "status"),
                plain("Return Code", "return_code"), plain("Output", "job_stdout"),
                plain("Errors", "job_stderr")});
  return exit_ok;
}

} // namespace

command reports_results_command() {
  return {.name = "results",
          .summary = "Say how jobs ended, and in which files their output is",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = report};
}

} // namespace torc::cli
