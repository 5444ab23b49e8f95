#include "cli/print/json_text.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <ostream>

namespace torc::cli {

namespace {

/// Boost writes 0.5 as 5E-1; people would rather not read that.
std::string words_of(double d) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), d).ptr;
  std::string digits(text.data(), end);
  if (digits.find_first_of(".ein") == std::string::npos)
    digits += ".0";
  return digits;
}

void print_indented(std::ostream& out, const json::value& v, const std::string& indent) {
  if (const auto* object = v.if_object(); object != nullptr && !object->empty()) {
    out << "{\n";
    bool first = true;
    for (const auto& [name, value] : *object) {
      out << (first ? "" : ",\n") << indent << "  " << json::serialize(json::string_view(name))
          << ": ";
      print_indented(out, value, indent + "  ");
      first = false;
    }
    out << '\n' << indent << '}';
  } else if (const auto* list = v.if_array(); list != nullptr && !list->empty()) {
    out << "[\n";
    bool first = true;
    for (const auto& value : *list) {
      out << (first ? "" : ",\n") << indent << "  ";
      print_indented(out, value, indent + "  ");
      first = false;
    }
    out << '\n' << indent << ']';
  } else if (v.is_double()) {
    out << words_of(v.get_double());
  } else {
    out << json::serialize(v);
  }
}

} // namespace

void print_json(std::ostream& out, const json::value& v) {
  print_indented(out, v, "");
  out << '\n';
}

const json::value& member(const json::value& v, std::string_view name) {
  static const json::value none;
  const auto* object = v.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(name);
  return found == nullptr ? none : *found;
}

std::optional<int64_t> integer(const json::value& v) {
  if (v.is_int64())
    return v.get_int64();
  if (v.is_uint64() && v.get_uint64() <= uint64_t(std::numeric_limits<int64_t>::max()))
    return static_cast<int64_t>(v.get_uint64());
  return std::nullopt;
}

std::optional<double> number(const json::value& v) {
  if (v.is_double())
    return v.get_double();
  if (const auto i = integer(v))
    return static_cast<double>(*i);
  return std::nullopt;
}

std::string cell(const json::value& v) {
  if (v.is_null())
    return {};
  if (const auto* text = v.if_string())
    return std::string(*text);
  return v.is_double() ? words_of(v.get_double()) : json::serialize(v);
}

int64_t integer_member(const json::value& v, std::string_view name, int64_t otherwise) {
  return integer(member(v, name)).value_or(otherwise);
}

bool bool_member(const json::value& v, std::string_view name, bool otherwise) {
  const auto* b = member(v, name).if_bool();
  return b == nullptr ? otherwise : *b;
}

std::string text_member(const json::value& v, std::string_view name) {
  const auto* s = member(v, name).if_string();
  return s == nullptr ? std::string() : std::string(*s);
}

const json::array& list_member(const json::value& v, std::string_view name) {
  static const json::array none;
  const auto* list = member(v, name).if_array();
  return list == nullptr ? none : *list;
}

} // namespace torc::cli
