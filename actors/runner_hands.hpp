#pragma once

#include "actors/runner.hpp"
#include "core/wire.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace torc::actors {

/// What a runner hears from its hands.
struct hands_news {
  struct start {
    int64_t grant = 0;
    int64_t start_us = 0; ///< wall clock
  };
  std::vector<start> started;
  /// `what` has the grant alone; `status` is not set.
  std::vector<core::wire::ended> ended;
  /// The hands are gone, and with them these jobs' processes.
  bool lost = false;
  std::vector<int64_t> open;
};

/// What starts and ends a runner's processes. All calls on the runner's thread; none of them
/// blocks.
class hands {
public:
  virtual ~hands() = default;
  virtual void launch(core::wire::order what) = 0;
  /// How the jobs of all later launches are traced.
  virtual void trace(const core::wire::trace_seed&) {}
  /// SIGKILL to the whole process group; its end is told like any other.
  virtual void kill(int64_t grant) = 0;
  /// The server has heard the runner's goodbye: nobody need be told when it is gone.
  virtual void retire() {}
};

/// Real processes, started by the guardian. Stdout and stderr go to files below
/// settings.output_dir.
/// @param unsaid is set to what the server must still be told when the hands are gone, where no
/// guardian is left to tell it
make_hands hands_of(exec::guardian_handle& jobs, const runner_settings& settings,
                    std::shared_ptr<exec::last_will> unsaid);

} // namespace torc::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::hands_news)
