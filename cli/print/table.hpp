#pragma once

#include <cstddef>
#include <cstdint>
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
  /// The columns from this one on stand to the right, as numbers do.
  table& numbers_from(size_t column);
  /// @pre as many cells as headers
  void add(std::vector<std::string> cells);
  /// `max_cell` columns at most; longer cells end in an ellipsis. 0: no limit.
  void print(std::ostream& out, size_t max_cell = 0) const;
  /// Without a frame, for where room is scarce. @param most rows; more are counted in a last line.
  void print_bare(std::ostream& out, size_t most = SIZE_MAX) const;
  /// Columns that print() takes.
  size_t width() const;
  size_t bare_width() const;

private:
  std::vector<size_t> widths(size_t max_cell) const;
  void put_cell(std::ostream& out, const std::string& cell, size_t column, size_t width) const;

  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
  size_t numbers_from_ = SIZE_MAX;
};

/// Columns that a UTF-8 text takes on a terminal, each code point counted as one.
size_t display_width(std::string_view utf8);

/// The text cut to `width` columns, with an ellipsis where something is missing.
std::string clipped(std::string_view utf8, size_t width);

/// The text without anything that a terminal would obey.
std::string harmless(std::string_view text);

} // namespace torc::cli
