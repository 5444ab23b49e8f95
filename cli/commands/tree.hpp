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
command events_latest_command();

command workflows_create_command();
command workflows_run_command();
command workflows_status_command();
command workflows_initialize_command();
command workflows_start_command();
command workflows_list_command();
command workflows_get_command();
command workflows_cancel_command();
command workflows_delete_command();
command workflows_archive_command();
command workflows_reset_command();
command workflows_export_command();
command workflows_import_command();
command workflows_reinitialize_command();
command workflows_restore_command();

command jobs_list_command();
command jobs_update_command();
command jobs_delete_command();
command jobs_from_file_command();
command jobs_needs_command();
command jobs_handlers_command();
command results_list_command();
command reports_summary_command();
command reports_results_command();
command ro_crate_export_command();
command remote_add_command();
command remote_add_from_file_command();
command scheduled_nodes_jobs_command();

} // namespace torc::cli
