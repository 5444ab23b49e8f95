#pragma once

#include "actors/interfaces.hpp"
#include "actors/job_notes.hpp"
#include "storage/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace torc::actors {

struct db_writer_state {
  db_writer_state() = default;
  static inline const char* name = "db_writer";

  /// Who waits for the open group, and what they will be told.
  struct waiting_turn {
    caf::typed_response_promise<core::receipt> promise;
    core::receipt receipt;
  };
  struct waiting_edit {
    caf::typed_response_promise<edit_reply> promise;
    edit_reply reply;
  };

  /// What came while somebody else had the database, in the order in which it came.
  struct held_turn {
    caf::typed_response_promise<core::receipt> promise;
    core::turn what;
  };
  struct held_edit {
    caf::typed_response_promise<edit_reply> promise;
    core::edit what;
    core::once_ptr once;
  };

  /// The one writing connection; the house shares it to read the published counters.
  std::shared_ptr<storage::store> store;
  /// Where launches go. None until the ring is tied.
  launch_actor collector;
  /// Where news go. None until the ingress is open.
  news_actor watchers;
  /// Who hears of foreign locks. None until there is an ingress.
  lock_watch_actor watch;
  std::vector<core::launch> launches;
  std::vector<waiting_turn> turns;
  std::vector<waiting_edit> edits;
  std::deque<std::variant<held_turn, held_edit>> held;
  /// What jobs went through in the open group, where somebody traces them.
  job_notes notes;
  /// A marker is under way that looks whether the database is free.
  bool look_queued = false;
  /// As the watch was told it.
  std::string locked_by;
  /// The house closes.
  bool closing = false;
  /// A flush marker lies in the mailbox, behind everything that was queued when the group opened.
  bool flush_queued = false;
  /// An idle marker is under way.
  bool idle_queued = false;
  /// Something was written since the last idle marker.
  bool busy_since_idle = false;
};

/// The fifth room of the ring: the only one that writes the database.
///
/// Owns     the writing connection, the open group, the promises waiting for it; what came while
///          another process had the database locked.
/// Hears    `turn` from the broker, `edit` from the ingress.
/// Tells    `launch` to the collector, then a receipt or a reply to whoever asked; `foreign_lock`
/// to
///          the ingress.
/// Promises that nobody is told anything before it is on disk. A group ends when the marker that it
///          sent itself comes to the front of the mailbox, or at 4,096 rows: no timer, no wait.
///          A foreign lock stops nobody: turns are held until it is gone, edits for half a second
///          and then refused.
/// After a crash nothing of it is needed: the file is the state.
writer_actor::behavior_type db_writer(writer_actor::stateful_pointer<db_writer_state> self,
                                      std::shared_ptr<storage::store> store,
                                      std::shared_ptr<telemetry::trace_sink> traces);

} // namespace torc::actors
