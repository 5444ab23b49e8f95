#pragma once

#include "actors/runner_room.hpp"

#include <caf/actor_system_config.hpp>

namespace torc::actors {

/// How a runner's actors talk to the server: CAF's middleman over mutual TLS, with heartbeats,
/// since only they find a peer that has gone silent.
class line_config : public caf::actor_system_config {
public:
  explicit line_config(const runner_settings& s);
};

/// Looks for the server's collector at settings.host and port, in CAF's own threads. After a lost
/// connection it first asks settings.find_door.
void dial_server(runner_pointer self, std::function<void(core::result<door_actor>)> then);

} // namespace torc::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(torc::actors::runner_door)
