#pragma once

#include "cli/server/settings.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace torc::cli {

/// A whole server in this process: the house around one database, HTTP on a thread of its own. The
/// program torc-server is this and a log; `torc run` makes one where no server can be reached.
class embedded_server {
public:
  /// Opens the database, the ports and the keys beside the database.
  /// @param log gets every line; any thread
  /// Refuses with a sentence what cannot be opened, bound or written.
  static core::result<std::unique_ptr<embedded_server>>
  start(const server_settings& s, std::function<void(const std::string&)> log);

  uint16_t port() const;
  uint16_t runner_port() const;
  /// With the base path.
  std::string url() const;

  /// In order: no more requests, the ring runs dry, the last commit, the ports closed. Blocks.
  void stop();

  ~embedded_server();
  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

private:
  embedded_server();
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::cli
