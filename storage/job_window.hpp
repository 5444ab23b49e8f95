#pragma once

#include "core/job_window.hpp"
#include "storage/queries.hpp"

namespace torc::storage {

/// @pre a snapshot is open
core::page_of<core::running_job> read_running(connection& c, core::workflow_id w,
                                              const core::page& at);
core::job_briefs read_window(connection& c, const core::job_window& w);

} // namespace torc::storage
