#pragma once

#include "cli/run/progress_view.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace torc::cli {

/// Shows a run while it goes on, from a thread of its own: on a terminal a block that is redrawn in
/// place ten times a second, elsewhere a line every five seconds.
class display {
public:
  struct settings {
    bool on_terminal = false;
    bool color = false;
    int fd = 1; ///< of the terminal, or where lines go
    /// A line below the block; empty: none. May be empty itself.
    std::function<std::string()> note = {};
  };
  /// @param ask gives the newest progress, or nothing while there is none; called on the display's
  /// thread
  display(settings s, std::function<std::optional<progress_view>()> ask);
  /// Draws the last state and lets go of the terminal.
  void finish();
  ~display();
  display(const display&) = delete;
  display& operator=(const display&) = delete;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A terminal is on `fd`, and it is not a dumb one.
bool is_terminal(int fd);

} // namespace torc::cli
