#include "cli/server/embedded_server.hpp"

#include "actors/house.hpp"
#include "cli/client/file_text.hpp"
#include "net/authority.hpp"
#include "net/password_file.hpp"
#include "net/server.hpp"
#include "net/tls.hpp"
#include "storage/reader.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <future>
#include <optional>
#include <thread>

namespace torc::cli {

namespace asio = boost::asio;

struct embedded_server::state {
  std::string host, scheme;
  asio::io_context sockets;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> busy{
      asio::make_work_guard(sockets)};
  std::shared_ptr<net::trace_exporter> traces;
  std::unique_ptr<actors::house> house;
  std::unique_ptr<net::server> http;
  std::thread thread;

  void run() {
    thread = std::thread([this] { sockets.run(); });
  }

  void stop() {
    if (!thread.joinable())
      return;
    if (http) {
      std::promise<void> answered;
      asio::post(sockets, [&] { http->stop([&] { answered.set_value(); }); });
      answered.get_future().wait();
      // Its readers go before the writer, which can only fold the log in when it is the last.
      std::promise<void> gone;
      asio::post(sockets, [&] {
        http.reset();
        gone.set_value();
      });
      gone.get_future().wait();
    }
    if (house)
      house->close();
    busy.reset();
    thread.join();
    house.reset();
    traces.reset();
  }
};

embedded_server::embedded_server() : state_(std::make_unique<state>()) {}
embedded_server::~embedded_server() {
  stop();
}

namespace {

actors::house_settings house_of(const server_settings& s,
                                std::function<void(const std::string&)> log) {
  actors::house_settings h;
  h.database = s.database;
  h.full_sync = s.full_sync;
  h.host = s.host;
  h.runner_port = s.runner_port;
  h.token = net::random_secret();
  h.ledger.lease_ms = s.lease_ms;
  h.ledger.claim_timeout_ms = s.claim_timeout_ms;
  h.log = std::move(log);
  return h;
}

/// The secret is the same for the life of the database, so that runners survive a restart of the
/// server.
core::result<std::string> secret_in(const std::string& path) {
  if (auto known = read_file(path); known && !known->empty())
    return known;
  const auto secret = net::random_secret();
  if (auto written = net::write_private(path, secret); !written)
    return written.why();
  return secret;
}

/// How the house is told who it is, from what lies in the folder beside the database.
/// @returns the runners' secret
core::result<std::string> take_keys(actors::house_settings& h, const std::string& folder) {
  auto opened = net::authority::open(folder);
  if (!opened)
    return opened.why();
  auto secret = secret_in(folder + "/runner.secret");
  if (!secret)
    return secret;
  auto authority = std::make_shared<net::authority>(std::move(*opened));
  h.certificate = authority->server_certificate_file();
  h.key = authority->server_key_file();
  h.authority = authority->authority_file();
  h.authority_pem = authority->certificate_pem();
  h.sign = [authority = std::move(authority)](const std::string& csr) {
    return authority->sign(csr);
  };
  return secret;
}

net::server_settings http_of(const server_settings& s) {
  net::server_settings http;
  http.host = s.host;
  http.port = s.port;
  http.max_body_bytes = static_cast<uint64_t>(s.max_body_bytes);
  http.open_reader = [path = s.database] { return storage::open_reader(path); };
  http.api.allow_anonymous = s.allow_anonymous;
  http.access = s.access;
  http.tls = s.tls;
  return http;
}

/// Before anything is made: a server that nobody can use needs no database.
core::result<core::nothing> check_files(const server_settings& s) {
  if (!s.access.auth_file.empty())
    if (const auto readable = net::password_file::read(s.access.auth_file); !readable)
      return readable.why();
  if (!s.tls.certificate_file.empty())
    if (const auto usable = net::server_tls(s.tls.certificate_file, s.tls.key_file); !usable)
      return usable.why();
  return core::nothing{};
}

} // namespace

core::result<std::unique_ptr<embedded_server>>
embedded_server::start(const server_settings& s, std::function<void(const std::string&)> log) {
  if (const auto good = check_files(s); !good)
    return good.why();
  std::unique_ptr<embedded_server> server(new embedded_server());
  auto& it = *server->state_;
  it.host = s.host;
  it.scheme = s.tls.certificate_file.empty() ? "http" : "https";
  auto http = http_of(s);
  const auto keys = std::filesystem::absolute(s.database).string() + ".keys";
  auto settings = house_of(s, log);
  settings.equip = [&](actors::house_settings& h) -> core::result<core::nothing> {
    auto secret = take_keys(h, keys);
    if (!secret)
      return secret.why();
    if (s.traces.exports())
      it.traces = std::make_shared<net::trace_exporter>(
          s.traces, net::trace_seed_of(*secret, s.traces.keep), TORC_VERSION, log);
    h.traces = http.api.traces = it.traces;
    http.api.runner_secret = std::move(*secret);
    http.api.runner_secret_path = keys + "/runner.secret";
    return core::nothing{};
  };
  auto house = actors::house::open(std::move(settings), it.sockets);
  if (!house)
    return house.why();
  it.house = std::move(*house);
  it.run();

  std::promise<core::result<std::unique_ptr<net::server>>> opened;
  asio::post(it.sockets,
             [&] { opened.set_value(net::server::open(it.sockets, it.house->port(), http)); });
  auto listening = opened.get_future().get();
  if (!listening)
    return listening.why(); // the destructor closes the house in order
  it.http = std::move(*listening);
  return server;
}

uint16_t embedded_server::port() const {
  return state_->http->bound_port();
}
uint16_t embedded_server::runner_port() const {
  return state_->house->runner_port();
}

std::string embedded_server::url() const {
  const bool v6 = state_->host.find(':') != std::string::npos;
  return state_->scheme + "://" + (v6 ? "[" + state_->host + "]" : state_->host) + ":" +
         std::to_string(port()) + "/torc-service/v1";
}

void embedded_server::stop() {
  state_->stop();
}

} // namespace torc::cli
