#pragma once

#include "core/turn.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace torc::core {

/// Who waits for whom: every unfinished job of every active workflow. The unblocker's brain.
///
/// A job is in the graph from its admission to its last verdict, also while it is ready, pending or
/// running, so that its successors can be judged. How many blockers a job still waits for is
/// computed when it is admitted, never stored. Jobs lie in one array per workflow, edges in another
/// (CSR): about 30 bytes a job and 4 an edge.
class graph {
public:
  /// What a message sets free. Order: as the verdicts came, then by job id.
  struct step {
    std::vector<ready_job> ready;
    std::vector<job_id> canceled;
    std::vector<job_id> withdrawn;
    std::vector<workflow_id> dropped;
    std::vector<finished_workflow> completed;
    std::vector<amended_job> amended; ///< with their class_index
    std::vector<ticket_id> unheld;    ///< whose job is to run, but is not held
    std::vector<job_id> ended_since;  ///< admitted, but over since the rows were read
    std::vector<ready_job> withheld;  ///< not empty: this is all that the admission did
  };

  /// True where a change of the workflow has passed that its rows did not know of: a deleted job
  /// would come back, or a canceled workflow go on. Such an admission is not to be admitted.
  bool is_outdated(const admission& a) const;

  /// Takes a workflow in, in place of what it held of it. `ready` lists the jobs admitted as ready;
  /// `completed` has the workflow when nothing is unfinished. Where it `resumed` jobs, what the
  /// graph held of the others counts, because their rows were read before they came here.
  ///
  /// Somebody may have got a ready job since its row was read. Where such a one is to wait again,
  /// it is `withheld` first, and nothing is taken in: rows that are read when the disk has that
  /// turn know whose it is.
  step admit(const admission& a);

  /// The same after a restart, when it is no turn and sets nothing free.
  void restore(const admission& a);

  /// Applies verdicts. Unknown jobs set nothing free: a second verdict on a job, or one on a job
  /// whose workflow has been dropped.
  ///
  /// ended: completed releases its successors. failed, canceled or terminated cancels those
  /// successors that have cancel_on_failure, all levels down, once *all* blockers of the successor
  /// have ended (as in torc); the others are released when their last blocker has ended.
  /// pending_failed releases nothing, and keeps the job and the workflow unfinished. retried and
  /// returned: the job is ready again. Controls: reset_jobs, remove_*, cancel_workflow, put_status
  /// and force_status as their comments say; what the graph does not hold is left to the writer,
  /// which refuses or applies it.
  /// amended: class and cancel_on_failure of a held job; an ended one may be ready again, and its
  /// successors that have not started wait for it again.
  /// A runner that joins for a workflow that is not held hears that it is complete.
  step apply(const verdicts& v);

  /// Unfinished jobs held, all workflows together.
  size_t size() const;

  /// Recomputes what can be recomputed and compares; ends the process on a difference. For tests.
  void sanity_check() const;

  graph();
  ~graph();
  graph(graph&&) noexcept;
  graph& operator=(graph&&) noexcept;

private:
  struct workflow_graph;
  class application;
  void note_changes(const verdicts& v);
  std::unordered_map<workflow_id, std::unique_ptr<workflow_graph>> workflows_;
  /// Messages since the start. Each becomes one turn, so this is the number of the last one's.
  uint64_t turn_ = 0;
  /// The last turn that changed a workflow. Forgotten ones changed at `forgotten_` or before.
  std::unordered_map<workflow_id, uint64_t> changed_;
  uint64_t forgotten_ = 0;
};

} // namespace torc::core
