#pragma once

#include "core/result.hpp"
#include "net/port.hpp"
#include "net/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace torc::net {

/// The HTTP server: sockets, routes and two worker threads, on one io_context that one thread runs.
///
///   auto s = server::open(sockets, house, settings); ...; sockets.run();
///   (*s)->stop([&] { ... });      // on the socket thread
///
/// Nothing here is thread-safe: open, stop and the destructor belong to the socket thread, or to a
/// time when nobody runs the io_context.
class server {
public:
  /// Binds and listens. unavailable with one sentence when the address cannot be had.
  /// @pre settings.open_reader works; `sockets` and `house` outlive the server
  static core::result<std::unique_ptr<server>> open(boost::asio::io_context& sockets, port& house,
                                                    server_settings settings);
  /// The bound port.
  uint16_t bound_port() const;
  size_t connections() const;
  /// Accepts nobody any more, lets requests in flight finish (within stop_timeout_ms), closes idle
  /// connections; then calls `done` once.
  void stop(std::function<void()> done);

  /// Closes every connection without a word; calls that are answered later go nowhere.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

private:
  struct state;
  explicit server(std::shared_ptr<state> s);
  std::shared_ptr<state> state_;
};

} // namespace torc::net
