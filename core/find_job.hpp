#pragma once

#include "core/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace torc::core {

inline constexpr uint32_t no_position = std::numeric_limits<uint32_t>::max();

/// Where `j` lies in `rows`, which are sorted by their member `job`, or no_position. Ids mostly
/// come in one run, so the difference to the first one is tried before the search.
template <class Row>
uint32_t find_job(const std::vector<Row>& rows, job_id j) {
  if (rows.empty() || j < rows.front().job || rows.back().job < j)
    return no_position;
  auto guess = static_cast<uint64_t>(j.value - rows.front().job.value);
  if (guess < rows.size() && rows[guess].job == j)
    return static_cast<uint32_t>(guess);
  auto at = std::lower_bound(rows.begin(), rows.end(), j,
                             [](const Row& row, job_id x) { return row.job < x; });
  return at != rows.end() && at->job == j ? static_cast<uint32_t>(at - rows.begin()) : no_position;
}

} // namespace torc::core
