#include "tests/net/running_server.hpp"

#include <boost/test/unit_test.hpp>

using torc::net::server_settings;

namespace {

const std::string ping = "GET /torc-service/v1/ping HTTP/1.1\r\nhost: x\r\n\r\n";

std::string post(std::string_view path, std::string_view body) {
  return "POST /torc-service/v1" + std::string(path) +
         " HTTP/1.1\r\nhost: x\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(every_reply_carries_the_safety_headers_and_echoes_the_span) {
  running_server s;
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.1\r\nhost: x\r\nx-span-id: abc-1\r\n\r\n");
  const auto reply = c.read_until("\"ok\"}");
  BOOST_TEST(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(contains(reply, "\r\nx-span-id: abc-1\r\n"));
  BOOST_TEST(contains(reply, "\r\nX-Content-Type-Options: nosniff\r\n"));
  BOOST_TEST(contains(reply, "\r\nX-Frame-Options: DENY\r\n"));
  BOOST_TEST(contains(reply, "\r\ncontent-type: application/json\r\n"));
}

BOOST_AUTO_TEST_CASE(a_span_of_its_own_comes_where_the_request_has_none) {
  running_server s;
  raw_connection c(s.port());
  c.send(ping);
  const auto reply = c.read_until("\"ok\"}");
  const auto at = reply.find("x-span-id: ");
  BOOST_REQUIRE(at != std::string::npos);
  BOOST_TEST(reply.find("\r\n", at) - at == std::string("x-span-id: ").size() + 32);
}

BOOST_AUTO_TEST_CASE(a_connection_serves_many_requests_one_after_another) {
  running_server s;
  raw_connection c(s.port());
  for (int i = 0; i < 3; ++i) {
    c.send(ping);
    BOOST_TEST(contains(c.read_until("\"ok\"}"), "200 OK"));
  }
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order) {
  running_server s;
  raw_connection c(s.port());
  c.send(ping + "GET /torc-service/v1/version HTTP/1.1\r\nhost: x\r\n\r\n" + ping);
  const auto replies = c.read_until("\"ok\"}", 2);
  BOOST_TEST(replies.find("api_version") > replies.find("\"ok\""));
  BOOST_TEST(replies.find("api_version") < replies.rfind("\"ok\""));
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_byte_by_byte_is_read) {
  running_server s;
  raw_connection c(s.port());
  for (const char byte : ping)
    c.send({&byte, 1});
  BOOST_TEST(contains(c.read_until("\"ok\"}"), "200 OK"));
}

BOOST_AUTO_TEST_CASE(half_a_request_and_then_nothing_harms_nobody) {
  running_server s;
  {
    raw_connection c(s.port());
    c.send(
        "POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"na");
  }
  raw_connection half_header(s.port());
  half_header.send("GET /torc-serv");
  half_header.finish_sending();
  BOOST_TEST(half_header.read_all() == "");
  BOOST_TEST(s.ask("GET", "/ping").status == 200);
  BOOST_TEST(s.house.edits.empty());
}

BOOST_AUTO_TEST_CASE(connection_close_is_obeyed) {
  running_server s;
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  BOOST_TEST(contains(c.read_all(), "connection: close"));
}

BOOST_AUTO_TEST_CASE(an_old_client_of_http_1_0_is_answered_and_left) {
  running_server s;
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.0\r\n\r\n");
  BOOST_TEST(contains(c.read_all(), "{\"status\":\"ok\"}"));
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_told_so) {
  running_server s;
  for (const std::string_view garbage :
       {"\x16\x03\x01\x02\x01\x01\xfc\x03\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/7.3\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: abc\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n"}) {
    raw_connection c(s.port());
    c.send(garbage);
    BOOST_TEST(c.read_all().starts_with("HTTP/1.1 400 "), garbage);
  }
}

BOOST_AUTO_TEST_CASE(a_huge_header_is_refused) {
  running_server s;
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.1\r\nx: " + std::string(200'000, 'a') + "\r\n\r\n");
  BOOST_TEST(c.read_all().starts_with("HTTP/1.1 431 "));
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_refused_by_its_length_and_by_its_chunks) {
  server_settings settings;
  settings.max_body_bytes = 1000;
  running_server s(settings);
  raw_connection announced(s.port());
  announced.send(post("/workflows", std::string(1001, 'x')));
  const auto reply = announced.read_until("too large");
  BOOST_TEST(reply.starts_with("HTTP/1.1 413 "));
  BOOST_TEST(contains(reply, "\r\n\r\nRequest body too large"));
  raw_connection chunked(s.port());
  chunked.send("POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\n"
               "transfer-encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i)
    chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  BOOST_TEST(chunked.read_until("too large").starts_with("HTTP/1.1 413 "));
  raw_connection within(s.port());
  within.send(post("/workflows", "{" + std::string(998, ' ') + "}"));
  BOOST_TEST(within.read_until("missing field").starts_with("HTTP/1.1 400 "));
}

BOOST_AUTO_TEST_CASE(a_last_chunk_may_come_in_pieces_and_with_nonsense_behind_it) {
  running_server s;
  const std::string head = "POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\n"
                           "transfer-encoding: chunked\r\n\r\n";
  raw_connection whole(s.port());
  whole.send(head + "0\r\n\r");
  whole.wait_until_read();
  whole.send("\n");
  BOOST_TEST(whole.read_until("Missing required").starts_with("HTTP/1.1 400 "));
  raw_connection wrong(s.port());
  wrong.send(head + "0\r\n{");
  wrong.wait_until_read();
  wrong.send("}\r\n\r\n");
  BOOST_TEST(wrong.read_until("not HTTP").starts_with("HTTP/1.1 400 "));
}

BOOST_AUTO_TEST_CASE(all_bodies_together_have_a_limit_and_it_is_given_back) {
  server_settings settings;
  settings.max_memory_bytes = 100'000;
  running_server s(settings);
  raw_connection c(s.port());
  c.send(post("/workflows", std::string(150'000, ' ')));
  BOOST_TEST(c.read_until("at once").starts_with("HTTP/1.1 503 "));
  const std::string large = R"({"name":"w","user":")" + std::string(70'000, 'u') + "\"}";
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(s.ask("POST", "/workflows", large).status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_that_expects_a_continue_gets_one) {
  running_server s;
  raw_connection c(s.port());
  c.send("POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n"
         "content-length: 23\r\n\r\n");
  BOOST_TEST(c.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  c.send(R"({"name":"w","user":"u"})");
  BOOST_TEST(c.read_until("}").starts_with("HTTP/1.1 200 OK"));
}

BOOST_AUTO_TEST_CASE(who_comes_when_all_places_are_taken_is_turned_away) {
  server_settings settings;
  settings.max_connections = 2;
  running_server s(settings);
  raw_connection first(s.port()), second(s.port());
  for (const auto* c : {&first, &second}) {
    c->send(ping);
    c->read_until("\"ok\"}");
  }
  raw_connection third(s.port());
  BOOST_TEST(third.read_all().starts_with("HTTP/1.1 503 "));
  first.send(ping);
  BOOST_TEST(contains(first.read_until("\"ok\"}"), "200 OK"));
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_in_time) {
  server_settings settings;
  settings.idle_timeout_ms = 20;
  running_server s(settings);
  raw_connection c(s.port());
  BOOST_TEST(c.read_all() == "");
}

BOOST_AUTO_TEST_CASE(a_header_that_does_not_end_is_cut_off_in_time) {
  server_settings settings;
  settings.header_timeout_ms = 20;
  running_server s(settings);
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.1\r\n");
  BOOST_TEST(c.read_all() == "");
}

BOOST_AUTO_TEST_CASE(a_stop_lets_the_request_in_flight_finish) {
  running_server s;
  s.house.hold = true;
  raw_connection idle(s.port());
  idle.send(ping);
  idle.read_until("\"ok\"}");
  raw_connection busy(s.port());
  busy.send(post("/workflows", R"({"name":"w","user":"u"})"));
  // The socket thread takes one thing at a time: once it has answered this, it has the other, too.
  size_t held = 0;
  while (held == 0)
    s.on_socket_thread([&] { held = s.house.held.size(); });
  auto stopped = s.stop();
  BOOST_TEST(idle.read_all() == "");
  BOOST_TEST((stopped.wait_for(std::chrono::seconds(0)) == std::future_status::timeout));
  s.on_socket_thread([&] { s.house.held.front()(); });
  const auto reply = busy.read_all();
  BOOST_TEST(contains(reply, "\"id\":41"));
  BOOST_TEST(contains(reply, "connection: close"));
  stopped.wait();
}

BOOST_AUTO_TEST_CASE(a_stop_without_any_connection_is_done_at_once) {
  running_server s;
  s.stop().wait();
  auto c = s.connect();
  BOOST_TEST(!c.request("GET", "/ping").ok());
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_ever) {
  server_settings settings;
  settings.stop_timeout_ms = 20;
  running_server s(settings);
  raw_connection slow(s.port());
  slow.send("POST /torc-service/v1/workflows HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
  // Once the reply is here, the slow connection has been accepted, too.
  raw_connection other(s.port());
  other.send(ping);
  other.read_until("\"ok\"}");
  s.stop().wait();
  BOOST_TEST(slow.read_all() == "");
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_away_leaves_calls_in_flight_unanswered_and_unharmed) {
  auto s = std::make_unique<running_server>();
  s->house.hold = true;
  raw_connection c(s->port());
  c.send(post("/workflows", R"({"name":"w","user":"u"})"));
  size_t held = 0;
  while (held == 0)
    s->on_socket_thread([&] { held = s->house.held.size(); });
  s.reset();
  BOOST_TEST(c.read_all() == "");
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_had_is_told) {
  server_settings settings;
  settings.host = "203.0.113.7"; // of a documentation network: no interface of ours has it
  const auto why = why_not_open(settings);
  BOOST_TEST(contains(why, "cannot listen on 203.0.113.7:0: "));
}

BOOST_AUTO_TEST_SUITE_END()
