#include "exec/environment.hpp"

#include "exec/command.hpp"
#include "exec/spawn.hpp"

#include <algorithm>
#include <charconv>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace torc::exec {

namespace {

/// Asking costs two processes, so jobs that all differ in their folder gain nothing by it.
constexpr size_t most_patterns = 64;

/// A file in memory that a child writes and we read back: unlike a pipe it cannot fill up.
class memory_file {
public:
  memory_file() : fd_(memfd_create("bash", MFD_CLOEXEC)) {}
  ~memory_file() {
    if (fd_ >= 0)
      close(fd_);
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  int fd() const { return fd_; }

  std::string contents() const {
    std::string text;
    char part[16 * 1024];
    ssize_t n = 0;
    while ((n = pread(fd_, part, sizeof part, static_cast<off_t>(text.size()))) > 0)
      text.append(part, static_cast<size_t>(n));
    return text;
  }

private:
  int fd_;
};

/// Under sshd a login-level bash reads ~/.bashrc even for `-c`; Debian builds it so.
bool may_read_bashrc(const job_environments& environments) {
  if (!environments.inherited("SSH_CLIENT") && !environments.inherited("SSH2_CLIENT"))
    return false;
  const auto level = environments.inherited("SHLVL").value_or("");
  int depth = 0;
  std::from_chars(level.data(), level.data() + level.size(), depth);
  return depth < 1;
}

} // namespace

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

job_environments::job_environments(std::vector<std::string> inherited, std::string bash)
    : inherited_(std::move(inherited)), bash_(std::move(bash)),
      direct_allowed_(!may_read_bashrc(*this) &&
                      std::none_of(inherited_.begin(), inherited_.end(), [](const auto& entry) {
                        return forbids_direct(name_of(entry));
                      })) {}

std::optional<std::string_view> job_environments::inherited(std::string_view name) const {
  for (const auto& entry : inherited_)
    if (name_of(entry) == name && entry.size() > name.size())
      return std::string_view{entry}.substr(name.size() + 1);
  return std::nullopt;
}

std::vector<std::string> job_environments::for_shell(const job_command& job) const {
  std::vector<std::string> env;
  env.reserve(inherited_.size() + job.env_add.size());
  for (const auto& entry : inherited_) {
    const auto name = name_of(entry);
    const bool replaced =
        std::any_of(job.env_add.begin(), job.env_add.end(),
                    [name](const std::string& added) { return name_of(added) == name; });
    if (!replaced)
      env.push_back(entry);
  }
  env.insert(env.end(), job.env_add.begin(), job.env_add.end());
  return env;
}

std::optional<std::vector<std::string>> job_environments::for_program(const job_command& job,
                                                                      std::string_view program) {
  if (!direct_allowed_)
    return std::nullopt;
  const auto& slots = pattern_for(job);
  if (!slots)
    return std::nullopt;
  std::vector<std::string> env;
  env.reserve(slots->size());
  for (const auto& from : *slots) {
    if (from.is_program)
      env.push_back(std::string("_=").append(program));
    else if (from.from_job >= 0)
      env.push_back(job.env_add[static_cast<size_t>(from.from_job)]);
    else
      env.push_back(from.text);
  }
  return env;
}

bool job_environments::is_plain(const job_command& job) {
  for (const auto& entry : job.env_add)
    if (is_bash_variable(name_of(entry)) || is_library_variable(name_of(entry)) ||
        entry.find('=') == std::string::npos)
      return false;
  return direct_allowed_ && pattern_for({});
}

const job_environments::pattern& job_environments::pattern_for(const job_command& job) {
  static const pattern unknown;
  std::string key = job.cwd;
  for (const auto& entry : job.env_add) {
    const auto name = name_of(entry);
    if (is_bash_variable(name))
      return unknown;
    key.push_back('\0');
    key.append(name);
  }
  const auto known = patterns_.find(key);
  if (known != patterns_.end())
    return known->second;
  if (patterns_.size() >= most_patterns)
    return unknown;
  return patterns_.emplace(std::move(key), ask_bash(job)).first->second;
}

job_environments::pattern job_environments::ask_bash(const job_command& job) const {
  const memory_file out;
  const memory_file err;
  file_actions files;
  files.read_from_null(0);
  files.duplicate(out.fd(), 1);
  files.duplicate(err.fd(), 2);
  if (!job.cwd.empty())
    files.change_folder(job.cwd);
  pid_t pid = 0;
  int status = 0;
  const std::vector<std::string> argv{"bash", "-c", "/bin/cat /proc/self/environ"};
  if (spawn(pid, bash_, argv, for_shell(job), files, job_attributes{}) != 0 ||
      waitpid(pid, &status, 0) != pid || status != 0)
    return std::nullopt;
  // A warning (an unknown locale, a library that cannot be preloaded) would be missing from the
  // stderr of a program that is executed directly.
  if (!err.contents().empty())
    return std::nullopt;

  std::vector<slot> slots;
  const std::string answer = out.contents();
  for (size_t at = 0; at < answer.size();) {
    const size_t end = std::min(answer.find('\0', at), answer.size());
    slot next{answer.substr(at, end - at)};
    const auto name = name_of(next.text);
    next.is_program = name == "_";
    // The last of two equal names wins, as it does in bash.
    for (size_t i = 0; i < job.env_add.size(); ++i)
      if (name_of(job.env_add[i]) == name)
        next.from_job = static_cast<int>(i);
    slots.push_back(std::move(next));
    at = end + 1;
  }
  return slots;
}

} // namespace torc::exec
