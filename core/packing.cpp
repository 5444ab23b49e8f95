#include "core/packing.hpp"

#include <algorithm>

namespace torc::core {

packing::packing(const capacity& room) : room_(room) {
  room_.num_nodes = std::clamp(room.num_nodes, 1, most_nodes);
  nodes_.assign(static_cast<size_t>(room_.num_nodes),
                {room_.num_cpus, room_.num_gpus, room_.memory_bytes, 0});
  free_cpus_ = int64_t{room_.num_cpus} * room_.num_nodes;
}

bool packing::could(const needs& n) const {
  return fits(n, room_);
}

bool packing::holds(const node& at, const needs& n) {
  return n.num_cpus <= at.cpus && n.num_gpus <= at.gpus && n.memory_bytes <= at.memory_bytes;
}

std::optional<uint32_t> packing::find_node(const needs& n) const {
  for (uint32_t i = 0; i < nodes_.size(); ++i)
    if (holds(nodes_[i], n))
      return i;
  return std::nullopt;
}

int32_t packing::idle_nodes() const {
  return static_cast<int32_t>(
      std::count_if(nodes_.begin(), nodes_.end(), [](const node& n) { return n.jobs == 0; }));
}

bool packing::has_room(const needs& n) const {
  if (!could(n))
    return false;
  return n.num_nodes > 1 ? idle_nodes() >= n.num_nodes : find_node(n).has_value();
}

std::optional<packing::spot> packing::take(const needs& n) {
  if (!could(n))
    return std::nullopt;
  auto out = spot{};
  if (n.num_nodes <= 1) {
    auto at = find_node(n);
    if (!at)
      return std::nullopt;
    auto& one = nodes_[*at];
    one.cpus -= n.num_cpus;
    one.gpus -= n.num_gpus;
    one.memory_bytes -= n.memory_bytes;
    ++one.jobs;
    free_cpus_ -= n.num_cpus;
    out.node = *at;
    return out;
  }
  if (idle_nodes() < n.num_nodes)
    return std::nullopt;
  for (uint32_t i = 0; out.whole.size() < static_cast<size_t>(n.num_nodes); ++i)
    if (nodes_[i].jobs == 0) {
      nodes_[i] = {0, 0, 0, 1};
      free_cpus_ -= room_.num_cpus;
      out.whole.push_back(i);
    }
  return out;
}

void packing::give(const needs& n, const spot& at) {
  for (auto i : at.whole) {
    nodes_[i] = {room_.num_cpus, room_.num_gpus, room_.memory_bytes, 0};
    free_cpus_ += room_.num_cpus;
  }
  if (!at.whole.empty())
    return;
  auto& one = nodes_[at.node];
  one.cpus += n.num_cpus;
  one.gpus += n.num_gpus;
  one.memory_bytes += n.memory_bytes;
  --one.jobs;
  free_cpus_ += n.num_cpus;
}

void packing::sanity_check() const {
  int64_t cpus = 0;
  for (const auto& n : nodes_) {
    cpus += n.cpus;
    if (n.cpus < 0 || n.gpus < 0 || n.memory_bytes < 0 || n.jobs < 0)
      fault("packing: a node is over-committed");
    if (n.cpus > room_.num_cpus || n.gpus > room_.num_gpus || n.memory_bytes > room_.memory_bytes)
      fault("packing: a node has got back more than it gave");
  }
  if (cpus != free_cpus_)
    fault("packing: the count of free CPUs is wrong");
}

} // namespace torc::core
