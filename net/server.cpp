#include "net/server.hpp"

#include "net/api/all.hpp"
#include "net/api/gate.hpp"
#include "net/api/once_keeper.hpp"
#include "net/session.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <vector>

namespace torc::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::beast::error_code;

using acceptor_type = asio::basic_socket_acceptor<tcp, session::executor>;

struct server::state : std::enable_shared_from_this<state> {
  asio::io_context& sockets;
  std::shared_ptr<session_house> house;
  acceptor_type acceptor;
  asio::steady_timer timer; ///< pauses accepting, or limits the stop

  state(asio::io_context& s, port& p, server_settings settings)
      : sockets(s), house(std::make_shared<session_house>(s, p, std::move(settings))), acceptor(s),
        timer(s) {
    api::add_all(house->routes, house->services);
  }

  void accept();
  void accepted(session::socket from);
};

namespace {

core::error cannot_listen(const server_settings& s, const error_code& why) {
  return core::refuse(core::refusal::unavailable, "cannot listen on " + s.host + ":" +
                                                      std::to_string(s.port) + ": " +
                                                      why.message());
}

core::result<tcp::endpoint> resolve(asio::io_context& sockets, const server_settings& s) {
  error_code wrong;
  const auto address = asio::ip::make_address(s.host, wrong);
  if (!wrong)
    return tcp::endpoint{address, s.port};
  tcp::resolver resolver(sockets);
  const auto found = resolver.resolve(tcp::v4(), s.host, "", wrong);
  if (wrong || found.empty())
    return cannot_listen(s, wrong ? wrong : asio::error::host_not_found);
  return tcp::endpoint{found.begin()->endpoint().address(), s.port};
}

/// Takes the address; an IPv6 address also takes IPv4 callers where the system allows it.
core::result<core::nothing> listen(acceptor_type& acceptor, const tcp::endpoint& at,
                                   const server_settings& s) {
  error_code wrong;
  const auto step = [&](auto what) {
    if (!wrong)
      what();
  };
  acceptor.open(at.protocol(), wrong);
  step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), wrong); });
  step([&] { acceptor.bind(at, wrong); });
  step([&] { acceptor.listen(asio::socket_base::max_listen_connections, wrong); });
  if (wrong)
    return cannot_listen(s, wrong);
  return core::nothing{};
}

/// Told to whoever comes when all places are taken; there is no time to hear what they want.
void turn_away(session::socket& socket) {
  static constexpr std::string_view full =
      "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 20\r\n"
      "Retry-After: 1\r\nconnection: close\r\n\r\ntoo many connections";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(full), ignored);
}

} // namespace

void server::state::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code wrong, session::socket from) {
    if (wrong == asio::error::operation_aborted || !self->acceptor.is_open())
      return;
    if (!wrong) {
      self->accepted(std::move(from));
      return self->accept();
    }
    // Out of file descriptors: those of finished connections come back.
    self->timer.expires_after(std::chrono::milliseconds(100));
    self->timer.async_wait([self](error_code stopped) {
      if (!stopped)
        self->accept();
    });
  });
}

void server::state::accepted(session::socket from) {
  if (house->sessions.size() < house->settings.max_connections)
    std::make_shared<session>(std::move(from), house)->start();
  else if (!house->tls)
    turn_away(from);
}

server::server(std::shared_ptr<state> s) : state_(std::move(s)) {}

core::result<std::unique_ptr<server>> server::open(asio::io_context& sockets, port& house,
                                                   server_settings settings) {
  const auto at = resolve(sockets, settings);
  if (!at)
    return at.why();
  auto doorkeeper = api::gate::open(settings.access);
  if (!doorkeeper)
    return doorkeeper.why();
  std::shared_ptr<tls_context> tls;
  if (!settings.tls.certificate_file.empty()) {
    auto made = server_tls(settings.tls.certificate_file, settings.tls.key_file);
    if (!made)
      return made.why();
    tls = std::move(*made);
  }
  auto s = std::make_shared<state>(sockets, house, std::move(settings));
  s->house->tls = std::move(tls);
  s->house->services.doorkeeper = std::move(*doorkeeper);
  if (const auto listening = listen(s->acceptor, *at, s->house->settings); !listening)
    return listening.why();
  s->accept();
  return std::unique_ptr<server>(new server(std::move(s)));
}

uint16_t server::bound_port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

size_t server::connections() const {
  return state_->house->sessions.size();
}

void server::stop(std::function<void()> done) {
  auto& house = *state_->house;
  error_code ignored;
  state_->acceptor.close(ignored);
  house.stopping = true;
  if (house.sessions.empty()) {
    state_->timer.cancel();
    return asio::post(state_->sockets, std::move(done));
  }
  house.on_empty = [s = std::weak_ptr(state_), done = std::move(done)] {
    const auto self = s.lock();
    if (!self || !self->house->open)
      return;
    self->timer.cancel();
    // Later: the last session is being destroyed.
    asio::post(self->sockets, done);
  };
  state_->timer.expires_after(std::chrono::milliseconds(house.settings.stop_timeout_ms));
  state_->timer.async_wait([s = std::weak_ptr(state_)](error_code canceled) {
    const auto self = s.lock();
    if (canceled || !self)
      return;
    const std::vector<session*> late(self->house->sessions.begin(), self->house->sessions.end());
    for (const auto one : late)
      one->close();
  });
  const std::vector<session*> all(house.sessions.begin(), house.sessions.end());
  for (const auto one : all)
    one->stop();
}

server::~server() {
  auto& house = *state_->house;
  house.open = false;
  house.on_empty = nullptr;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->timer.cancel();
  const std::vector<session*> all(house.sessions.begin(), house.sessions.end());
  for (const auto one : all)
    one->close();
  house.readers.close();
  house.services.once->close();
  house.in_flight.clear();
}

} // namespace torc::net
