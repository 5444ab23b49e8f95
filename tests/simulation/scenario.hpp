#pragma once

#include "core/resources.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace torc::simulation {

struct job_plan {
  std::string name;             ///< no other job of the scenario has it
  std::vector<size_t> blockers; ///< earlier jobs of the same workflow
  size_t requirement = 0;
  int64_t priority = 0;
  bool cancel_on_failure = true;
};

struct workflow_plan {
  std::string name, user;
  std::vector<core::needs> requirements;
  std::vector<job_plan> jobs;
};

struct runner_plan {
  std::string user;
  int64_t workflow = -1; ///< its number; -1: serves all of its user
  int32_t slots = 0;     ///< 0: by `room`
  core::capacity room;
  int32_t prefill = 0;
  int64_t idle_exit_s = 0;
};

/// What a seed draws, but for the walk itself: what is to be run, by whom, and how it ends.
struct scenario {
  uint64_t seed = 1;
  /// People cancel, reset, retry, amend and delete; then the end depends on when they do it.
  bool has_controls = false;
  bool has_http_runner = false;
  /// How a job ends depends on the attempt, too.
  bool attempts_differ = false;
  /// The end of a connection may never be noticed, somebody speaks for others, an order comes
  /// twice, and a server starts with another lease.
  bool is_harsh = false;
  /// Some of its servers never give up a runner: somebody has to tell them who is dead.
  bool has_endless_lease = false;
  int64_t failures_percent = 0;
  int64_t longest_job_ms = 1000;
  int64_t steps = 2000; ///< of the time in which faults happen
  int64_t steps_per_fault = 60, steps_per_control = 20;
  std::vector<workflow_plan> workflows;
  std::vector<runner_plan> runners;

  /// A job's return code and duration are its own, whoever runs it and when.
  int32_t return_code(const std::string& job, int64_t attempt) const;
  int64_t duration_us(const std::string& job, int64_t attempt) const;
};

/// @param may_be_harsh false: as when the older seeds found what they found
scenario draw_scenario(uint64_t seed, bool may_be_harsh = true);

} // namespace torc::simulation
