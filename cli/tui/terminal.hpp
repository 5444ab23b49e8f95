#pragma once

#include "cli/tui/canvas.hpp"
#include "cli/tui/talk.hpp"

#include <optional>
#include <string>

namespace torc::cli::tui {

/// The terminal that the program runs on, taken over for as long as this lives. Everything that
/// knows ncurses is here. One at a time, one thread; but anybody may wake it.
class terminal {
public:
  /// Why there can be none; empty: there can.
  static std::string why_not();
  /// Lets a new size interrupt wait() alone. Call it before the first thread: one that is made
  /// later might take the signal away.
  static void hold_size_changes();
  /// @param color as NO_COLOR and the terminal allow
  explicit terminal(bool color);
  ~terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  int rows() const;
  int columns() const;
  void show(const canvas& c);
  /// Waits for a key, a new size, wake(), or so many milliseconds (-1: for ever).
  /// @returns the key, if it was one
  std::optional<key> wait(int64_t most_ms);
  /// Any thread: ends a wait.
  void wake() const;
  /// The size has changed since the last call.
  bool resized();

private:
  std::optional<key> read_key();

  bool color_;
  bool is_utf8_;
  bool resized_ = false;
  int wake_fd_;
};

} // namespace torc::cli::tui
