#include "net/api/all.hpp"
#include "net/api/gate.hpp"
#include "net/session.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/net/fake_port.hpp"
#include "tests/net/fake_reader.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

using namespace torc;

namespace {

/// The whole HTTP side of a server, with a house and a database that are fakes, in one thread.
struct http_side {
  fakes::rows rows;
  fakes::fake_port port;
  boost::asio::io_context sockets{1};
  std::shared_ptr<net::session_house> house;

  http_side() {
    rows.workflows[1].id.value = 1;
    rows.statuses[1].id.value = 1;
    auto& job = rows.jobs[1];
    job.id.value = job.workflow.value = 1;
    net::server_settings settings;
    settings.worker_threads = 0;
    settings.max_body_bytes = 64 * 1024;
    settings.open_reader = [this] { return std::make_unique<fakes::fake_reader>(rows); };
    house = std::make_shared<net::session_house>(sockets, port, std::move(settings));
    net::api::add_all(house->routes, house->services);
    house->services.doorkeeper = *net::api::gate::open({});
  }

  /// What was asked for would fill the memory in the long run.
  void forget() {
    port.edits.clear();
    port.controls.clear();
    port.offers.clear();
    port.completed.clear();
    port.keys.clear();
    port.gone.clear();
  }

  /// One connection that sends so many bytes at a time and then says no more, until it is closed.
  void serve(std::string_view bytes, size_t piece) {
    std::array<int, 2> ends{};
    test::must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
               "there are sockets");
    boost::system::error_code wrong;
    net::session::socket ours(sockets);
    ours.assign(net::session::tcp::v4(), ends[0], wrong); // Asio asks for no address.
    std::make_shared<net::session>(std::move(ours), house)->start();
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      static_cast<void>(send(ends[1], bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL));
      sockets.restart();
      sockets.poll();
    }
    shutdown(ends[1], SHUT_WR);
    std::array<char, 4096> reply{};
    for (int idle = 0; !house->sessions.empty() && idle < most_idle; ++idle) {
      sockets.restart();
      if (sockets.poll() > 0)
        idle = 0;
      while (read(ends[1], reply.data(), reply.size()) > 0)
        idle = 0;
    }
    const auto left = house->sessions; // Those that would wait for a timer.
    for (auto* one : left)
      one->close();
    close(ends[1]);
    sockets.restart();
    sockets.poll();
    test::must(house->sessions.empty(), "a connection that is closed is gone");
    test::must(house->memory.used() == 0, "its memory is given back");
    forget();
  }

  static constexpr int most_idle = 100;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& side = *new http_side; // It lives as long as the fuzzer.
  if (size > 32 * 1024)
    return 0;
  side.serve(test::text_of(data, size), size);
  // What comes in pieces may be cut at every place.
  if (constexpr size_t most_in_pieces = 512; size <= most_in_pieces)
    side.serve(test::text_of(data, size), 1 + size % 7);
  return 0;
}
