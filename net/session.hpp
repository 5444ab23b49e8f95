#pragma once

// Includes Beast: only server.cpp and session.cpp may include this.

#include "net/http.hpp"
#include "net/request_log.hpp"
#include "net/session_house.hpp"
#include "net/stream.hpp"
#include "net/transport.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <memory>
#include <optional>
#include <string>

namespace torc::net {

/// A request body that is charged to the budget as it comes in.
struct charged_body {
  struct value_type {
    std::string text;
    memory_share* share = nullptr;
  };
  class reader {
  public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& to) : to_(to) {}
    void init(const boost::optional<uint64_t>& length, boost::beast::error_code& wrong);
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::beast::error_code& wrong) {
      size_t count = 0;
      const auto end = boost::asio::buffer_sequence_end(buffers);
      for (auto part = boost::asio::buffer_sequence_begin(buffers); part != end && !wrong; ++part) {
        const boost::asio::const_buffer piece = *part;
        append(static_cast<const char*>(piece.data()), piece.size(), wrong);
        count += piece.size();
      }
      return wrong ? 0 : count;
    }
    void finish(boost::beast::error_code& wrong) { wrong = {}; }

  private:
    void append(const char* data, size_t size, boost::beast::error_code& wrong);
    value_type& to_;
    uint64_t length_ = 0;
  };
};

/// One connection: reads a request, waits for its reply, writes it, again and again. While a
/// request is in flight nothing more is read, so a client that floods is held back by TCP.
class session : public std::enable_shared_from_this<session> {
public:
  using tcp = boost::asio::ip::tcp;
  using executor = boost::asio::io_context::executor_type;
  using socket = boost::asio::basic_stream_socket<tcp, executor>;
  using error_code = boost::beast::error_code;

  session(socket from, std::shared_ptr<session_house> house);
  ~session();
  void start();
  /// Closes now when idle, else after the reply under way.
  void stop();
  void close();

private:
  using stream = boost::beast::basic_stream<tcp, executor, boost::beast::unlimited_rate_policy>;
  using parser = boost::beast::http::parser<true, charged_body>;

  void shake_hands();
  /// Tells a client that speaks no TLS, in words that it understands.
  void tell_plain_client();
  void next_request();
  void read_some();
  void on_bytes();
  /// Settles what the header asks for. False: a reply is under way.
  bool on_header();
  void on_request();
  void on_bad(const error_code& why);
  void dispatch(request in, std::string_view target, std::string_view traceparent);
  /// Runs when the exchange is answered.
  void send(reply r);
  void compose(reply& r);
  void write_some();
  void on_written();
  void linger();
  // A body that goes on: written as it comes, until somebody closes.
  void begin_stream();
  void stream_on();
  void write_chunk(std::string text);
  void wait_for_more();

  transport<stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<session_house> house_;
  memory_share share_;
  std::optional<parser> parser_;
  std::optional<boost::asio::executor_work_guard<executor>> busy_; ///< a request is in flight
  std::string span_;
  request_log log_;
  std::string head_; ///< of the reply
  std::string out_;  ///< its body
  size_t written_ = 0;
  bool has_header_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool unread_ = false; ///< the request has bytes that nobody will read
  std::shared_ptr<body_stream> more_;
  std::optional<boost::asio::steady_timer> quiet_; ///< runs while a stream has nothing to say
};

} // namespace torc::net
