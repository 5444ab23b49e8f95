#include "core/job.hpp"

#include <array>

namespace torc::core {

namespace {
constexpr std::array<std::string_view, job_status_count> names{
    "uninitialized", "blocked",  "ready",      "pending",  "running",        "completed",
    "failed",        "canceled", "terminated", "disabled", "pending_failed",
};
} // namespace

std::string_view to_string(job_status s) {
  return names.at(static_cast<size_t>(s));
}

std::optional<job_status> job_status_from(std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<job_status>(i);
  return std::nullopt;
}

std::optional<job_status> job_status_from(int64_t number) {
  if (number < 0 || number >= job_status_count)
    return std::nullopt;
  return static_cast<job_status>(number);
}

} // namespace torc::core
