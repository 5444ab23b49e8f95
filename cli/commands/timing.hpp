#pragma once

#include "cli/print/json_text.hpp"

#include <string>

namespace torc::cli {

/// A line a span, the one that cost most first. @param report an answer of GET /timing
/// @param columns of the terminal, where a frame is left out that does not fit; 0: none
std::string timing_screen(const json::value& report, bool with_unused, size_t columns);

} // namespace torc::cli
