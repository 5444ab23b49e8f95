#pragma once

#include "actors/interfaces.hpp"
#include "core/matcher.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace torc::actors {

struct claim_broker_state {
  claim_broker_state() = default;
  static inline const char* name = "claim_broker";

  /// Every ready job, and every offer with the room that is left of it.
  std::unique_ptr<core::matcher> matcher;
};

/// The fourth room of the ring: places ready jobs where there is room.
///
/// Owns     the ready queue, and the runners' free room.
/// Hears    `releases` from the unblocker.
/// Tells    `turn` to the DB writer, one for each message heard.
/// Promises that a ready job is granted once, and to keep the order in which it heard.
/// After a crash the queue is rebuilt from the admissions, the room by the runners that attach.
broker_actor::behavior_type claim_broker(broker_actor::stateful_pointer<claim_broker_state> self,
                                         std::shared_ptr<core::matcher> matcher,
                                         writer_actor writer);

} // namespace torc::actors
