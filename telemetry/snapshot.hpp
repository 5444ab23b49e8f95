#pragma once

#include "telemetry/histogram.hpp"
#include "telemetry/instruments.hpp"

#include <memory>

namespace torc::telemetry {

struct span_times {
  histogram busy;
  histogram idle;
};

/// What all threads together have noted down.
struct snapshot {
  std::array<span_times, span_count> spans;
  std::array<histogram, message_count> messages;
  std::array<histogram, quantity_count> quantities;

  const span_times& of(span s) const { return spans[static_cast<size_t>(s)]; }
  const histogram& of(message m) const { return messages[static_cast<size_t>(m)]; }
  const histogram& of(quantity q) const { return quantities[static_cast<size_t>(q)]; }
};

enum class since { start, reset };

/// Since the process started, or since the last reset(). Any thread; what is noted meanwhile may be
/// in it or not.
std::unique_ptr<snapshot> take_snapshot(since when = since::start);
/// From now on snapshots since::reset begin at zero. Any thread.
void reset();

} // namespace torc::telemetry
