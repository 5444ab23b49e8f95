#include "core/environment.hpp"

#include "core/json_text.hpp"

#include <algorithm>

namespace torc::core {

bool is_env_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

env_object to_env(std::vector<std::pair<std::string, std::string>> all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  json_object o;
  for (size_t i = 0; i < all.size(); ++i)
    if (i + 1 == all.size() || all[i + 1].first != all[i].first)
      o.add(all[i].first, std::string_view(all[i].second));
  return {std::move(o).take().text};
}

std::string with_exports(const std::vector<std::string>& env, const std::string& command) {
  std::string text;
  for (const auto& entry : env) {
    const auto name = entry.substr(0, entry.find('='));
    text += "export " + name + "='";
    for (const char c : std::string_view(entry).substr(std::min(name.size() + 1, entry.size())))
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'\n";
  }
  return text + command;
}

} // namespace torc::core
