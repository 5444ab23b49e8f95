#pragma once

#include "actors/messages.hpp"
#include "actors/wire.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

/// The plan of the house: every room and what it hears. Messages go one way round:
/// collector -> unblocker -> claim broker -> DB writer -> collector.
namespace torc::actors {

/// The writer's view of the collector: who is told what is on disk.
using launch_actor = caf::typed_actor<
    // These orders, answers and recalls are on disk: tell those whom they concern.
    caf::reacts_to<core::launch>>;

/// The writer's view of the ingress: who passes on what happened.
using news_actor = caf::typed_actor<
    // This is on disk: tell those who watch.
    caf::reacts_to<news_of_turn>>;

/// The writer's view of the ingress: who is told that somebody else has the database.
using lock_watch_actor = caf::typed_actor<caf::reacts_to<foreign_lock>>;

/// The only one who writes the database.
using writer_actor = caf::typed_actor<
    // Write this turn, whole, and answer when it is on disk.
    caf::replies_to<core::turn>::with<core::receipt>,
    // Write or refuse this change to what no room holds.
    caf::replies_to<core::edit>::with<edit_reply>,
    // The same, and remember that it was made.
    caf::replies_to<keyed_edit>::with<edit_reply>,
    // Commit the open group, then tell everybody who waits.
    caf::reacts_to<flush_atom>,
    // Nothing came for a while: checkpoint.
    caf::reacts_to<idle_atom>,
    // Ask once more for a database that somebody else had locked.
    caf::reacts_to<look_atom>,
    // From now on, launches go here. Said once, when the ring is tied.
    caf::reacts_to<launch_actor>,
    // From now on, news go here. Said once, when the ingress opens.
    caf::reacts_to<news_actor>,
    // From now on, foreign locks are told there. Said with it.
    caf::reacts_to<lock_watch_actor>,
    // The house closes: do not wait for somebody else's lock any more.
    caf::reacts_to<close_atom>>;

/// Matches ready jobs with runners that have room.
using broker_actor = caf::typed_actor<
    // Free what ended, place what is ready, and pass both on.
    caf::replies_to<core::releases>::with<core::receipt>>;

/// Knows which jobs wait for which.
using unblocker_actor = caf::typed_actor<
    // Set free what these verdicts set free, and pass both on.
    caf::replies_to<core::verdicts>::with<core::receipt>,
    // Take this workflow in, and pass its ready jobs on.
    caf::replies_to<core::admission>::with<core::receipt>>;

/// Knows who runs what, and judges what it hears of it.
using collector_actor = door_actor::extend<
    // An HTTP runner asks for jobs; answered when the claim is on disk.
    caf::replies_to<core::offer>::with<claimed>,
    // An HTTP runner started a job; ended one.
    caf::replies_to<start_call>::with<call_reply>, caf::replies_to<complete_call>::with<call_reply>,
    // A runner was killed; its guardian says so.
    caf::replies_to<gone_call>::with<call_reply>,
    // Somebody changes jobs that a room may hold.
    caf::replies_to<core::control>::with<call_reply>,
    // The same, and remember that it was made.
    caf::replies_to<keyed_control>::with<call_reply>,
    // The writer's news.
    caf::reacts_to<core::launch>,
    // Look at the leases.
    caf::reacts_to<tick_atom>,
    // The house closes: no new verdicts; answer when the last batch is on disk.
    caf::replies_to<close_atom>::with<core::receipt>>;

} // namespace torc::actors
