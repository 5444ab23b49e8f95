#include "exec/planner.hpp"

#include "exec/command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torc::exec {

namespace {

bool is_program(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

std::string_view value_of(const std::vector<std::string>& env, std::string_view name) {
  for (const auto& entry : env)
    if (name_of(entry) == name && entry.size() > name.size())
      return std::string_view{entry}.substr(name.size() + 1);
  return {};
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> folders;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    folders.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return folders;
}

/// Bash writes the path of a program its own way unless each folder is absolute and neat.
bool is_neat(const std::string& folder) {
  return folder.size() > 1 && folder.front() == '/' && folder.back() != '/';
}

std::vector<std::string> neat_folders(std::string_view path) {
  auto folders = split_path(path);
  for (const auto& folder : folders)
    if (!is_neat(folder))
      return {};
  return folders;
}

std::string find_bash(std::string_view path) {
  for (const auto& folder : split_path(path))
    if (!folder.empty() && is_program(folder + "/bash"))
      return folder + "/bash";
  return "/bin/bash";
}

} // namespace

planner::planner(std::vector<std::string> inherited)
    : folders_(neat_folders(value_of(inherited, "PATH"))),
      bash_(find_bash(value_of(inherited, "PATH"))), environments_(std::move(inherited), bash_) {}

start_plan planner::plan(const job_command& job) {
  if (auto plan = direct(job))
    return std::move(*plan);
  return through_shell(job);
}

start_plan planner::through_shell(const job_command& job) const {
  return {false, bash_, {"bash", "-c", job.command}, environments_.for_shell(job)};
}

bool planner::may_run_in_warm_shell(const job_command& job) {
  const auto& text = job.command;
  // Behind -c these would be further options. A NUL ends an argument, and so the command.
  if (text.starts_with('-') || text.starts_with('+') || text.find('\0') != std::string::npos)
    return false;
  const auto words = split_plain(text);
  return (!words || is_shell_word(words->front())) && environments_.is_plain(job);
}

std::optional<std::string> planner::find_program(std::string_view name) const {
  for (const auto& folder : folders_) {
    std::string path = folder;
    path.append("/").append(name);
    if (is_program(path))
      return path;
  }
  return std::nullopt;
}

std::optional<start_plan> planner::direct(const job_command& job) {
  auto words = split_plain(job.command);
  if (!words)
    return std::nullopt;
  const std::string& name = (*words)[0];
  std::optional<std::string> program;
  if (is_shell_word(name)) {
    // Not the first one on PATH: bash would not look there either.
    if (program_equals_builtin(*words) && is_program("/bin/" + name))
      program = "/bin/" + name;
  } else if (name.find('/') == std::string::npos) {
    program = find_program(name);
  } else if (is_program(job.cwd.empty() || name.front() == '/' ? name : job.cwd + '/' + name)) {
    program = name;
  }
  if (!program)
    return std::nullopt;
  auto env = environments_.for_program(job, *program);
  if (!env)
    return std::nullopt;
  return start_plan{true, std::move(*program), std::move(*words), std::move(*env)};
}

std::vector<std::string> own_environment() {
  std::vector<std::string> env;
  for (char** entry = environ; entry && *entry; ++entry)
    env.emplace_back(*entry);
  return env;
}

} // namespace torc::exec
