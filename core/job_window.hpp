#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace torc::core {

/// Which stretch of a workflow's jobs somebody looks at. A window begins behind a job, not at a
/// number: a long list costs no more at its end than at its beginning.
struct job_window {
  static constexpr int64_t most = 1000;
  static constexpr size_t longest_search = 1000; ///< bytes

  workflow_id workflow;
  std::vector<job_status> statuses; ///< empty: any
  std::optional<int64_t> stage;
  std::string search;  ///< is part of the name, whatever its case in ASCII; empty: any
  std::string sort_by; ///< one of storage's list, else the id
  bool reverse = false;
  job_id after; ///< none: from the beginning, or from the end if `reverse`
  int64_t limit = 100;
};

/// A job and how it last ended, as a line of a list.
struct job_brief {
  job_id id;
  std::string name;
  job_status status = job_status::uninitialized;
  int64_t stage = 0, attempt_id = 0;
  int64_t run = 0;  ///< of the open attempt, else of the latest result; 0: neither
  int64_t node = 0; ///< the compute node of the same; 0: none
  std::optional<int64_t> return_code, peak_memory_bytes;
  std::optional<double> exec_time_minutes;
  std::optional<std::string> completion_time;
};

struct job_briefs {
  std::vector<job_brief> items;
  bool has_more = false;
};

/// A job that runs, and where.
struct running_job {
  job_id id;
  std::string name;
  std::string hostname;
  std::string node_type;                 ///< "local", "slurm", ...
  std::optional<std::string> allocation; ///< the scheduler's own id of it, if the node has one
};

} // namespace torc::core
