#pragma once

#include "cli/print/json_text.hpp"

#include <string>

namespace torc::cli {

/// What changed between two answers of GET /rooms, as the console's screen: a line a room, then its
/// slowest handlers. Without an earlier answer the rates are those since the server's start.
std::string console_screen(const json::value& earlier, const json::value& now);

} // namespace torc::cli
