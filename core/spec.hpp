#pragma once

#include "core/spec_parts.hpp"

/// A workflow spec as a value, before expansion: what its author wrote, each part with its place.
namespace torc::core {

/// An item of a parameter's list. A quoted one is a string even where it looks like a number.
struct parameter_item {
  std::string text;
  bool quoted = false;
};

/// One parameter: a range, list or scalar as text, or the items of a list written as such.
struct parameter_spec {
  placed_text name;
  placed_text text;
  std::optional<std::vector<parameter_item>> items; ///< in place of `text`
};

/// What makes many of one job or file.
struct sweep_spec {
  std::vector<parameter_spec> parameters;
  std::optional<placed_text> parameter_mode; ///< "product" (the default) or "zip"
  text_list use_parameters;
  bool unreadable = false; ///< some of it, which is complained about already
};

struct job_spec {
  place at;
  placed_text name;
  placed_text command;
  std::optional<placed_text> invocation_script;
  bool cancel_on_blocking_job_failure = true;
  bool supports_termination = false;
  std::optional<placed_text> resource_requirements;
  std::optional<placed_text> failure_handler;
  text_list depends_on, depends_on_regexes;
  text_list input_files, input_file_regexes;
  text_list output_files, output_file_regexes;
  text_list input_user_data, input_user_data_regexes;
  text_list output_user_data, output_user_data_regexes;
  std::optional<placed_text> scheduler;
  sweep_spec sweep;
  std::optional<stdio_spec> stdio;
  std::optional<placed_number> priority; ///< torc 1.0's, as are the next two; higher first
  text_list labels;
  variable_list env;
};

struct file_spec {
  place at;
  placed_text name;
  placed_text path;
  std::optional<double>
      mtime; ///< seconds since 1970; the key is st_mtime, which sys/stat.h has as a macro
  sweep_spec sweep;
};

struct user_data_spec {
  place at;
  std::optional<placed_text> name; ///< an entry without a name is dropped, as torc does
  std::optional<bool> is_ephemeral;
  std::optional<json_text> data; ///< compact JSON; none for null
};

/// Kinds of entries of which some could not be read: their names are not known, so nobody may say
/// that a name does not exist.
struct unread {
  bool jobs = false, files = false, user_data = false;
  bool requirements = false, schedulers = false, handlers = false;
  bool parameters = false;
};

struct workflow_spec {
  placed_text name;
  std::optional<std::string> user, description;
  std::vector<parameter_spec> parameters;
  std::optional<placed_number> compute_node_expiration_buffer_seconds;
  std::optional<placed_number> compute_node_wait_for_new_jobs_seconds;
  std::optional<bool> compute_node_ignore_workflow_completion;
  std::optional<placed_number> compute_node_wait_for_healthy_database_minutes;
  std::optional<placed_text> jobs_sort_method;
  std::vector<job_spec> jobs;
  std::vector<file_spec> files;
  std::vector<user_data_spec> user_data;
  std::vector<requirement_spec> resource_requirements;
  std::vector<failure_handler_spec> failure_handlers;
  std::vector<slurm_scheduler_spec> slurm_schedulers;
  std::optional<slurm_defaults_spec> slurm_defaults;
  std::optional<resource_monitor_spec> resource_monitor;
  std::vector<action_spec> actions;
  std::optional<bool> use_pending_failed, enable_ro_crate;
  std::optional<std::string> project, metadata;
  std::optional<execution_spec> execution_config;
  variable_list env; ///< torc 1.0's; for every job
  unread missing;
};

} // namespace torc::core
