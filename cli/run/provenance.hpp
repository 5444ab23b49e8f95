#pragma once

#include "cli/client/api.hpp"

namespace torc::cli {

/// Enters into RO-Crate which files the completed jobs of a run wrote, and from what. What is there
/// already is brought up to date: of several runners, each may do it.
core::result<core::nothing> describe_outputs(api& server, int64_t workflow, int64_t run_id);

} // namespace torc::cli
