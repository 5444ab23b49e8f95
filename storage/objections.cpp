#include "core/resources.hpp"
#include "storage/columns.hpp"
#include "storage/writer.hpp"

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

bool belongs(writer& w, std::string_view table, int64_t id, core::workflow_id workflow) {
  return statement{w.db,
                   "SELECT 1 FROM " + std::string{table} + " WHERE id = ?1 AND workflow_id = ?2"}
      .any(id, workflow);
}

core::error missing(std::string_view what, int64_t id, core::workflow_id workflow) {
  return refuse(refusal::unprocessable, "there is no " + std::string{what} + " " +
                                            std::to_string(id) + " in workflow " +
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
  if (!belongs(w, "job", row.job.value, row.workflow))
    return missing("job", row.job.value, row.workflow);
  if (!belongs(w, "compute_node", row.compute_node.value, row.workflow))
    return missing("compute node", row.compute_node.value, row.workflow);
  return std::nullopt;
}

objection object(writer& w, const core::action_row& row) {
  if (row.job_ids)
    for (auto id : *row.job_ids)
      if (!belongs(w, "job", id, row.workflow))
        return missing("job", id, row.workflow);
  return std::nullopt;
}

objection object(writer& w, const core::ro_crate_entity_row& row) {
  if (row.file_id && !belongs(w, "file", *row.file_id, row.workflow))
    return missing("file", *row.file_id, row.workflow);
  return std::nullopt;
}

} // namespace torc::storage
