#pragma once

#include "core/turn.hpp"
#include "telemetry/job_traces.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace torc::actors {

/// Notes down for traces what the turns of one group say of jobs, and passes it on when that is on
/// disk. Without a listener it does nothing.
class job_notes {
public:
  job_notes() = default;
  explicit job_notes(std::shared_ptr<telemetry::trace_sink> to)
      : to_(to && to->seed().traces() ? std::move(to) : nullptr) {}

  /// A turn that will be written now.
  void take(const core::turn& t) {
    if (to_)
      note(t);
  }
  /// What became of it.
  void take(const core::launch& l) {
    if (to_)
      note(l);
  }
  void on_disk() {
    if (!notes_.empty())
      pass_on();
  }

private:
  using kind = telemetry::job_note::kind;
  void note(const core::turn& t);
  void note(const core::launch& l);
  void pass_on();
  void remember(int64_t workflow, int64_t run);
  telemetry::job_note* add(kind what, const core::grant& g, int64_t at_us);
  bool keeps(const telemetry::job_run& what) const;

  std::shared_ptr<telemetry::trace_sink> to_;
  std::vector<telemetry::job_note> notes_;
  int64_t matched_us_ = 0;                    ///< when the turn's grants were made
  std::unordered_map<int64_t, int64_t> runs_; ///< of workflows, as far as they were heard of
};

} // namespace torc::actors
