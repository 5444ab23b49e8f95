#pragma once

#include "exec/job_process.hpp"
#include "exec/last_will.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace torc::exec::wire {

/// A signal for the process group of one job.
struct signal_job {
  int64_t tag = 0;
  int32_t number = 0;
};

/// A signal for the process groups of all jobs.
struct signal_all {
  int32_t number = 0;
};

/// What people should know about how jobs are started.
struct notice {
  std::string text;
};

using command = std::variant<job_command, signal_job, signal_all, last_will>;
using event = std::variant<job_started, job_exit, notice>;

/// Appends one frame. Both ends are the same program, so integers go in the host's order.
void append(std::string& buffer, const command& what);
void append(std::string& buffer, const event& what);

/// Collects what a socket gives and hands out whole frames.
class frame_reader {
public:
  void add(std::string_view bytes);

  enum class outcome { frame, incomplete, broken };
  /// Takes the next frame. `broken` means that the peer is not of this program: give it up.
  outcome next(command& into) { return take(into); }
  outcome next(event& into) { return take(into); }

private:
  template <class Variant>
  outcome take(Variant& into);

  std::string bytes_;
  size_t at_ = 0; ///< the first byte not yet handed out
};

} // namespace torc::exec::wire
