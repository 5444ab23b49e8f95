#pragma once

#include "core/ledger.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace torc::actors {

/// What an HTTP claim asked for: its span is the parent of the one that matches it.
struct asked {
  core::workflow_id workflow;
  bool by_count = false;
  int64_t limit = 0;
};

/// What each part of a turn is charged with, in nanoseconds: everything that the rooms spent,
/// shared out evenly.
struct charge {
  int64_t call_ns = 0;       ///< a start, an end, a control
  int64_t match_ns = 0;      ///< an offer, without its grants
  int64_t grant_ns = 0;      ///< writing one grant
  int64_t matched_at_ns = 0; ///< 0: nothing was matched
};

/// The spans of what runners report and are granted: start_job, complete_job, prepare_ready_jobs.
/// The collector keeps the notes for it: when a report was heard, and in which batch it left.
class turn_spans {
public:
  /// A handler begins, ends. What it takes is charged to the next batch.
  void began(int64_t now_ns) { mark_ns_ = now_ns; }
  void ended(int64_t now_ns) { spent_ns_ += now_ns - mark_ns_; }
  /// The current handler's begin; the ledger has judged so much of the next batch by now.
  void heard(core::ledger::judged_count so_far);
  /// The batch leaves for the unblocker.
  void leaves(core::verdicts& batch);

  charge share(uint64_t batch, const core::turn_cost& cost, size_t offers) const;
  /// The batch is on disk: its starts and completions are spans that end now.
  void on_disk(uint64_t batch, const charge& each);

private:
  struct part {
    int64_t heard_ns = 0;
    core::ledger::judged_count up_to;
  };
  /// Only while somebody wants lines.
  struct subject {
    core::job_id job;
    core::workflow_id workflow; ///< none: a start
    int64_t heard_ns = 0;
  };
  struct batch_note {
    std::vector<part> parts;
    std::vector<subject> subjects;
    size_t items = 0;
  };
  const batch_note& note_of(uint64_t batch) const { return under_way_[batch % under_way_.size()]; }

  int64_t mark_ns_ = 0;
  int64_t spent_ns_ = 0;
  std::vector<part> gathered_;
  std::array<batch_note, 2> under_way_; ///< the collector's window; by batch number
};

/// An offer was matched, and its orders leave now. @returns the span's busy time
int64_t record_match(const charge& each, core::workflow_id workflow, int64_t limit, size_t grants,
                     const asked* parent);

} // namespace torc::actors
