#define BOOST_TEST_MODULE layers
#include "tests/layers/rules.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using layers::source;

const fs::path top = TORC_SOURCE_DIR;

const std::set<std::string> code_folders{"core", "telemetry", "actors", "storage", "net",
                                         "exec", "config",    "cli",    "tests",   "scale_tests"};

bool is_code(const fs::path& file) {
  return file.extension() == ".hpp" || file.extension() == ".cpp";
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(in, "cannot read " << file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Folders at the top that hold what people wrote: not what a build or a run left behind.
bool is_ours(const fs::path& folder) {
  static const std::set<std::string> others{"build", "output", "torc_output", "db"};
  const auto name = folder.filename().string();
  return fs::is_directory(folder) && !others.contains(name) && !name.starts_with("build-") &&
         (!name.starts_with('.') || name == ".ci");
}

void collect(const fs::path& below, const std::function<bool(const fs::path&)>& wanted,
             std::vector<source>& files) {
  for (const auto& entry : fs::recursive_directory_iterator(below)) {
    const auto& path = entry.path();
    const bool cached = path.string().find("__pycache__") != std::string::npos;
    if (entry.is_regular_file() && !cached && wanted(path))
      files.push_back({path.lexically_relative(top).generic_string(), read(path)});
  }
}

std::vector<source> code() {
  std::vector<source> files;
  for (const auto& folder : code_folders)
    if (fs::is_directory(top / folder))
      collect(top / folder, is_code, files);
  return files;
}

std::vector<source> everything() {
  std::vector<source> files;
  for (const auto& entry : fs::directory_iterator(top)) {
    if (entry.path().filename() == ".git") // a file in a worktree, and names its folder
      continue;
    if (entry.is_regular_file())
      files.push_back({entry.path().filename().string(), read(entry.path())});
    else if (is_ours(entry.path()))
      collect(
          entry.path(), [](const fs::path&) { return true; }, files);
  }
  return files;
}

std::string all_of(const std::vector<source>& files,
                   std::vector<std::string> (*rule)(const source&)) {
  std::string said;
  for (const auto& file : files)
    for (const auto& sentence : rule(file))
      said += "\n  " + sentence;
  return said;
}

size_t wrong(std::string path, std::string text) {
  return layers::wrong_includes({std::move(path), std::move(text)}).size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_tree)

BOOST_AUTO_TEST_CASE(every_folder_includes_only_what_stands_below_it) {
  const auto files = code();
  BOOST_TEST(files.size() > 10U);
  const auto said = all_of(files, layers::wrong_includes);
  BOOST_TEST(said.empty(), said);
}

BOOST_AUTO_TEST_CASE(no_file_is_far_over_its_size) {
  const auto said = all_of(code(), layers::too_long);
  BOOST_TEST(said.empty(), said);
}

BOOST_AUTO_TEST_CASE(no_file_names_a_machine_or_leaves_work_for_later) {
  const auto said = all_of(everything(), layers::leftovers);
  BOOST_TEST(said.empty(), said);
}

BOOST_AUTO_TEST_CASE(every_folder_says_what_it_is) {
  std::string said;
  for (const auto& entry : fs::directory_iterator(top)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && is_ours(entry.path()) && !fs::exists(entry.path() / "README.md"))
      said += "\n  " + entry.path().filename().string() + "/ has no README.md";
  }
  BOOST_TEST(said.empty(), said);
}

BOOST_AUTO_TEST_CASE(every_folder_with_code_is_known_to_the_rules) {
  std::string said;
  for (const auto& entry : fs::directory_iterator(top)) {
    if (!is_ours(entry.path()))
      continue;
    std::vector<source> files;
    collect(entry.path(), is_code, files);
    if (!files.empty() && !code_folders.contains(entry.path().filename().string()))
      said += "\n  " + files.front().path;
  }
  BOOST_TEST(said.empty(), said);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_rules_themselves)

BOOST_AUTO_TEST_CASE(a_folder_that_reads_one_above_it_is_reported) {
  BOOST_TEST(wrong("core/job.cpp", "#include \"storage/store.hpp\"\n") == 1U);
  BOOST_TEST(wrong("storage/store.cpp", "#include \"actors/messages.hpp\"\n") == 1U);
  BOOST_TEST(wrong("net/server.cpp", "#include \"storage/reader.hpp\"\n") == 1U);
  BOOST_TEST(wrong("exec/guardian.cpp", "#include \"cli/main.hpp\"\n") == 1U);
  BOOST_TEST(wrong("cli/run.cpp", "#include \"tests/world.hpp\"\n") == 1U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_reads_one_below_it_is_not) {
  BOOST_TEST(wrong("core/job.cpp", "#include \"core/job.hpp\"\n#include <array>\n") == 0U);
  BOOST_TEST(wrong("actors/ingress.hpp", "#include \"storage/store.hpp\"\n") == 0U);
  BOOST_TEST(wrong("tests/net/server_test.cpp", "#include \"net/server.hpp\"\n") == 0U);
}

BOOST_AUTO_TEST_CASE(rooms_see_one_header_of_the_network_and_no_other) {
  BOOST_TEST(wrong("actors/ingress.hpp", "#include \"net/port.hpp\"\n") == 0U);
  BOOST_TEST(wrong("actors/ingress.hpp", "#include \"net/server.hpp\"\n") == 1U);
}

BOOST_AUTO_TEST_CASE(a_library_outside_its_folder_is_reported) {
  BOOST_TEST(wrong("core/job.cpp", "#include <boost/json.hpp>\n") == 1U);
  BOOST_TEST(wrong("core/job.cpp", "#include <unistd.h>\n") == 1U);
  BOOST_TEST(wrong("actors/db_writer.cpp", "#  include <sqlite3.h>\n") == 1U);
  BOOST_TEST(wrong("net/server.cpp", "#include <caf/all.hpp>\n") == 1U);
  BOOST_TEST(wrong("exec/guardian.cpp", "#include <boost/beast/core.hpp>\n") == 1U);
  BOOST_TEST(wrong("cli/run.cpp", "#include <yaml-cpp/yaml.h>\n") == 1U);
  BOOST_TEST(wrong("storage/store.cpp", "#include <boost/algorithm/string.hpp>\n") == 1U);
  BOOST_TEST(wrong("cli/run/display.cpp", "#include <curses.h>\n") == 1U);
}

BOOST_AUTO_TEST_CASE(a_library_in_its_folder_in_a_test_or_beside_main_is_not) {
  BOOST_TEST(wrong("storage/sqlite.cpp", "#include <sqlite3.h>\n") == 0U);
  BOOST_TEST(wrong("cli/tui/terminal.cpp", "#include <curses.h>\n") == 0U);
  BOOST_TEST(wrong("tests/storage/store_test.cpp", "#include <sqlite3.h>\n") == 0U);
  BOOST_TEST(wrong("cli/torc.cpp", "#include <caf/all.hpp>\n\nint main() { return 0; }\n") == 0U);
}

BOOST_AUTO_TEST_CASE(a_named_exception_holds_for_its_file_only) {
  BOOST_TEST(wrong("actors/asio_unit.hpp", "#include <boost/asio/post.hpp>\n") == 0U);
  BOOST_TEST(wrong("actors/ingress.cpp", "#include <boost/asio/post.hpp>\n") == 1U);
}

BOOST_AUTO_TEST_CASE(an_include_that_does_not_start_at_the_top_is_reported) {
  BOOST_TEST(wrong("core/job.cpp", "#include \"job.hpp\"\n") == 1U);
  BOOST_TEST(wrong("tests/core/job_test.cpp", "#include \"world.hpp\"\n") == 0U);
}

BOOST_AUTO_TEST_CASE(a_report_names_the_file_and_the_line) {
  const auto said = layers::wrong_includes({"core/a.cpp", "\n#include <caf/all.hpp>\n"});
  BOOST_REQUIRE(said.size() == 1U);
  BOOST_TEST(said.front().starts_with("core/a.cpp:2: "));
}

BOOST_AUTO_TEST_CASE(a_file_far_over_its_size_is_reported) {
  BOOST_TEST(layers::too_long({"core/a.hpp", std::string(181, '\n')}).size() == 1U);
  BOOST_TEST(layers::too_long({"core/a.hpp", std::string(180, '\n')}).empty());
  BOOST_TEST(layers::too_long({"tests/core/world.hpp", std::string(450, '\n')}).empty());
  BOOST_TEST(layers::too_long({"core/a.cpp", std::string(451, '\n')}).size() == 1U);
  BOOST_TEST(layers::too_long({"core/a.cpp", std::string(450, '\n')}).empty());
}

BOOST_AUTO_TEST_CASE(a_machine_path_and_a_note_for_later_are_reported) {
  const std::string machine = std::string("/wo") + "rk/";
  const std::string later = std::string("TO") + "DO";
  BOOST_TEST(layers::leftovers({"dev/run", "cd " + machine + "here\n"}).size() == 1U);
  BOOST_TEST(layers::leftovers({"core/a.cpp", "// " + later + ": more\n"}).size() == 1U);
  BOOST_TEST(layers::leftovers({"core/a.cpp", "output" + machine + "x\n"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
