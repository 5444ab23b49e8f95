#pragma once

#include "actors/runner.hpp"

namespace torc::cli {

/// From now on the first SIGINT or SIGTERM asks the runner to drain, the second one to kill its
/// jobs, and a third one ends the process at once.
/// @param say write a line on stderr each time; not where a live view would overwrite it
/// @returns what they raise; it lives as long as the process
actors::stop_level& stop_on_signals(bool say);

/// What a person should know at this level; empty at 0.
const char* stop_words(int level);

} // namespace torc::cli
