#pragma once

#include "core/complaints.hpp"
#include "core/expanded.hpp"
#include "core/spec.hpp"

#include <vector>

namespace torc::core {

/// Puts the jobs into the order in which they can run: by stage, and within a stage as they stand.
/// Fills stage and stages and renumbers depends_on and the jobs of actions. A job waits for those
/// it depends on and for those that write what it reads. Linear in what the jobs say, shared lists
/// counted once.
/// @param waits_for_itself jobs of which a complaint says so already
/// @return false after a complaint about a circle: the order is then not changed
bool order_jobs(const workflow_spec& spec, std::vector<bool> waits_for_itself,
                expanded_workflow& out, complaints& wrong);

} // namespace torc::core
