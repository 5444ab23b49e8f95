#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace torc::cli {

/// A table with a frame, one line a row. Cells are shown as they are but for control characters,
/// which a terminal would obey: each becomes a space.
class table {
public:
  explicit table(std::vector<std::string> headers);
  /// @pre as many cells as headers
  void add(std::vector<std::string> cells);
  /// `max_cell` columns at most; longer cells end in an ellipsis. 0: no limit.
  void print(std::ostream& out, size_t max_cell = 0) const;

private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns that a UTF-8 text takes on a terminal, each code point counted as one.
size_t display_width(std::string_view utf8);

/// The text cut to `width` columns, with an ellipsis where something is missing.
std::string clipped(std::string_view utf8, size_t width);

/// The text without anything that a terminal would obey.
std::string harmless(std::string_view text);

} // namespace torc::cli
