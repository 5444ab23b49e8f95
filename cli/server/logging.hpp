#pragma once

#include "cli/server/settings.hpp"

#include <string>

namespace torc::cli {

/// Opens the server's log on stderr, and in a rotating file where a folder is named, as spdlog's
/// default logger; a fault is logged there before it ends the process. Refuses a folder that cannot
/// be written.
core::result<core::nothing> open_log(const server_settings& s);

/// Writes one line. Any thread.
void log_line(const std::string& text);

} // namespace torc::cli
