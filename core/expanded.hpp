#pragma once

#include "core/rows.hpp"
#include "core/rows_more.hpp"
#include "core/spec_parts.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// A workflow spec after expansion: plain vectors, ready to be created. Names have become indices.
namespace torc::core {

/// The index that stands for "none".
inline constexpr uint32_t no_index = UINT32_MAX;

/// A list of indices in a pool; jobs with the same list share it.
struct index_range {
  uint32_t first = 0;
  uint32_t count = 0;
};

/// One job. 1,000,000 of them fit into 300 MB, so there is no map and no vector in here.
struct expanded_job {
  std::string name;
  std::string command;
  index_range depends_on;                ///< in job_pool: indices of jobs, all of them smaller
  index_range input_files, output_files; ///< in link_pool: indices of files
  index_range input_user_data, output_user_data;
  uint32_t invocation_script = no_index; ///< in scripts
  uint32_t requirement = no_index;       ///< none: the workflow's "default"
  uint32_t handler = no_index;
  uint32_t scheduler = no_index;
  uint32_t labels = no_index; ///< in label_sets
  uint32_t env = no_index;    ///< in environments
  uint32_t spec = 0;          ///< the entry of the spec's jobs it was made from
  uint32_t stage = 0;         ///< longest path from a job that waits for nobody
  int32_t priority = 0;
  bool cancel_on_blocking_job_failure = true;
  bool supports_termination = false;
};

/// What happens at a trigger. Its configuration needs the scheduler's id, which creation gives.
struct expanded_action {
  std::string trigger_type;
  std::string action_type;
  std::vector<std::string> commands; ///< of run_commands
  std::string scheduler_type;        ///< of schedule_nodes, as what follows
  uint32_t scheduler = no_index;
  int64_t num_allocations = 1;
  bool start_one_worker_per_node = false;
  std::optional<int64_t> max_parallel_jobs;
  std::optional<std::vector<uint32_t>> jobs; ///< indices, sorted
  bool persistent = false;
};

/// Every id in the rows is 0: creation gives them. So is workflow.user empty where the spec has
/// none.
struct expanded_workflow {
  workflow_row workflow;
  std::vector<expanded_job> jobs; ///< by stage, and within a stage in the order of the spec
  std::vector<std::string> scripts;
  std::vector<label_set> label_sets;
  std::vector<env_object> environments;
  std::vector<file_row> files;
  std::vector<user_data_row> user_data;
  std::vector<requirement_row> requirements;
  std::vector<slurm_scheduler_row> schedulers;
  std::vector<failure_handler_row> handlers;
  std::vector<expanded_action> actions;
  std::vector<uint32_t> job_pool;  ///< every list in it sorted, without repetitions
  std::vector<uint32_t> link_pool; ///< likewise
  uint64_t dependencies = 0;       ///< all depends_on together; those through files not counted
  uint32_t stages = 0;             ///< 0 for a workflow without jobs

  std::span<const uint32_t> depends_on(const expanded_job& job) const {
    return std::span(job_pool).subspan(job.depends_on.first, job.depends_on.count);
  }
  /// One of the four lists of files and user data of a job.
  std::span<const uint32_t> links(index_range list) const {
    return std::span(link_pool).subspan(list.first, list.count);
  }
};

/// The action_config of the API. @param scheduler the id its scheduler got; 0 without one
json_text action_config(const expanded_action& action, int64_t scheduler);

} // namespace torc::core
