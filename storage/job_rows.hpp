#pragma once

#include "core/turn.hpp"
#include "storage/statement.hpp"
#include "storage/tally.hpp"

#include <optional>

namespace torc::storage {

/// job_state and result, as turns write them: every statement that a completion costs.
class job_rows {
public:
  /// A job's narrow row.
  struct state : job_slot {
    core::job_id job;
    int32_t attempt = 1;
    core::grant_id open; ///< none: no attempt is open
    int64_t run = 0;     ///< of the open attempt
    core::runner_id runner;
    core::node_id node;
    bool has_result = false; ///< a latest one
  };
  /// The same with what an order needs.
  struct ordered : state {
    core::order_text text;
  };

  job_rows(database& db, tally& counts);

  std::optional<state> find(core::job_id j);
  std::optional<ordered> find_with_order(core::job_id j);

  /// Each writes the row of `s` and moves the counts.
  void set_status(const state& s, core::job_status to);             ///< an open attempt is kept
  void close(const state& s, core::job_status to, int32_t attempt); ///< no attempt is open any more
  void open(const state& s, const core::grant& g, core::node_id node);
  void start(const state& s, core::node_id node);
  void end(const state& s, core::job_status to, core::result_id result);
  void adopt(const core::grant& g);

  /// Makes the blocked jobs from `first` to `last` ready that are in the workflow and the stage of
  /// `first`.
  /// @returns how many
  int64_t release(core::job_id first, core::job_id last);

  /// Writes a result under a fresh id; the newest word wins where (job, run, attempt) has one
  /// already.
  /// @returns the id under which it lies
  core::result_id put_result(core::result_id fresh, const core::attempt_ended& e,
                             core::node_id node, std::string_view completion_time);

private:
  tally& counts_;
  statement find_, find_order_, variables_, set_status_, close_, open_, start_, end_, adopt_,
      insert_result_, replace_result_, release_;
};

} // namespace torc::storage
