#pragma once

#include "rows.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <tuple>

namespace torc::simulation {

/// Sees which processes really ran, whatever anybody says of them.
class witness {
public:
  struct run {
    int64_t grant = 0, job = 0, run_id = 0, attempt = 1;
    std::string name;
    bool alive = true;
    bool was_killed = false;
    int32_t return_code = 0;
  };

  witness(environment& env, committed_rows& rows) : env_(env), rows_(rows) {}

  /// A process starts. @returns its number
  size_t started(run r);
  void ended(size_t number, int32_t return_code, bool was_killed);
  size_t alive() const;
  /// Every result is what a process of that attempt came to, and was there once.
  void compare_with_results();
  const std::vector<run>& runs() const { return runs_; }

private:
  environment& env_;
  committed_rows& rows_;
  std::vector<run> runs_;
  std::set<int64_t> grants_;
};

} // namespace torc::simulation
