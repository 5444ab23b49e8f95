#pragma once

#include "core/progress.hpp"

#include <string>

namespace torc::net::json {

enum class detail {
  full,   ///< every stage with every status
  stages, ///< every stage with the statuses that its jobs have
  sum,    ///< all stages as one
};

/// All stages as one.
core::stage_progress sum_of(const core::workflow_progress& p);

void write(std::string& out, const core::workflow_progress& p, detail how);

} // namespace torc::net::json
