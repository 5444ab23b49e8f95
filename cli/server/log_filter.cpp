#include "cli/server/log_filter.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace torc::cli {

namespace {

constexpr std::array<std::string_view, 6> names = {"trace", "debug", "info",
                                                   "warn",  "error", "off"};

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == s.npos)
    return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

std::optional<log_level> level_named(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "warning")
    lower = "warn";
  const auto at = std::find(names.begin(), names.end(), lower);
  if (at == names.end())
    return std::nullopt;
  return static_cast<log_level>(at - names.begin());
}

bool is_target(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == ':' || c == '-' || c == '.';
  });
}

} // namespace

std::string_view to_string(log_level l) {
  return names[static_cast<size_t>(l)];
}

log_filter log_filter::parse(std::string_view text) {
  log_filter f;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto word = trimmed(text.substr(0, comma));
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
    if (word.empty())
      continue;
    const auto equals = word.find('=');
    const auto target = trimmed(word.substr(0, equals));
    if (equals != word.npos) {
      const auto level = level_named(trimmed(word.substr(equals + 1)));
      if (level && is_target(target))
        f.directives_.push_back({std::string(target), *level});
      else
        f.ignored_.emplace_back(word);
    } else if (const auto level = level_named(word)) {
      f.directives_.push_back({"", *level});
    } else if (is_target(word)) {
      f.directives_.push_back({std::string(word), log_level::trace});
    } else {
      f.ignored_.emplace_back(word);
    }
  }
  return f;
}

log_level log_filter::level_of(std::string_view target) const {
  if (directives_.empty())
    return log_level::info;
  const directive* best = nullptr;
  for (const auto& d : directives_)
    if (target.starts_with(d.target) && (!best || d.target.size() >= best->target.size()))
      best = &d;
  return best ? best->level : log_level::error;
}

} // namespace torc::cli
