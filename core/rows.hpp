#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The rows of the database as values: what edits write, what reads return, what JSON shows.
///
/// Every row tells its columns through `fields(self, f)`, in the order of the API's models; f is
/// called with (name, member, kind). A std::optional member is omitted from JSON when it has no
/// value. Tables and JSON are made from that one list, so the two cannot drift.
namespace torc::core {

/// How a column comes by its value when a row is created over HTTP.
enum class field {
  required,  ///< the body must have it
  optional,  ///< the body may have it; the member's initial value is the default
  assigned,  ///< the server sets it; what the body says is ignored
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
  std::optional<int64_t> compute_node_wait_for_new_jobs_seconds;      ///< null is stored as 90
  std::optional<bool> compute_node_ignore_workflow_completion;        ///< null is stored as false
  std::optional<int64_t> compute_node_wait_for_healthy_database_minutes; ///< null is stored as 20
  std::optional<int64_t> compute_node_min_time_for_new_jobs_seconds;  ///< null is stored as 300
  std::optional<std::string> jobs_sort_method; ///< null is stored as gpus_runtime_memory
  std::optional<std::string> resource_monitor_config; ///< JSON in a string, as torc 0.21 has it
  std::optional<std::string> slurm_defaults;          ///< JSON in a string
  std::optional<bool> use_pending_failed;
  std::optional<bool> enable_ro_crate;
  std::optional<std::string> project;
  std::optional<std::string> metadata;
  std::optional<int64_t> status_id; ///< equal to the workflow's id
  std::optional<std::string> slurm_config;
  std::optional<std::string> execution_config; ///< JSON in a string

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

struct requirement_row {
  static constexpr std::string_view table = "resource_requirements";
  requirement_id id;
  workflow_id workflow;
  std::string name;
  int64_t num_cpus = 1;
  int64_t num_gpus = 0;
  int64_t num_nodes = 1;
  std::string memory = "1m";
  std::string runtime = "P0DT1M";

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("name", s.name, field::required);
    f("num_cpus", s.num_cpus, field::optional);
    f("num_gpus", s.num_gpus, field::optional);
    f("num_nodes", s.num_nodes, field::optional);
    f("memory", s.memory, field::optional);
    f("runtime", s.runtime, field::optional);
  }
};

/// A job as the API shows it. The five id lists are filled only where a read asks for them.
struct job_row {
  static constexpr std::string_view table = "job";
  job_id id;
  workflow_id workflow;
  std::string name;
  std::string command;
  std::optional<std::string> invocation_script;
  job_status status = job_status::uninitialized;
  bool cancel_on_blocking_job_failure = true;
  bool supports_termination = false;
  std::optional<std::vector<int64_t>> depends_on_job_ids;
  std::optional<std::vector<int64_t>> input_file_ids;
  std::optional<std::vector<int64_t>> output_file_ids;
  std::optional<std::vector<int64_t>> input_user_data_ids;
  std::optional<std::vector<int64_t>> output_user_data_ids;
  requirement_id requirement;       ///< none in a request: the workflow's "default"
  scheduler_id scheduler;           ///< none: any; shown as null, never omitted
  handler_id failure_handler;       ///< none: omitted
  int64_t attempt_id = 1;
  int64_t priority = 0;             ///< higher first; torc 1.0's, not shown to 0.21 unless set
};

/// The newest first-hand facts about one ended attempt.
struct result_row {
  static constexpr std::string_view table = "result";
  result_id id;
  job_id job;
  workflow_id workflow;
  int64_t run_id = 0;
  int64_t attempt_id = 1;
  node_id compute_node;
  int64_t return_code = 0;
  double exec_time_minutes = 0;
  std::string completion_time;
  std::optional<int64_t> peak_memory_bytes;
  std::optional<int64_t> avg_memory_bytes;
  std::optional<double> peak_cpu_percent;
  std::optional<double> avg_cpu_percent;
  job_status status = job_status::completed;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("job_id", s.job, field::required);
    f("workflow_id", s.workflow, field::required);
    f("run_id", s.run_id, field::required);
    f("attempt_id", s.attempt_id, field::optional);
    f("compute_node_id", s.compute_node, field::required);
    f("return_code", s.return_code, field::required);
    f("exec_time_minutes", s.exec_time_minutes, field::required);
    f("completion_time", s.completion_time, field::required);
    f("peak_memory_bytes", s.peak_memory_bytes, field::optional);
    f("avg_memory_bytes", s.avg_memory_bytes, field::optional);
    f("peak_cpu_percent", s.peak_cpu_percent, field::optional);
    f("avg_cpu_percent", s.avg_cpu_percent, field::optional);
    f("status", s.status, field::required);
  }
};

struct compute_node_row {
  static constexpr std::string_view table = "compute_node";
  node_id id;
  workflow_id workflow;
  std::string hostname;
  int64_t pid = 0;
  std::string start_time;
  std::optional<double> duration_seconds;
  std::optional<bool> is_active;
  int64_t num_cpus = 1;
  double memory_gb = 0;
  int64_t num_gpus = 0;
  int64_t num_nodes = 1;
  std::optional<std::string> time_limit;
  std::optional<int64_t> scheduler_config_id;
  std::string compute_node_type;
  std::optional<json_text> scheduler;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("hostname", s.hostname, field::required);
    f("pid", s.pid, field::required);
    f("start_time", s.start_time, field::required);
    f("duration_seconds", s.duration_seconds, field::optional);
    f("is_active", s.is_active, field::optional);
    f("num_cpus", s.num_cpus, field::required);
    f("memory_gb", s.memory_gb, field::required);
    f("num_gpus", s.num_gpus, field::required);
    f("num_nodes", s.num_nodes, field::required);
    f("time_limit", s.time_limit, field::optional);
    f("scheduler_config_id", s.scheduler_config_id, field::optional);
    f("compute_node_type", s.compute_node_type, field::required);
    f("scheduler", s.scheduler, field::optional);
  }
};

struct scheduled_compute_node_row {
  static constexpr std::string_view table = "scheduled_compute_node";
  core::id<struct scheduled_node_tag> id;
  workflow_id workflow;
  int64_t scheduler = 0; ///< e.g. a Slurm job id
  int64_t scheduler_config_id = 0;
  std::string scheduler_type;
  std::string status;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("scheduler_id", s.scheduler, field::required);
    f("scheduler_config_id", s.scheduler_config_id, field::required);
    f("scheduler_type", s.scheduler_type, field::required);
    f("status", s.status, field::required);
  }
};

} // namespace torc::core
