#pragma once

#include "cli/frame/command.hpp"

namespace torc::cli {

/// torc-htpasswd: edits the file that `torc-server run --auth-file` reads.
program htpasswd_program();

} // namespace torc::cli
