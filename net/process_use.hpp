#pragma once

#include <cstdint>

namespace torc::net {

/// What this process uses of the machine.
struct process_use {
  double cpu_seconds = 0; ///< user and system
  int64_t resident_bytes = 0;
  int64_t peak_resident_bytes = 0;
};

process_use process_use_now();

} // namespace torc::net
