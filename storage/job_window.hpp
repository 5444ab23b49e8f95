#pragma once

#include "core/job_window.hpp"
#include "storage/queries.hpp"

namespace torc::storage {

/// @pre a snapshot is open
core::job_briefs read_window(connection& c, const core::job_window& w);

} // namespace torc::storage
