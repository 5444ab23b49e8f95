#pragma once

#include "core/control.hpp"
#include "core/edits.hpp"
#include "core/happening.hpp"
#include "core/once.hpp"
#include "core/turn.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

/// What passes inside the house. Nothing of it has an inspect function: it cannot leave the
/// process, and it cannot come in from outside.
namespace torc::actors {

/// ingress -> collector: an HTTP runner started a job that it had claimed.
struct start_call {
  core::job_id job;
  core::workflow_id workflow;
  int64_t run = 0;
  core::node_id node;
  core::once_ptr once = nullptr;
};

/// ingress -> collector: an HTTP runner tells how a job ended.
struct complete_call {
  core::result_row row;
  std::string user; ///< who says so, as far as that is known
  core::once_ptr once = nullptr;
};

/// ingress -> collector: a guardian says that its runner is gone, and every process of it.
struct gone_call {
  int64_t instance = 0;
  core::once_ptr once = nullptr;
};

/// A change that belongs to a call which is to take effect once.
using keyed_edit = core::under_key<core::edit>;
using keyed_control = core::under_key<core::control>;

/// collector -> ingress: an HTTP claim's orders.
struct claimed {
  std::vector<core::launch::placed> orders;
  int64_t busy_ns = 0; ///< what the rooms spent on it
};

/// writer -> ingress: what happened, for those who watch.
struct news_of_turn {
  std::vector<core::happening> what;
};

/// What an edit, a control or an HTTP runner's call came to.
struct edit_reply {
  core::result<core::edited> outcome;
  int64_t busy_ns = 0;
};
struct call_reply {
  core::answer outcome;
  int64_t busy_ns = 0;
};

/// writer -> ingress: who holds the database's write lock and has not let go for a while. An empty
/// name: it is free again.
struct foreign_lock {
  std::string holder;

  /// What a write is answered under it. @param instead what became of the write and what to do
  core::error refusal(std::string_view instead) const {
    return core::refuse(core::refusal::unavailable,
                        "the database is locked by " + holder + "; " + std::string{instead});
  }
  core::error refusal() const {
    return refusal("nothing was changed, try again when it has let go");
  }
};

using flush_atom = caf::atom_constant<caf::atom("flush")>; ///< writer to itself: close the group
using tick_atom =
    caf::atom_constant<caf::atom("tick")>; ///< collector to itself: look at the leases
using idle_atom = caf::atom_constant<caf::atom("idle")>;   ///< writer to itself: a quiet moment
using look_atom = caf::atom_constant<caf::atom("look")>;   ///< writer to itself: free again?
using close_atom = caf::atom_constant<caf::atom("close")>; ///< house to a room: the last message

} // namespace torc::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::verdicts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::admission)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::releases)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::turn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::launch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::edit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::core::control)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::keyed_edit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::keyed_control)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::start_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::complete_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::gone_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::claimed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::news_of_turn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::edit_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::call_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::foreign_lock)
