#pragma once

#include "cli/print/json_text.hpp"

#include <string>

namespace torc::cli {

/// What changed between two answers of GET /rooms, as the console's screen: a line a room, then its
/// slowest handlers, then the runners. Without an earlier answer the rates are those since the
/// server's start. @param rows of the terminal that it has to fit; 0: no limit, and frames around
std::string console_screen(const json::value& earlier, const json::value& now, size_t rows = 0);

} // namespace torc::cli
