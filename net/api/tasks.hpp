#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace torc::net::api {

/// What is done while nobody waits for it, as torc 1.0's clients ask for it. It lives in memory:
/// what it did is on disk, and who asks after a restart looks there. Socket thread only.
class task_book {
public:
  /// Of those that have ended, the oldest are forgotten.
  static constexpr size_t most_tasks = 1'000;

  struct task {
    int64_t id = 0;
    core::workflow_id workflow;
    std::string operation;
    core::instant begun, ended; ///< `ended` 0: under way
    std::string error;          ///< empty: it went well
  };

  /// @returns none where one of the workflow is under way
  std::optional<task> begin(core::workflow_id workflow, std::string operation);
  void end(int64_t id, std::string error);
  std::optional<task> find(int64_t id) const;
  std::optional<task> active(core::workflow_id workflow) const;

private:
  std::map<int64_t, task> tasks_;
  std::map<core::workflow_id, int64_t> active_;
  int64_t last_ = 0;
};

/// As torc 1.0 shows it.
void put_task(std::string& out, const task_book::task& t);

} // namespace torc::net::api
