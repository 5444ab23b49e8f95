#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string>

namespace torc::core {

/// A runner as the ledger sees it.
struct runner_view {
  runner_id id;
  std::string user, hostname;
  int64_t pid = 0;
  workflow_id workflow; ///< none: all of the user's
  bool connected = false;
  int32_t slots = 0; ///< jobs at a time; 0: as many as its resources allow
  int32_t num_cpus = 0;
  int64_t running = 0;         ///< jobs that it told the start of
  int64_t waiting = 0;         ///< orders that it has, or is being sent, beyond those
  int64_t unacked_reports = 0; ///< heard, and not yet on disk
  int64_t round_trip_us = 0;   ///< of its last report, from leaving to acknowledged; 0: not known
};

} // namespace torc::core
