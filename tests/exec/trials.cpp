#include "tests/exec/trials.hpp"

#include "exec/planner.hpp"
#include "tests/exec/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace torc::exec::test {

namespace {

namespace fs = std::filesystem;

/// So many jobs at once that neither a core is idle nor a shell's queue full.
constexpr size_t in_flight = 12;
/// What really differs differs each time; what a scheduler decides does not.
constexpr int attempts = 4;
/// Children of a job have numbers that follow on its own.
constexpr int64_t numbers_of_children = 2000;

/// A number may look like that of a process, so what is equal without the masks is so, too.
struct text {
  std::string plain, masked;
  bool operator==(const text& other) const {
    return plain == other.plain || masked == other.masked;
  }
};

struct outcome {
  int code = 0;
  text out, err, files;
  size_t left = 0; ///< processes
  bool operator==(const outcome&) const = default;
};

std::string shown(const outcome& o) {
  return "code " + std::to_string(o.code) + ", " + std::to_string(o.left) +
         " processes left\n--- stdout\n" + o.out.masked.substr(0, 3000) + "\n--- stderr\n" +
         o.err.masked.substr(0, 3000) + "\n--- files\n" + o.files.masked.substr(0, 1000);
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

/// Puts a word in place of the numbers of this job, of its guardian and of its children.
std::string without_numbers(const std::string& text, int64_t own, int64_t guardian,
                            const std::string& command) {
  std::string masked;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    const std::string digits = text.substr(at, end - at);
    int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.size() < 2 || command.find(digits) != std::string::npos)
      masked.append(digits);
    else if (value == guardian)
      masked.append("GUARDIAN");
    else
      masked.append(value == own                                        ? "PID"
                    : value > own && value <= own + numbers_of_children ? "CHILD"
                                                                        : digits);
    at = end;
    while (at < text.size() && (text[at] < '0' || text[at] > '9'))
      masked.push_back(text[at++]);
  }
  return masked;
}

std::string without_chance(const std::string& text) {
  static const std::regex chance(
      "((^|\n)(declare -[^ ]+ )?(S?RANDOM|EPOCHREALTIME|EPOCHSECONDS|SECONDS|BASHPID)=)[^\n]*");
  return std::regex_replace(text, chance, "$1X");
}

/// What is in every folder; it is linked there, so no command may write into it.
void make_template(const std::string& root) {
  fs::create_directories(root + "/dir");
  const std::string show = "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"; echo; exit 3\n";
  write_file(root + "/a.txt", "alpha\nbeta\n");
  write_file(root + "/b c.txt", "gamma\n");
  write_file(root + "/dir/x.txt", "delta\n");
  write_file(root + "/dir/inner.sh", show, true);
  write_file(root + "/script.sh", show, true);
  write_file(root + "/notexec", show);
  write_file(root + "/noshebang", "echo \"$0\" \"$@\" $BASH_VERSION; exit 4\n", true);
  write_file(root + "/badinterp", "#!/nonexistent/interpreter\n", true);
  write_file(root + "/empty", "", true);
  write_file(root + "/broken.sh", "echo first\nif true; then\n");
  write_file(root + "/lib.sh", "lib_variable=5\nlib_function() { echo \"lib $1 $#\"; }\n"
                               "return_five() { return 5; }\n");
}

std::set<std::string> names_below(const std::string& root) {
  std::set<std::string> names;
  for (const auto& e : fs::recursive_directory_iterator(root))
    names.insert(fs::relative(e.path(), root).string());
  return names;
}

/// One of the two guardians with its folders.
class side {
public:
  side(const std::string& root, const std::string& ground, std::vector<std::string> variables,
       guardian_options options)
      : root_(root), ground_(ground), given_(names_below(ground)), variables_(std::move(variables)),
        runner_(std::move(options)) {
    fs::create_directories(root_);
  }

  runner& jobs() { return runner_; }

  std::vector<outcome> run(const std::vector<std::string>& commands) {
    const size_t first = folders_;
    std::vector<int64_t> tags;
    std::vector<outcome> all;
    for (size_t i = 0; i < commands.size(); ++i) {
      if (i >= in_flight)
        runner_.must_end(tags[i - in_flight]);
      tags.push_back(launch(commands[i]));
    }
    for (size_t i = 0; i < commands.size(); ++i)
      all.push_back(result(tags[i], first + i + 1, commands[i]));
    for (const auto& [number, count] : end_what_is_left())
      if (number > first && number <= first + all.size())
        all[number - first - 1].left = count;
    return all;
  }

private:
  std::string folder_of(size_t number) const { return root_ + "/" + std::to_string(number); }

  int64_t launch(const std::string& command) {
    const std::string cwd = folder_of(++folders_);
    fs::create_directories(cwd);
    for (const auto& name : given_)
      if (fs::is_directory(ground_ + "/" + name))
        fs::create_directory(cwd + "/" + name);
      else
        fs::create_hard_link(ground_ + "/" + name, cwd + "/" + name);
    fs::create_directory_symlink("dir", cwd + "/link_dir");
    job_command job;
    job.command = command;
    job.cwd = cwd;
    job.env_add = {"TORC_WORKFLOW_ID=1", "TORC_JOB_NAME=a b", "EMPTY=", "TORC_TRIAL=" + cwd + "/"};
    job.env_add.insert(job.env_add.end(), variables_.begin(), variables_.end());
    return runner_.launch(std::move(job), outputs_);
  }

  outcome result(int64_t tag, size_t number, const std::string& command) {
    const auto& end = runner_.must_end(tag);
    BOOST_CHECK_MESSAGE(!end.spawn_failed, end.why);
    const int64_t own = runner_.must_start(tag).pid;
    const auto tidy = [&](std::string plain) {
      replace_all(plain, folder_of(number), "/FOLDER");
      replace_all(plain, outputs_ / std::to_string(tag), "/OUTPUT");
      auto masked = without_chance(without_numbers(plain, own, runner_.link().pid(), command));
      return text{std::move(plain), std::move(masked)};
    };
    const std::string stem = outputs_ / std::to_string(tag);
    return {end.return_code, tidy(contents(stem + ".o")), tidy(contents(stem + ".e")),
            tidy(made_in(folder_of(number)))};
  }

  std::string made_in(const std::string& folder) const {
    std::ostringstream text;
    for (const auto& name : names_below(folder)) {
      struct stat is {};
      const std::string path = folder + "/" + name;
      if (given_.contains(name) || name == "link_dir" || lstat(path.c_str(), &is) != 0)
        continue;
      text << name << " " << std::oct << is.st_mode << "\n";
      if (S_ISLNK(is.st_mode))
        text << fs::read_symlink(path).string() << "\n";
      if (S_ISREG(is.st_mode))
        text << contents(path) << "\n";
    }
    return text.str();
  }

  /// How many processes the job in each folder has left. They are ended.
  std::map<size_t, size_t> end_what_is_left() const {
    const std::string mark = "TORC_TRIAL=" + root_ + "/";
    std::map<size_t, size_t> left;
    for (const auto& e : fs::directory_iterator("/proc")) {
      const std::string name = e.path().filename();
      if (name[0] < '1' || name[0] > '9')
        continue;
      std::ifstream file(e.path() / "environ");
      const std::string variables{std::istreambuf_iterator<char>(file), {}};
      const size_t at = variables.find(mark);
      if (at == std::string::npos)
        continue;
      ++left[std::stoul(variables.substr(at + mark.size()))];
      kill(std::stoi(name), SIGKILL);
    }
    return left;
  }

  std::string root_, ground_;
  std::set<std::string> given_;
  std::vector<std::string> variables_;
  folder outputs_;
  runner runner_;
  size_t folders_ = 0;
};

std::string sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const auto& line : lines)
    all.append(line).append("\n");
  return all;
}

/// The parts of a pipeline write when they like.
bool same_but_for_order(const std::string& command, outcome a, outcome b) {
  if (command.find_first_of("|&") == std::string::npos)
    return false;
  for (auto* o : {&a, &b}) {
    o->out.masked = sorted_lines(o->out.masked);
    o->err.masked = sorted_lines(o->err.masked);
  }
  return a == b;
}

} // namespace

void must_be_the_same_in_a_warm_shell(const std::vector<std::string>& commands,
                                      const std::vector<std::string>& variables) {
  const folder base;
  make_template(base / "ground");
  guardian_options cold_options;
  cold_options.warm_shell_library.clear();
  side cold(base / "cold", base / "ground", variables, std::move(cold_options));
  side warm(base / "warm", base / "ground", variables, {});
  warm.jobs().must_get_warm();

  std::vector<std::string> open = commands;
  for (int attempt = 1; attempt <= attempts && !open.empty(); ++attempt) {
    const auto expected = cold.run(open);
    const auto found = warm.run(open);
    std::vector<std::string> differing;
    for (size_t i = 0; i < open.size(); ++i) {
      if (found[i] == expected[i])
        continue;
      differing.push_back(open[i]);
      if (attempt == attempts)
        BOOST_CHECK_MESSAGE(same_but_for_order(open[i], found[i], expected[i]),
                            open[i] << "\n=== warm " << shown(found[i]) << "\n=== bash "
                                    << shown(expected[i]));
    }
    open = std::move(differing);
  }
  BOOST_CHECK(warm.jobs().is_warm());
}

std::vector<std::string> read_commands(const std::string& path) {
  std::ifstream file(path);
  BOOST_REQUIRE(file.good());
  std::vector<std::string> commands;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    replace_all(line, "⏎", "\n");
    commands.push_back(line);
  }
  return commands;
}

} // namespace torc::exec::test
