#pragma once

#include "core/turn.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace torc::core {

/// Who waits for whom in one workflow. The graph has one for each that is unfinished.
///
/// Jobs lie in one array in id order, their successors in another. A job stays in its place after
/// it has ended, so that positions hold until the workflow is admitted anew or dropped.
class dependencies {
public:
  enum class state : uint8_t {
    waiting,  ///< blocked
    released, ///< ready, pending or running: which of them only the broker and the collector know
    held,     ///< unfinished, and nothing in the ring moves it: uninitialized or pending_failed
    succeeded,
    failed, ///< or canceled or terminated
  };

  /// What a change sets free, by job id within one change.
  struct freed {
    std::vector<ready_job> ready;
    std::vector<job_id> canceled;
    std::vector<job_id> withdrawn;
    std::vector<job_id> undone; ///< ended jobs that are unfinished again or deleted
  };

  explicit dependencies(const admission& a);

  /// The position of a job, or no_position. A deleted one has none.
  uint32_t find(job_id j) const;
  state state_of(uint32_t at) const { return jobs_[at].now; }
  bool is_released(job_id j) const;
  int32_t attempt_of(uint32_t at) const { return jobs_[at].attempt; }
  void raise_attempt(uint32_t at, int32_t least) {
    jobs_[at].attempt = std::max(jobs_[at].attempt, least);
  }
  const std::string& user() const { return user_; }
  int64_t run() const { return run_; }
  void set_run(int64_t run) { run_ = run; }
  size_t unfinished() const { return unfinished_; }

  /// Judges what was admitted as blocked and waits for nothing.
  void start(freed& out);
  /// The job has ended; its successors are judged. Nothing if it had ended before.
  void end(uint32_t at, bool failed, freed& out);
  /// The same for a job that nobody reported on: a ready one is withdrawn.
  void end_by_force(uint32_t at, bool failed, freed& out);
  /// Failed, and not yet classified: it has no open attempt any more and frees nothing.
  void set_aside(uint32_t at) { jobs_[at].now = state::held; }
  /// Unfinished, but out of the ring until it is admitted anew. Successors of an ended job wait
  /// again.
  void hold(uint32_t at, freed& out);
  /// Ready now, whatever it waits for.
  void release(uint32_t at, freed& out);
  /// Waits again for what is unfinished; a job that waits for nothing is held.
  void block(uint32_t at, freed& out);
  /// Somebody else says that it runs.
  void set_open(uint32_t at, freed& out);
  /// Ready again after an attempt without a result.
  void again(uint32_t at, int32_t attempt, freed& out);
  /// It had ended, or nobody holds it, and is ready once more. Successors that still wait, wait for
  /// it, too; those that were released or canceled stay so.
  void revive(uint32_t at, int32_t attempt, freed& out);
  /// @returns the index of the class, which is a new one where no job was of it
  uint32_t amend(uint32_t at, const job_class& kind, bool cancel_on_failure);
  void amend(const amended_needs& what);
  /// What the graph before knew of a job that this one took from older rows.
  void correct(uint32_t at, const dependencies& before, uint32_t there, freed& out);
  /// The jobs are deleted: their successors are judged as if there had been no edge.
  void remove(const std::vector<uint32_t>& positions, freed& out);

  /// While paused (the workflow is canceled) no successor is released or canceled; `resume` makes
  /// up for it.
  void pause() { paused_ = true; }
  void resume(freed& out);
  bool paused() const { return paused_; }
  bool is_over(uint32_t at) const { return is_over(jobs_[at].now); }
  /// Somebody may have it.
  bool may_be_open(uint32_t at) const { return jobs_[at].now == state::released; }
  /// What happens from now on happens in this turn.
  void begin_turn(uint64_t turn) { turn_ = turn; }
  /// It is over, and was not yet after that turn.
  bool ended_after(uint32_t at, uint64_t turn) const {
    return is_over(at) && jobs_[at].ended_in > turn;
  }

  void sanity_check() const;

private:
  struct node {
    job_id job;
    uint32_t job_class = 0;
    int32_t attempt = 1;
    uint32_t waits_for = 0; ///< unfinished blockers
    state now = state::waiting;
    uint64_t ended_in = 0; ///< the turn
    bool cancel_on_failure : 1 = true;
    bool blocker_failed : 1 = false;
    bool failed_before : 1 = false; ///< blocker_failed as it was admitted
    bool removed : 1 = false;
  };

  static bool is_over(state s) { return s == state::succeeded || s == state::failed; }
  ready_job as_ready(const node& n) const { return {workflow_, n.job, n.job_class, n.attempt}; }
  void withdraw(const node& n, freed& out) const;
  /// Judges a waiting job whose last blocker has ended. @returns true where it is canceled now
  bool judge(uint32_t at, freed& out);
  void spread(std::vector<uint32_t> ended, freed& out);
  void recall_failures();

  workflow_id workflow_;
  std::string user_;
  int64_t run_ = -1;
  bool paused_ = false;
  uint64_t turn_ = 0;
  size_t unfinished_ = 0;
  std::vector<job_class> classes_;
  std::vector<node> jobs_;
  std::vector<uint32_t> first_; ///< successors of i: next_[first_[i]] up to next_[first_[i + 1]]
  std::vector<uint32_t> next_;
};

} // namespace torc::core
