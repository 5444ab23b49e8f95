#pragma once

#include "core/ledger.hpp"
#include "core/result.hpp"
#include "net/port.hpp"
#include "telemetry/job_traces.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace torc::actors {

/// How a house is built.
struct house_settings {
  std::string database;
  bool full_sync = true;
  std::string host = "127.0.0.1";          ///< the runner port listens here
  uint16_t runner_port = 0;                ///< 0: any free port
  std::string certificate, key, authority; ///< files, PEM: the server's own, and whom it trusts
  std::string token;                       ///< runners show it in `attach`
  std::string authority_pem;
  core::ledger::settings ledger;
  std::function<core::result<std::string>(const std::string& csr_pem)> sign;
  std::function<void(const std::string& line)> log; ///< any thread
  std::shared_ptr<telemetry::trace_sink> traces;    ///< hears what jobs go through; may be nobody
  /// Fills in what belongs to one database, such as keys, once that is open and known to be ours:
  /// nobody else's file gets company. May be nothing.
  std::function<core::result<core::nothing>(house_settings&)> equip;
};

/// The five rooms around one database. Builds them from the disk, ties the ring, closes it in
/// order.
class house {
public:
  /// @param io runs the ingress room; the caller runs it, on one thread, from before `close` to
  /// after it
  /// @returns the refusals of storage::store::open and of `equip`, or that the runner port cannot
  /// be bound
  static core::result<std::unique_ptr<house>> open(house_settings settings,
                                                   boost::asio::io_context& io);

  /// What HTTP handlers talk to. Socket thread only, but for progress().
  net::port& port();
  uint16_t runner_port() const;
  const std::string& database() const;

  /// Closes the runner port, lets the ring run dry, commits, ends the rooms. Blocks; not on the
  /// socket thread, which must be running.
  void close();

  ~house();
  house(const house&) = delete;
  house& operator=(const house&) = delete;

private:
  house();
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::actors
