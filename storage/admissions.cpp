#include "storage/edited_inputs.hpp"

#include <algorithm>
#include <optional>

namespace torc::storage {

namespace {

/// Neighbouring jobs that get the same status and stage. No status: the stage alone.
struct stretch {
  core::job_id first, last;
  std::optional<core::job_status> status;
  uint32_t stage = 0;
};

class stretch_writer {
public:
  stretch_writer(database& db, core::workflow_id w)
      : workflow_(w),
        // A grant that the admission's facts did not know yet keeps its job.
        status_(db, "UPDATE job_state SET status = iif(grant_id IS NULL, ?4, status), "
                    "stage = ?3, result_id = iif(?4 BETWEEN 5 AND 8, result_id, NULL) "
                    "WHERE job_id BETWEEN ?1 AND ?2 AND workflow_id = ?5"),
        stage_(db, "UPDATE job_state SET stage = ?3 WHERE job_id BETWEEN ?1 AND ?2 "
                   "AND workflow_id = ?4 AND stage <> ?3") {}

  void add(core::job_id job, std::optional<core::job_status> status, uint32_t stage) {
    if (open_ && job.value == open_->last.value + 1 && status == open_->status &&
        stage == open_->stage) {
      open_->last = job;
      return;
    }
    write();
    open_ = stretch{job, job, status, stage};
  }

  void write() {
    if (!open_)
      return;
    if (open_->status)
      status_.run(open_->first, open_->last, open_->stage, *open_->status, workflow_);
    else
      stage_.run(open_->first, open_->last, open_->stage, workflow_);
    open_.reset();
  }

private:
  core::workflow_id workflow_;
  std::optional<stretch> open_;
  statement status_, stage_;
};

} // namespace

void write_admission(writer& w, const core::admission& a, const std::vector<core::job_id>& jobs,
                     const std::vector<uint32_t>& stages) {
  w.counts.watch(a.workflow);
  // Of jobs that were only resumed the rooms say what they are: the turn writes whom it releases.
  if (!a.resumed.empty())
    return;
  forget_edits(w, a.workflow);
  statement{w.db, "UPDATE workflow_status SET initialized = 1 WHERE id = ?1 AND initialized = 0"}
      .run(a.workflow);
  auto canceled = a.canceled_jobs;
  std::sort(canceled.begin(), canceled.end());
  stretch_writer out{w.db, a.workflow};
  auto admitted = a.jobs.begin();
  for (size_t i = 0; i < jobs.size() && i < stages.size(); ++i) {
    while (admitted != a.jobs.end() && admitted->job < jobs[i])
      ++admitted;
    std::optional<core::job_status> status;
    if (admitted != a.jobs.end() && admitted->job == jobs[i]) {
      if (!core::is_open(admitted->status))
        status = admitted->status;
    } else if (std::binary_search(canceled.begin(), canceled.end(), jobs[i])) {
      status = core::job_status::canceled;
    }
    out.add(jobs[i], status, stages[i]);
  }
  out.write();
  // Who canceled a job that is judged anew has nothing to do with what becomes of it.
  statement{w.db, "DELETE FROM job_cancellation WHERE EXISTS (SELECT 1 FROM job_state AS s WHERE "
                  "s.job_id = job_cancellation.job_id AND s.workflow_id = ?1 AND s.status <> 7)"}
      .run(a.workflow);
  w.counts.recount(a.workflow);
  write_provenance(w, a.workflow);
}

} // namespace torc::storage
