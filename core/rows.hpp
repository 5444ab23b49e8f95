#pragma once

#include "core/environment.hpp"
#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/labels.hpp"
#include "core/time.hpp"
#include "core/workflow_rows.hpp"

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
  requirement_id requirement; ///< none in a request: the workflow's "default"
  scheduler_id scheduler;     ///< none: any; shown as null, never omitted
  handler_id failure_handler; ///< none: omitted
  int64_t attempt_id = 1;
  // torc 1.0's; not shown to 0.21 unless set.
  int64_t priority = 0; ///< higher first
  label_set labels;     ///< of a runner that may get it
  std::optional<env_object> env;
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
  std::optional<label_set> labels; ///< as its runner was started with

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
    f("labels", s.labels, field::optional);
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
