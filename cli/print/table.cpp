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

void table::print(std::ostream& out, size_t max_cell) const {
  const auto shown = [&](const std::string& cell) {
    return max_cell == 0 ? cell : clipped(cell, max_cell);
  };
  std::vector<size_t> widths;
  for (size_t i = 0; i < headers_.size(); ++i) {
    size_t w = display_width(headers_[i]);
    for (const auto& row : rows_)
      w = std::max(w, display_width(shown(row[i])));
    widths.push_back(w);
  }
  const auto print_row = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      const auto cell = shown(cells[i]);
      out << "│ " << cell << std::string(widths[i] - display_width(cell) + 1, ' ');
    }
    out << "│\n";
  };
  print_rule(out, widths, "╭", "┬", "╮");
  print_row(headers_);
  print_rule(out, widths, "├", "┼", "┤");
  for (const auto& row : rows_)
    print_row(row);
  print_rule(out, widths, "╰", "┴", "╯");
}

} // namespace torc::cli
