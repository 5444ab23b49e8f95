#pragma once

#include "core/environment.hpp"
#include "core/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The rows of a workflow itself, and what all rows are made of; core/rows.hpp says how they are
/// read.
namespace torc::core {

/// How a column comes by its value when a row is created over HTTP.
enum class field {
  required, ///< the body must have it
  optional, ///< the body may have it; the member's initial value is the default
  assigned, ///< the server sets it; what the body says is ignored
};

/// JSON text that is stored and served as it came, never looked into: an object, list or scalar.
struct json_text {
  std::string text;
  bool operator==(const json_text&) const = default;
};

struct workflow_row {
  static constexpr std::string_view table = "workflow";
  workflow_id id;
  std::string name;
  std::string user;
  std::optional<std::string> description;
  std::optional<std::string> timestamp;
  std::optional<int64_t> compute_node_expiration_buffer_seconds;
  std::optional<int64_t> compute_node_wait_for_new_jobs_seconds; ///< null is stored as 90
  std::optional<bool> compute_node_ignore_workflow_completion;   ///< null is stored as false
  std::optional<int64_t> compute_node_wait_for_healthy_database_minutes; ///< null is stored as 20
  std::optional<int64_t> compute_node_min_time_for_new_jobs_seconds;     ///< null is stored as 300
  std::optional<std::string> jobs_sort_method;        ///< null is stored as gpus_runtime_memory
  std::optional<std::string> resource_monitor_config; ///< JSON in a string, as torc 0.21 has it
  std::optional<std::string> slurm_defaults;          ///< JSON in a string
  std::optional<bool> use_pending_failed;
  std::optional<bool> enable_ro_crate;
  std::optional<std::string> project;
  std::optional<std::string> metadata;
  std::optional<int64_t> status_id; ///< equal to the workflow's id
  std::optional<std::string> slurm_config;
  std::optional<std::string> execution_config; ///< JSON in a string
  std::optional<env_object> env;               ///< for each of its jobs

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("name", s.name, field::required);
    f("user", s.user, field::required);
    f("description", s.description, field::optional);
    f("timestamp", s.timestamp, field::assigned);
    f("compute_node_expiration_buffer_seconds", s.compute_node_expiration_buffer_seconds,
      field::optional);
    f("compute_node_wait_for_new_jobs_seconds", s.compute_node_wait_for_new_jobs_seconds,
      field::optional);
    f("compute_node_ignore_workflow_completion", s.compute_node_ignore_workflow_completion,
      field::optional);
    f("compute_node_wait_for_healthy_database_minutes",
      s.compute_node_wait_for_healthy_database_minutes, field::optional);
    f("compute_node_min_time_for_new_jobs_seconds", s.compute_node_min_time_for_new_jobs_seconds,
      field::optional);
    f("jobs_sort_method", s.jobs_sort_method, field::optional);
    f("resource_monitor_config", s.resource_monitor_config, field::optional);
    f("slurm_defaults", s.slurm_defaults, field::optional);
    f("use_pending_failed", s.use_pending_failed, field::optional);
    f("enable_ro_crate", s.enable_ro_crate, field::optional);
    f("project", s.project, field::optional);
    f("metadata", s.metadata, field::optional);
    f("status_id", s.status_id, field::assigned);
    f("slurm_config", s.slurm_config, field::optional);
    f("execution_config", s.execution_config, field::optional);
    f("env", s.env, field::optional);
  }
};

/// The part of a workflow that changes while it runs. Its id is the workflow's id.
struct workflow_status_row {
  static constexpr std::string_view table = "workflow_status";
  workflow_id id;
  bool is_canceled = false;
  std::optional<bool> is_archived;
  int64_t run_id = 0;
  std::optional<bool> has_detected_need_to_run_completion_script;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::optional);
    f("is_canceled", s.is_canceled, field::required);
    f("is_archived", s.is_archived, field::optional);
    f("run_id", s.run_id, field::required);
    f("has_detected_need_to_run_completion_script", s.has_detected_need_to_run_completion_script,
      field::optional);
  }
};

} // namespace torc::core
