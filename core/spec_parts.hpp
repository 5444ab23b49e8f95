#pragma once

#include "core/rows.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The parts of a workflow spec that hang on its jobs, and what says where each part stands.
namespace torc::core {

/// Where something stands in a spec file: line and byte column, both from 1; 0: in no file.
struct place {
  uint32_t line = 0;
  uint32_t column = 0;
  auto operator<=>(const place&) const = default;
};

template <class T>
struct placed {
  T value{};
  place at;
};

using placed_text = placed<std::string>;
using placed_number = placed<int64_t>;
using text_list = std::vector<placed_text>;
/// Environment variables: names and values.
using variable_list = std::vector<std::pair<placed_text, placed_text>>;

struct stdio_spec {
  std::optional<placed_text> mode; ///< separate, combined, no_stdout, no_stderr or none
  std::optional<bool> delete_on_success;
};

struct requirement_spec {
  place at;
  placed_text name;
  placed_number num_cpus{1, {}};
  placed_number num_gpus{0, {}};
  placed_number num_nodes{1, {}};
  placed_text memory;
  placed_text runtime{"PT1H", {}};
};

struct failure_rule_spec {
  place at;
  std::vector<placed_number> exit_codes;
  bool match_all_exit_codes = false;
  std::optional<std::string> recovery_script;
  placed_number max_retries{3, {}};
};

struct failure_handler_spec {
  place at;
  placed_text name;
  std::vector<failure_rule_spec> rules;
};

struct slurm_scheduler_spec {
  place at;
  std::optional<placed_text> name;
  std::string account;
  std::optional<std::string> gres, mem;
  placed_number nodes{1, {}};
  std::optional<placed_number> ntasks_per_node;
  std::optional<std::string> partition, qos, tmp;
  std::string walltime = "01:00:00";
  std::optional<std::string> extra;
};

struct action_spec {
  place at;
  placed_text trigger_type;
  placed_text action_type;
  std::optional<text_list> jobs, job_name_regexes, commands;
  std::optional<placed_text> scheduler;
  std::optional<placed_text> scheduler_type;
  placed_number num_allocations{1, {}};
  std::optional<placed<bool>> start_one_worker_per_node;
  std::optional<placed_number> max_parallel_jobs;
  bool persistent = false;
};

struct resource_monitor_spec {
  bool enabled = false;
  placed_text granularity{"summary", {}}; ///< or "time_series"
  placed_number sample_interval_seconds{10, {}};
  bool generate_plots = false;
};

/// How jobs are run. What is not set has the default of the runner.
struct execution_spec {
  placed_text mode{"auto", {}}; ///< or "direct", "slurm"
  std::optional<placed_number> sigkill_headroom_seconds, timeout_exit_code;
  std::optional<bool> staggered_start;
  std::optional<placed<bool>> limit_resources;
  std::optional<placed_text> termination_signal;
  std::optional<placed_number> sigterm_lead_seconds, oom_exit_code;
  std::optional<placed_text> srun_termination_signal;
  std::optional<placed<bool>> enable_cpu_bind;
  std::optional<stdio_spec> stdio;
  std::vector<std::pair<placed_text, stdio_spec>> job_stdio_overrides;
};

struct slurm_defaults_spec {
  text_list keys;
  json_text map; ///< all of it, compact
};

} // namespace torc::core
