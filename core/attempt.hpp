#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/resources.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// An attempt of a job from its grant to its end, as the messages of the ring carry it.
namespace torc::core {

/// Jobs of one class are interchangeable to the broker. A class is an index into its workflow's
/// list.
struct job_class {
  needs need;
  int64_t priority = 0;
  scheduler_id scheduler; ///< none: any
  requirement_id requirement;

  bool operator==(const job_class&) const = default;
};

/// What an attempt used, where it was measured.
struct usage {
  std::optional<int64_t> peak_memory_bytes;
  std::optional<int64_t> avg_memory_bytes;
  std::optional<double> peak_cpu_percent;
  std::optional<double> avg_cpu_percent;
};

/// An open attempt: who may run which attempt of which job. Fencing compares `id` alone.
struct grant {
  grant_id id;
  workflow_id workflow;
  job_id job;
  int64_t run = 0;
  int32_t attempt = 1;
  runner_id runner; ///< none: an HTTP runner, owned by a compute node
  ticket_id offer;  ///< the HTTP claim that asked for it, or none
  needs need;       ///< taken from the runner until a verdict gives it back
};

struct attempt_started {
  grant_id grant;
  job_id job;
  node_id node; ///< none for a CAF runner: the writer knows its node
  instant at;
  ticket_id ticket; ///< the HTTP call that waits for it, or none
  runner_id runner; ///< none: an HTTP runner
};

/// The last word on an attempt. If its start was never told, one write records both.
struct attempt_ended {
  grant open; ///< as the collector held it
  job_status status =
      job_status::completed; ///< completed, failed, terminated, canceled, pending_failed
  int32_t return_code = 0;
  node_id node;  ///< none for a CAF runner
  instant start; ///< 0 when unknown
  instant end;
  double exec_time_minutes = 0;
  std::string completion_time; ///< as an HTTP runner gave it; empty: from `end`
  usage used;
  ticket_id ticket;
};

/// The attempt is over without a result; the job becomes ready again as `next_attempt`.
struct attempt_retried {
  grant open;
  int32_t next_attempt = 2;
  ticket_id ticket;
};

/// Said of a runner that holds nothing any more.
struct runner_left {
  runner_id runner;
  instant at;
};

} // namespace torc::core
