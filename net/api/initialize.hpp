#pragma once

#include "net/api/services.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace torc::telemetry {
class call_span;
}

namespace torc::net::api {

/// Initializes workflows: freezes one, reads it, plans its admission on a worker, hands it to the
/// rooms. Calls for one workflow go one after another, and calls with the same wish as the one
/// under way are joined to it and get its answer. Socket thread only.
class initializer : public std::enable_shared_from_this<initializer> {
public:
  enum class wish {
    all,                ///< every job that is not complete, disabled or open
    only_uninitialized, ///< uninitialized jobs and what comes after them
    start,              ///< a fresh run, unless it is initialized already
    resume,             ///< jobs that no room holds are to run; the others stay as they are
  };
  struct outcome {
    bool initialized = false; ///< by this call and no other
    int64_t run = 0;
  };
  using told = std::function<void(core::result<outcome>)>;

  explicit initializer(const services& s) : services_(s) {}
  /// Tells when the rooms have it and the disk knows.
  void ask(core::workflow_id workflow, wish what, told tell);
  /// Has a job taken in that is unfinished on disk and that no room holds.
  void resume(core::workflow_id workflow, core::job_id job, told tell);

private:
  struct group {
    wish what = wish::all;
    std::vector<told> waiting;
    std::vector<core::job_id> resumed;
    std::shared_ptr<telemetry::call_span> call; ///< that began it
  };

  void run(core::workflow_id workflow);
  void begin(core::workflow_id workflow, wish what);
  void plan(core::workflow_id workflow, wish what);
  void publish(core::workflow_id workflow, wish what);
  void tell_run(core::workflow_id workflow);
  void finish(core::workflow_id workflow, const core::result<outcome>& how);

  const services& services_;
  std::unordered_map<core::workflow_id, std::deque<group>> lines_; ///< the first group is under way
};

} // namespace torc::net::api
