#pragma once

#include "cli/server/log_filter.hpp"
#include "cli/server/settings.hpp"

#include <string_view>

namespace torc::cli {

/// Which part of the server a line is from, as filters name it.
enum class log_target {
  server, ///< torc_server
  house,  ///< torc_server::house: rooms and runners
  timing, ///< torc_server::timing: spans that ended
  http,   ///< torc_server::http: requests
  writer, ///< torc_server::writer: commits
};

/// Opens the server's log on stderr, and in a rotating file where a folder is named; a fault is
/// logged there before it ends the process. Refuses a folder that cannot be written.
/// @pre no other thread runs yet
core::result<core::nothing> open_log(const server_settings& s);

/// Writes one line where the filter lets it pass. Any thread, after open_log.
void log(log_level level, log_target from, std::string_view text);
/// Whether it would.
bool is_logged(log_level level, log_target from);

/// `info` of the server.
void log_line(std::string_view text);

} // namespace torc::cli
