#pragma once

#include "actors/runner_hands.hpp"
#include "actors/wire.hpp"
#include "core/desk.hpp"

#include <caf/atom.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace torc::actors {

/// run_runner to the room: how urgently it is to end (see stop_level).
struct stop_wish {
  int level = 0;
};

using wake_atom = caf::atom_constant<caf::atom("wake")>;     ///< to itself: something is due
using redial_atom = caf::atom_constant<caf::atom("redial")>; ///< to itself: try the server again

/// The runner, as its own house sees it; the server sees a `runner_actor`.
using runner_room = runner_actor::extend<
    // What processes did.
    caf::reacts_to<hands_news>,
    // Somebody wants it to end.
    caf::reacts_to<stop_wish>,
    // The time has come that was asked for; a later wish makes the number void.
    caf::reacts_to<wake_atom, int64_t>,
    // Try the server again.
    caf::reacts_to<redial_atom>>;

struct runner_room_state;
using runner_pointer = runner_room::stateful_pointer<runner_room_state>;

/// What the room is given.
struct runner_parts {
  runner_settings settings;
  int64_t instance = 0; ///< random, for the life of the process
  /// Makes the hands when the room starts.
  std::function<std::unique_ptr<hands>(std::function<void(hands_news)> tell)> make_hands;
  /// Looks for the server and calls `then` once, in a turn of the room. Does not block. A conflict
  /// says that the server is there, but too busy to answer.
  std::function<void(runner_pointer self, std::function<void(core::result<door_actor>)> then)> dial;
  /// Boot time in microseconds.
  std::function<int64_t()> now_us;
  /// Called once, as the last act.
  std::function<void(core::result<runner_report>)> done;
};

/// The server has so long to answer `attach`.
inline constexpr auto attach_timeout = std::chrono::seconds{30};
/// Between two tries to reach the server: doubled each time, and varied by a fifth. Whoever has a
/// lease makes several in it: no pause is longer than this part of the lease.
inline constexpr int pauses_in_a_lease = 8;
inline constexpr auto first_pause = std::chrono::milliseconds{100};
inline constexpr auto longest_pause = std::chrono::seconds{5};
/// Where the server is there and too busy to answer, since all its runners come back at once.
inline constexpr auto longest_busy_pause = std::chrono::seconds{40};
/// A runner that has never been attached gives up after so many tries.
inline constexpr int first_tries = 4;

struct runner_room_state {
  runner_room_state() = default;
  static inline const char* name = "runner";

  runner_parts parts;
  /// What runs, what waits, what the server is to be told.
  std::optional<core::desk> desk;
  std::unique_ptr<hands> the_hands;
  /// The server; null while the line is down.
  door_actor door;
  uint16_t protocol = core::wire::protocol; ///< settled with the server
  /// Counts tries to attach; an answer to an earlier try is void.
  int64_t try_number = 0;
  int failures = 0;         ///< in a row
  std::string last_failure; ///< logged once, however often it is met
  std::minstd_rand random;  ///< by the instance, so that runners do not come back all at once
  bool ever_attached = false, lost_is_logged = false;
  int stop_level = 0;
  /// The wake-up that counts; others were overtaken.
  int64_t wake_us = std::numeric_limits<int64_t>::max();
  int64_t attached_us = 0;
};

/// The guest of the house: runs what the server pushes, and tells how it ended.
///
/// Owns     the processes, through its hands; what has ended and is not acknowledged.
/// Hears    orders, recalls, acks and the end of the workflow from the server; starts and ends from
///          its hands.
/// Tells    the server one report at a time, with all that happened while the one before was under
///          way; a heartbeat where nothing happened.
/// Promises that an order runs at most once, that every end is told until it is acknowledged, that
/// a
///          lost line costs no job unless the lease runs out, and that it always ends.
/// After a crash its guardian ends the jobs, and the server gives them to somebody else.
runner_room::behavior_type runner(runner_pointer self, runner_parts parts);

} // namespace torc::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::stop_wish)
