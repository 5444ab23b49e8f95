#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/result.hpp"
#include "core/rows.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// Orders from people about jobs that a room may hold. They enter at the collector and go round, so
/// that no late report of an earlier run can overtake them.
namespace torc::core {

/// is_canceled = true, open attempts canceled, nothing granted any more.
struct cancel_workflow {
  workflow_id workflow;
  std::string user = {}; ///< who wants it, as far as that is known
};

/// PUT status: overwrites run_id, is_canceled, is_archived and the completion-script flag.
struct put_status {
  workflow_status_row row;
};

/// reset_status: unprocessable when archived, or unless `force` when a job is open or a scheduled
/// node is pending or active; clears is_canceled.
struct reset_status {
  workflow_id workflow;
  bool force = false;
};

/// Back to uninitialized: all jobs of the workflow, or just `jobs` (failed ones and all that comes
/// after them; the caller computed that closure).
struct reset_jobs {
  workflow_id workflow;
  bool failed_only = false;
  std::vector<job_id> jobs;
};

/// Sets a job's status whichever room holds it: manage_status_change, and complete_job on a job
/// that was never claimed (then with `result`). run mismatch, or a result of another attempt than
/// the job's: unprocessable. Complete already: unprocessable, but the same status again without a
/// result is a success that changes nothing.
struct force_status {
  job_id job;
  workflow_id workflow;
  int64_t run = 0;
  job_status status = job_status::uninitialized;
  std::optional<result_row> result;
  std::string user = {}; ///< who says so, as far as that is known
};

/// A failed, terminated or running job becomes ready again as attempt + 1. unprocessable when the
/// status or run differs or attempt >= max_retries.
struct retry_job {
  job_id job;
  workflow_id workflow;
  int64_t run = 0;
  int64_t max_retries = 0;
};

/// Changes what is said of a job; what has no value stays. A name, a command and dependencies
/// change only while the job is uninitialized (unprocessable).
struct amend_job {
  job_id job;
  workflow_id workflow;
  std::optional<std::string> name, command;
  std::optional<std::vector<int64_t>> depends_on_job_ids;
  std::optional<std::string> invocation_script;
  std::optional<bool> cancel_on_blocking_job_failure, supports_termination;
  std::optional<requirement_id> requirement;
  std::optional<scheduler_id> scheduler;
  std::optional<int64_t> priority;
  std::optional<label_set> labels;
};

/// Changes what the jobs that name the requirement ask of a node. Open attempts keep what they got.
struct amend_requirement {
  requirement_row row; ///< `workflow` is filled
};

/// What HTTP runners claimed and never started is ready again, for whoever claims it next.
struct take_back_claims {
  workflow_id workflow;
};

/// Deletes the workflow with all that hangs on it.
struct remove_workflow {
  workflow_id workflow;
};

/// Deletes these jobs, or all of the workflow; successors are judged as if the edge had never been.
struct remove_jobs {
  workflow_id workflow;
  bool all = false;
  std::vector<job_id> jobs;
};

using control =
    std::variant<cancel_workflow, put_status, reset_status, reset_jobs, force_status, retry_job,
                 amend_job, amend_requirement, remove_workflow, remove_jobs, take_back_claims>;

/// Something whose answer a caller waits for in the collector.
template <class T>
struct ticketed {
  ticket_id ticket;
  T what;
};

/// What a control did.
struct done {
  int64_t count = 0; ///< jobs changed
  /// The job is to run, but its workflow is in no room: whoever asked admits it.
  bool needs_admission = false;
};
using answer = result<done>;

} // namespace torc::core
