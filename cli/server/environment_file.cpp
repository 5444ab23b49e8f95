#include "cli/server/settings.hpp"

#include <cstdlib>
#include <fstream>

namespace torc::cli {

namespace {

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == std::string_view::npos)
    return {};
  return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
}

/// The value behind `=`: quotes are taken off, and outside of them " #" starts a comment.
std::string value_of(std::string_view text) {
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const auto end = text.find(text.front(), 1);
    if (end != std::string_view::npos)
      return std::string(text.substr(1, end - 1));
  }
  return std::string(trimmed(text.substr(0, text.find(" #"))));
}

} // namespace

std::vector<std::pair<std::string, std::string>> read_environment_file(std::istream& in) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string line;
  while (std::getline(in, line)) {
    std::string_view rest = trimmed(line);
    if (rest.starts_with("export "))
      rest = trimmed(rest.substr(7));
    const auto equals = rest.find('=');
    if (rest.empty() || rest.front() == '#' || equals == std::string_view::npos || equals == 0)
      continue;
    pairs.emplace_back(trimmed(rest.substr(0, equals)), value_of(trimmed(rest.substr(equals + 1))));
  }
  return pairs;
}

void load_environment_file(const std::string& path) {
  std::ifstream in(path);
  constexpr int keep_existing = 0;
  for (const auto& [name, value] : read_environment_file(in))
    ::setenv(name.c_str(), value.c_str(), keep_existing);
}

} // namespace torc::cli
