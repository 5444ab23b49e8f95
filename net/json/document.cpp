#include "net/json/document.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

namespace torc::net::json {

namespace {

/// Hears every part of a text and keeps none.
struct nobody {
  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(size_t, error_code&) { return true; }
  bool on_key_part(view, size_t, error_code&) { return true; }
  bool on_key(view, size_t, error_code&) { return true; }
  bool on_string_part(view, size_t, error_code&) { return true; }
  bool on_string(view, size_t, error_code&) { return true; }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(int64_t, view, error_code&) { return true; }
  bool on_uint64(uint64_t, view, error_code&) { return true; }
  bool on_double(double, view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }
};

std::string place_of(std::string_view text, size_t at) {
  const auto before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto last_break = before.rfind('\n');
  const auto column = 1 + at - (last_break == std::string_view::npos ? 0 : last_break + 1);
  return " at line " + std::to_string(line) + " column " + std::to_string(column);
}

size_t after_string(std::string_view text, size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return at + 1;
}

size_t after_nest(std::string_view text, size_t at) {
  int depth = 0;
  for (;;) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[')
      ++depth;
    else if ((c == '}' || c == ']') && --depth == 0)
      return at;
  }
}

std::string_view trimmed(std::string_view slice) {
  constexpr std::string_view space = " \t\r\n";
  const size_t first = slice.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return slice.substr(first, slice.find_last_not_of(space) - first + 1);
}

uint32_t hex4(std::string_view text) {
  uint32_t code = 0;
  std::from_chars(text.data(), text.data() + 4, code, 16);
  return code;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto add = [&](uint32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

/// Appends the character whose escape begins at `at` (the letter after the backslash).
/// @returns the place behind it
size_t append_escape(std::string& out, std::string_view text, size_t at) {
  switch (text[at]) {
  case 'b':
    out += '\b';
    break;
  case 'f':
    out += '\f';
    break;
  case 'n':
    out += '\n';
    break;
  case 'r':
    out += '\r';
    break;
  case 't':
    out += '\t';
    break;
  case 'u': {
    uint32_t code = hex4(text.substr(at + 1, 4));
    at += 4;
    if (code >= 0xD800 && code < 0xDC00) {
      code = 0x10000 + ((code - 0xD800) << 10) + (hex4(text.substr(at + 3, 4)) - 0xDC00);
      at += 6;
    }
    append_utf8(out, code);
    break;
  }
  default:
    out += text[at];
    break;
  }
  return at + 1;
}

std::string unescape(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  for (size_t at = 0; at < inside.size();) {
    const size_t next = std::min(inside.find('\\', at), inside.size());
    out.append(inside, at, next - at);
    at = next < inside.size() ? append_escape(out, inside, next + 1) : next;
  }
  return out;
}

} // namespace

core::result<core::nothing> check(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<nobody> parser(options);
  boost::json::error_code wrong;
  const size_t read = parser.write_some(false, text.data(), text.size(), wrong);
  if (!wrong && read < text.size())
    wrong = boost::json::error::extra_data;
  if (!wrong)
    return core::nothing{};
  return core::refuse(core::refusal::malformed, wrong.message() + place_of(text, read));
}

kind kind_of(std::string_view slice) {
  const size_t first = slice.find_first_not_of(" \t\r\n");
  switch (slice[first]) {
  case 'n':
    return kind::null;
  case 't':
  case 'f':
    return kind::boolean;
  case '"':
    return kind::string;
  case '[':
    return kind::array;
  case '{':
    return kind::object;
  default:
    return kind::number;
  }
}

std::string_view name_of(kind k) {
  switch (k) {
  case kind::null:
    return "null";
  case kind::boolean:
    return "a boolean";
  case kind::number:
    return "a number";
  case kind::string:
    return "a string";
  case kind::array:
    return "a list";
  case kind::object:
    return "an object";
  }
  return "nothing";
}

std::optional<bool> as_bool(std::string_view slice) {
  const auto text = trimmed(slice);
  if (text == "true")
    return true;
  if (text == "false")
    return false;
  return std::nullopt;
}

std::optional<int64_t> as_integer(std::string_view slice) {
  auto text = trimmed(slice);
  // JSON knows no integers; JSON Schema calls 2.0 one.
  if (const auto point = text.find('.');
      point != text.npos && text.find_first_not_of('0', point + 1) == text.npos)
    text = text.substr(0, point);
  int64_t n = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, n);
  if (read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return n;
}

std::optional<double> as_double(std::string_view slice) {
  const auto text = trimmed(slice);
  double n = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, n);
  if (read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return n;
}

std::optional<std::string> as_string(std::string_view slice) {
  const auto text = trimmed(slice);
  if (text.empty() || text.front() != '"')
    return std::nullopt;
  const auto inside = text.substr(1, text.size() - 2);
  if (inside.find('\\') == std::string_view::npos)
    return std::string(inside);
  auto plain = unescape(inside);
  if (plain.find('\0') != std::string::npos)
    return std::nullopt;
  return plain;
}

std::string_view next_value(std::string_view text, size_t& at) {
  const size_t start = text.find_first_not_of(" \t\r\n", at);
  switch (text[start]) {
  case '"':
    at = after_string(text, start);
    break;
  case '{':
  case '[':
    at = after_nest(text, start);
    break;
  default:
    at = std::min(text.find_first_of(" \t\r\n,]}", start), text.size());
    break;
  }
  return text.substr(start, at - start);
}

void members::assign(std::string_view slice) {
  all_.clear();
  unescaped_.clear();
  size_t at = slice.find('{') + 1;
  for (;;) {
    at = slice.find_first_not_of(" \t\r\n,", at);
    if (slice[at] == '}')
      return;
    auto key = next_value(slice, at);
    key = key.substr(1, key.size() - 2);
    if (key.find('\\') != std::string_view::npos)
      key = unescaped_.emplace_back(unescape(key));
    at = slice.find(':', at) + 1;
    all_.push_back({key, next_value(slice, at)});
  }
}

std::optional<std::string_view> members::take(std::string_view name) {
  std::optional<std::string_view> found;
  for (auto& m : all_)
    if (m.key == name) {
      m.taken = true;
      found = m.value;
    }
  return found;
}

std::vector<std::string> members::left() const {
  std::vector<std::string> keys;
  for (const auto& m : all_)
    if (!m.taken)
      keys.emplace_back(m.key);
  return keys;
}

} // namespace torc::net::json
