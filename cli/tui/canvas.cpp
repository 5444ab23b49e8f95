#include "cli/tui/canvas.hpp"

#include "cli/print/table.hpp"

#include <algorithm>

namespace torc::cli::tui {

namespace {

constexpr char32_t not_a_letter = U'\uFFFD';

/// The next code point; a byte that belongs to none is shown as the sign for that.
char32_t next_letter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC0 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                                       : 4;
  if (length == 0 || first > 0xF4 || text.size() < length) {
    text.remove_prefix(1);
    return not_a_letter;
  }
  char32_t letter = length == 1 ? first : first & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto more = static_cast<unsigned char>(text[i]);
    if ((more & 0xC0U) != 0x80) {
      text.remove_prefix(i);
      return not_a_letter;
    }
    letter = letter << 6U | (more & 0x3FU);
  }
  text.remove_prefix(length);
  return letter;
}

char32_t harmless(char32_t letter) {
  return letter < 0x20 || (letter >= 0x7F && letter < 0xA0) ? U' ' : letter;
}

int shrunk(const list_column& column, size_t k, const std::vector<list_row>& all) {
  auto needed = std::max(static_cast<size_t>(column.least), display_width(column.title));
  for (const auto& row : all)
    if (k < row.cells.size())
      needed = std::max(needed, display_width(row.cells[k]));
  return std::min(column.width, static_cast<int>(std::min<size_t>(needed, 1 << 16)));
}

/// The widths of all columns: what the fixed ones leave goes to those of width 0.
std::vector<int> widths_of(const std::vector<list_column>& columns,
                           const std::vector<list_row>& all, int room) {
  std::vector<int> widths;
  widths.reserve(columns.size());
  int fixed = 1; // the margin
  int flexible = 0;
  for (size_t k = 0; k < columns.size(); ++k) {
    const auto& column = columns[k];
    widths.push_back(column.least > 0 ? shrunk(column, k, all) : column.width);
    fixed += widths.back() + 1;
    flexible += column.width == 0 ? 1 : 0;
  }
  for (size_t k = 0; k < columns.size(); ++k)
    if (columns[k].width == 0)
      widths[k] = std::max(4, (room - fixed + 1) / std::max(flexible, 1));
  return widths;
}

void put_cell(canvas& c, int row, int column, const std::string& text, int width, bool to_right,
              look how) {
  const auto taken = static_cast<int>(std::min<size_t>(display_width(text), 1 << 16));
  const int indent = to_right ? std::max(0, width - taken) : 0;
  c.put(row, column + indent, text, how, width - indent);
}

} // namespace

canvas::canvas(int rows, int columns)
    : rows_(std::max(rows, 1)), columns_(std::max(columns, 1)),
      glyphs_(static_cast<size_t>(rows_) * static_cast<size_t>(columns_)) {}

const glyph& canvas::at(int row, int column) const {
  return glyphs_.at(place(row, column));
}

int canvas::put(int row, int column, std::string_view text, look how, int width) {
  if (row < 0 || row >= rows_ || column < 0)
    return column;
  const int end = std::min(columns_, column + std::min(width, columns_));
  while (!text.empty() && column < end) {
    const auto letter = harmless(next_letter(text));
    const bool is_cut = column + 1 == end && !text.empty();
    glyphs_[place(row, column)] = {is_cut ? U'…' : letter, how};
    ++column;
  }
  return column;
}

void canvas::tint(int row, look how) {
  if (row >= 0 && row < rows_)
    for (int column = 0; column < columns_; ++column)
      glyphs_[place(row, column)].how = how;
}

void canvas::box(int row, int column, int rows, int columns) {
  const int width = std::min(columns, columns_ - column);
  for (int r = 0; r < rows; ++r)
    for (int k = 0; k < width; ++k) {
      const bool top = r == 0, bottom = r == rows - 1, left = k == 0, right = k == width - 1;
      const auto* letter = top && left       ? "╭"
                           : top && right    ? "╮"
                           : bottom && left  ? "╰"
                           : bottom && right ? "╯"
                           : top || bottom   ? "─"
                           : left || right   ? "│"
                                             : " ";
      put(row + r, column + k, letter);
    }
}

std::string canvas::line(int row) const {
  std::string text;
  for (int column = 0; column < columns_; ++column)
    append_utf8(text, at(row, column).letter);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void draw_list(canvas& c, int row, int rows, const std::vector<list_column>& columns,
               const std::vector<list_row>& all, size_t top, size_t selected) {
  const auto widths = widths_of(columns, all, c.columns());
  const auto draw = [&](int at, const auto& text_of, const auto& look_of) {
    for (int i = 0, column = 1; i < static_cast<int>(columns.size()); ++i) {
      const auto k = static_cast<size_t>(i);
      put_cell(c, at, column, text_of(k), widths[k], columns[k].to_right, look_of(i));
      column += widths[k] + 1;
    }
  };
  draw(
      row, [&](size_t k) { return std::string(columns[k].title); },
      [](int) {
        return look{tone::faint, true, false};
      });
  for (int i = 1; i < rows && top < all.size(); ++i, ++top) {
    const auto& one = all[top];
    const bool is_selected = top == selected;
    if (is_selected)
      c.tint(row + i, {tone::plain, false, true});
    draw(
        row + i, [&](size_t k) { return k < one.cells.size() ? one.cells[k] : std::string(); },
        [&](int k) {
          const bool colored = one.colored_cell < 0 || one.colored_cell == k;
          return look{colored ? one.color : tone::plain, false, is_selected};
        });
  }
}

std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines{""};
  const auto end_of_line = [&] { return std::max<size_t>(width, 1); };
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!lines.back().empty() &&
        display_width(lines.back()) + 1 + display_width(word) <= end_of_line()) {
      lines.back().append(" ").append(word);
      continue;
    }
    if (!lines.back().empty())
      lines.emplace_back();
    // A word that no line can hold goes on in the next.
    while (!word.empty()) {
      if (display_width(lines.back()) == end_of_line())
        lines.emplace_back();
      lines.back() += word[0];
      word.remove_prefix(1);
      while (!word.empty() && (static_cast<unsigned char>(word[0]) & 0xC0U) == 0x80U) {
        lines.back() += word[0];
        word.remove_prefix(1);
      }
    }
  }
  return lines;
}

std::string bar(double share, int width) {
  const auto full = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  std::string text;
  for (int i = 0; i < width; ++i)
    text += i < full ? "█" : "░";
  return text;
}

void append_utf8(std::string& to, char32_t letter) {
  const auto tail = [&](unsigned shift) {
    to += static_cast<char>(0x80U | ((letter >> shift) & 0x3FU));
  };
  if (letter < 0x80) {
    to += static_cast<char>(letter);
  } else if (letter < 0x800) {
    to += static_cast<char>(0xC0U | letter >> 6U);
    tail(0);
  } else if (letter < 0x10000) {
    to += static_cast<char>(0xE0U | letter >> 12U);
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xF0U | letter >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

} // namespace torc::cli::tui
