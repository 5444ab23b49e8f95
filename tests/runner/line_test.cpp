#include "actors/runner_hands.hpp"
#include "actors/runner_line.hpp"
#include "exec/guardian.hpp"
#include "exec/last_will.hpp"
#include "net/authority.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/all.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>

/// The real socket: two actor systems of this process, mutual TLS on a free port of loopback.
namespace torc::actors {

namespace {

namespace wire = core::wire;

struct fresh_folder {
  fresh_folder() {
    auto name = (std::filesystem::temp_directory_path() / "torc-line-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~fresh_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// Ends every job at once, well.
struct quick_hands final : hands {
  explicit quick_hands(std::function<void(hands_news)> t) : tell(std::move(t)) {}
  void launch(wire::order what) override {
    auto news = hands_news{};
    news.ended.emplace_back().what = what.what;
    tell(std::move(news));
  }
  void kill(int64_t) override {}
  std::function<void(hands_news)> tell;
};

core::result<runner_report> run(runner_settings s) {
  auto stop = stop_level{0};
  auto make = [](boost::asio::io_context&, std::function<void(hands_news)> tell) {
    return std::make_unique<quick_hands>(std::move(tell));
  };
  return run_runner(std::move(s), make_hands{make}, stop);
}

struct door_state {
  door_state() = default;
  std::map<int64_t, int> ends; ///< by grant
  int64_t expected = 0;
};

/// Gives each runner so many orders, and says that all is finished when they have ended.
door_actor::behavior_type giving_door(door_actor::stateful_pointer<door_state> self,
                                      int64_t orders) {
  self->state.expected = orders;
  return {
      [self](const core::sealed&, const runner_actor& runner) -> caf::result<core::sealed> {
        auto promise = self->make_response_promise<core::sealed>();
        auto w = wire::welcome{};
        w.runner = 7;
        promise.deliver(core::seal(w));
        auto r = wire::run_jobs{};
        for (int64_t g = 1; g <= self->state.expected; ++g)
          r.orders.emplace_back().what.grant = g;
        self->send(runner, core::seal(r));
        return promise;
      },
      [self](const core::sealed& envelope) {
        auto& s = self->state;
        auto runner = caf::actor_cast<runner_actor>(self->current_sender());
        auto r = core::open_sealed<wire::report>(envelope).value();
        for (auto& e : r.done)
          ++s.ends[e.what.grant];
        self->send(runner, core::seal(wire::ack{r.seq}));
        if (!r.done.empty() && static_cast<int64_t>(s.ends.size()) == s.expected)
          self->send(runner, core::seal(wire::finished{42, false}));
      },
  };
}

struct server_config : caf::actor_system_config {
  explicit server_config(const net::authority& a) {
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
    add_wire_types(*this);
    openssl_certificate = a.server_certificate_file();
    openssl_key = a.server_key_file();
    openssl_cafile = a.authority_file();
  }
};

/// What a runner of this authority is started with.
runner_settings settings_of(const net::authority& a, const std::string& folder) {
  auto made = net::make_key_and_request().value();
  auto s = runner_settings{};
  s.certificate = folder + "/runner.crt";
  s.key = folder + "/runner.key";
  s.authority = a.authority_file();
  s.slots = 4;
  s.workflow = 42;
  BOOST_REQUIRE(net::write_private(s.certificate, a.sign(made.csr_pem).value()));
  BOOST_REQUIRE(net::write_private(s.key, made.key_pem));
  return s;
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_real_line)

BOOST_AUTO_TEST_CASE(a_thousand_orders_are_run_over_mutual_tls) {
  auto folder = fresh_folder{};
  auto authority = net::authority::open(folder.path + "/keys").value();
  auto config = server_config{authority};
  auto system = caf::actor_system{config};
  auto door = system.spawn(giving_door, int64_t{1000});
  auto port = caf::openssl::publish(door, 0, "127.0.0.1");
  BOOST_REQUIRE(port);
  auto s = settings_of(authority, folder.path);
  s.port = *port;
  auto report = run(std::move(s));
  BOOST_REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.why().message));
  BOOST_TEST(report->completed == 1000);
  BOOST_TEST(report->failed == 0);
  caf::anon_send_exit(door, caf::exit_reason::kill);
}

BOOST_AUTO_TEST_CASE(a_certificate_of_another_authority_does_not_come_in) {
  auto folder = fresh_folder{};
  auto authority = net::authority::open(folder.path + "/keys").value();
  auto other = net::authority::open(folder.path + "/others").value();
  auto config = server_config{authority};
  auto system = caf::actor_system{config};
  auto door = system.spawn(giving_door, int64_t{1});
  auto port = caf::openssl::publish(door, 0, "127.0.0.1");
  BOOST_REQUIRE(port);
  auto s = settings_of(other, folder.path);
  s.port = *port;
  auto report = run(std::move(s));
  BOOST_REQUIRE(!report.ok());
  BOOST_TEST(report.why().message.find("certificate") != std::string::npos);
  caf::anon_send_exit(door, caf::exit_reason::kill);
}

BOOST_AUTO_TEST_CASE(a_port_where_nobody_listens_is_named) {
  auto folder = fresh_folder{};
  auto authority = net::authority::open(folder.path + "/keys").value();
  auto s = settings_of(authority, folder.path);
  s.port = 1;
  auto report = run(std::move(s));
  BOOST_REQUIRE(!report.ok());
  BOOST_TEST(report.why().message.find("127.0.0.1:1") != std::string::npos);
}

/// It may have been let in, by a server that was killed before it said so.
BOOST_AUTO_TEST_CASE(whoever_ends_without_a_goodbye_and_without_a_guardian_says_so_itself) {
  using boost::asio::ip::tcp;
  auto guardian = exec::start_guardian();
  BOOST_REQUIRE(guardian.ok());
  BOOST_REQUIRE(kill(guardian->pid(), SIGKILL) == 0);
  auto folder = fresh_folder{};
  auto authority = net::authority::open(folder.path + "/keys").value();
  auto io = boost::asio::io_context{};
  auto server = tcp::acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  auto s = settings_of(authority, folder.path);
  s.port = 1;
  s.output_dir = folder.path;
  s.instance = 5;
  s.last_will = [port = server.local_endpoint().port()](int64_t instance) {
    return exec::last_will{"127.0.0.1", port, "gone: " + std::to_string(instance)};
  };
  auto stop = stop_level{0};
  auto report = std::async(std::launch::async, [&] {
    auto outcome = run_runner(std::move(s), *guardian, stop);
    auto ignored = boost::system::error_code{};
    tcp::socket{io}.connect(server.local_endpoint(), ignored); // so that nobody waits for nothing
    return outcome;
  });
  auto caller = server.accept();
  auto said = std::string(7, ' ');
  boost::asio::read(caller, boost::asio::buffer(said));
  BOOST_TEST(said == "gone: 5");
  boost::asio::write(caller, boost::asio::buffer(std::string("HTTP/1.1 404 None\r\n\r\n")));
  BOOST_TEST(!report.get().ok());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace torc::actors
