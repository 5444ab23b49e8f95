#include "cli/print/table.hpp"

#include <algorithm>
#include <cassert>
#include <ostream>

namespace torc::cli {

namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string repeated(std::string_view what, size_t times) {
  std::string s;
  while (times-- > 0)
    s += what;
  return s;
}

void print_rule(std::ostream& out, const std::vector<size_t>& widths, std::string_view left,
                std::string_view middle, std::string_view right) {
  out << left;
  for (size_t i = 0; i < widths.size(); ++i)
    out << (i == 0 ? "" : middle) << repeated("─", widths[i] + 2);
  out << right << '\n';
}

} // namespace

size_t display_width(std::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return !continues(c); }));
}

std::string clipped(std::string_view utf8, size_t width) {
  if (display_width(utf8) <= width)
    return std::string(utf8);
  if (width == 0)
    return {};
  size_t columns = 0;
  size_t end = 0;
  while (end < utf8.size() && (continues(utf8[end]) || columns < width - 1)) {
    columns += continues(utf8[end]) ? 0 : 1;
    ++end;
  }
  return std::string(utf8.substr(0, end)) + "…";
}

std::string harmless(std::string_view text) {
  std::string s;
  s.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) {
      s += ' ';
    } else if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      s += ' '; // a control character above 127
      ++i;
    } else {
      s += text[i];
    }
  }
  return s;
}

table::table(std::vector<std::string> headers) : headers_(std::move(headers)) {}

void table::add(std::vector<std::string> cells) {
  assert(cells.size() == headers_.size());
  for (auto& c : cells)
    c = harmless(c);
  rows_.push_back(std::move(cells));
}

table& table::numbers_from(size_t column) {
  numbers_from_ = column;
  return *this;
}

std::vector<size_t> table::widths(size_t max_cell) const {
  std::vector<size_t> all;
  for (size_t i = 0; i < headers_.size(); ++i) {
    size_t w = display_width(headers_[i]);
    for (const auto& row : rows_)
      w = std::max(w, max_cell == 0 ? display_width(row[i])
                                    : std::min(display_width(row[i]), max_cell));
    all.push_back(w);
  }
  return all;
}

size_t table::width() const {
  size_t all = 1;
  for (const auto w : widths(0))
    all += w + 3;
  return all;
}

size_t table::bare_width() const {
  return width() - std::min(width(), 2 * headers_.size() + 2);
}

void table::put_cell(std::ostream& out, const std::string& cell, size_t column,
                     size_t width) const {
  const std::string blanks(width - display_width(cell), ' ');
  if (column >= numbers_from_)
    out << blanks << cell;
  else
    out << cell << blanks;
}

void table::print(std::ostream& out, size_t max_cell) const {
  const auto columns = widths(max_cell);
  const auto print_row = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      out << "│ ";
      put_cell(out, max_cell == 0 ? cells[i] : clipped(cells[i], columns[i]), i, columns[i]);
      out << ' ';
    }
    out << "│\n";
  };
  print_rule(out, columns, "╭", "┬", "╮");
  print_row(headers_);
  print_rule(out, columns, "├", "┼", "┤");
  for (const auto& row : rows_)
    print_row(row);
  print_rule(out, columns, "╰", "┴", "╯");
}

void table::print_bare(std::ostream& out, size_t most) const {
  const auto columns = widths(0);
  const auto print_row = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      out << (i == 0 ? "" : " ");
      put_cell(out, cells[i], i, columns[i]);
    }
    out << '\n';
  };
  print_row(headers_);
  // The line that counts the others takes the place of a row.
  const auto shown = rows_.size() <= most ? rows_.size() : std::max<size_t>(most, 1) - 1;
  for (size_t i = 0; i < shown; ++i)
    print_row(rows_[i]);
  if (shown < rows_.size())
    out << "... and " << rows_.size() - shown << " more\n";
}

} // namespace torc::cli
