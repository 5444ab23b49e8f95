#pragma once

#include <cstdint>
#include <string>

namespace torc::exec {

/// What the guardian says to the server when the runner has died and its job trees have ended. An
/// empty request: nothing.
struct last_will {
  std::string host;
  uint16_t port = 0;
  std::string request; ///< an HTTP/1.1 request, whole, that asks for the connection to be closed
};

/// Sends it, again and again for half a minute, until an answer below 500 comes. Blocks.
/// @returns whether one came
bool execute(const last_will& will);

} // namespace torc::exec
