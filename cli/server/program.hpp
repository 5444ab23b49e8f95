#pragma once

#include "cli/frame/command.hpp"

namespace torc::cli {

/// The command tree of torc-server.
program server_program();

command backup_command();

} // namespace torc::cli
