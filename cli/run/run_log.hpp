#pragma once

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace torc::cli {

/// A runner's own log: `<output_dir>/job_runner_<host>_wf<W>_r<R>.log`, or `..._all.log` of one
/// that serves all workflows; appended to, and where asked for standard output or error too. Any
/// thread.
class run_log {
public:
  enum class also { nowhere, stdout_too, stderr_too };

  /// A file that cannot be opened is said on stderr and does without.
  run_log(const std::string& output_dir, const std::string& hostname, int64_t workflow, int64_t run,
          const std::string& level, also where);
  ~run_log();

  void line(const std::string& text);
  void warn(const std::string& text);
  const std::string& path() const { return path_; }

  static std::string path_of(const std::string& output_dir, const std::string& hostname,
                             int64_t workflow, int64_t run);

private:
  std::string path_;
  std::shared_ptr<spdlog::logger> log_;
};

} // namespace torc::cli
