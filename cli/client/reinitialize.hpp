#pragma once

#include "cli/client/api.hpp"

/// Running again only what has to run again.
namespace torc::cli {

/// Prepares a new run of what failed, was canceled, or reads something that changed since. Looks at
/// this machine's disk. @returns the names of jobs whose own inputs changed
core::result<std::vector<std::string>> reinitialize(api& server, int64_t workflow);

} // namespace torc::cli
