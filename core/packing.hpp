#pragma once

#include "core/resources.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace torc::core {

/// What is free on each node of a host or allocation. A job of one node lies on one node, never
/// across two (unlike torc, which fills a pool); a job of more reserves whole idle nodes.
class packing {
public:
  /// An allocation counts for no more nodes than this, whatever it claims.
  static constexpr int32_t most_nodes = 4096;

  /// Where a job lies.
  struct spot {
    uint32_t node = 0;
    std::vector<uint32_t> whole; ///< reserved nodes of a job of several; else empty
  };

  explicit packing(const capacity& room);

  /// True where `n` could run if nothing else did.
  bool could(const needs& n) const;
  /// Takes room for `n`, or nothing where there is none now.
  std::optional<spot> take(const needs& n);
  /// The same without taking.
  bool has_room(const needs& n) const;
  void give(const needs& n, const spot& at);

  /// CPUs that no job has, all nodes together.
  int64_t free_cpus() const { return free_cpus_; }
  /// Ends the process where more is taken than there is. For tests.
  void sanity_check() const;

private:
  struct node {
    int64_t cpus = 0;
    int64_t gpus = 0;
    int64_t memory_bytes = 0;
    int32_t jobs = 0;
  };
  static bool holds(const node& at, const needs& n);
  std::optional<uint32_t> find_node(const needs& n) const;
  int32_t idle_nodes() const;

  capacity room_;
  std::vector<node> nodes_;
  int64_t free_cpus_ = 0;
};

} // namespace torc::core
