#pragma once

#include "core/image.hpp"
#include "core/result.hpp"
#include "storage/statement.hpp"

#include <utility>
#include <vector>

namespace torc::storage {

/// More edges than this, all kinds together, are refused: a file that 30,000 jobs write and 30,000
/// read would make 900,000,000.
inline constexpr size_t max_edges = 50'000'000;

using job_edge = std::pair<core::job_id, core::job_id>; ///< blocker, job

/// Who waits for whom in a workflow: as told, and because one reads what another writes. Each edge
/// once, none from a job to itself. @returns too_large above max_edges
core::result<std::vector<job_edge>> load_edges(database& db, core::workflow_id w);

/// What an admission of the workflow is computed from. Jobs that are pending or running are open.
/// @returns not_found for an unknown workflow, and what load_edges returns
core::result<core::workflow_facts> load_facts(database& db, core::workflow_id w);

} // namespace torc::storage
