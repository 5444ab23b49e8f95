#pragma once

#include "cli/frame/command.hpp"

/// The commands that are described in tables, a group of them at a time. Where torc 0.21 has a
/// command, its name, options and JSON are torc's.
namespace torc::cli {

// files.cpp
std::vector<command> file_commands();
std::vector<command> user_data_commands();
// nodes.cpp
std::vector<command> requirement_commands();
std::vector<command> compute_node_commands();
std::vector<command> scheduled_node_commands();
std::vector<command> remote_worker_commands();
// schedulers.cpp
std::vector<command> slurm_commands();
std::vector<command> failure_handler_commands();
// entities.cpp
std::vector<command> entity_commands();
std::vector<command> dependency_commands();
// access.cpp
std::vector<command> access_group_commands();
std::vector<command> admin_commands();
// history.cpp
std::vector<command> event_commands();
std::vector<command> result_commands();
// jobs.cpp
std::vector<command> job_commands();
// workflows.cpp
std::vector<command> workflow_commands();

} // namespace torc::cli
