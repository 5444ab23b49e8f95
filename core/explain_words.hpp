#pragma once

#include "core/explain.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The words that explanations are made of.
namespace torc::core {

/// "1 job", "12 jobs".
std::string counted(int64_t n, const char* one, const char* many);

/// "8 ms", "4.2 s", "12.5 min", "3.1 h".
std::string duration_words(double minutes);

/// "2 CPUs, 1 GPU, 512 MiB of memory and 60 s"
std::string needs_words(const needs& n);

/// As ISO 8601.
std::string time_of(const cancellation& c);

/// " by ada, at 2026-01-31T12:00:00.123Z", as far as that is known.
std::string by_whom(const std::optional<cancellation>& who);

/// Why none of the runners has taken a ready job.
std::string lack_of_runners(const std::vector<runner_facts>& runners, const needs& n,
                            workflow_id workflow);

} // namespace torc::core
