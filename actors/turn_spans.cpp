#include "actors/turn_spans.hpp"

#include "telemetry/clock.hpp"
#include "telemetry/lines.hpp"

#include <algorithm>

namespace torc::actors {

using telemetry::span;

void turn_spans::heard(core::ledger::judged_count so_far) {
  const auto before = gathered_.empty() ? core::ledger::judged_count{} : gathered_.back().up_to;
  if (so_far.started == before.started && so_far.ended == before.ended)
    return;
  // What the room did before it heard the first of a batch is not the batch's.
  if (gathered_.empty())
    spent_ns_ = 0;
  gathered_.push_back({mark_ns_, so_far});
}

void turn_spans::leaves(core::verdicts& batch) {
  auto& note = under_way_[batch.batch % under_way_.size()];
  note.items =
      batch.started.size() + batch.ended.size() + batch.retried.size() + batch.controls.size();
  note.parts.clear();
  note.subjects.clear();
  const bool lines = telemetry::lines_wanted();
  size_t start = 0, end = 0;
  core::ledger::judged_count sum;
  for (const auto& p : gathered_) {
    // HTTP runners' calls are spans of their own.
    for (; start < std::min(p.up_to.started, batch.started.size()); ++start)
      if (const auto& s = batch.started[start]; s.runner) {
        ++sum.started;
        if (lines)
          note.subjects.push_back({s.job, {}, p.heard_ns});
      }
    for (; end < std::min(p.up_to.ended, batch.ended.size()); ++end)
      if (const auto& g = batch.ended[end].open; g.runner) {
        ++sum.ended;
        if (lines)
          note.subjects.push_back({g.job, g.workflow, p.heard_ns});
      }
    note.parts.push_back({p.heard_ns, sum});
  }
  gathered_.clear();
  const auto now = telemetry::now_ns();
  batch.cost.judging_ns = spent_ns_ + now - mark_ns_;
  spent_ns_ = 0;
  mark_ns_ = now;
}

charge turn_spans::share(uint64_t batch, const core::turn_cost& cost, size_t offers) const {
  const auto items = static_cast<int64_t>(std::max<size_t>(batch ? note_of(batch).items : 0, 1));
  const auto asks = static_cast<int64_t>(std::max<size_t>(offers, 1));
  return {cost.judging_ns / items + cost.writing_ns, cost.matching_ns / asks, cost.writing_ns,
          cost.matched_at_ns};
}

void turn_spans::on_disk(uint64_t batch, const charge& each) {
  const auto now = telemetry::now_ns();
  core::ledger::judged_count before;
  for (const auto& p : note_of(batch).parts) {
    const auto idle = std::max<int64_t>(now - p.heard_ns - each.call_ns, 0);
    if (const auto n = p.up_to.started - before.started)
      record(span::start_job, each.call_ns, idle, n);
    if (const auto n = p.up_to.ended - before.ended)
      record(span::complete_job, each.call_ns, idle, n);
    before = p.up_to;
  }
  for (const auto& s : note_of(batch).subjects) {
    auto with = telemetry::fields();
    if (s.workflow)
      with.add("workflow_id", s.workflow.value);
    with.add("job_id", s.job.value);
    telemetry::print_close(name_with(s.workflow ? span::complete_job : span::start_job, with),
                           each.call_ns, now - s.heard_ns - each.call_ns);
  }
}

int64_t record_match(const charge& each, core::workflow_id workflow, int64_t limit, size_t grants,
                     const asked* parent) {
  const auto busy = each.match_ns + each.grant_ns * static_cast<int64_t>(grants);
  const auto idle = std::max<int64_t>(telemetry::now_ns() - each.matched_at_ns - busy, 0);
  record(span::prepare_ready_jobs, busy, idle);
  record(telemetry::quantity::claim_ns, busy + idle);
  if (telemetry::lines_wanted()) {
    const auto with = telemetry::fields().add("workflow_id", workflow.value).add("limit", limit);
    const auto above = !parent            ? std::string()
                       : parent->by_count ? name_with(span::claim_next_jobs, with)
                                          : name_with(span::claim_jobs_based_on_resources, with);
    telemetry::print_close(name_with(span::prepare_ready_jobs, with, above), busy, idle);
  }
  return busy;
}

} // namespace torc::actors
