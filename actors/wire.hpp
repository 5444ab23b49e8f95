#pragma once

#include "core/codec.hpp"
#include "core/wire.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

/// What passes between server and runners. One type crosses the wire, the sealed envelope, so that
/// either side can be newer than the other; core/wire.hpp says what may lie in it.
namespace torc::core {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, sealed& s) {
  return f(caf::meta::type_name("torc.sealed"), s.protocol, s.kind, s.bytes);
}

} // namespace torc::core

namespace torc::actors {

/// A runner, as the server sees it.
using runner_actor = caf::typed_actor<
    // run_jobs, revoke, ack or finished.
    caf::reacts_to<core::sealed>>;

/// The collector, as a runner sees it.
using door_actor = caf::typed_actor<
    // attach: the answer is a welcome. The handle is where orders go.
    caf::replies_to<core::sealed, runner_actor>::with<core::sealed>,
    // report.
    caf::reacts_to<core::sealed>>;

/// Registers what crosses the wire; both programs call it on their configuration.
inline void add_wire_types(caf::actor_system_config& cfg) {
  cfg.add_message_type<core::sealed>("torc.sealed");
  cfg.add_message_type<runner_actor>("torc.runner");
}

} // namespace torc::actors
