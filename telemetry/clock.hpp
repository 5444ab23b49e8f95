#pragma once

#include <chrono>
#include <cstdint>

namespace torc::telemetry {

/// Nanoseconds of the steady clock.
inline int64_t now_ns() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace torc::telemetry
