#pragma once

#include "core/happening.hpp"
#include "storage/job_rows.hpp"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace torc::storage {

/// What happens to jobs and nodes, noted down while somebody watches; else nothing is looked up.
class news_book {
public:
  explicit news_book(database& db);

  /// Any thread.
  void collect(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }
  std::vector<core::happening> take() { return std::exchange(noted_, {}); }

  void started(const job_rows::state& job, const core::attempt_started& a);
  /// @param start where it was not told before; else 0
  void ended(const job_rows::state& job, const core::attempt_ended& e, core::instant start);
  void node_started(core::workflow_id w, core::node_id n, std::string hostname, core::instant at);
  void node_stopped(core::node_id n, core::instant at, double duration_s);

private:
  core::happening& note(core::happening::kind what, const job_rows::state& job);

  std::atomic<bool> wanted_ = false;
  std::vector<core::happening> noted_;
  statement name_, node_;
};

} // namespace torc::storage
