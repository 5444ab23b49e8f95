#include "storage/writer.hpp"

#include <algorithm>

namespace torc::storage {

using core::job_status;
using core::refusal;
using core::refuse;

namespace {

std::string text(core::workflow_id w) {
  return "workflow " + std::to_string(w.value);
}
std::string text(core::job_id j) {
  return "job " + std::to_string(j.value);
}

core::error unknown(core::workflow_id w) {
  return refuse(refusal::not_found, "there is no " + text(w));
}

/// @param more what else is told of it: `"force":true`
std::string user_action(std::string_view action, core::workflow_id w, const std::string& more) {
  return R"({"category":"user_action","action":")" + std::string{action} + R"(","workflow_id":)" +
         std::to_string(w.value) + "," + more + "}";
}

std::string text(bool b) {
  return b ? "true" : "false";
}

/// `UPDATE job_state SET <set> WHERE <of this workflow> AND <where>`. @returns rows changed
int64_t update_jobs(writer& w, core::workflow_id workflow, const std::string& set,
                    const std::string& where) {
  w.counts.watch(workflow);
  // Run by run: SQLite would otherwise scan job_state from end to end.
  statement runs{w.db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
  statement update{w.db,
                   "UPDATE job_state SET " + set + " WHERE job_id BETWEEN ?1 AND ?2 AND " + where};
  int64_t changed = 0;
  for (auto r = runs.query(workflow); r.next();)
    changed += update.run(r.get<int64_t>(0), r.get<int64_t>(1));
  w.counts.recount(workflow);
  return changed;
}

constexpr auto no_attempt = "grant_id = NULL, run_id = NULL, runner_id = NULL, node_id = NULL";

struct control_writing {
  writer& w;

  core::answer operator()(const core::cancel_workflow& c) {
    if (!w.exists(c.workflow))
      return unknown(c.workflow);
    statement{w.db, "UPDATE workflow_status SET is_canceled = 1, canceled_by = ?2, "
                    "canceled_at_ms = ?3 WHERE id = ?1"}
        .run(c.workflow, c.user, now_ms());
    const auto n =
        update_jobs(w, c.workflow, std::string{"status = 7, "} + no_attempt, "status IN (3, 4)");
    w.counts.reread_status(c.workflow);
    // A patch with null leaves the user out who is not known.
    statement told{w.db, "SELECT json_patch(json_object('category', 'workflow_canceled', "
                         "'workflow_id', ?1, 'run_id', ?2), json_object('user', nullif(?3, '')))"};
    w.event(
        c.workflow,
        told.first<std::string>(c.workflow, w.counts.run_of(c.workflow), c.user).value_or("{}"));
    return core::done{n};
  }

  core::answer operator()(const core::put_status& c) {
    if (!w.exists(c.row.id))
      return unknown(c.row.id);
    // Who canceled before says nothing about who does it by this.
    statement{w.db, "UPDATE workflow_status SET run_id = ?2, is_canceled = ?3, "
                    "canceled_by = iif(is_canceled, canceled_by, NULL), "
                    "canceled_at_ms = iif(is_canceled, canceled_at_ms, NULL), "
                    "is_archived = ifnull(?4, is_archived), "
                    "has_detected_need_to_run_completion_script = "
                    "ifnull(?5, has_detected_need_to_run_completion_script) WHERE id = ?1"}
        .run(c.row.id, c.row.run_id, c.row.is_canceled, c.row.is_archived,
             c.row.has_detected_need_to_run_completion_script);
    w.counts.reread_status(c.row.id);
    return core::done{1};
  }

  core::answer operator()(const core::reset_status& c) {
    if (!w.exists(c.workflow))
      return unknown(c.workflow);
    if (statement{w.db, "SELECT 1 FROM workflow_status WHERE id = ?1 AND is_archived = 1"}.any(
            c.workflow))
      return refuse(refusal::unprocessable,
                    text(c.workflow) + " is archived; unarchive it before resetting its status");
    if (!c.force)
      if (auto busy = what_is_busy(c.workflow); !busy.empty())
        return refuse(refusal::unprocessable,
                      text(c.workflow) + " has " + busy + "; wait for them or force the reset");
    statement{w.db, "UPDATE workflow_status SET is_canceled = 0, is_archived = 0, "
                    "has_detected_need_to_run_completion_script = 0 WHERE id = ?1"}
        .run(c.workflow);
    w.counts.reread_status(c.workflow);
    w.event(c.workflow,
            user_action("reset_workflow_status", c.workflow, "\"force\":" + text(c.force)));
    return core::done{1};
  }

  core::answer operator()(const core::reset_jobs& c) {
    if (!w.exists(c.workflow))
      return unknown(c.workflow);
    int64_t n = 0;
    if (c.failed_only || !c.jobs.empty()) {
      for (auto j : c.jobs)
        n += reset(c.workflow, j);
    } else {
      n = update_jobs(w, c.workflow, std::string{"status = 0, "} + no_attempt, "status <> 0");
      w.counts.forget_times(c.workflow);
      w.forget_cancellations(c.workflow);
    }
    if (c.failed_only || c.jobs.empty()) // Otherwise their inputs have changed.
      w.event(c.workflow, user_action("reset_job_status", c.workflow,
                                      "\"failed_only\":" + text(c.failed_only) +
                                          ",\"updated_count\":" + std::to_string(n)));
    return core::done{n};
  }

  core::answer operator()(const core::force_status& c) {
    auto s = find(c.workflow, c.job);
    if (!s)
      return refuse(refusal::not_found, "there is no " + text(c.job) + " in " + text(c.workflow));
    if (c.run != w.counts.run_of(c.workflow))
      return wrong_run(c.workflow, c.run);
    if (c.result)
      return complete(c, *s);
    if (s->status == c.status)
      return core::done{0};
    if (core::is_complete(s->status) && c.status != job_status::uninitialized)
      return already(*s);
    const bool was_complete = core::is_complete(s->status);
    if (was_complete)
      w.forget_cancellation(c.job);
    // Where an attempt is open, it stays with whoever has it; only what is known of it changes.
    if (s->open && core::is_open(c.status))
      w.jobs.set_status(*s, c.status);
    else
      w.jobs.close(*s, c.status, s->attempt);
    return core::done{1 + (was_complete ? reset_dependents(c.workflow, c.job) : 0)};
  }

  core::answer operator()(const core::retry_job& c) {
    auto s = find(c.workflow, c.job);
    if (!s)
      return refuse(refusal::not_found, "there is no " + text(c.job) + " in " + text(c.workflow));
    if (c.run != w.counts.run_of(c.workflow))
      return wrong_run(c.workflow, c.run);
    if (s->status != job_status::running && s->status != job_status::failed &&
        s->status != job_status::terminated)
      return refuse(refusal::unprocessable,
                    text(c.job) + " is " + std::string{to_string(s->status)} +
                        "; only a running, failed or terminated job can be retried");
    if (s->attempt >= c.max_retries)
      return refuse(refusal::unprocessable,
                    text(c.job) + " has used its " + std::to_string(c.max_retries) + " attempts");
    w.jobs.close(*s, job_status::ready, s->attempt + 1);
    w.job_retried(c.workflow, c.job, s->attempt + 1);
    w.amended.jobs.push_back(read_amended(w, c.job));
    w.amended.jobs.back().ready_as = s->attempt + 1;
    return core::done{1};
  }

  core::answer operator()(const core::amend_job& c) { return amend(w, c); }
  core::answer operator()(const core::amend_requirement& c) { return amend(w, c); }

  core::answer operator()(const core::remove_workflow& c) {
    if (!w.exists(c.workflow, true))
      return unknown(c.workflow);
    const auto n = remove_all_jobs(w, c.workflow);
    remove_workflow_rows(w, c.workflow);
    return core::done{n};
  }

  core::answer operator()(const core::remove_jobs& c) {
    if (!w.exists(c.workflow))
      return unknown(c.workflow);
    if (c.all)
      return core::done{remove_all_jobs(w, c.workflow)};
    for (auto j : c.jobs)
      if (!find(c.workflow, j))
        return refuse(refusal::not_found, "there is no " + text(j) + " in " + text(c.workflow));
    return core::done{remove_listed_jobs(w, c.workflow, c.jobs)};
  }

  /// The turn that brings it has what was returned.
  core::answer operator()(const core::take_back_claims&) { return core::done{0}; }

  std::optional<job_rows::state> find(core::workflow_id workflow, core::job_id job) {
    auto s = w.jobs.find(job);
    if (s && s->workflow != workflow)
      return std::nullopt;
    return s;
  }

  core::error wrong_run(core::workflow_id workflow, int64_t run) {
    return refuse(refusal::unprocessable, text(workflow) + " is in run " +
                                              std::to_string(w.counts.run_of(workflow)) +
                                              ", not in run " + std::to_string(run));
  }

  core::error already(const job_rows::state& s) {
    return refuse(refusal::unprocessable, text(s.job) + " is " + std::string{to_string(s.status)} +
                                              " already; reset it first");
  }

  /// A job that was canceled before it ran has no result. Whoever ran it all the same may say how
  /// it went; that frees nothing that was canceled with it.
  bool may_still_tell(const core::force_status& c, const job_rows::state& s) {
    return s.status == job_status::canceled && core::is_complete(c.status) &&
           !statement{w.db, "SELECT 1 FROM result WHERE job_id = ?1 AND run_id = ?2"}.any(c.job,
                                                                                          c.run);
  }

  core::answer complete(const core::force_status& c, const job_rows::state& s) {
    if (core::is_complete(s.status) && !may_still_tell(c, s))
      return already(s);
    if (c.result->attempt_id != s.attempt)
      return refuse(refusal::unprocessable, text(c.job) + " is in attempt " +
                                                std::to_string(s.attempt) + ", not " +
                                                std::to_string(c.result->attempt_id));
    if (c.status != job_status::canceled)
      w.forget_cancellation(c.job);
    else if (s.status != job_status::canceled) // else it was canceled before
      w.job_canceled(c.job, c.user);
    core::attempt_ended e;
    e.open.job = c.job;
    e.open.workflow = c.workflow;
    e.open.run = c.run;
    e.open.attempt = static_cast<int32_t>(c.result->attempt_id);
    e.status = c.status;
    e.return_code = static_cast<int32_t>(c.result->return_code);
    e.exec_time_minutes = c.result->exec_time_minutes;
    e.used = {c.result->peak_memory_bytes, c.result->avg_memory_bytes, c.result->peak_cpu_percent,
              c.result->avg_cpu_percent};
    const auto result = w.jobs.put_result(core::result_id{w.ids.draw("result")}, e,
                                          c.result->compute_node, c.result->completion_time);
    w.jobs.end(s, c.status, result);
    w.counts.ended(c.workflow, s.stage, {}, now());
    return core::done{1};
  }

  int64_t reset(core::workflow_id workflow, core::job_id job) {
    auto s = find(workflow, job);
    if (!s || s->status == job_status::uninitialized)
      return 0;
    w.jobs.close(*s, job_status::uninitialized, s->attempt);
    w.forget_cancellation(job);
    return 1;
  }

  /// A job that runs again makes what was made from it stale.
  int64_t reset_dependents(core::workflow_id workflow, core::job_id job) {
    statement dependents{w.db, "SELECT d.job_id FROM job_run AS r JOIN job_depends_on AS d "
                               "ON d.job_id BETWEEN r.first_job AND r.last_job "
                               "WHERE r.workflow_id = ?1 AND d.depends_on_job_id = ?2"};
    int64_t n = 0;
    for (auto r = dependents.query(workflow, job); r.next();) {
      auto s = w.jobs.find(r.get<core::job_id>(0));
      if (s && (s->status == job_status::completed || s->status == job_status::failed)) {
        w.jobs.set_status(*s, job_status::uninitialized);
        ++n;
      }
    }
    return n;
  }

  std::string what_is_busy(core::workflow_id workflow) {
    statement jobs{w.db, "SELECT count(*) FROM job_run AS r JOIN job_state AS s "
                         "ON s.job_id BETWEEN r.first_job AND r.last_job "
                         "WHERE r.workflow_id = ?1 AND s.status IN (3, 4)"};
    if (auto n = jobs.first<int64_t>(workflow).value_or(0); n > 0)
      return std::to_string(n) + " pending or running jobs";
    statement nodes{w.db, "SELECT count(*) FROM scheduled_compute_node WHERE workflow_id = ?1 "
                          "AND status IN ('pending', 'active')"};
    if (auto n = nodes.first<int64_t>(workflow).value_or(0); n > 0)
      return std::to_string(n) + " pending or active scheduled nodes";
    return {};
  }
};

} // namespace

core::answer write_control(writer& w, const core::control& c) {
  return std::visit(control_writing{w}, c);
}

} // namespace torc::storage
