#include "core/resources.hpp"
#include "storage/columns.hpp"
#include "storage/writer.hpp"

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

bool is_job_of(writer& w, int64_t id, core::workflow_id workflow) {
  return statement{w.db, "SELECT 1 FROM job WHERE id = ?1 AND workflow_id = ?2"}.any(id, workflow);
}

/// Of whatever workflow: torc does not ask.
bool exists(writer& w, std::string_view table, int64_t id) {
  return statement{w.db, "SELECT 1 FROM " + std::string{table} + " WHERE id = ?1"}.any(id);
}

core::error missing(std::string_view what, int64_t id) {
  return refuse(refusal::unprocessable,
                "there is no " + std::string{what} + " " + std::to_string(id));
}

core::error missing_job(int64_t id, core::workflow_id workflow) {
  return refuse(refusal::unprocessable, "there is no job " + std::to_string(id) + " in workflow " +
                                            std::to_string(workflow.value));
}

} // namespace

objection object(writer&, const core::requirement_row& row) {
  if (auto m = core::parse_memory(row.memory); !m)
    return refuse(refusal::unprocessable, "memory \"" + row.memory + "\": " + m.why().message);
  if (auto r = core::parse_duration(row.runtime); !r)
    return refuse(refusal::unprocessable, "runtime \"" + row.runtime + "\": " + r.why().message);
  if (row.num_nodes <= 0)
    return refuse(refusal::unprocessable, "num_nodes must be 1 or more");
  if (row.num_cpus < 0 || row.num_gpus < 0 || row.num_cpus > INT32_MAX ||
      row.num_gpus > INT32_MAX || row.num_nodes > INT32_MAX)
    return refuse(refusal::unprocessable, "num_cpus, num_gpus and num_nodes must fit 32 bits and "
                                          "not be negative");
  return std::nullopt;
}

objection object(writer& w, const core::result_row& row) {
  if (!is_job_of(w, row.job.value, row.workflow))
    return missing_job(row.job.value, row.workflow);
  if (!exists(w, "compute_node", row.compute_node.value))
    return missing("compute node", row.compute_node.value);
  return std::nullopt;
}

objection object(writer& w, const core::action_row& row) {
  if (row.job_ids)
    for (auto id : *row.job_ids)
      if (!is_job_of(w, id, row.workflow))
        return missing_job(id, row.workflow);
  return std::nullopt;
}

objection object(writer& w, const core::slurm_stats_row& row) {
  if (!is_job_of(w, row.job.value, row.workflow))
    return missing_job(row.job.value, row.workflow);
  return std::nullopt;
}

objection object(writer& w, const core::ro_crate_entity_row& row) {
  if (row.file_id && !exists(w, "file", *row.file_id))
    return missing("file", *row.file_id);
  return std::nullopt;
}

} // namespace torc::storage
