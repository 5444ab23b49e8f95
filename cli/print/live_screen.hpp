#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace torc::cli {

struct window_size {
  size_t columns = 80;
  size_t rows = 24;
};
/// Of the terminal on `fd`; the usual size where there is none.
window_size window_of(int fd);

/// The text as it replaces what a terminal of the size shows: what does not fit is cut off, and
/// nothing scrolls or flickers.
std::string frame_of(std::string_view text, window_size size);

/// Shows one text after another: in the same place on a terminal, else one below the other.
class live_screen {
public:
  explicit live_screen(std::ostream& out);
  bool on_terminal() const { return on_terminal_; }
  /// As it is now; anybody may make the window larger meanwhile.
  window_size size() const;
  void show(std::string_view text);

private:
  std::ostream& out_;
  bool on_terminal_;
  bool is_first_ = true;
};

} // namespace torc::cli
