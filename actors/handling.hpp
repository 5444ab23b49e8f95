#pragma once

#include "telemetry/clock.hpp"
#include "telemetry/instruments.hpp"

namespace torc::actors {

/// Times one handler of a room, from its begin to stop() or to its end, and looks how many messages
/// wait behind it.
template <class Self>
class handling {
public:
  handling(Self* self, telemetry::message m)
      : self_(self), what_(m), begin_ns_(telemetry::now_ns()) {}
  ~handling() {
    if (self_)
      stop();
  }
  handling(const handling&) = delete;
  handling& operator=(const handling&) = delete;

  int64_t begin_ns() const { return begin_ns_; }
  /// @returns how long it took
  int64_t stop() {
    const auto took = telemetry::now_ns() - begin_ns_;
    telemetry::record(what_, took);
    telemetry::set_depth(telemetry::room_of(what_), self_->mailbox().size());
    self_ = nullptr;
    return took;
  }

private:
  Self* self_;
  telemetry::message what_;
  int64_t begin_ns_;
};

} // namespace torc::actors
