#pragma once

#include "cli/commands/common.hpp"
#include "cli/print/live_screen.hpp"

#include <functional>
#include <string>

namespace torc::cli {

/// What an answer looks like; `earlier` is the answer before, or null.
using screen_of = std::function<std::string(const json::value& now, const json::value& earlier,
                                            const live_screen& on)>;

/// Asks for the path and shows the answer: once, or each second until somebody interrupts. A server
/// that goes when it has answered before is waited for. With --format json answers are printed.
int watch(call& c, api& server, const std::string& path, bool once, const screen_of& show);

} // namespace torc::cli
