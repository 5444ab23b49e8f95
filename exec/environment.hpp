#pragma once

#include "exec/job_process.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::exec {

/// The environments of jobs. A program that bash starts does not see what bash was given: PWD,
/// SHLVL, OLDPWD and `_` are set, and the order is that of bash's hash table. So bash itself is
/// asked once for each set of variable names and folder, and its answer is the template for all
/// jobs of that kind.
class job_environments {
public:
  /// @param inherited what every job gets, "K=V" each
  /// @param bash      path of the shell to ask
  job_environments(std::vector<std::string> inherited, std::string bash);

  /// What `bash -c` is given for this job.
  std::vector<std::string> for_shell(const job_command& job) const;

  /// What bash would hand to `program` (as `_` shows it) for this job; nothing where bash might do
  /// something of its own in this environment, a start-up file or a warning included.
  std::optional<std::vector<std::string>> for_program(const job_command& job,
                                                      std::string_view program);

  /// True where no variable of this job makes bash, or the libraries it is linked with, start any
  /// other way than they do for every job, and that way is silent.
  bool is_plain(const job_command& job);

  /// The inherited value, or nothing where it is not set.
  std::optional<std::string_view> inherited(std::string_view name) const;

private:
  /// One variable as bash hands it on. `from_job` >= 0: takes that env_add entry instead.
  struct slot {
    std::string text;
    int from_job = -1;
    bool is_program = false;
  };
  using pattern = std::optional<std::vector<slot>>;

  const pattern& pattern_for(const job_command& job);
  pattern ask_bash(const job_command& job) const;

  std::vector<std::string> inherited_;
  std::string bash_;
  bool direct_allowed_;
  std::map<std::string, pattern> patterns_; // by the names and the folder
};

/// The name in "NAME=value".
std::string_view name_of(std::string_view entry);

} // namespace torc::exec
