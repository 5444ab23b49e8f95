#include "storage/columns.hpp"
#include "storage/writer.hpp"

#include <algorithm>

namespace torc::storage {

namespace {

/// Tables whose rows belong to a job, and the column that says to which.
constexpr std::pair<const char*, const char*> of_job[] = {
    {"job", "id"},
    {"job_state", "job_id"},
    {"job_depends_on", "job_id"},
    {"job_input_file", "job_id"},
    {"job_output_file", "job_id"},
    {"job_input_user_data", "job_id"},
    {"job_output_user_data", "job_id"},
    {"result", "job_id"},
    {"edited_job", "job_id"},
    {"job_cancellation", "job_id"},
};

/// Tables whose rows belong to a workflow, those of its jobs excepted.
constexpr std::pair<const char*, const char*> of_workflow[] = {
    {"resource_requirements", "workflow_id"},
    {"file", "workflow_id"},
    {"user_data", "workflow_id"},
    {"event", "workflow_id"},
    {"failure_handler", "workflow_id"},
    {"slurm_scheduler", "workflow_id"},
    {"local_scheduler", "workflow_id"},
    {"workflow_action", "workflow_id"},
    {"ro_crate_entity", "workflow_id"},
    {"compute_node", "workflow_id"},
    {"scheduled_compute_node", "workflow_id"},
    {"stage_time", "workflow_id"},
    {"slurm_stats", "workflow_id"},
    {"remote_worker", "workflow_id"},
    {"workflow_access_group", "workflow_id"},
    {"edited_user_data", "workflow_id"},
    {"submission", "workflow_id"},
    {"job_run", "workflow_id"},
    {"workflow_status", "id"},
    {"workflow", "id"},
};

/// An action that waits for deleted jobs waits for the others only.
void forget_in_actions(writer& w, core::workflow_id workflow,
                       const std::vector<core::job_id>* gone) {
  statement all{w.db, "SELECT id, job_ids FROM workflow_action "
                      "WHERE workflow_id = ?1 AND job_ids IS NOT NULL"};
  statement update{w.db, "UPDATE workflow_action SET job_ids = ?2, required_triggers = ?3 "
                         "WHERE id = ?1"};
  for (auto r = all.query(workflow); r.next();) {
    auto ids = from_list(r.get<std::string>(1));
    const auto before = ids.size();
    std::erase_if(ids, [&](int64_t id) {
      return !gone || std::binary_search(gone->begin(), gone->end(), core::job_id{id});
    });
    if (ids.size() != before)
      update.run(r.get<int64_t>(0), to_list(ids), std::max<size_t>(1, ids.size()));
  }
}

} // namespace

int64_t remove_all_jobs(writer& w, core::workflow_id workflow) {
  statement runs{w.db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
  int64_t removed = 0;
  for (const auto& [table, column] : of_job) {
    statement drop{w.db,
                   std::string{"DELETE FROM "} + table + " WHERE " + column + " BETWEEN ?1 AND ?2"};
    int64_t n = 0;
    for (auto r = runs.query(workflow); r.next();)
      n += drop.run(r.get<int64_t>(0), r.get<int64_t>(1));
    if (std::string_view{table} == "job")
      removed = n;
  }
  statement{w.db, "DELETE FROM slurm_stats WHERE workflow_id = ?1"}.run(workflow);
  // A submission that is still arriving keeps its run: more of its jobs may come.
  statement{w.db, "DELETE FROM job_run WHERE workflow_id = ?1 AND NOT EXISTS "
                  "(SELECT 1 FROM submission AS s WHERE s.workflow_id = ?1)"}
      .run(workflow);
  forget_in_actions(w, workflow, nullptr);
  w.counts.forget_times(workflow);
  w.counts.recount(workflow);
  return removed;
}

int64_t remove_listed_jobs(writer& w, core::workflow_id workflow,
                           const std::vector<core::job_id>& jobs) {
  auto gone = jobs;
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  std::vector<int64_t> numbers;
  numbers.reserve(gone.size());
  for (auto j : gone)
    numbers.push_back(j.value);
  const auto list = to_list(numbers);
  w.counts.watch(workflow);
  for (const auto& [table, column] : of_job)
    statement{w.db, std::string{"DELETE FROM "} + table + " WHERE " + column +
                        " IN (SELECT value FROM json_each(?1))"}
        .run(list);
  statement{w.db, "DELETE FROM slurm_stats WHERE workflow_id = ?1 "
                  "AND job_id IN (SELECT value FROM json_each(?2))"}
      .run(workflow, list);
  // The plus keeps SQLite from looking up every pair of a job left and a job gone.
  statement{w.db, "DELETE FROM job_depends_on WHERE job_id IN (SELECT s.job_id FROM job_run AS r "
                  "JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
                  "WHERE r.workflow_id = ?1) "
                  "AND +depends_on_job_id IN (SELECT value FROM json_each(?2))"}
      .run(workflow, list);
  forget_in_actions(w, workflow, &gone);
  w.counts.recount(workflow);
  return static_cast<int64_t>(gone.size());
}

void remove_workflow_rows(writer& w, core::workflow_id workflow) {
  for (const auto& [table, column] : of_workflow)
    statement{w.db, std::string{"DELETE FROM "} + table + " WHERE " + column + " = ?1"}.run(
        workflow);
  w.guests.forget(workflow);
  w.counts.forget(workflow);
}

} // namespace torc::storage
