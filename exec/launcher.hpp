#pragma once

#include "exec/job_process.hpp"
#include "exec/planner.hpp"
#include "exec/spawn.hpp"
#include "exec/warm_shells.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <unordered_map>
#include <vector>

namespace torc::exec {

/// A started process, or a sentence that says why there is none.
struct launched {
  pid_t pid = -1;
  std::string why;
  bool is_pending = false; ///< collect() will tell
  int64_t start_us = 0;    ///< wall clock
  explicit operator bool() const { return pid > 0; }
};

/// A way to start a job. The process is a child of the caller and leads a process group of its own.
class launcher {
public:
  virtual ~launcher() = default;
  virtual launched start(const job_command& job) = 0;
  /// Jobs will come: what they would have to wait for may be done now. May be called again.
  virtual void prepare() {}

  struct late_start {
    int64_t tag = 0;
    launched how;
  };
  /// What has become of the pending starts. To be asked for before an exit is taken for that of a
  /// process which nobody had started.
  virtual std::vector<late_start> collect() { return {}; }
  /// Becomes readable when collect() has something to tell; -1: never.
  virtual int news() const { return -1; }
  /// A child has ended that is no job.
  virtual void ended(pid_t) {}
  /// Nothing that is pending now will be started any more, but for what collect() still tells.
  virtual void close() {}
  /// What people should know about the way jobs are started, once; else empty.
  virtual std::string take_complaint() { return {}; }
};

/// Starts each job with posix_spawn: the program itself where no shell is needed, else bash.
class spawn_launcher final : public launcher {
public:
  explicit spawn_launcher(planner plans) : plans_(std::move(plans)) {}
  launched start(const job_command& job) override;

  planner& plans() { return plans_; }

private:
  planner plans_;
  job_attributes attributes_;
};

/// Has shells that already run start what is theirs, and leaves the rest to posix_spawn.
class warm_launcher final : public launcher {
public:
  warm_launcher(planner plans, warm_shells::settings warm);
  launched start(const job_command& job) override;
  void prepare() override;
  std::vector<late_start> collect() override;
  int news() const override { return shells_.news(); }
  void ended(pid_t pid) override { shells_.ended(pid); }
  void close() override;
  std::string take_complaint() override { return shells_.take_complaint(); }

private:
  spawn_launcher cold_;
  warm_shells shells_;
  std::unordered_map<int64_t, job_command> pending_; ///< should a shell be lost
  bool is_closed_ = false;
};

} // namespace torc::exec
