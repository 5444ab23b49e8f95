#pragma once

#include "core/read_model.hpp"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace torc::net {

/// Threads beside the socket thread, each with a read-only view of the database of its own. SELECTs
/// and the parsing and writing of large bodies happen there. At most one request a connection is in
/// work, so the connection limit bounds the queue.
class workers {
public:
  /// Runs on the socket thread when the work is done.
  using finish = std::function<void()>;
  using work = std::function<finish(core::read_model&)>;
  using factory = std::function<std::unique_ptr<core::read_model>()>;

  /// `open` is called once in each thread. Without threads the work is done on the socket thread,
  /// between its handlers: for tests that must not depend on who is faster.
  workers(boost::asio::io_context& sockets, const factory& open, int threads = 2);
  ~workers();
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  /// Socket thread only, as is close(). After close() the work is dropped.
  void post(work w);
  /// Drops what is queued, waits for what is under way; nothing is told any more.
  void close();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::net
