#pragma once

#include "actors/interfaces.hpp"
#include "actors/turn_spans.hpp"
#include "core/ledger.hpp"
#include "telemetry/trace.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace torc::actors {

/// What the collector is given.
struct collector_settings {
  std::string token;                                ///< a runner that does not show it is refused
  core::instant now;                                ///< the wall clock at the start
  std::function<void(const std::string& line)> log; ///< any thread
  telemetry::trace_seed trace = {};                 ///< goes out with every order
  /// Given the runners once a second. May be empty.
  std::function<void(std::vector<core::runner_view>)> show_runners = {};
};

struct collector_state {
  collector_state() = default;
  static inline const char* name = "collector";

  collector_settings settings;
  /// Open attempts and who holds them.
  std::unique_ptr<core::ledger> ledger;
  /// An attached runner: where its orders go, and in which protocol.
  struct guest {
    runner_actor handle;
    uint16_t protocol = core::wire::protocol;
    bool is_known_to_lie = false; ///< it was logged
  };
  std::unordered_map<core::runner_id, guest> runners;
  std::unordered_map<caf::actor_addr, core::runner_id> addresses;
  /// HTTP callers that wait for the disk.
  struct waiting_claim {
    caf::typed_response_promise<claimed> promise;
    asked what;
  };
  std::unordered_map<core::ticket_id, waiting_claim> claims;
  std::unordered_map<core::ticket_id, caf::typed_response_promise<call_reply>> calls;
  int64_t next_ticket = 1;
  /// What will be said of the time that reports and offers took.
  turn_spans spans;
  /// Batches without a receipt; at most two, so that load makes batches larger, not queues longer.
  int in_flight = 0;
  /// The writer gave up a batch, since the house closes and the database is locked: no more are
  /// sent.
  bool abandoned = false;
  /// The wall clock is the start's plus what CAF's clock has run since, so that tests can turn it.
  caf::actor_clock::time_point started;
  /// The house closes; answered when nothing is under way any more.
  std::optional<caf::typed_response_promise<core::receipt>> closing;
};

/// The second room of the ring: knows who runs what, and judges what it hears of it.
///
/// Owns     the runners, open grants, and the HTTP callers that wait.
/// Hears    attach and report from runners, offers, calls and controls from the ingress, `launch`
/// from
///          the DB writer.
/// Tells    `verdicts` to the unblocker; orders, recalls and acks to runners.
/// Promises that a completion is judged once, and that nobody is told anything before a receipt or
/// a
///          launch says that it is on disk.
/// After a crash open grants come from the disk and wait for their runner to come back.
collector_actor::behavior_type collector(collector_actor::stateful_pointer<collector_state> self,
                                         std::shared_ptr<core::ledger> ledger,
                                         unblocker_actor unblocker, collector_settings settings);

} // namespace torc::actors
