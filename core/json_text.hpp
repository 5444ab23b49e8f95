#pragma once

#include "core/rows.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace torc::core {

/// The text as a JSON string, quotes included. UTF-8 stays as it is.
std::string json_string(std::string_view text);

/// Writes a JSON object, member by member. Members without a value are left out.
class json_object {
public:
  json_object& add(std::string_view key, std::string_view text) {
    return raw(key, json_string(text));
  }
  json_object& add(std::string_view key, const char* text) {
    return add(key, std::string_view(text));
  }
  json_object& add(std::string_view key, std::same_as<bool> auto value) {
    return raw(key, value ? "true" : "false");
  }
  json_object& add(std::string_view key, std::signed_integral auto value) {
    return raw(key, std::to_string(value));
  }
  json_object& add(std::string_view key, const json_text& value) { return raw(key, value.text); }
  template <class T>
  json_object& add(std::string_view key, const std::optional<T>& value) {
    return value ? add(key, *value) : *this;
  }

  bool empty() const { return text_.size() == 1; }
  json_text take() && { return {std::move(text_) + '}'}; }

private:
  json_object& raw(std::string_view key, std::string_view value) {
    if (text_.size() > 1)
      text_ += ',';
    text_ += json_string(key);
    text_ += ':';
    text_ += value;
    return *this;
  }

  std::string text_ = "{";
};

} // namespace torc::core
