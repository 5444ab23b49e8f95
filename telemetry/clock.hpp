#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace torc::telemetry {

namespace detail {

/// How the processor's time stamp counter is read as nanoseconds; `scale` is 0 where it may not be
/// used. A reading costs a third of what the system's clock costs.
struct counter_clock {
  uint64_t first = 0; ///< the counter's value at `first_ns`
  int64_t first_ns = 0;
  uint64_t scale = 0; ///< nanoseconds a tick, times 2^32
};
extern const counter_clock counter;

/// Of the system's steady clock.
int64_t steady_ns();

} // namespace detail

/// Nanoseconds of a steady clock. For lengths of time: after days it is some milliseconds away from
/// the system's.
inline int64_t now_ns() {
#if defined(__x86_64__)
  const auto& c = detail::counter;
  if (c.scale != 0) {
    __extension__ using wide = unsigned __int128;
    const auto ticks = static_cast<wide>(__rdtsc() - c.first);
    return c.first_ns + static_cast<int64_t>((ticks * c.scale) >> 32);
  }
#endif
  return detail::steady_ns();
}

} // namespace torc::telemetry
