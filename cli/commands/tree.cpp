#include "cli/commands/tree.hpp"

#include "cli/records/tables.hpp"

namespace torc::cli {

namespace {

command group(const char* name, const char* summary, std::vector<command> children) {
  command c;
  c.name = name;
  c.summary = summary;
  c.children = std::move(children);
  return c;
}

std::vector<command> with(std::vector<command> some, std::vector<command> more) {
  for (auto& c : more)
    some.push_back(std::move(c));
  return some;
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
            with({workflows_create_command(), workflows_run_command(), workflows_status_command(),
                  workflows_initialize_command(), workflows_start_command(),
                  workflows_reinitialize_command(), workflows_reset_command(),
                  workflows_list_command(), workflows_get_command(), workflows_cancel_command(),
                  workflows_delete_command(), workflows_archive_command(),
                  workflows_restore_command(), workflows_export_command(),
                  workflows_import_command()},
                 workflow_commands())),
      group("jobs", "Add, look at and change the jobs of a workflow",
            with({jobs_list_command(), jobs_update_command(), jobs_delete_command(),
                  jobs_from_file_command(), jobs_needs_command(), jobs_handlers_command()},
                 job_commands())),
      group("results", "Look at how jobs ended", with({results_list_command()}, result_commands())),
      group("files", "The files that jobs read and write", file_commands()),
      group("user-data", "The values that jobs read and write", user_data_commands()),
      group("resource-requirements", "What jobs need of a machine", requirement_commands()),
      group("job-dependencies", "What waits for what", dependency_commands()),
      group("failure-handlers", "What is done about jobs that fail", failure_handler_commands()),
      group("reports", "Whole workflows at a glance",
            {reports_summary_command(), reports_results_command()}),
      group("compute-nodes", "Look at the machines that ran jobs", compute_node_commands()),
      group("scheduled-compute-nodes", "Look at what was asked of a scheduler",
            with({scheduled_nodes_jobs_command()}, scheduled_node_commands())),
      group("slurm", "What allocations of Slurm are to look like", slurm_commands()),
      group("remote", "Machines that runners are to be started on",
            with({remote_add_command(), remote_add_from_file_command()}, remote_worker_commands())),
      group("events", "Follow what happens in a workflow",
            with({events_monitor_command(), events_latest_command()}, event_commands())),
      group("ro-crate", "Where results came from, as RO-Crate",
            with({ro_crate_export_command()}, entity_commands())),
      group("access-groups", "Who may use which workflow", access_group_commands()),
      group("admin", "For those who run the server", admin_commands()),
      // torc 1.0 has these at the top.
      workflows_create_command(),
      workflows_status_command(),
      workflows_cancel_command(),
      workflows_delete_command(),
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
