#pragma once

#include "cli/tui/talk.hpp"

#include <cstdint>
#include <string>

namespace torc::cli::tui {

/// Reads the end of a file that grows.
class log_tail {
public:
  static constexpr int64_t most_bytes = 256 * 1024;

  /// Which file to read from now on; empty: none. @returns whether it is another one
  bool follow(const std::string& path);
  /// Looks at the file. @returns whether `text` is new
  bool look();
  const log_text& text() const { return text_; }

private:
  log_text text_;
  int64_t size_ = -1, changed_ns_ = -1;
  bool looked_ = false;
};

/// Lines of a text; the last one may be without its end.
std::vector<std::string> lines_of(std::string_view text);

} // namespace torc::cli::tui
