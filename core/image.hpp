#pragma once

#include "core/progress.hpp"
#include "core/turn.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace torc::core {

/// The whole state of the rooms, read from the disk at start. Counts and queues are computed from
/// it.
struct image {
  struct open_attempt {
    grant open;
    bool started = false;
    int64_t runner_instance = 0; ///< of the runner that holds it; 0: an HTTP runner
  };
  int64_t epoch = 1; ///< raised at every start; grant and runner ids begin with it
  /// What runners with open grants may have been told, 0: never; none where nobody has any.
  std::optional<int64_t> promised_lease_ms;
  std::vector<admission> workflows; ///< every initialized, unfinished one
  std::vector<open_attempt> open;
  std::vector<std::string> set_aside; ///< one sentence for each workflow that could not be read
};

/// The first grant, runner or ticket id of an epoch: ids of different epochs never meet.
inline int64_t first_id_of(int64_t epoch) {
  return (epoch << 36) + 1;
}

/// Of two leases in milliseconds, where 0 never ends.
inline int64_t longer_lease(int64_t a, int64_t b) {
  return a == 0 || b == 0 ? 0 : std::max(a, b);
}

/// The rows that an admission is computed from.
struct job_facts {
  job_id job;
  job_status status = job_status::uninitialized;
  uint32_t job_class = 0;
  int32_t attempt = 1;
  bool cancel_on_failure = true;
  bool is_open = false; ///< pending or running with a live grant
};
struct workflow_facts {
  workflow_id workflow;
  std::string user;
  bool canceled = false;
  int64_t run = -1;        ///< workflow_status.run_id; -1: unknown
  std::string sort_method; ///< workflow.jobs_sort_method
  std::vector<job_class> classes;
  std::vector<job_facts> jobs;                  ///< sorted by id
  std::vector<std::pair<job_id, job_id>> edges; ///< (blocker, job): explicit, file and user data
};

/// What the statuses should be.
enum class admit_mode {
  recovery, ///< as on disk; blocked jobs whose blockers are all complete become ready
  all,      ///< initialize_jobs: every job that is not complete, disabled or open is judged anew
  only_uninitialized, ///< the same for uninitialized jobs and what comes after them
  resumed, ///< as in recovery, and what is said to be open is open, with or without a grant
};

/// Computes stages (longest path from a root), first statuses and the edges among unfinished jobs.
/// A job whose blockers are all done and one of them a failure is canceled where it asks for that,
/// all levels down; whoever plans a recovery writes `canceled_jobs`, too. Uninitialized and
/// pending_failed jobs that are not judged anew are admitted as they are and hold their successors;
/// so are, in recovery, the blocked jobs of a canceled workflow. A cycle, an edge to a job that is
/// not there and a class that is not there are unprocessable, and the sentence names them. Linear
/// in jobs and edges.
/// @param stages one for each of facts.jobs; the same as admission.all_stages
result<admission> plan_admission(const workflow_facts& facts, admit_mode mode,
                                 std::vector<uint32_t>& stages);

} // namespace torc::core
