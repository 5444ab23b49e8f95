#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <utility>

namespace torc::net {

/// A stream whose bytes are TLS or plain, as is decided when the connection begins.
/// `Next` has time limits of its own, which hold for what TLS reads and writes, too.
template <class Next>
class transport {
public:
  using executor_type = typename Next::executor_type;

  template <class... Arguments>
  explicit transport(Arguments&&... of_next) : next_(std::forward<Arguments>(of_next)...) {}

  executor_type get_executor() { return next_.get_executor(); }
  Next& plain() { return next_; }
  auto& socket() { return next_.socket(); }
  template <class Duration>
  void expires_after(Duration limit) {
    next_.expires_after(limit);
  }
  template <class Time>
  void expires_at(Time limit) {
    next_.expires_at(limit);
  }
  void expires_never() { next_.expires_never(); }
  void close() { next_.close(); }

  using secured = boost::asio::ssl::stream<Next&>;
  /// From now on it speaks TLS; a handshake on what is returned comes first.
  secured& secure(boost::asio::ssl::context& with) { return tls_.emplace(next_, with); }
  bool is_secured() const { return tls_.has_value(); }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& to, Handler&& done) {
    if (tls_)
      tls_->async_read_some(to, std::forward<Handler>(done));
    else
      next_.async_read_some(to, std::forward<Handler>(done));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& done) {
    if (tls_)
      tls_->async_write_some(from, std::forward<Handler>(done));
    else
      next_.async_write_some(from, std::forward<Handler>(done));
  }

private:
  Next next_;
  std::optional<secured> tls_;
};

} // namespace torc::net
