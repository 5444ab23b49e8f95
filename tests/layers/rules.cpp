#include "tests/layers/rules.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <span>
#include <sstream>

namespace layers {

namespace {

using names = std::vector<std::string_view>;

struct folder_rule {
  std::string_view folder;
  names may_include; ///< a folder, or one header of it
};

const std::array folders{
    folder_rule{"core", {}},
    folder_rule{"telemetry", {}},
    folder_rule{"storage", {"core"}},
    folder_rule{"net", {"core", "telemetry"}},
    folder_rule{"exec", {"core"}},
    folder_rule{"config", {"core"}},
    folder_rule{"actors", {"core", "telemetry", "storage", "exec", "net/port.hpp"}},
    folder_rule{"cli", {"core", "telemetry", "storage", "net", "exec", "config", "actors"}},
    folder_rule{
        "tests",
        {"core", "telemetry", "storage", "net", "exec", "config", "actors", "cli", "scale_tests"}},
    folder_rule{"scale_tests",
                {"core", "telemetry", "storage", "net", "exec", "config", "actors", "cli"}},
};

struct library_rule {
  std::string_view prefix;
  names homes; ///< folders of the tree
};

/// The first prefix that fits decides. The last entry of a library's family catches the rest of it.
const std::array libraries{
    library_rule{"sqlite3", {"storage"}},
    library_rule{"caf/", {"actors"}},
    library_rule{"boost/asio", {"net", "exec"}},
    library_rule{"boost/beast", {"net"}},
    library_rule{"boost/json", {"net", "config", "cli"}},
    library_rule{"boost/program_options", {"cli"}},
    library_rule{"boost/system", {"net", "exec", "config", "cli"}},
    library_rule{"boost/core", {"net"}},
    library_rule{"boost/optional", {"net"}},
    library_rule{"boost/algorithm", {"cli"}},
    library_rule{"boost/", {}},
    library_rule{"yaml-cpp/", {"config"}},
    library_rule{"re2/", {"config"}},
    library_rule{"spdlog/", {"actors", "net", "cli"}},
    library_rule{"fmt/", {}},
    library_rule{"openssl/", {"net"}},
    library_rule{"crypt.h", {"net"}},
    library_rule{"zxcvbn", {"cli"}},
    library_rule{"curses", {"cli/tui"}},
    library_rule{"ncurses", {"cli/tui"}},
    library_rule{"term.h", {"cli/tui"}},
};

struct exception {
  std::string_view file;
  std::string_view prefix;
  std::string_view why;
};

/// Every exception there is. A new one is added here or not at all.
const std::array exceptions{
    exception{"actors/asio_unit.hpp", "boost/asio", "the one place where CAF meets Asio"},
    exception{"actors/runner.cpp", "boost/asio", "its actor is pinned to a loop of its own"},
    exception{"cli/server/embedded_server.cpp", "boost/asio", "main()'s io_context, shared"},
    exception{"cli/run/polling_runner.cpp", "boost/asio", "the loop under a guardian's link"},
};

bool begins(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.find('/'));
}

bool has_main(const source& file) {
  static const std::regex main_function(R"((^|\n)int main\()");
  return std::regex_search(file.text, main_function);
}

bool is_free(const source& file) {
  const auto folder = folder_of(file.path);
  return folder == "tests" || folder == "scale_tests" || has_main(file);
}

bool is_excepted(const source& file, std::string_view header) {
  return std::ranges::any_of(exceptions, [&](const exception& e) {
    return e.file == file.path && begins(header, e.prefix);
  });
}

std::string say(const source& file, size_t line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

/// Why a file of `folder` may not read this header of the tree; empty if it may.
std::string against_folders(std::string_view folder, std::string_view header) {
  const auto other = folder_of(header);
  if (other == folder)
    return {};
  const auto rule = std::ranges::find(folders, folder, &folder_rule::folder);
  if (rule == folders.end())
    return "the folder is not in the layers test's table";
  if (std::ranges::any_of(rule->may_include, [&](auto m) { return m == other || m == header; }))
    return {};
  return std::string(folder) + "/ may not include " + std::string(header);
}

bool lies_in(std::string_view path, std::string_view home) {
  return begins(path, home) && path.substr(home.size(), 1) == "/";
}

/// Why a file of `folder` may not read this foreign header; empty if it may.
std::string against_libraries(std::string_view folder, std::string_view path,
                              std::string_view header) {
  for (const auto& rule : libraries) {
    if (!begins(header, rule.prefix))
      continue;
    if (std::ranges::any_of(rule.homes, [&](auto home) { return lies_in(path, home); }))
      return {};
    return std::string(header) + " may not be included in " + std::string(folder) + "/";
  }
  const bool is_standard = header.find_first_of("./") == header.npos;
  if (folder == "core" && !is_standard)
    return "core/ includes the standard library and nothing else, not " + std::string(header);
  return {};
}

} // namespace

std::vector<std::string> wrong_includes(const source& file) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<std::string> found;
  const auto folder = folder_of(file.path);
  std::istringstream lines(file.text);
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (!std::regex_search(line, match, include))
      continue;
    const std::string header = match[2];
    std::string wrong;
    const bool is_neighbour = match[1] == "\"" && header.find('/') == header.npos;
    if (is_neighbour && folder == "tests")
      continue;
    if (is_neighbour)
      wrong = "an include of the tree is written from its top, not \"" + header + "\"";
    else if (match[1] == "\"")
      wrong = against_folders(folder, header);
    else if (!is_free(file) && !is_excepted(file, header))
      wrong = against_libraries(folder, file.path, header);
    if (!wrong.empty())
      found.push_back(say(file, number, wrong));
  }
  return found;
}

std::vector<std::string> too_long(const source& file) {
  // A test's world is a header only because several sources share it.
  const bool is_header = file.path.ends_with(".hpp") && folder_of(file.path) != "tests";
  // STYLE.md asks for 150 and 400; a file that a sentence or two carries over is left alone.
  const long limit = is_header ? 180 : 450;
  const long lines = std::ranges::count(file.text, '\n');
  if (lines <= limit)
    return {};
  return {say(file, 1,
              std::to_string(lines) + " lines; a " + (is_header ? "header" : "source") +
                  " has at most " + std::to_string(limit))};
}

std::vector<std::string> leftovers(const source& file) {
  // Put together from halves, or this file would report itself.
  static const std::regex unwanted(std::string(R"((^|[\s"'=(:<]))") + "/(work|root)" + "/" +
                                   R"(|\b()" + "TO" + "DO|FIX" + "ME|XX" + R"(X)\b)");
  std::vector<std::string> found;
  std::istringstream lines(file.text);
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (std::regex_search(line, match, unwanted))
      found.push_back(say(file, number, "'" + match.str() + "' does not belong into the tree"));
  }
  return found;
}

} // namespace layers
