#pragma once

#include "core/rows.hpp"
#include "net/json/document.hpp"
#include "net/json/text.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// How each type of a row's members looks in JSON. Read by rows.cpp and job.cpp only.
namespace torc::net::json {

template <class Tag>
void put(std::string& out, core::id<Tag> i) {
  put(out, i.value);
}
inline void put(std::string& out, core::job_status s) {
  put(out, core::to_string(s));
}
inline void put(std::string& out, const core::json_text& j) {
  out += j.text;
}
inline void put(std::string& out, const core::env_object& e) {
  out += e.text;
}
inline void put(std::string& out, const core::label_set& labels) {
  put_list(out, labels.names, [&](const std::string& label) { put(out, std::string_view(label)); });
}
inline void put(std::string& out, const std::vector<int64_t>& ids) {
  put_list(out, ids);
}

inline std::string unexpected(std::string_view slice, std::string_view wanted) {
  const auto k = kind_of(slice);
  std::string found(name_of(k));
  if ((k == kind::number || k == kind::boolean) && slice.size() <= 40)
    found += " (" + std::string(slice) + ")";
  return "found " + found + ", expected " + std::string(wanted);
}

/// Each reader returns an empty string, or what is wrong with the slice.
inline std::string take(std::string_view slice, int64_t& to) {
  const auto n = as_integer(slice);
  if (!n)
    return unexpected(slice, "an integer of 64 bits");
  to = *n;
  return {};
}
template <class Tag>
std::string take(std::string_view slice, core::id<Tag>& to) {
  return take(slice, to.value);
}
inline std::string take(std::string_view slice, double& to) {
  const auto n = as_double(slice);
  if (!n)
    return unexpected(slice, "a number");
  to = *n;
  return {};
}
inline std::string take(std::string_view slice, bool& to) {
  const auto b = as_bool(slice);
  if (!b)
    return unexpected(slice, "a boolean");
  to = *b;
  return {};
}
inline std::string take(std::string_view slice, std::string& to) {
  auto s = as_string(slice);
  if (!s)
    return unexpected(slice, "a string without NUL characters");
  to = std::move(*s);
  return {};
}
inline std::string take(std::string_view slice, core::job_status& to) {
  std::string name;
  if (auto wrong = take(slice, name); !wrong.empty())
    return wrong;
  const auto status = core::job_status_from(name);
  if (!status)
    return "there is no job status \"" + name + "\"";
  to = *status;
  return {};
}
inline std::string take(std::string_view slice, core::json_text& to) {
  to.text = slice;
  return {};
}
inline std::string take(std::string_view slice, std::vector<int64_t>& to) {
  if (kind_of(slice) != kind::array)
    return unexpected(slice, "a list of integers");
  std::string wrong;
  to.clear();
  elements(slice, [&](std::string_view item) {
    wrong = take(item, to.emplace_back());
    return wrong.empty();
  });
  return wrong;
}
inline std::string take(std::string_view slice, core::label_set& to) {
  if (kind_of(slice) != kind::array)
    return unexpected(slice, "a list of labels");
  std::string wrong;
  std::vector<std::string> names;
  elements(slice, [&](std::string_view item) {
    wrong = take(item, names.emplace_back());
    return wrong.empty();
  });
  if (!wrong.empty())
    return wrong;
  auto made = core::make_labels(std::move(names));
  if (!made)
    return made.why().message;
  to = std::move(*made);
  return {};
}
inline std::string take(std::string_view slice, core::env_object& to) {
  if (kind_of(slice) != kind::object)
    return unexpected(slice, "an object of texts");
  members from;
  from.assign(slice);
  const auto names = from.left();
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& name : names) {
    if (names.size() > core::env_object::most || slice.size() > core::env_object::longest)
      return "more than " + std::to_string(core::env_object::most) + " variables, or " +
             std::to_string(core::env_object::longest) + " bytes";
    if (!core::is_env_name(name))
      return "\"" + name + "\" is no name of an environment variable";
    const auto value = from.take(name);
    std::string text;
    if (const auto wrong = value ? take(*value, text) : std::string(); !wrong.empty())
      return std::string(name).append(": ").append(wrong);
    all.emplace_back(name, std::move(text));
  }
  to = core::to_env(std::move(all));
  return {};
}
template <class T>
std::string take(std::string_view slice, std::optional<T>& to) {
  return take(slice, to.emplace());
}

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

} // namespace torc::net::json
