#pragma once

#include "cli/print/json_text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace torc::cli {

/// One stage of the graph, as GET /workflows/{id}/progress tells it. Times are microseconds since
/// 1970, 0 where nothing has happened yet.
struct stage_view {
  int64_t total = 0;
  int64_t completed = 0;
  int64_t failed = 0;
  int64_t terminated = 0;
  int64_t canceled = 0;
  int64_t pending_failed = 0;
  int64_t running = 0;
  int64_t pending = 0; ///< a runner has them, and has not told of their start
  int64_t ready = 0;
  int64_t disabled = 0;
  int64_t first_start_us = 0;
  int64_t last_end_us = 0;

  /// Ended otherwise than well.
  int64_t unsuccessful() const { return failed + terminated + canceled + pending_failed; }
  int64_t done() const { return completed + unsuccessful() + disabled; }
};

/// A workflow's progress at one moment.
struct progress_view {
  int64_t run = 0;
  bool canceled = false;
  std::vector<stage_view> stages;

  stage_view sum() const;
};

/// Members that are missing count as nothing, so that an older or newer server does no harm.
progress_view read_progress(const json::value& v);

/// Times between stages, in microseconds.
struct transitions {
  std::vector<int64_t> us; ///< last end of stage k to first start of stage k + 1; sorted

  /// The value that `share` of all are no larger than; -1 without any.
  int64_t percentile(double share) const;
};
transitions transitions_of(const progress_view& p);

} // namespace torc::cli
