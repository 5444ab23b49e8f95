#pragma once

#include "cli/frame/command.hpp"

/// Every command of `torc`: one function here, one file beside it, one line in tree.cpp.
namespace torc::cli {

program torc_program();

command run_command();
command ping_command();
command runner_death_command();
command timing_command();
command console_command();
command explain_command();
command tui_command();
command events_monitor_command();
command events_create_command();
command events_list_command();
command events_latest_command();
command events_delete_command();

command workflows_create_command();
command workflows_run_command();
command workflows_status_command();
command workflows_initialize_command();
command workflows_start_command();
command workflows_list_command();
command workflows_get_command();
command workflows_cancel_command();
command workflows_delete_command();

command jobs_list_command();
command results_list_command();
command reports_summary_command();
command compute_nodes_list_command();

} // namespace torc::cli
