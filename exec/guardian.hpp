#pragma once

#include "core/result.hpp"

#include <string>
#include <sys/types.h>
#include <utility>

namespace torc::exec {

struct guardian_options {
  /// When the runner is gone: how long jobs have between SIGTERM and SIGKILL. 0: SIGKILL at once.
  int grace_ms = 0;
  /// The builtin that makes a bash a fork server; where it is missing, every job starts its own.
  std::string warm_shell_library = library_beside_this_program();
  /// A warm shell that owes an answer for so long is killed, and what it has not started starts
  /// another way. Long: on a busy machine it may just not have had its turn.
  int warm_shell_patience_ms = 5'000;

  static std::string library_beside_this_program();
};

/// The runner's end of a guardian. Closing it ends the guardian and every job.
class guardian_handle {
public:
  guardian_handle(int socket, pid_t pid) : socket_(socket), pid_(pid) {}
  guardian_handle(guardian_handle&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), pid_(other.pid_) {}
  guardian_handle& operator=(guardian_handle&&) = delete;
  ~guardian_handle();

  int release_socket() { return std::exchange(socket_, -1); }
  pid_t pid() const { return pid_; }

private:
  int socket_;
  pid_t pid_;
};

/// Forks the guardian: a small process in a session of its own that starts all jobs, is the
/// subreaper of their trees, and ends them when this process is gone, for whatever reason.
/// The caller becomes a subreaper too, so that it can end the jobs if the guardian is killed.
/// @pre called at the start of main(), before the first thread and before memory has grown
/// @return refuses with `unavailable` where the host has no process or socket left
core::result<guardian_handle> start_guardian(guardian_options options = {});

/// Waits until a guardian whose handle or link has been closed has ended its jobs and itself.
/// @return false where it has not within `timeout_ms`
bool await_guardian(pid_t pid, int timeout_ms);

} // namespace torc::exec
