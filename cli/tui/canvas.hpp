#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace torc::cli::tui {

/// What a letter means; the terminal chooses its colour, if it may have any.
enum class tone : uint8_t { plain, faint, good, bad, busy, title };

struct look {
  tone color = tone::plain;
  bool bold = false;
  bool reverse = false;
  bool operator==(const look&) const = default;
};

struct glyph {
  char32_t letter = U' ';
  look how;
  bool operator==(const glyph&) const = default;
};

/// A screen in memory: what is drawn here is tested without a terminal, and shown by `terminal`.
class canvas {
public:
  canvas(int rows, int columns);
  int rows() const { return rows_; }
  int columns() const { return columns_; }
  const glyph& at(int row, int column) const;

  /// Writes UTF-8 from a column on, `width` columns of it at most. What a terminal would obey
  /// becomes a space, what is cut off an ellipsis. Outside of the canvas nothing happens.
  /// @returns the column behind it
  int put(int row, int column, std::string_view text, look how = {}, int width = 1 << 20);
  /// The whole row in one look, its letters kept.
  void tint(int row, look how);
  /// An empty box with a frame, for what lies above the rest.
  void box(int row, int column, int rows, int columns);
  /// The letters of a row as UTF-8, without blanks at the end.
  std::string line(int row) const;

private:
  size_t place(int row, int column) const {
    return static_cast<size_t>(row) * static_cast<size_t>(columns_) + static_cast<size_t>(column);
  }

  int rows_, columns_;
  std::vector<glyph> glyphs_;
};

/// A column of a list. One of width 0 takes what the others leave.
struct list_column {
  std::string_view title;
  int width = 0;
  bool to_right = false;
  int least = 0; ///< down to this it shrinks where no cell needs more; 0: it does not
};
struct list_row {
  std::vector<std::string> cells;
  tone color = tone::plain;
  int colored_cell = -1; ///< which of them has the colour; -1: all
};
/// A heading and rows from `top` on, the one that is `selected` marked. @param rows how many rows
/// of the canvas it takes, with the heading
void draw_list(canvas& c, int row, int rows, const std::vector<list_column>& columns,
               const std::vector<list_row>& all, size_t top, size_t selected);

/// Lines of at most so many columns, broken at blanks where there are any.
std::vector<std::string> wrapped(std::string_view text, size_t width);

/// A bar of blocks, `share` of it full.
std::string bar(double share, int width);
void append_utf8(std::string& to, char32_t letter);

} // namespace torc::cli::tui
