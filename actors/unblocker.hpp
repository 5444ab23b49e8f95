#pragma once

#include "actors/interfaces.hpp"
#include "core/graph.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace torc::actors {

struct unblocker_state {
  unblocker_state() = default;
  static inline const char* name = "unblocker";

  /// Every unfinished job of every active workflow, and who waits for it.
  core::graph graph;
};

/// The third room of the ring: turns verdicts into newly ready jobs.
///
/// Owns     the dependency graph of every active workflow.
/// Hears    `verdicts` from the collector, `admission` from the ingress.
/// Tells    `releases` to the broker, one for each message heard.
/// Promises to keep the order in which it heard.
/// After a crash it is rebuilt from `graph`, which was computed from statuses and edges.
unblocker_actor::behavior_type unblocker(unblocker_actor::stateful_pointer<unblocker_state> self,
                                         std::shared_ptr<core::graph> graph, broker_actor broker);

} // namespace torc::actors
