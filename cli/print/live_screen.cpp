#include "cli/print/live_screen.hpp"

#include "cli/print/table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

namespace torc::cli {

window_size window_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

std::string frame_of(std::string_view text, window_size size) {
  constexpr std::string_view to_the_top = "\x1b[H", rest_of_line = "\x1b[K",
                             rest_of_screen = "\x1b[J";
  std::string out(to_the_top);
  for (size_t row = 1; row < size.rows && !text.empty(); ++row) {
    const auto end = std::min(text.find('\n'), text.size());
    out += clipped(text.substr(0, end), size.columns);
    out.append(rest_of_line).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out.append(rest_of_screen);
}

live_screen::live_screen(std::ostream& out)
    : out_(out), on_terminal_(::isatty(STDOUT_FILENO) == 1) {}

window_size live_screen::size() const {
  return window_of(STDOUT_FILENO);
}

void live_screen::show(std::string_view text) {
  constexpr const char* clear = "\x1b[2J";
  if (on_terminal_) {
    if (is_first_)
      out_ << clear;
    out_ << frame_of(text, size());
  } else {
    out_ << text;
  }
  is_first_ = false;
  out_.flush();
}

} // namespace torc::cli
