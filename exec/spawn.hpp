#pragma once

#include <spawn.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace torc::exec {

/// Which descriptors and which folder a new process starts with, in the order of the calls.
class file_actions {
public:
  file_actions();
  ~file_actions();
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  /// Creates or truncates `path` (0644) as descriptor `fd`.
  void write_to(int fd, const std::string& path);
  void read_from_null(int fd);
  void duplicate(int from, int to);
  void change_folder(const std::string& path);
  const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
  posix_spawn_file_actions_t actions_;
};

/// A process group of its own, no blocked signal, and the default action for every signal that
/// the guardian ignores.
class job_attributes {
public:
  job_attributes();
  ~job_attributes();
  job_attributes(const job_attributes&) = delete;
  job_attributes& operator=(const job_attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

private:
  posix_spawnattr_t attributes_;
};

/// What the guardian ignores, so that Ctrl-C or a scheduler's SIGTERM reaches the runner alone.
const std::vector<int>& signals_the_guardian_ignores();

/// Starts `program` and returns once it has been executed (posix_spawn on vfork: about 0.5 ms).
/// Returns 0 and sets `pid`, or an errno value.
int spawn(pid_t& pid, const std::string& program, const std::vector<std::string>& argv,
          const std::vector<std::string>& env, const file_actions& files,
          const job_attributes& attributes);

} // namespace torc::exec
