#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace torc::core {

/// How far a workflow is, by stage of its graph. Counted by the DB writer as it writes, published
/// after each commit as an immutable value: nobody asks an actor or the database for it.
struct stage_progress {
  std::array<int64_t, job_status_count> by_status{};
  instant first_start; ///< 0: none yet
  instant last_end;
};

struct workflow_progress {
  workflow_id workflow;
  int64_t run = 0;
  bool canceled = false;
  std::vector<stage_progress> stages;
  int64_t results = 0; ///< jobs that have a latest result
};

struct progress {
  uint64_t turn = 0;
  std::map<workflow_id, std::shared_ptr<const workflow_progress>> workflows;
  int64_t completions = 0; ///< since the server's start
  int64_t commits = 0;
  int64_t busy_retries = 0; ///< SQLITE_BUSY results, all connections
};

} // namespace torc::core
