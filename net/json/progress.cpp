#include "net/json/progress.hpp"

#include "core/job.hpp"
#include "net/json/text.hpp"

#include <algorithm>

namespace torc::net::json {

namespace {

void write_stage(std::string& out, const core::stage_progress& stage, bool zeros) {
  object o(out);
  object counts(o.key("by_status"));
  int64_t total = 0;
  for (int i = 0; i < core::job_status_count; ++i) {
    const auto count = stage.by_status[static_cast<size_t>(i)];
    if (zeros || count > 0)
      counts.add(core::to_string(static_cast<core::job_status>(i)), count);
    total += count;
  }
  counts.close();
  o.add("total", total).add("first_start_us", stage.first_start.us);
  o.add("last_end_us", stage.last_end.us).close();
}

} // namespace

core::stage_progress sum_of(const core::workflow_progress& p) {
  core::stage_progress all;
  for (const auto& s : p.stages) {
    for (size_t i = 0; i < s.by_status.size(); ++i)
      all.by_status[i] += s.by_status[i];
    if (all.first_start.us == 0 || (s.first_start.us > 0 && s.first_start < all.first_start))
      all.first_start = s.first_start;
    all.last_end = std::max(all.last_end, s.last_end);
  }
  return all;
}

void write(std::string& out, const core::workflow_progress& p, detail how) {
  object o(out);
  o.add("workflow_id", p.workflow.value).add("run_id", p.run).add("is_canceled", p.canceled);
  const auto each = [&](const auto& stage) { write_stage(out, stage, how == detail::full); };
  if (how == detail::sum)
    put_list(o.key("stages"), std::array{sum_of(p)}, each);
  else
    put_list(o.key("stages"), p.stages, each);
  o.close();
}

} // namespace torc::net::json
