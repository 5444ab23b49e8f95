#pragma once

#include "cli/client/api.hpp"
#include "config/spec_reader.hpp"
#include "core/expanded.hpp"

#include <string>

namespace torc::cli {

using loaded_spec = config::loaded<core::expanded_workflow>;

/// Has what the jobs use watched, as torc does, where the spec does not say otherwise.
void add_default_monitor(core::expanded_workflow& w);

/// Creates the workflow, whole or not at all, and returns its id.
core::result<int64_t> create_workflow(api& server, core::expanded_workflow& w);

/// The two ways to do it. Ours: one submission in chunks. `not_found` where the server has none.
core::result<int64_t> create_by_submission(api& server, const core::expanded_workflow& w);
/// torc's: object by object, in its order; what was made is deleted again when something fails.
core::result<int64_t> create_piece_by_piece(api& server, const core::expanded_workflow& w);

} // namespace torc::cli
