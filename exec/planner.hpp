#pragma once

#include "exec/environment.hpp"
#include "exec/job_process.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::exec {

/// What to execute for a command.
struct start_plan {
  bool direct = false; ///< without a shell
  std::string program; ///< a path
  std::vector<std::string> argv;
  std::vector<std::string> env;
};

/// Decides whether a command needs bash. Where the exit code, the output or the environment could
/// be anything but what `bash -c` gives, the answer is bash.
/// @note a direct start that fails at the exec is to be repeated with `through_shell`: bash knows
///       scripts without an interpreter line, and its messages.
class planner {
public:
  /// @param inherited the environment of every job, "K=V" each
  explicit planner(std::vector<std::string> inherited);

  start_plan plan(const job_command& job);
  start_plan through_shell(const job_command& job) const;
  /// True where a bash that runs already, and is told the job's command, files, folder and
  /// variables, does what a new one would do, and where no program could be executed instead of
  /// either.
  bool may_run_in_warm_shell(const job_command& job);
  /// Asks bash ahead what the first job would have it asked.
  void prepare() { environments_.is_plain({}); }
  const std::string& bash() const { return bash_; }

private:
  std::optional<std::string> find_program(std::string_view name) const;
  std::optional<start_plan> direct(const job_command& job);

  /// The folders of PATH; empty where one is relative, or PATH is not set.
  std::vector<std::string> folders_;
  std::string bash_;
  job_environments environments_;
};

/// The environment of this process.
std::vector<std::string> own_environment();

} // namespace torc::exec
