#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace torc::exec {

/// What the guardian says to the server when the runner has died and its job trees have ended.
/// Neither a request nor a command: nothing.
struct last_will {
  std::string host;
  uint16_t port = 0;
  std::string request; ///< an HTTP/1.1 request, whole, that asks for the connection to be closed
  /// A program and its arguments that says it instead, where that takes more than plain HTTP. It
  /// ends with 0 once it was heard.
  std::vector<std::string> command = {};
  std::vector<std::string> environment = {}; ///< NAME=VALUE, added to the guardian's own

  bool empty() const { return request.empty() && command.empty(); }
};

/// Sends it, again and again for half a minute, until it was heard: an answer below 500 came.
/// Blocks.
/// @returns whether one came
bool execute(const last_will& will);

} // namespace torc::exec
