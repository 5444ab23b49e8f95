#pragma once

#include "core/image.hpp"
#include "core/resources.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Why a job does not run, why it failed, whether it was slow: from what is on disk.
namespace torc::core {

/// The latest result of a job.
struct attempt_facts {
  job_id job;
  job_status status = job_status::completed;
  int64_t return_code = 0;
  double minutes = 0;
  std::optional<int64_t> peak_memory_bytes;
};

/// A runner that is attached, or that may come back for what it holds.
struct runner_facts {
  std::string hostname;
  capacity room;
  runner_id id = {};
  // What the rooms know and the database does not; the caller fills it in.
  bool serves = true; ///< it takes jobs of the workflow that is explained
  int64_t held = 0;   ///< jobs that it runs, or has been given to run next
};

/// Who canceled a workflow, or a job by hand, and when.
struct cancellation {
  std::string user; ///< empty: nobody said
  int64_t at_ms = 0;
};

/// What explanations are asked of the database beyond the facts of an admission.
class explain_reads {
public:
  virtual ~explain_reads() = default;
  virtual std::vector<attempt_facts> latest_attempts(workflow_id id) = 0;
  virtual std::vector<runner_facts> runners() = 0;
  /// The last one.
  virtual std::optional<cancellation> cancellation_of(workflow_id id) = 0;
  /// By hand, and of this job alone.
  virtual std::optional<cancellation> cancellation_of(job_id id) = 0;
};

/// Lists of jobs end here.
inline constexpr size_t most_named = 10;

/// All that one needs to know. `name` is asked for few jobs only.
struct explain_input {
  const workflow_facts& workflow;
  const std::vector<attempt_facts>& attempts;
  const std::vector<runner_facts>& runners;
  std::function<std::string(job_id)> name;
  std::optional<cancellation> canceled = std::nullopt;     ///< the workflow
  std::optional<cancellation> job_canceled = std::nullopt; ///< the job that is explained
};

/// The unfinished jobs before a job.
struct waiting_for {
  int64_t direct = 0; ///< that it names itself
  int64_t all = 0;    ///< those before them included
  std::array<int64_t, job_status_count> by_status{};
  int64_t first_count = 0;   ///< of these, those that wait for no other
  std::vector<job_id> first; ///< at most most_named of them
};

/// How a process ended.
struct ending {
  std::string_view kind; ///< success, exit_code, signal, out_of_memory, time_limit, stopped
  std::string why;       ///< "was ended by SIGSEGV"
};
ending explain_ending(const attempt_facts& a, const needs& asked);

/// How long the other jobs of the same requirements took that succeeded.
struct sibling_times {
  int64_t count = 0;
  double median_minutes = 0, p90_minutes = 0, longest_minutes = 0;
};

struct job_explanation {
  job_id job;
  job_status status = job_status::uninitialized;
  std::string name;
  std::vector<std::string> reasons; ///< sentences, the most important first
  waiting_for blockers;
  std::vector<job_id> failed_blockers;  ///< the first causes of its cancellation
  std::optional<cancellation> canceled; ///< by somebody: by hand, or with its workflow
  needs asked;
  int64_t fitting_runners = 0;
  std::optional<attempt_facts> last;
  std::optional<ending> end;
  sibling_times siblings;
};
/// not_found where the workflow has no such job.
result<job_explanation> explain_job(const explain_input& in, job_id job);

/// Jobs that ended alike.
struct failure_group {
  ending end;
  int64_t return_code = 0;
  int64_t count = 0;
  std::vector<job_id> jobs; ///< at most most_named of them
};
/// Ready jobs of the same requirements.
struct ready_group {
  needs asked;
  int64_t count = 0;
  int64_t fitting_runners = 0;
};
struct slow_job {
  job_id job;
  double minutes = 0, median_minutes = 0;
};

struct workflow_explanation {
  std::array<int64_t, job_status_count> by_status{};
  std::vector<std::string> reasons;
  std::vector<std::pair<job_id, int64_t>> holding; ///< unblocked jobs by how many wait for each
  std::vector<ready_group> ready;
  std::vector<failure_group> failures; ///< the most frequent first
  std::vector<slow_job> slow;          ///< the slowest against their siblings first
};
workflow_explanation explain_workflow(const explain_input& in);

} // namespace torc::core
