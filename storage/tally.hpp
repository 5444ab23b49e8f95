#pragma once

#include "core/progress.hpp"
#include "storage/statement.hpp"

#include <map>
#include <memory>
#include <set>

namespace torc::storage {

/// What a job's row says of where it stands.
struct job_slot {
  core::workflow_id workflow;
  core::job_status status = core::job_status::uninitialized;
  uint32_t stage = 0;
};

/// Counts jobs by stage and status while they are written, and makes immutable values of that.
///
/// A workflow is counted from the disk when it is first touched; workflows that nobody touches and
/// in which nothing is open are forgotten again. Stages deeper than 1,023 are counted in the last
/// one.
class tally {
public:
  static constexpr uint32_t max_stages = 1024;
  static constexpr size_t max_idle = 256;

  explicit tally(database& db);

  /// Call before the first write to a workflow's jobs in a group: counts what is there now.
  void watch(core::workflow_id w) { of(w); }
  /// Jobs moved, one unless told; their rows have been or will be written.
  void moved(const job_slot& from, core::job_status to, int64_t jobs = 1);
  void added(core::workflow_id w, int64_t uninitialized);
  void started(core::workflow_id w, uint32_t stage, core::instant at);
  void ended(core::workflow_id w, uint32_t stage, core::instant start, core::instant end);
  /// Jobs got a latest result that had none, or lost it where negative.
  void gained_results(core::workflow_id w, int64_t jobs);
  /// After a write to many jobs: counts anew.
  void recount(core::workflow_id w);
  /// After a write to workflow_status.
  void reread_status(core::workflow_id w);
  /// Forgets when its stages ran.
  void forget_times(core::workflow_id w);
  void forget(core::workflow_id w);
  int64_t run_of(core::workflow_id w) { return of(w).now.run; }

  /// Writes the times that moved. Part of the group.
  void save();
  /// The counters as they are now. After the commit.
  std::shared_ptr<const core::progress> publish(uint64_t turn, int64_t commits,
                                                int64_t busy_retries);

private:
  struct entry {
    core::workflow_progress now;
    bool changed = true;
    std::set<uint32_t> moved_times; ///< stages whose times are not saved yet
  };
  entry& of(core::workflow_id w);
  core::stage_progress& stage_of(entry& e, uint32_t stage);
  void count(entry& e);
  void read_status(entry& e);
  void forget_idle();

  database& db_;
  statement count_, status_, times_, save_time_, drop_times_;
  std::map<core::workflow_id, entry> all_;
  std::map<core::workflow_id, std::shared_ptr<const core::workflow_progress>> published_;
  size_t sweep_above_ = 2 * max_idle;
  int64_t completions_ = 0;
};

} // namespace torc::storage
