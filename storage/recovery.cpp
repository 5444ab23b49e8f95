#include "storage/recovery.hpp"

#include "core/find_job.hpp"
#include "storage/facts.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace torc::storage {

namespace {

class recovery {
public:
  recovery(writer& w, int64_t epoch, int64_t lease_ms) : w_(w), lease_ms_(lease_ms) {
    image_.epoch = epoch;
  }

  core::image read() {
    w_.db.begin_immediate();
    drop_submissions();
    for (auto workflow : unfinished())
      admit(workflow);
    keep_lease();
    w_.guests.rest(busy_);
    w_.ids.save();
    w_.db.execute("COMMIT");
    return std::move(image_);
  }

private:
  void drop_submissions() {
    std::vector<core::workflow_id> all;
    statement list{w_.db, "SELECT workflow_id FROM submission"};
    for (auto r = list.query(); r.next();)
      all.push_back(r.get<core::workflow_id>(0));
    for (auto workflow : all) {
      remove_all_jobs(w_, workflow);
      remove_workflow_rows(w_, workflow);
    }
  }

  /// Workflows with a job that a room holds: one that is blocked, ready, open or waits for a
  /// verdict.
  std::vector<core::workflow_id> unfinished() {
    std::vector<core::workflow_id> all;
    statement list{w_.db, "SELECT w.id FROM workflow AS w WHERE EXISTS (SELECT 1 FROM job_run AS r "
                          "JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
                          "WHERE r.workflow_id = w.id AND s.status IN (1, 2, 3, 4, 10)) "
                          "ORDER BY w.id"};
    for (auto r = list.query(); r.next();)
      all.push_back(r.get<core::workflow_id>(0));
    return all;
  }

  void admit(core::workflow_id workflow) {
    auto facts = load_facts(w_.db, workflow);
    if (!facts)
      return set_aside(workflow, facts.why());
    std::vector<uint32_t> stages;
    auto planned = core::plan_admission(*facts, core::admit_mode::recovery, stages);
    if (!planned)
      return set_aside(workflow, planned.why());
    w_.counts.watch(workflow);
    settle(*facts, *planned);
    open_attempts(*facts);
    take_back(*planned);
    image_.workflows.push_back(std::move(*planned));
  }

  void set_aside(core::workflow_id workflow, const core::error& why) {
    image_.set_aside.push_back("workflow " + std::to_string(workflow.value) +
                               " is set aside: " + why.message);
    w_.event(workflow, R"({"category":"workflow","type":"workflow_set_aside","workflow_id":)" +
                           std::to_string(workflow.value) + "}");
  }

  /// A turn writes whom it releases, so this finds nothing unless somebody else wrote the file.
  void settle(const core::workflow_facts& facts, const core::admission& planned) {
    const auto correct = [&](core::job_id job, core::job_status to) {
      if (auto s = w_.jobs.find(job); s && s->status != to && !s->open)
        w_.jobs.set_status(*s, to);
    };
    auto known = facts.jobs.begin();
    for (const auto& j : planned.jobs) {
      while (known != facts.jobs.end() && known->job < j.job)
        ++known;
      if (known != facts.jobs.end() && known->status != j.status)
        correct(j.job, j.status);
    }
    for (auto job : planned.canceled_jobs)
      correct(job, core::job_status::canceled);
  }

  void open_attempts(const core::workflow_facts& facts) {
    statement open{w_.db, "SELECT s.job_id, s.grant_id, s.run_id, s.attempt_id, s.runner_id, "
                          "s.status FROM job_run AS r "
                          "JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
                          "WHERE r.workflow_id = ?1 AND s.grant_id IS NOT NULL "
                          "ORDER BY r.first_job, s.job_id"};
    for (auto r = open.query(facts.workflow); r.next();) {
      core::image::open_attempt o;
      o.open.job = r.get<core::job_id>(0);
      o.open.id = r.get<core::grant_id>(1);
      o.open.workflow = facts.workflow;
      o.open.run = r.get<int64_t>(2);
      o.open.attempt = r.get<int32_t>(3);
      o.open.runner = r.get<core::runner_id>(4);
      o.started = r.get<core::job_status>(5) == core::job_status::running;
      const auto f =
          std::lower_bound(facts.jobs.begin(), facts.jobs.end(), o.open.job,
                           [](const core::job_facts& x, core::job_id j) { return x.job < j; });
      if (f != facts.jobs.end() && f->job == o.open.job)
        o.open.need = facts.classes[f->job_class].need;
      if (o.open.runner && !o.started && !w_.guests.knows(o.open.runner)) {
        never_sent_.push_back(o.open.job);
        continue;
      }
      if (o.open.runner) {
        o.runner_instance = w_.guests.instance_of(o.open.runner);
        busy_.insert(o.open.runner);
      }
      image_.open.push_back(std::move(o));
    }
  }

  /// What was written for a runner after it had left: nobody was told of it, and nobody will ever
  /// come for it.
  void take_back(core::admission& planned) {
    for (const auto job : std::exchange(never_sent_, {})) {
      if (const auto s = w_.jobs.find(job))
        w_.jobs.close(*s, core::job_status::ready, s->attempt);
      if (const auto at = core::find_job(planned.jobs, job); at != core::no_position)
        planned.jobs[at].status = core::job_status::ready;
    }
  }

  /// A shorter lease does not bind those who have not heard of it.
  void keep_lease() {
    if (!busy_.empty())
      image_.promised_lease_ms = w_.db.number("SELECT lease_ms FROM server WHERE id = 1");
    statement{w_.db, "UPDATE server SET lease_ms = ?1 WHERE id = 1 AND lease_ms <> ?1"}.run(
        core::longer_lease(lease_ms_, image_.promised_lease_ms.value_or(lease_ms_)));
  }

  writer& w_;
  int64_t lease_ms_;
  core::image image_;
  std::set<core::runner_id> busy_;
  std::vector<core::job_id> never_sent_; ///< of the workflow that is admitted
};

} // namespace

core::image recover_image(writer& w, int64_t epoch, int64_t lease_ms) {
  return recovery{w, epoch, lease_ms}.read();
}

} // namespace torc::storage
