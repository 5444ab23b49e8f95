#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace torc::cli {

/// What this machine offers to jobs.
struct host_facts {
  std::string hostname;
  int32_t num_cpus = 1;     ///< the CPUs that this process may use
  int64_t memory_bytes = 0; ///< all of the machine's
  int32_t num_gpus = 0;     ///< as many as CUDA_VISIBLE_DEVICES names
};
host_facts detect_host();

/// USER, else USERNAME, else "unknown", as torc names people.
std::string user_name();

/// MemTotal of a /proc/meminfo text, in bytes; 0 where it is not there.
int64_t memory_total(std::string_view meminfo);
/// How many devices "0,1,3" names; "" and "-1" name none.
int32_t device_count(std::string_view visible_devices);

/// Seconds from `now_us` until `end` (RFC 3339). Refuses what is no time or has passed.
core::result<int64_t> seconds_until(const std::string& end, int64_t now_us);

} // namespace torc::cli
