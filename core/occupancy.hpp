#pragma once

#include "core/resources.hpp"
#include "core/wire.hpp"

#include <cstdint>
#include <utility>

namespace torc::core {

/// What a runner's host is busy with, as one pool over its nodes: by a number of slots, or by what
/// jobs need. The server has placed the jobs; this keeps the ones that it sent ahead from starting
/// early.
class occupancy {
public:
  /// @param slots jobs at a time whatever they need; 0: by `room`
  occupancy(int32_t slots, capacity room) : slots_(slots), room_(std::move(room)) {}

  /// An order that the whole host cannot satisfy fits when nothing else runs.
  bool has_room(const wire::order& o) const;
  void take(const wire::order& o) { add(o, 1); }
  void give(const wire::order& o) { add(o, -1); }

  int32_t jobs() const { return jobs_; }
  int32_t num_cpus() const { return num_cpus_; }
  bool by_slots() const { return slots_ > 0; }
  /// From 0, fully busy, to 1.
  double idle_share() const;

private:
  void add(const wire::order& o, int sign);
  int32_t nodes() const { return room_.num_nodes > 1 ? room_.num_nodes : 1; }

  int32_t slots_;
  capacity room_;
  int32_t jobs_ = 0, num_cpus_ = 0, num_gpus_ = 0;
  int32_t whole_nodes_ = 0; ///< taken by jobs of more than one node
  int64_t memory_bytes_ = 0;
};

} // namespace torc::core
