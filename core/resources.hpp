#pragma once

#include "core/labels.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace torc::core {

/// What one job asks of a node, and of the runner there.
struct needs {
  int32_t num_cpus = 1;
  int32_t num_gpus = 0;
  int32_t num_nodes = 1;
  int64_t memory_bytes = 1 << 20;
  int64_t runtime_s = 60;
  label_set labels = {}; ///< of a runner that may get it

  bool operator==(const needs&) const = default;
};

/// What a runner's host has, or what is left of it. Per node; whole nodes are counted apart.
struct capacity {
  int32_t num_cpus = 0;
  int32_t num_gpus = 0;
  int32_t num_nodes = 1;
  int64_t memory_bytes = 0;
  std::optional<int64_t> time_limit_s; ///< no job of a longer runtime is placed; none: no limit
  label_set labels = {};

  bool operator==(const capacity&) const = default;
};

/// True where `n` could run on an idle host of capacity `c`, and its runner serves its labels.
bool fits(const needs& n, const capacity& c);

/// "512m" -> bytes: an integer and an optional k, m, g or t (either case, powers of 1024).
/// @returns malformed for anything else, or a value over 2^62.
result<int64_t> parse_memory(std::string_view text);

/// An ISO-8601 duration ("P0DT1M", "PT1H30M") -> seconds. A year has 31 557 600 s, a month
/// 2 629 800 s, as in torc. @returns malformed for anything else.
result<int64_t> parse_duration(std::string_view text);

} // namespace torc::core
