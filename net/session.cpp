#include "net/session.hpp"

#include "net/api/gate.hpp"
#include "net/head_text.hpp"
#include "net/last_chunk.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>

namespace torc::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using std::chrono::milliseconds;

namespace {

constexpr size_t read_size = 64 * 1024;
constexpr size_t write_size = 1024 * 1024;
constexpr size_t first_reserve = 64 * 1024;
constexpr size_t span_limit = 128;

bool changes_something(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "DELETE";
}

std::string_view view(boost::beast::string_view s) {
  return {s.data(), s.size()};
}

} // namespace

void charged_body::reader::init(const boost::optional<uint64_t>& length,
                                boost::beast::error_code& wrong) {
  wrong = {};
  length_ = length.value_or(0);
  to_.text.reserve(std::min<uint64_t>(length_, first_reserve));
}

void charged_body::reader::append(const char* data, size_t size, boost::beast::error_code& wrong) {
  if (to_.share && !to_.share->take(size)) {
    wrong = make_error_code(boost::system::errc::not_enough_memory);
    return;
  }
  const size_t needed = to_.text.size() + size;
  // A length that was only announced costs nothing; what has come is never more than half of it.
  if (needed > to_.text.capacity() && needed <= length_)
    to_.text.reserve(std::min<size_t>(length_, 2 * needed));
  to_.text.append(data, size);
}

session::session(socket from, std::shared_ptr<session_house> house)
    : stream_(std::move(from)), house_(std::move(house)), share_(house_->memory) {
  house_->sessions.insert(this);
}

session::~session() {
  house_->sessions.erase(this);
  if (house_->sessions.empty() && house_->on_empty)
    house_->on_empty();
}

void session::start() {
  error_code ignored;
  stream_.socket().set_option(tcp::no_delay(true), ignored);
  if (house_->tls)
    shake_hands();
  else
    next_request();
}

void session::shake_hands() {
  stream_.expires_after(milliseconds(house_->settings.header_timeout_ms));
  stream_.secure(*house_->tls)
      .async_handshake(asio::ssl::stream_base::server,
                       [self = shared_from_this()](const error_code& wrong) {
                         if (!wrong)
                           self->next_request();
                         else if (is_plain_http(wrong))
                           self->tell_plain_client();
                         else
                           self->close();
                       });
}

void session::tell_plain_client() {
  static constexpr std::string_view words =
      "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 44\r\n"
      "connection: close\r\n\r\nThis port speaks HTTPS: begin with https://\n";
  // Not by TLS, which the client does not speak.
  asio::async_write(stream_.plain(), asio::buffer(words),
                    [self = shared_from_this()](error_code, size_t) { self->close(); });
}

void session::stop() {
  if ((!busy_ && !has_header_) || more_)
    close();
}

void session::close() {
  error_code ignored;
  quiet_.reset();
  more_.reset();
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void session::next_request() {
  busy_.reset();
  parser_.emplace();
  parser_->header_limit(house_->settings.max_header_bytes);
  parser_->body_limit(house_->settings.max_body_bytes);
  parser_->eager(true);
  parser_->get().body().share = &share_;
  has_header_ = false;
  unread_ = false;
  if (house_->stopping && buffer_.size() == 0)
    return close();
  if (buffer_.size() > 0) {
    stream_.expires_after(milliseconds(house_->settings.header_timeout_ms));
    return on_bytes();
  }
  if (buffer_.capacity() > read_size)
    buffer_.shrink_to_fit();
  stream_.expires_after(milliseconds(house_->settings.idle_timeout_ms));
  stream_.async_read_some(
      buffer_.prepare(read_size / 4), [self = shared_from_this()](error_code wrong, size_t count) {
        if (wrong)
          return self->close();
        self->buffer_.commit(count);
        self->stream_.expires_after(milliseconds(self->house_->settings.header_timeout_ms));
        self->on_bytes();
      });
}

void session::read_some() {
  // A header must be whole within its time; a body only must not stall.
  if (has_header_)
    stream_.expires_after(milliseconds(house_->settings.stall_timeout_ms));
  stream_.async_read_some(buffer_.prepare(has_header_ ? read_size : read_size / 4),
                          [self = shared_from_this()](error_code wrong, size_t count) {
                            if (wrong)
                              return self->close();
                            self->buffer_.commit(count);
                            self->on_bytes();
                          });
}

void session::on_bytes() {
  if (!house_->open)
    return close();
  for (;;) {
    if (!may_parse(*parser_, buffer_.size()))
      return read_some();
    error_code wrong;
    const size_t used = parser_->put(buffer_.data(), wrong);
    buffer_.consume(used);
    if (wrong == http::error::need_more)
      wrong = {};
    else if (wrong)
      return on_bad(wrong);
    if (parser_->is_header_done() && !has_header_) {
      has_header_ = true;
      if (!on_header())
        return;
    }
    if (parser_->is_done())
      return on_request();
    if (used == 0)
      return read_some();
  }
}

bool session::on_header() {
  const auto expect = parser_->get().find(http::field::expect);
  if (expect == parser_->get().end() || parser_->is_done())
    return true;
  // The client waits for this line, so nothing else is being written.
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(go_on),
                    [self = shared_from_this()](error_code wrong, size_t) {
                      if (wrong)
                        self->close();
                      else
                        self->on_bytes();
                    });
  return false;
}

void session::on_request() {
  busy_.emplace(stream_.get_executor());
  auto& message = parser_->get();
  keep_alive_ = message.keep_alive() && !house_->stopping;
  http_1_0_ = message.version() == 10;
  const auto span = view(message["x-span-id"]);
  span_ =
      !span.empty() && span.size() <= span_limit && is_plain(span) ? std::string(span) : new_span();
  request in;
  in.method = std::string(view(message.method_string()));
  log_.begin(in.method, view(message.target()));
  in.body = std::move(message.body().text);
  in.authorization = std::string(view(message[http::field::authorization]));
  error_code wrong;
  const auto peer = stream_.socket().remote_endpoint(wrong).address();
  in.last_event_id = std::string(view(message["last-event-id"]));
  const auto key = message.find("idempotency-key");
  if (key != message.end() && changes_something(in.method))
    in.idempotency_key = std::string(view(key->value()));
  in.from_loopback =
      !wrong && (peer.is_loopback() ||
                 (peer.is_v6() && peer.to_v6().is_v4_mapped() &&
                  asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).is_loopback()));
  stream_.expires_never();
  dispatch(std::move(in), view(message.target()), view(message["traceparent"]));
}

void session::dispatch(request in, std::string_view target, std::string_view traceparent) {
  const auto mark = target.find('?');
  auto path = decode(target.substr(0, mark), false);
  auto query = parse_query(mark == std::string_view::npos ? "" : target.substr(mark + 1));
  if (!path || !query)
    return send(refusal_reply(path ? query.why() : path.why()));
  in.path = std::move(*path);
  in.query = std::move(*query);
  house_->in_flight.insert(shared_from_this());
  const auto asked =
      std::make_shared<exchange>(std::move(in), [self = weak_from_this(), house = house_](reply r) {
        if (const auto here = self.lock())
          here->send(std::move(r));
      });
  const auto house = house_.get();
  if (const auto& to = house->settings.api.traces)
    asked->trace(to, traceparent);
  house->services.doorkeeper->admit(house->services, asked, [house, asked] { house->make(asked); });
}

void session::on_bad(const error_code& why) {
  busy_.emplace(stream_.get_executor());
  keep_alive_ = false;
  unread_ = true;
  http_1_0_ = false;
  span_ = new_span();
  if (why == http::error::body_limit || why == http::error::buffer_overflow)
    return send(text_reply(413, "Request body too large"));
  if (why == boost::system::errc::not_enough_memory)
    return send(refusal_reply(core::refuse(
        core::refusal::unavailable, "too many large requests at once; try again in a second")));
  if (why == http::error::header_limit)
    return send(text_reply(431, "The request's header is too large"));
  send(text_reply(400, "The request is not HTTP: " + why.message()));
}

void session::send(reply r) {
  house_->in_flight.erase(shared_from_this());
  if (!house_->open)
    return close();
  // The body is answered, and so not needed any more: its share may serve the reply.
  share_.clear();
  if (!share_.take(r.body.size()))
    r = refusal_reply(core::refuse(core::refusal::unavailable,
                                   "too many large replies at once; try again in a second"));
  keep_alive_ = keep_alive_ && !house_->stopping;
  log_.answered(r.status);
  compose(r);
  written_ = 0;
  write_some();
}

void session::compose(reply& r) {
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(r.status)));
  head_ = "HTTP/1.1 ";
  head_.append(std::to_string(r.status)).append(" ").append(reason.data(), reason.size());
  const auto add = [&](std::string_view name, std::string_view value) {
    head_.append("\r\n").append(name).append(": ").append(value);
  };
  if (!r.type.empty())
    add("content-type", r.type);
  more_ = std::move(r.more);
  if (!more_)
    add("content-length", std::to_string(r.body.size()));
  else if (http_1_0_)
    keep_alive_ = false;
  else
    add("transfer-encoding", "chunked");
  add("x-span-id", span_);
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("date", date());
  for (const auto& [name, value] : r.headers)
    add(name, value);
  if (!keep_alive_)
    add("connection", "close");
  else if (http_1_0_)
    add("connection", "keep-alive");
  head_.append("\r\n\r\n");
  out_ = std::move(r.body);
}

void session::write_some() {
  stream_.expires_after(milliseconds(house_->settings.stall_timeout_ms));
  const auto body = asio::const_buffer(out_.data(), out_.size()) + written_;
  const std::array<asio::const_buffer, 2> parts{
      written_ == 0 ? asio::buffer(head_) : asio::const_buffer{}, asio::buffer(body, write_size)};
  asio::async_write(stream_, parts, [self = shared_from_this()](error_code wrong, size_t count) {
    if (wrong)
      return self->close();
    self->written_ += count - (self->written_ == 0 ? self->head_.size() : 0);
    if (self->written_ < self->out_.size())
      self->write_some();
    else
      self->on_written();
  });
}

void session::on_written() {
  share_.clear();
  out_ = {};
  if (more_)
    return begin_stream();
  if (keep_alive_)
    return next_request();
  if (!unread_)
    return close();
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  // One limit for the whole farewell: a client that goes on sending is cut off.
  stream_.expires_after(milliseconds(house_->settings.header_timeout_ms));
  linger();
}

void session::begin_stream() {
  busy_.reset();
  more_->on_ready([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->quiet_)
      return;
    self->quiet_.reset();
    // Later, so that what comes together is sent together.
    asio::post(self->stream_.get_executor(), [self] { self->stream_on(); });
  });
  // The next that the peer says can only be its farewell.
  stream_.socket().async_wait(tcp::socket::wait_read,
                              [self = shared_from_this()](error_code) { self->close(); });
  stream_on();
}

void session::stream_on() {
  if (!more_)
    return;
  auto text = more_->take();
  if (text.empty())
    wait_for_more();
  else
    write_chunk(std::move(text));
}

void session::wait_for_more() {
  quiet_.emplace(stream_.get_executor(), milliseconds(house_->settings.keep_alive_ms));
  quiet_->async_wait([weak = weak_from_this()](error_code canceled) {
    const auto self = weak.lock();
    if (canceled || !self || !self->quiet_)
      return;
    self->quiet_.reset();
    self->write_chunk(std::string(self->more_->keep_alive()));
  });
}

void session::write_chunk(std::string text) {
  out_ = std::move(text);
  if (!http_1_0_) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", out_.size());
    out_ = size + out_ + "\r\n";
  }
  stream_.expires_after(milliseconds(house_->settings.stall_timeout_ms));
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this()](error_code wrong, size_t) {
                      self->stream_.expires_never();
                      if (wrong)
                        self->close();
                      else
                        self->stream_on();
                    });
}

/// Reads on without keeping anything, so that the reply is not lost in a reset connection.
void session::linger() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(read_size),
                          [self = shared_from_this()](error_code wrong, size_t) {
                            if (wrong)
                              self->close();
                            else
                              self->linger();
                          });
}

} // namespace torc::net
