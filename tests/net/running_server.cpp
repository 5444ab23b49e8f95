#include "tests/net/running_server.hpp"

#include <arpa/inet.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace asio = boost::asio;

struct running_server::runner {
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::thread thread;
};

running_server::running_server(torc::net::server_settings settings)
    : context_(std::make_unique<asio::io_context>(1)) {
  settings.open_reader = [this] { return std::make_unique<fakes::fake_reader>(rows); };
  auto opened = torc::net::server::open(*context_, house, std::move(settings));
  BOOST_REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.why().message));
  server_ = std::move(*opened);
  port_ = server_->bound_port();
  runner_.reset(new runner{asio::make_work_guard(*context_), {}});
  runner_->thread = std::thread([this] { context_->run(); });
}

running_server::~running_server() {
  on_socket_thread([this] { server_.reset(); });
  runner_->guard.reset();
  context_->stop();
  runner_->thread.join();
}

void running_server::on_socket_thread(std::function<void()> what) {
  std::promise<void> done;
  asio::post(*context_, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

std::string running_server::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/torc-service/v1";
}

torc::net::client running_server::connect() const {
  auto c = torc::net::client::at(url());
  BOOST_REQUIRE(c.ok());
  return std::move(*c);
}

torc::net::client::answer running_server::ask(std::string_view method, std::string_view target,
                                              std::string body) const {
  auto reply = connect().request(method, target, std::move(body));
  BOOST_REQUIRE_MESSAGE(reply.ok(), (reply.ok() ? "" : reply.why().message));
  return *reply;
}

std::future<void> running_server::stop() {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  on_socket_thread([&] { server_->stop([done] { done->set_value(); }); });
  return future;
}

std::string why_not_open(torc::net::server_settings settings) {
  asio::io_context context(1);
  fakes::fake_port house;
  fakes::rows rows;
  settings.open_reader = [&] { return std::make_unique<fakes::fake_reader>(rows); };
  const auto opened = torc::net::server::open(context, house, std::move(settings));
  return opened ? "" : opened.why().message;
}

bool has_unread(unsigned port) {
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    unsigned local = 0, unsent = 0, unread = 0;
    if (std::sscanf(line.c_str(), " %*u: %*8x:%4x %*8x:%*4x %*x %8x:%8x", &local, &unsent,
                    &unread) == 3 &&
        local == port && unread > 0)
      return true;
  }
  return false;
}

raw_connection::raw_connection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE_EQUAL(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  // A server that never answers fails the test instead of hanging it.
  const timeval limit{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

raw_connection::~raw_connection() {
  ::close(fd_);
}

void raw_connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void raw_connection::finish_sending() const {
  ::shutdown(fd_, SHUT_WR);
}

void raw_connection::wait_until_read() const {
  sockaddr_in there{};
  socklen_t size = sizeof there;
  BOOST_REQUIRE_EQUAL(::getpeername(fd_, reinterpret_cast<sockaddr*>(&there), &size), 0);
  while (has_unread(ntohs(there.sin_port)))
    std::this_thread::yield();
}

std::string raw_connection::read_all() const {
  std::string all;
  char buffer[65536];
  for (;;) {
    const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0)
      return all;
    all.append(buffer, static_cast<size_t>(got));
  }
}

std::string raw_connection::read_until(std::string_view mark, int count) const {
  std::string all;
  char buffer[65536];
  for (;;) {
    int found = 0;
    for (size_t at = all.find(mark); at != std::string::npos; at = all.find(mark, at + 1))
      ++found;
    if (found >= count)
      return all;
    const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0)
      return all;
    all.append(buffer, static_cast<size_t>(got));
  }
}
