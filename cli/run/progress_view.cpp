#include "cli/run/progress_view.hpp"

#include <algorithm>
#include <cmath>

namespace torc::cli {

progress_view read_progress(const json::value& v) {
  progress_view p;
  p.run = integer_member(v, "run_id");
  p.canceled = bool_member(v, "is_canceled");
  for (const auto& stage : list_member(v, "stages")) {
    const auto& counts = member(stage, "by_status");
    const auto count = [&](const char* status) { return integer_member(counts, status); };
    stage_view s;
    s.total = integer_member(stage, "total");
    s.completed = count("completed");
    s.failed = count("failed");
    s.terminated = count("terminated");
    s.canceled = count("canceled");
    s.pending_failed = count("pending_failed");
    s.running = count("running");
    s.pending = count("pending");
    s.ready = count("ready");
    s.disabled = count("disabled");
    s.first_start_us = integer_member(stage, "first_start_us");
    s.last_end_us = integer_member(stage, "last_end_us");
    p.stages.push_back(s);
  }
  return p;
}

stage_view progress_view::sum() const {
  stage_view all;
  for (const auto& s : stages) {
    all.total += s.total;
    all.completed += s.completed;
    all.failed += s.failed;
    all.terminated += s.terminated;
    all.canceled += s.canceled;
    all.pending_failed += s.pending_failed;
    all.running += s.running;
    all.pending += s.pending;
    all.ready += s.ready;
    all.disabled += s.disabled;
  }
  return all;
}

transitions transitions_of(const progress_view& p) {
  transitions t;
  for (size_t i = 0; i + 1 < p.stages.size(); ++i) {
    const auto ended = p.stages[i].last_end_us;
    const auto started = p.stages[i + 1].first_start_us;
    // A stage that starts before the one above it has ended is no round: it did not wait for it.
    if (ended > 0 && started >= ended)
      t.us.push_back(started - ended);
  }
  std::sort(t.us.begin(), t.us.end());
  return t;
}

int64_t transitions::percentile(double share) const {
  if (us.empty())
    return -1;
  const auto rank = std::ceil(share * static_cast<double>(us.size()));
  const auto index = static_cast<size_t>(std::max(rank, 1.0)) - 1;
  return us[std::min(index, us.size() - 1)];
}

} // namespace torc::cli
