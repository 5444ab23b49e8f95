#include "cli/tui/terminal.hpp"

// Behind ours: term.h makes macros of many plain words.
#include <curses.h>
#include <term.h>

#include <unistd.h>

namespace torc::cli::tui {

std::string terminal::why_not() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return "torc tui needs a terminal; for scripts there are torc workflows status, torc jobs list "
           "and torc events monitor";
  int found = 0;
  const bool can_move =
      ::setupterm(nullptr, STDOUT_FILENO, &found) == 0 && cursor_address != nullptr;
  ::del_curterm(cur_term); // initscr() makes another
  if (!can_move)
    return "torc tui cannot move the cursor of this terminal; set TERM to what it is, e.g. "
           "xterm-256color";
  return {};
}

} // namespace torc::cli::tui
