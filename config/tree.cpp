#include "config/tree.hpp"

#include "core/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace torc::config {

using kind = node::kind;

void check_keys(const node& map, core::complaints& wrong) {
  const auto complain = [&](const node& first, const node& again) {
    wrong.add(again.at, "key " + core::quoted(again.text) + " is there twice, first on line " +
                            std::to_string(first.at.line) + "; remove one");
  };
  constexpr size_t few = 32; // Comparing a few keys with each other is faster than hashing them.
  if (map.items.size() / 2 <= few) {
    for (size_t i = 2; i < map.items.size(); i += 2)
      for (size_t j = 0; j < i; j += 2)
        if (map.items[i].text == map.items[j].text)
          complain(map.items[j], map.items[i]);
    return;
  }
  std::unordered_map<std::string_view, const node*> seen;
  for (size_t i = 0; i < map.items.size(); i += 2) {
    const auto [first, fresh] = seen.emplace(map.items[i].text, &map.items[i]);
    if (!fresh)
      complain(*first->second, map.items[i]);
  }
}

std::string_view describe(const node& n) {
  switch (n.is) {
  case kind::null:
    return "nothing";
  case kind::boolean:
    return "true or false";
  case kind::integer:
    return "a whole number";
  case kind::real:
    return "a number";
  case kind::text:
    return "a text";
  case kind::list:
    return "a list";
  case kind::map:
    return "a map";
  }
  return "";
}

namespace {

/// A number as JSON writes it. JSON's own numbers stay as they are, digit by digit.
std::string json_number(const node& n) {
  std::string_view text = n.text;
  if (text.starts_with('+'))
    text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  if (n.is == kind::integer && (digits.starts_with("0x") || digits.starts_with("0o"))) {
    uint64_t value = 0;
    std::from_chars(digits.data() + 2, digits.data() + digits.size(), value,
                    digits[1] == 'x' ? 16 : 8);
    return (negative ? "-" : "") + std::to_string(value);
  }
  const bool leading_zero =
      digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
  const bool bare_point = digits.starts_with('.') || digits.ends_with('.') ||
                          digits.find(".e") != std::string_view::npos ||
                          digits.find(".E") != std::string_view::npos;
  if (!leading_zero && !bare_point)
    return std::string(text);
  double value = 0;
  const auto end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value).ptr != end || !std::isfinite(value))
    return core::json_string(n.text);
  std::array<char, 32> shortest;
  const auto last = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value).ptr;
  return {shortest.data(), last};
}

void append_json(const node& n, std::string& out) {
  switch (n.is) {
  case kind::null:
    out += "null";
    return;
  case kind::boolean:
    out += n.text[0] == 't' || n.text[0] == 'T' ? "true" : "false";
    return;
  case kind::integer:
  case kind::real:
    out += json_number(n);
    return;
  case kind::text:
    out += core::json_string(n.text);
    return;
  case kind::list:
    for (size_t i = 0; i < n.items.size(); ++i) {
      out += i == 0 ? '[' : ',';
      append_json(n.items[i], out);
    }
    out += n.items.empty() ? "[]" : "]";
    return;
  case kind::map:
    for (size_t i = 0; i + 1 < n.items.size(); i += 2) {
      out += i == 0 ? '{' : ',';
      out += core::json_string(n.items[i].text);
      out += ':';
      append_json(n.items[i + 1], out);
    }
    out += n.items.empty() ? "{}" : "}";
    return;
  }
}

} // namespace

std::string to_json(const node& n) {
  std::string out;
  append_json(n, out);
  return out;
}

} // namespace torc::config
