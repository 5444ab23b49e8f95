#pragma once

#include "net/client.hpp"
#include "net/server.hpp"
#include "tests/net/fake_port.hpp"
#include "tests/net/fake_reader.hpp"

#include <future>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

/// A server on a free port, run by a thread of its own, with a house and a database that are fakes.
class running_server {
public:
  explicit running_server(torc::net::server_settings settings = {});
  ~running_server();

  /// Runs on the socket thread and waits for it.
  void on_socket_thread(std::function<void()> what);
  std::string url() const;
  uint16_t port() const { return port_; }
  torc::net::client connect() const;
  /// One request on a connection of its own; the test fails when there is no reply.
  torc::net::client::answer ask(std::string_view method, std::string_view target,
                                std::string body = {}) const;
  /// Stops in order; the future is ready when the server says that it is done.
  std::future<void> stop();

private:
  // The house holds on to calls, and their timers to this.
  std::unique_ptr<boost::asio::io_context> context_;

public:
  fakes::rows rows;
  fakes::fake_port house;

private:
  std::unique_ptr<torc::net::server> server_;
  uint16_t port_ = 0;
  struct runner;
  std::unique_ptr<runner> runner_;
};

/// The sentence with which a server refuses to open; empty when it opens.
std::string why_not_open(torc::net::server_settings settings);

/// Whether something that was sent to this local port waits to be read, as the kernel says.
bool has_unread(unsigned port);

/// A plain TCP connection: sends bytes as they are, reads until the peer closes or enough has come.
class raw_connection {
public:
  explicit raw_connection(uint16_t port);
  ~raw_connection();
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;

  void send(std::string_view bytes) const;
  void finish_sending() const;
  /// Until the server has taken from its socket what was sent.
  void wait_until_read() const;
  /// Everything until the end of the stream.
  std::string read_all() const;
  /// Until `count` occurrences of `mark` have come.
  std::string read_until(std::string_view mark, int count = 1) const;

private:
  int fd_;
};
