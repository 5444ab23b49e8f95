#pragma once

#include "core/result.hpp"
#include "core/turn.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Edges that follow from what jobs read and write, and how deep each job lies in the graph.
namespace torc::core {

/// Job `job` (an index) reads or writes the file or user data `thing` (an index, too).
struct link {
  uint32_t thing = 0;
  uint32_t job = 0;
};

/// Who waits for whom because it reads what the other writes: one edge for each pair, sorted by job
/// and then by blocker. A job that reads what it writes itself does not wait for itself.
std::vector<edge> derive_edges(std::span<const link> producers, std::span<const link> consumers);

/// The stage of every job: the longest path from a job that waits for nobody, which has stage 0.
/// Linear in jobs and edges. @pre every index of an edge is below `jobs`
/// @returns unprocessable where jobs wait for each other in a circle.
result<std::vector<uint32_t>> stages(size_t jobs, std::span<const edge> edges);

} // namespace torc::core
