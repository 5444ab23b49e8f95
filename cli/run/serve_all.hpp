#pragma once

#include "cli/client/api.hpp"
#include "cli/frame/command.hpp"
#include "cli/run/options.hpp"

namespace torc::cli {

/// Runs jobs of all initialized workflows of the user, fairly shared, until there has been nothing
/// to do for a while or a signal comes, and says how many there were.
/// @pre c.guardian is there
/// @returns exit_ok only if every job that ran here has succeeded
int serve_all(call& c, api& server, const run_options& options);

} // namespace torc::cli
