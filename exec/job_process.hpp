#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace torc::exec {

/// Where a job's stdout and stderr go.
enum class stdio_mode : uint8_t {
  separate, ///< each into its own file
  combined, ///< both into `stdout_path`
  none,     ///< both to /dev/null
};

/// One command to run in a process group of its own. Stdin is /dev/null: a job that waits for a
/// keyboard would hold its slot for ever.
struct job_command {
  int64_t tag = 0;     ///< the caller's name for it; unique among running jobs
  std::string command; ///< what `bash -c` would be given
  stdio_mode stdio = stdio_mode::separate;
  std::string stdout_path;          ///< truncated; relative to the runner's working directory
  std::string stderr_path;          ///< unused unless `separate`
  std::vector<std::string> env_add; ///< "K=V"; replaces an inherited K
  std::string cwd;                  ///< empty: the runner's own
};

/// The process lives. Told in batches, always before the job's `job_exit`.
struct job_started {
  int64_t tag = 0;
  int64_t pid = 0;      ///< also the id of its process group
  int64_t start_us = 0; ///< wall clock when the process had been started, microseconds
};

/// The end of a job; told exactly once for every command that was launched.
struct job_exit {
  int64_t tag = 0;
  int32_t return_code = 0; ///< exit code, or 128 + signal number
  bool signaled = false;   ///< a signal ended it
  int64_t start_us = 0;    ///< wall clock when the process had been started, microseconds
  int64_t end_us = 0;      ///< wall clock when it had been reaped
  int64_t user_us = 0;     ///< CPU time of the process and of the children it waited for
  int64_t sys_us = 0;
  /// Peak RSS of the largest single process among those. Linux counts what the spawning process
  /// held at the exec, so it is never less than the few MB of the guardian.
  int64_t max_rss_bytes = 0;
  bool spawn_failed = false; ///< it never ran; `why` says what to do
  std::string why;
};

struct stdio_paths {
  std::string out;
  std::string err;
};

/// `<output_dir>/job_stdio/job_wf{W}_j{J}_r{R}_a{A}.o` and `.e` (torc's names, facts 5.3).
stdio_paths stdio_paths_of(const std::string& output_dir, core::workflow_id workflow,
                           core::job_id job, int64_t run, int64_t attempt);

/// Makes `output_dir` and its job_stdio folder, parents included. Call it once per runner.
/// Refuses with `unprocessable` where that is not possible or the folder is not writable.
core::result<core::nothing> prepare_output_dir(const std::string& output_dir);

/// The wall clock in microseconds since 1970 UTC.
int64_t wall_clock_us();

/// Adds what a job says of its environment, as far as its runner has said nothing of the same name.
void add_unless_there(std::vector<std::string>& env_add, std::vector<std::string> of_job);

} // namespace torc::exec
