#include "core/resources.hpp"
#include "core/time.hpp"
#include "storage/columns.hpp"
#include "storage/writer.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

core::error unknown(core::workflow_id w) {
  return refuse(refusal::not_found, "there is no workflow " + std::to_string(w.value));
}

/// Stores a list of rows under one run of ids. @returns the first, or 0
template <class Row, class Insert>
int64_t insert_list(writer& w, std::string_view counter, core::workflow_id workflow,
                    const std::vector<Row>& rows, Insert insert) {
  if (rows.empty())
    return 0;
  const auto first = w.ids.draw(counter, static_cast<int64_t>(rows.size()));
  auto id = first;
  for (auto row : rows) {
    row.id.value = id++;
    row.workflow = workflow;
    if constexpr (std::is_same_v<Row, core::user_data_row>)
      row.is_ephemeral = row.is_ephemeral.value_or(false);
    insert(row);
  }
  return first;
}

template <class Row>
int64_t insert_plain(writer& w, std::string_view counter, core::workflow_id workflow,
                     const std::vector<Row>& rows) {
  statement s{w.db, insert_sql<Row>()};
  std::string text;
  return insert_list(w, counter, workflow, rows, [&](const Row& row) {
    bind_row(s, row, text);
    s.run();
  });
}

} // namespace

core::workflow_id insert_workflow(writer& w, core::workflow_row row) {
  row.id = core::workflow_id{w.ids.draw("workflow")};
  row.timestamp = core::to_iso8601(now());
  const auto or_else = [](auto& member, auto value) {
    if (!member)
      member = value;
  };
  or_else(row.compute_node_wait_for_new_jobs_seconds, 90);
  or_else(row.compute_node_ignore_workflow_completion, false);
  or_else(row.compute_node_wait_for_healthy_database_minutes, 20);
  or_else(row.compute_node_min_time_for_new_jobs_seconds, 300);
  or_else(row.jobs_sort_method, "gpus_runtime_memory");
  statement s{w.db, insert_sql<core::workflow_row>()};
  std::string text;
  bind_row(s, row, text);
  s.run();
  statement{w.db, "INSERT INTO workflow_status (id) VALUES (?1)"}.run(row.id);
  core::requirement_row need;
  need.id = core::requirement_id{w.ids.draw(core::requirement_row::table)};
  need.workflow = row.id;
  need.name = "default";
  insert_requirement(w, need);
  return row.id;
}

void insert_requirement(writer& w, const core::requirement_row& row) {
  statement s{w.db, insert_sql<core::requirement_row>()};
  std::string text;
  bind_row(s, row, text);
  s.run();
  statement{w.db, "UPDATE resource_requirements SET memory_bytes = ?2, runtime_s = ?3 "
                  "WHERE id = ?1"}
      .run(row.id, *core::parse_memory(row.memory), *core::parse_duration(row.runtime));
}

core::result<core::edited> open_submission(writer& w, const core::open_submission& e) {
  if (e.job_count < 0)
    return refuse(refusal::unprocessable, "a workflow cannot have a negative number of jobs");
  for (const auto& r : e.requirements) {
    if (auto o = object(w, r))
      return *o;
    if (r.name == "default")
      return refuse(refusal::unprocessable, "resource requirements \"default\" are made with each "
                                            "workflow; give yours another name");
  }
  const auto id = insert_workflow(w, e.workflow);
  const auto files = insert_plain(w, core::file_row::table, id, e.files);
  const auto data = insert_plain(w, core::user_data_row::table, id, e.user_data);
  const auto needs = insert_list(w, core::requirement_row::table, id, e.requirements,
                                 [&](const core::requirement_row& r) { insert_requirement(w, r); });
  const auto schedulers = insert_plain(w, "scheduler", id, e.schedulers);
  const auto handlers = insert_plain(w, core::failure_handler_row::table, id, e.handlers);
  const auto jobs = e.job_count == 0 ? 0 : w.ids.draw("job", e.job_count);
  statement{w.db, "INSERT INTO submission (workflow_id, first_job, job_count) VALUES (?1, ?2, ?3)"}
      .run(id, jobs, e.job_count);
  if (e.job_count > 0)
    statement{w.db, "INSERT INTO job_run (workflow_id, first_job, last_job) VALUES (?1, ?2, ?3)"}
        .run(id, jobs, jobs + e.job_count - 1);
  return core::edited{{id.value, files, data, needs, schedulers, handlers, jobs}, 1};
}

core::result<core::edited> close_submission(writer& w, const core::close_submission& e) {
  statement open{w.db, "SELECT first_job, job_count FROM submission "
                       "WHERE workflow_id = ?1 AND job_count >= 0"};
  int64_t first = 0, expected = 0;
  if (auto r = open.query(e.workflow); r.next()) {
    first = r.get<int64_t>(0);
    expected = r.get<int64_t>(1);
  } else {
    return refuse(refusal::not_found,
                  "no submission of workflow " + std::to_string(e.workflow.value) + " is open");
  }
  const auto arrived = statement{w.db, "SELECT count(*) FROM job_state "
                                       "WHERE job_id BETWEEN ?1 AND ?2"}
                           .first<int64_t>(first, first + expected - 1)
                           .value_or(0);
  if (arrived != expected)
    return refuse(refusal::unprocessable, std::to_string(arrived) + " of the " +
                                              std::to_string(expected) + " jobs of workflow " +
                                              std::to_string(e.workflow.value) +
                                              " have arrived; send the others first");
  core::edited done;
  statement insert{w.db, insert_sql<core::action_row>()};
  std::string text;
  for (auto row : e.actions) {
    row.id = core::action_id{w.ids.draw(core::action_row::table)};
    row.workflow = e.workflow;
    if (auto o = object(w, row))
      return *o;
    bind_row(insert, row, text);
    insert.run();
    done.ids.push_back(row.id.value);
  }
  statement{w.db, "DELETE FROM submission WHERE workflow_id = ?1"}.run(e.workflow);
  w.counts.watch(e.workflow);
  done.count = expected;
  return done;
}

core::result<core::edited> begin_initialize(writer& w, const core::begin_initialize& e) {
  if (!w.exists(e.workflow))
    return unknown(e.workflow);
  if (statement{w.db, "SELECT 1 FROM workflow_status WHERE id = ?1 AND is_archived = 1"}.any(
          e.workflow))
    return refuse(refusal::unprocessable, "workflow " + std::to_string(e.workflow.value) +
                                              " is archived; unarchive it first");
  w.counts.watch(e.workflow);
  if (e.fresh_run &&
      statement{w.db, "SELECT 1 FROM workflow_status WHERE id = ?1 AND run_id = ?2"}.any(
          e.workflow, std::numeric_limits<int64_t>::max()))
    return refuse(refusal::unprocessable, "there is no run_id after that of workflow " +
                                              std::to_string(e.workflow.value) +
                                              "; set a lower one with PUT /workflows/" +
                                              std::to_string(e.workflow.value) + "/status");
  statement touched{w.db, "SELECT 1 FROM job_run AS r JOIN job_state AS s "
                          "ON s.job_id BETWEEN r.first_job AND r.last_job "
                          "WHERE r.workflow_id = ?1 AND s.status NOT IN (0, 9) LIMIT 1"};
  if (e.only_if_uninitialized && touched.any(e.workflow))
    return core::edited{{}, 0};
  if (e.fresh_run) {
    // An open attempt is the collector's: it ends as what it is, and its job runs on.
    statement runs{w.db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
    statement reset{w.db, "UPDATE job_state SET status = 0 WHERE job_id BETWEEN ?1 AND ?2 "
                          "AND grant_id IS NULL AND status <> 0"};
    for (auto r = runs.query(e.workflow); r.next();)
      reset.run(r.get<int64_t>(0), r.get<int64_t>(1));
    statement{w.db, "UPDATE workflow_status SET is_canceled = 0, run_id = run_id + 1 "
                    "WHERE id = ?1"}
        .run(e.workflow);
    w.counts.forget_times(e.workflow);
    w.forget_cancellations(e.workflow);
    w.counts.recount(e.workflow);
    w.counts.reread_status(e.workflow);
  }
  statement{w.db, "DELETE FROM workflow_action WHERE workflow_id = ?1 AND is_recovery = 1"}.run(
      e.workflow);
  statement{w.db, "UPDATE workflow_action SET executed = 0, executed_at = NULL, "
                  "executed_by = NULL WHERE workflow_id = ?1 AND executed = 1"}
      .run(e.workflow);
  return core::edited{{}, 1};
}

} // namespace torc::storage
