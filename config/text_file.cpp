#include "config/text_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace torc::config {

namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// How many bytes the UTF-8 character at the front has; 0 where it is not valid.
size_t character_size(std::string_view text) {
  const auto byte = [&](size_t i) -> uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first < 0xE0)
    return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    const auto code = (first & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    return follows(1) && follows(2) && code >= 0x800 && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const auto code =
        (first & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 | (byte(3) & 63);
    return follows(1) && follows(2) && follows(3) && code >= 0x10000 && code < 0x110000 ? 4 : 0;
  }
  return 0;
}

} // namespace

core::result<std::string> read_text_file(const std::string& path, size_t limit) {
  const auto refuse = [&](int error) {
    return core::refuse(core::refusal::not_found,
                        error == EISDIR ? "this is a directory; name a spec file"
                                        : "the file cannot be read: " + reason(error));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file)
    return refuse(errno);
  std::string text;
  constexpr size_t piece = 1 << 16;
  while (text.size() < limit) {
    const auto have = text.size();
    text.resize(have + piece);
    const auto got = std::fread(text.data() + have, 1, piece, file.get());
    const int error = errno;
    text.resize(have + got);
    if (std::ferror(file.get()))
      return refuse(error);
    if (got < piece)
      break;
  }
  return text;
}

std::optional<core::complaint> find_unreadable(std::string_view text) {
  core::place at{1, 1};
  size_t line_start = 0;
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    const auto size = control ? 0 : character_size(text.substr(i));
    if (size == 0) {
      at.column = static_cast<uint32_t>(i - line_start + 1);
      constexpr std::string_view hex = "0123456789abcdef";
      const std::string shown = {'0', 'x', hex[byte >> 4], hex[byte & 15]};
      return core::complaint{
          at, control ? "the control character " + shown + " cannot stand in a spec; remove it"
                      : "this is not UTF-8 (byte " + shown + "); save the file as UTF-8"};
    }
    i += size;
    if (byte == '\n') {
      ++at.line;
      line_start = i;
    }
  }
  return std::nullopt;
}

line_table::line_table(std::string_view text) : text_(text), starts_{0} {
  for (auto i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
    starts_.push_back(i + 1);
}

core::place line_table::in_characters(core::place at) const {
  if (at.line == 0)
    return {1, 1};
  if (at.line > starts_.size())
    return at;
  const auto line = text_.substr(starts_[at.line - 1]);
  uint32_t column = 1;
  for (const char c : line.substr(0, std::max<uint32_t>(at.column, 1) - 1))
    column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return {at.line, column};
}

} // namespace torc::config
