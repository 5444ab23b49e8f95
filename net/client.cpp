#include "net/client.hpp"

#include "net/last_chunk.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <chrono>
#include <sys/socket.h>

namespace torc::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using beast::error_code;
using std::chrono::milliseconds;

namespace {

core::error malformed(std::string why) {
  return core::refuse(core::refusal::malformed, std::move(why));
}

std::string address_of(const server_url& url) {
  const bool is_v6 = url.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

constexpr size_t most_at_once = size_t{64} << 10;

std::string words_for(const error_code& why) {
  if (why == asio::error::connection_refused)
    return "connection refused; is torc-server running?";
  if (why == beast::error::timeout)
    return "no answer in time";
  if (why == asio::error::host_not_found || why == asio::error::host_not_found_try_again)
    return "there is no host of that name";
  if (why == http::error::end_of_stream || why == asio::error::eof ||
      why == asio::error::connection_reset || why == http::error::partial_message ||
      why == asio::error::broken_pipe)
    return "the server closed the connection";
  return why.message();
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

} // namespace

core::result<server_url> parse_url(std::string_view text) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  server_url url;
  url.is_secure = text.starts_with("https://");
  const std::string_view scheme = url.is_secure ? "https://" : "http://";
  if (!text.starts_with(scheme))
    return malformed(quoted + " is no server URL; it looks like "
                              "http://localhost:8080/torc-service/v1");
  text.remove_prefix(scheme.size());
  if (url.is_secure)
    url.port = 443;
  const auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  url.base = text.substr(slash);
  while (url.base.ends_with('/'))
    url.base.pop_back();
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos)
      return malformed(quoted + " has a [ without its ]");
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(url.host.size());
  }
  if (authority.starts_with(':')) {
    authority.remove_prefix(1);
    const auto end = authority.data() + authority.size();
    const auto read = std::from_chars(authority.data(), end, url.port);
    if (read.ec != std::errc{} || read.ptr != end || url.port == 0)
      return malformed(quoted + " has no port between 1 and 65535 after its host");
  } else if (!authority.empty()) {
    return malformed(quoted + " has something behind its host that is no port");
  }
  if (url.host.empty())
    return malformed(quoted + " has no host");
  return url;
}

std::string encode(std::string_view value) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else
      (out += '%').append({hex[byte >> 4], hex[byte & 15]});
  }
  return out;
}

struct client::state {
  server_url url;
  client_settings settings;
  asio::io_context context{1};
  using transport_type = transport<beast::tcp_stream>;
  boost::optional<transport_type> stream;
  std::shared_ptr<tls_context> tls; ///< for https
  std::string why_not_trusted;      ///< of the last handshake
  beast::flat_buffer buffer;
  bool interrupted = false; ///< only within `wait`

  /// Starts one asynchronous operation and waits for it: only those obey the stream's time limit.
  template <class Start>
  error_code wait(Start start) {
    error_code outcome;
    start([&outcome](const error_code& e, const auto&...) { outcome = e; });
    context.restart();
    context.run();
    return interrupted ? error_code(asio::error::operation_aborted) : outcome;
  }

  /// False where the server closed the connection since the last reply.
  bool is_alive() {
    if (!stream)
      return false;
    char byte = 0;
    const auto got = ::recv(stream->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  error_code connect() {
    stream.emplace(context);
    buffer.clear();
    error_code wrong;
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(url.host, std::to_string(url.port), wrong);
    if (wrong)
      return wrong;
    stream->expires_after(milliseconds(settings.connect_timeout_ms));
    wrong = wait([&](auto done) { stream->plain().async_connect(found, done); });
    if (!wrong)
      stream->socket().set_option(tcp::no_delay(true), wrong);
    return wrong || !tls ? wrong : shake_hands();
  }

  error_code shake_hands() {
    auto& secured = stream->secure(*tls);
    why_not_trusted.clear();
    if (!settings.whom.insecure)
      secured.set_verify_callback(asio::ssl::host_name_verification(url.host));
    error_code is_name;
    asio::ip::make_address(url.host, is_name);
    if (is_name)
      SSL_set_tlsext_host_name(secured.native_handle(), url.host.c_str());
    auto wrong =
        wait([&](auto done) { secured.async_handshake(asio::ssl::stream_base::client, done); });
    const auto verdict = SSL_get_verify_result(secured.native_handle());
    if (wrong && verdict != X509_V_OK)
      why_not_trusted = X509_verify_cert_error_string(verdict);
    return wrong;
  }

  /// What went wrong, for people.
  std::string words(const error_code& why) const {
    if (!why_not_trusted.empty())
      return "its certificate is not trusted (" + why_not_trusted +
             "); name its authority with --tls-ca-cert";
    if (tls && is_no_tls(why))
      return "it does not speak TLS; begin its URL with http://";
    return words_for(why);
  }

  /// Gives the parser what has come, or waits for more. Not Beast's own loop, for may_parse().
  template <class Parser>
  error_code read_some(Parser& parser) {
    for (;;) {
      if (may_parse(parser, buffer.size())) {
        error_code wrong;
        buffer.consume(parser.put(buffer.data(), wrong));
        if (wrong != http::error::need_more)
          return wrong;
      }
      size_t count = 0;
      auto wrong = wait([&](auto done) {
        stream->async_read_some(buffer.prepare(most_at_once),
                                [done, &count](const error_code& e, size_t n) {
                                  count = n;
                                  done(e);
                                });
      });
      buffer.commit(count);
      if (wrong == asio::error::eof && !parser.got_some())
        return http::error::end_of_stream;
      if (wrong == asio::error::eof) {
        wrong = {};
        parser.put_eof(wrong);
      }
      if (wrong || parser.is_done())
        return wrong;
    }
  }

  /// Reads a reply that goes on; `to` has its status, and the body where that is not 200.
  error_code follow(const http::request<http::string_body>& message, int64_t most_ms, answer& to,
                    const std::function<bool(std::string_view)>& hear) {
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + milliseconds(most_ms);
    stream->expires_after(milliseconds(settings.request_timeout_ms));
    if (auto wrong = wait([&](auto done) { http::async_write(*stream, message, done); }))
      return wrong;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    while (!parser.is_header_done())
      if (const auto wrong = read_some(parser))
        return wrong;
    to.status = static_cast<int>(parser.get().result_int());
    auto& text = parser.get().body();
    while (!parser.is_done()) {
      if (most_ms > 0 && to.status == 200)
        stream->expires_at(end);
      else if (to.status == 200)
        stream->expires_never();
      const auto wrong = read_some(parser);
      if (to.status == 200 && !text.empty() && !hear(text))
        return {};
      if (to.status == 200)
        text.clear();
      if (wrong)
        return most_ms > 0 && clock::now() >= end ? error_code{} : wrong;
    }
    to.body = std::move(text);
    return {};
  }

  error_code exchange(http::request<http::string_body>& message, answer& to) {
    stream->expires_after(milliseconds(settings.request_timeout_ms));
    if (auto wrong = wait([&](auto done) { http::async_write(*stream, message, done); }))
      return wrong;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    parser.skip(message.method() == http::verb::head);
    parser.eager(true);
    while (!parser.is_done())
      if (const auto wrong = read_some(parser))
        return wrong;
    auto& reply = parser.get();
    to.status = static_cast<int>(reply.result_int());
    const auto warning = reply["warning"];
    to.warning.assign(warning.data(), warning.size());
    to.body = std::move(reply.body());
    if (!reply.keep_alive())
      stream.reset();
    return {};
  }
};

client::client(std::unique_ptr<state> s) : state_(std::move(s)) {}
client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

const server_url& client::where() const {
  return state_->url;
}

void client::interrupt() {
  asio::post(state_->context, [s = state_.get()] {
    s->interrupted = true;
    if (s->stream)
      s->stream->close();
  });
}

core::result<client> client::at(std::string_view url, client_settings settings) {
  auto parsed = parse_url(url);
  if (!parsed)
    return parsed.why();
  auto s = std::make_unique<state>();
  s->url = std::move(*parsed);
  s->settings = std::move(settings);
  if (s->url.is_secure) {
    auto tls = client_tls(s->settings.whom.authority_file, s->settings.whom.insecure);
    if (!tls)
      return tls.why();
    s->tls = std::move(*tls);
  }
  return client(std::move(s));
}

namespace {

http::request<http::string_body> message_of(const server_url& url, std::string_view method,
                                            std::string_view target, std::string body,
                                            const client::headers& more) {
  http::request<http::string_body> message;
  message.method_string({method.data(), method.size()});
  message.target(url.base + std::string(target));
  message.version(11);
  message.set(http::field::host, address_of(url));
  message.set(http::field::user_agent, "torc");
  if (!body.empty())
    message.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : more)
    message.set(name, value);
  message.body() = std::move(body);
  message.prepare_payload();
  return message;
}

} // namespace

core::result<client::answer>
client::follow(std::string_view target, const headers& more, int64_t most_ms,
               const std::function<bool(std::string_view text)>& hear) {
  auto& s = *state_;
  const auto message = message_of(s.url, "GET", target, {}, more);
  answer reply;
  auto wrong = s.connect();
  if (!wrong)
    wrong = s.follow(message, most_ms, reply, hear);
  s.stream.reset(); // what is left of the reply is nobody's
  if (wrong)
    return core::refuse(core::refusal::unavailable, "GET " + std::string(target) + " at " +
                                                        address_of(s.url) + ": " + s.words(wrong));
  return reply;
}

core::result<client::answer> client::request(std::string_view method, std::string_view target,
                                             std::string body, const headers& more) {
  auto& s = *state_;
  auto message = message_of(s.url, method, target, std::move(body), more);

  const auto refused = [&](std::string_view did, const error_code& why) {
    s.stream.reset();
    return core::refuse(core::refusal::unavailable,
                        std::string(did) + " " + address_of(s.url) + ": " + s.words(why));
  };
  for (;;) {
    const bool was_open = s.is_alive();
    if (!was_open)
      if (const auto wrong = s.connect())
        return refused("cannot connect to", wrong);
    answer reply;
    const auto wrong = s.exchange(message, reply);
    if (!wrong)
      return reply;
    // Only a question may be asked again: what changes something may have been done.
    if (wrong == beast::error::timeout || !was_open || !is_safe(method))
      return refused(std::string(method) + " " + std::string(target) + " at", wrong);
    s.stream.reset();
  }
}

} // namespace torc::net
