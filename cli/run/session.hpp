#pragma once

#include "cli/client/api.hpp"
#include "cli/frame/command.hpp"
#include "cli/run/options.hpp"

#include <optional>
#include <string>

namespace torc::cli {

/// Runs jobs of one workflow in this process until there is nothing left to do, shows how it goes
/// and says what came of it.
struct session {
  int64_t workflow = 0;
  run_options options;
  std::optional<double> creation_seconds; ///< when this program created it just now
  /// Lines that came before: what is said in the JSON answer, not on stdout.
};

/// @pre c.guardian is there
/// @returns exit_ok only if every job of the workflow has succeeded
int run_session(call& c, api& server, const session& s);

} // namespace torc::cli
