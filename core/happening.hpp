#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>

namespace torc::core {

/// Something that those who watch a workflow are told after its commit.
struct happening {
  enum class kind { job_started, job_ended, node_started, node_stopped };
  kind what = kind::job_started;
  workflow_id workflow;
  instant at;
  node_id node;
  // Of jobs.
  job_id job;
  std::string job_name;
  int64_t run = 0;
  job_status status = job_status::running;
  int64_t return_code = 0;
  // Of nodes.
  std::string hostname;
  double duration_s = 0; ///< of one that stopped
};

} // namespace torc::core
