#pragma once

#include "exec/job_process.hpp"
#include "exec/planner.hpp"
#include "exec/spawn.hpp"

#include <string>
#include <sys/types.h>

namespace torc::exec {

/// A started process, or a sentence that says why there is none.
struct launched {
  pid_t pid = -1;
  std::string why;
  explicit operator bool() const { return pid > 0; }
};

/// A way to start a job. The process is a child of the caller, leads a process group of its own
/// and runs when start() returns.
class launcher {
public:
  virtual ~launcher() = default;
  virtual launched start(const job_command& job) = 0;
};

/// Starts each job with posix_spawn: the program itself where no shell is needed, else bash.
class spawn_launcher final : public launcher {
public:
  explicit spawn_launcher(planner plans) : plans_(std::move(plans)) {}
  launched start(const job_command& job) override;

private:
  planner plans_;
  job_attributes attributes_;
};

} // namespace torc::exec
