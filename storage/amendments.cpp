#include "core/resources.hpp"
#include "storage/columns.hpp"
#include "storage/edited_inputs.hpp"

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

core::error unknown_job(core::job_id job, core::workflow_id workflow) {
  return refuse(refusal::not_found, "there is no job " + std::to_string(job.value) +
                                        " in workflow " + std::to_string(workflow.value));
}

bool changes_identity(const core::amend_job& c) {
  return c.name || c.command || c.depends_on_job_ids;
}

objection object(writer& w, const core::amend_job& c, core::job_status now) {
  if (changes_identity(c) && now != core::job_status::uninitialized)
    return refuse(refusal::unprocessable,
                  "job " + std::to_string(c.job.value) + " is " + std::string{to_string(now)} +
                      "; its name, command and dependencies change only while it is "
                      "uninitialized: reset it first");
  if (c.requirement &&
      !statement{w.db, "SELECT 1 FROM resource_requirements WHERE id = ?1"}.any(*c.requirement))
    return refuse(refusal::unprocessable,
                  "there are no resource requirements " + std::to_string(c.requirement->value));
  if (!c.depends_on_job_ids)
    return std::nullopt;
  statement known{w.db, "SELECT 1 FROM job WHERE id = ?1 AND workflow_id = ?2"};
  for (auto blocker : *c.depends_on_job_ids)
    if (blocker == c.job.value || !known.any(blocker, c.workflow))
      return refuse(refusal::unprocessable, "job " + std::to_string(c.job.value) +
                                                " cannot depend on job " + std::to_string(blocker) +
                                                ": it must be another job of workflow " +
                                                std::to_string(c.workflow.value));
  return std::nullopt;
}

void write_dependencies(writer& w, core::job_id job, const std::vector<int64_t>& blockers) {
  statement{w.db, "DELETE FROM job_depends_on WHERE job_id = ?1"}.run(job);
  statement add{w.db, "INSERT OR IGNORE INTO job_depends_on (job_id, depends_on_job_id) "
                      "VALUES (?1, ?2)"};
  for (auto blocker : blockers)
    add.run(job, blocker);
}

} // namespace

core::amended_job read_amended(writer& w, core::job_id job) {
  core::amended_job a;
  statement s{w.db, "SELECT j.workflow_id, j.priority, j.scheduler_id, j.resource_requirements_id, "
                    "j.cancel_on_blocking_job_failure, ifnull(n.num_cpus, 1), "
                    "ifnull(n.num_gpus, 0), ifnull(n.num_nodes, 1), ifnull(n.memory_bytes, 0), "
                    "ifnull(n.runtime_s, 0), j.labels FROM job AS j "
                    "LEFT JOIN resource_requirements AS n ON n.id = j.resource_requirements_id "
                    "WHERE j.id = ?1"};
  a.job = job;
  if (auto r = s.query(job); r.next()) {
    a.workflow = r.get<core::workflow_id>(0);
    a.kind.priority = r.get<int64_t>(1);
    a.kind.scheduler = r.get<core::scheduler_id>(2);
    a.kind.requirement = r.get<core::requirement_id>(3);
    a.cancel_on_failure = r.get<bool>(4);
    a.kind.need = {r.get<int32_t>(5), r.get<int32_t>(6), r.get<int32_t>(7),
                   r.get<int64_t>(8), r.get<int64_t>(9), r.get<core::label_set>(10)};
  }
  return a;
}

core::answer amend(writer& w, const core::amend_job& c) {
  const auto s = w.jobs.find(c.job);
  if (!s || s->workflow != c.workflow)
    return unknown_job(c.job, c.workflow);
  if (auto o = object(w, c, s->status))
    return *o;
  note_job_edit(w, c.workflow, c.job);
  const auto scheduler = c.scheduler ? or_null(*c.scheduler) : std::nullopt;
  statement{w.db, "UPDATE job SET name = ifnull(?2, name), command = ifnull(?3, command), "
                  "invocation_script = ifnull(?4, invocation_script), "
                  "cancel_on_blocking_job_failure = ifnull(?5, cancel_on_blocking_job_failure), "
                  "supports_termination = ifnull(?6, supports_termination), "
                  "resource_requirements_id = ifnull(?7, resource_requirements_id), "
                  "scheduler_id = ifnull(?8, scheduler_id), priority = ifnull(?9, priority) "
                  "WHERE id = ?1"}
      .run(c.job, c.name, c.command, c.invocation_script, c.cancel_on_blocking_job_failure,
           c.supports_termination, c.requirement, scheduler, c.priority);
  if (c.labels) {
    const auto labels = core::joined(*c.labels);
    statement{w.db, "UPDATE job SET labels = nullif(?2, '') WHERE id = ?1"}.run(c.job, labels);
  }
  if (c.depends_on_job_ids)
    write_dependencies(w, c.job, *c.depends_on_job_ids);
  w.amended.jobs.push_back(read_amended(w, c.job));
  return core::done{1};
}

core::answer amend(writer& w, const core::amend_requirement& c) {
  auto row = c.row;
  statement owner{w.db, "SELECT workflow_id FROM resource_requirements WHERE id = ?1"};
  row.workflow = owner.first<core::workflow_id>(row.id).value_or(core::workflow_id{});
  if (!row.workflow || !w.exists(row.workflow))
    return refuse(refusal::not_found,
                  "there are no resource requirements " + std::to_string(row.id.value));
  if (auto o = object(w, row))
    return *o;
  statement s{w.db, replace_sql<core::requirement_row>()};
  std::string text;
  bind_row(s, row, text);
  s.run();
  const auto memory = *core::parse_memory(row.memory);
  const auto runtime = *core::parse_duration(row.runtime);
  statement{w.db, "UPDATE resource_requirements SET memory_bytes = ?2, runtime_s = ?3 "
                  "WHERE id = ?1"}
      .run(row.id, memory, runtime);
  statement told{w.db, "SELECT json_object('category', 'user_action', 'action', "
                       "'update_resource_requirements', 'resource_requirements_id', id, "
                       "'name', name, 'num_cpus', num_cpus, 'num_gpus', num_gpus, "
                       "'num_nodes', num_nodes, 'memory', memory, 'runtime', runtime) "
                       "FROM resource_requirements WHERE id = ?1"};
  w.event(row.workflow, told.first<std::string>(row.id).value_or("{}"));
  const auto small = [](int64_t n) { return static_cast<int32_t>(n); };
  w.amended.classes.push_back(
      {row.workflow,
       row.id,
       {small(row.num_cpus), small(row.num_gpus), small(row.num_nodes), memory, runtime}});
  return core::done{1};
}

} // namespace torc::storage
