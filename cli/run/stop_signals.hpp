#pragma once

#include "actors/runner.hpp"

namespace torc::cli {

/// From now on the first SIGINT or SIGTERM asks the runner to drain, the second one to kill its jobs, and a
/// third one ends the process at once. @returns what they raise; it lives as long as the process
actors::stop_level& stop_on_signals();

} // namespace torc::cli
