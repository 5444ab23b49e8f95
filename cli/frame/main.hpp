#pragma once

#include "cli/frame/command.hpp"

namespace torc::cli {

/// Reads the command line and does what it says. @returns the exit code of the process
/// @pre called from main(), before any thread
int run_program(const program& p, int argc, char** argv);

} // namespace torc::cli
