#include "cli/commands/tree.hpp"

namespace torc::cli {

namespace {

command group(const char* name, const char* summary, std::vector<command> children) {
  command c;
  c.name = name;
  c.summary = summary;
  c.children = std::move(children);
  return c;
}

} // namespace

program torc_program() {
  program p;
  p.version = TORC_VERSION;
  p.global_options = add_global_options;
  p.root.name = "torc";
  p.root.summary = "Runs workflows of many jobs";
  p.root.about =
      "A workflow is a file that says which commands to run and which of them wait for which.\n"
      "Try: torc run workflow.yaml";
  p.root.children = {
      run_command(),
      group("workflows", "Create, start, watch and end workflows",
            {workflows_create_command(), workflows_run_command(), workflows_status_command(),
             workflows_initialize_command(), workflows_start_command(), workflows_list_command(),
             workflows_get_command(), workflows_cancel_command(), workflows_delete_command()}),
      group("jobs", "Look at the jobs of a workflow", {jobs_list_command()}),
      group("results", "Look at how jobs ended", {results_list_command()}),
      group("reports", "Whole workflows at a glance", {reports_summary_command()}),
      group("compute-nodes", "Look at the machines that ran jobs", {compute_nodes_list_command()}),
      group("events", "Follow what happens in a workflow",
            {events_monitor_command(), events_list_command(), events_latest_command(),
             events_create_command(), events_delete_command()}),
      explain_command(),
      timing_command(),
      console_command(),
      tui_command(),
      ping_command(),
      runner_death_command(),
  };
  return p;
}

} // namespace torc::cli
