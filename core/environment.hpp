#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a process finds in its environment beside what its runner's has.
namespace torc::core {

/// A JSON object whose values are all texts; as it is stored and served.
struct env_object {
  /// What a process is started with has a limit of the system's, which this stays below.
  static constexpr size_t longest = 100'000;
  static constexpr size_t most = 1'000;

  std::string text = "{}";

  bool empty() const { return text == "{}"; }
  bool operator==(const env_object&) const = default;
};

/// A letter or _ , then letters, digits and _.
bool is_env_name(std::string_view name);

/// Sorted by name; of two with the same name the later one counts. @pre the names are such
env_object to_env(std::vector<std::pair<std::string, std::string>> all);

/// The command, preceded by what sets these variables ("NAME=VALUE") in any shell: for runners that
/// know nothing else.
std::string with_exports(const std::vector<std::string>& env, const std::string& command);

} // namespace torc::core
