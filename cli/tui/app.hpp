#pragma once

#include "cli/client/api.hpp"
#include "cli/tui/browser.hpp"
#include "cli/tui/child_runner.hpp"

namespace torc::cli::tui {

/// Runs until the user quits. @pre terminal::why_not() is empty
void run_app(const api& server, browser::settings what, child_runner::settings runners, bool color);

} // namespace torc::cli::tui
