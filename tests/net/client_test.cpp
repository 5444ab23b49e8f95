#include "tests/net/running_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

namespace net = torc::net;

namespace {

std::string why(std::string_view url) {
  const auto parsed = net::parse_url(url);
  return parsed ? "" : parsed.why().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(client)

BOOST_AUTO_TEST_CASE(urls_are_taken_apart) {
  const auto url = net::parse_url("http://localhost:8080/torc-service/v1/");
  BOOST_REQUIRE(url.ok());
  BOOST_TEST(url->host == "localhost");
  BOOST_TEST(url->port == 8080);
  BOOST_TEST(url->base == "/torc-service/v1");
  const auto v6 = net::parse_url("http://[::1]:81");
  BOOST_REQUIRE(v6.ok());
  BOOST_TEST(v6->host == "::1");
  BOOST_TEST(v6->port == 81);
  BOOST_TEST(v6->base == "");
  BOOST_TEST(net::parse_url("http://h/x")->port == 80);
}

BOOST_AUTO_TEST_CASE(what_is_no_url_is_told_why) {
  BOOST_TEST(why("localhost:8080").find("is no server URL") != std::string::npos);
  BOOST_TEST(net::parse_url("https://h/x")->port == 443);
  BOOST_TEST(net::parse_url("https://h/x")->is_secure);
  for (const auto bad : {"http://", "http://h:0", "http://h:99999", "http://h:x", "http://[::1",
                         "http://[::1]x", "http://:80"})
    BOOST_TEST(why(bad) != "", bad);
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_said_in_words) {
  uint16_t port = 0;
  {
    running_server s;
    port = s.port();
  }
  const auto where = "127.0.0.1:" + std::to_string(port);
  auto c = net::client::at("http://" + where);
  BOOST_REQUIRE(c.ok());
  const auto reply = c->request("GET", "/ping");
  BOOST_REQUIRE(!reply.ok());
  BOOST_TEST(reply.why().message ==
             "cannot connect to " + where + ": connection refused; is torc-server running?");
}

BOOST_AUTO_TEST_CASE(a_reply_that_does_not_come_is_given_up_in_time) {
  running_server s;
  s.house.hold = true;
  net::client_settings settings;
  settings.request_timeout_ms = 30;
  auto c = net::client::at(s.url(), settings);
  const auto reply = c->request("POST", "/workflows", R"({"name":"w","user":"u"})");
  BOOST_REQUIRE(!reply.ok());
  BOOST_TEST(reply.why().message.find("no answer in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_connection_serves_many_requests) {
  net::server_settings settings;
  settings.max_connections = 1;
  running_server s(settings);
  auto c = s.connect();
  for (int i = 0; i < 5; ++i) {
    const auto reply = c.request("GET", "/ping");
    BOOST_REQUIRE(reply.ok());
    BOOST_TEST(reply->status == 200);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closed_is_opened_again) {
  net::server_settings settings;
  settings.idle_timeout_ms = 5;
  running_server s(settings);
  auto c = s.connect();
  for (int i = 0; i < 3; ++i) {
    const auto reply = c.request("GET", "/ping");
    BOOST_REQUIRE_MESSAGE(reply.ok(), (reply.ok() ? "" : reply.why().message));
    // A connection of its own that ends when the server has closed it for being idle.
    raw_connection(s.port()).read_all();
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_is_a_reply) {
  running_server s;
  const auto reply = s.ask("GET", "/workflows/5");
  BOOST_TEST(reply.status == 404);
}

/// Asks for a reply that comes in two pieces, cut at each place in turn.
void cut_everywhere(const std::string& chunks, const std::string& body) {
  namespace asio = boost::asio;
  using asio::ip::tcp;
  const auto reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
  asio::io_context io;
  tcp::acceptor door(io, {asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    for (size_t cut = 1; cut < reply.size(); ++cut) {
      auto line = door.accept();
      line.set_option(tcp::no_delay(true));
      std::string request;
      asio::read_until(line, asio::dynamic_buffer(request), "\r\n\r\n");
      asio::write(line, asio::buffer(reply.data(), cut));
      while (has_unread(line.remote_endpoint().port()))
        std::this_thread::yield();
      asio::write(line, asio::buffer(reply.data() + cut, reply.size() - cut));
    }
  });
  const auto url = "http://127.0.0.1:" + std::to_string(door.local_endpoint().port());
  for (size_t cut = 1; cut < reply.size(); ++cut) {
    auto c = net::client::at(url);
    const auto said = c->request("GET", "/ping");
    BOOST_CHECK_MESSAGE(said.ok() && said->body == body, "cut at " + std::to_string(cut));
  }
  server.join();
}

BOOST_AUTO_TEST_CASE(a_reply_may_be_cut_anywhere) {
  cut_everywhere("0\r\n\r\n", "");
  cut_everywhere("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde");
}

BOOST_AUTO_TEST_CASE(large_replies_come_whole) {
  running_server s;
  s.rows.workflows[1].id.value = 1;
  for (int64_t i = 1; i <= 20'000; ++i) {
    auto& job = s.rows.jobs[i];
    job.id.value = i;
    job.workflow.value = 1;
    job.command = std::string(200, 'x');
  }
  const auto reply = s.ask("GET", "/jobs?workflow_id=1");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.body.size() > 20'000u * 200u);
  BOOST_TEST(reply.body.ends_with(R"("count":20000,"total_count":20000,"has_more":false})"));
}

BOOST_AUTO_TEST_CASE(query_values_are_escaped) {
  BOOST_TEST(net::encode("a b&c=é/~") == "a%20b%26c%3D%C3%A9%2F~");
}

BOOST_AUTO_TEST_SUITE_END()
