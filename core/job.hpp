#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace torc::core {

/// Where a job stands. The numbers are torc's and lie on disk; the names go over HTTP.
enum class job_status : uint8_t {
  uninitialized = 0,
  blocked = 1,
  ready = 2,
  pending = 3,
  running = 4,
  completed = 5,
  failed = 6,
  canceled = 7,
  terminated = 8,
  disabled = 9,
  pending_failed = 10,
};

inline constexpr int job_status_count = 11;

std::string_view to_string(job_status s);
std::optional<job_status> job_status_from(std::string_view name);
std::optional<job_status> job_status_from(int64_t number);

/// Ended for good: completed, failed, canceled or terminated.
constexpr bool is_complete(job_status s) {
  return s >= job_status::completed && s <= job_status::terminated;
}
/// No attempt is open any more: complete, or failed and waiting to be classified.
constexpr bool is_terminal(job_status s) {
  return is_complete(s) || s == job_status::pending_failed;
}
/// Does not keep its workflow from being complete.
constexpr bool is_done(job_status s) {
  return is_complete(s) || s == job_status::disabled;
}
/// Held by the collector: an attempt is open.
constexpr bool is_open(job_status s) {
  return s == job_status::pending || s == job_status::running;
}
/// Ended, and not well: its successors are canceled where they ask for it.
constexpr bool is_failure(job_status s) {
  return s == job_status::failed || s == job_status::canceled || s == job_status::terminated;
}

} // namespace torc::core
