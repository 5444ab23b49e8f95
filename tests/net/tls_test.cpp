#include "tests/net/running_server.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace net = torc::net;

namespace {

/// Certificates for servers, each signed by itself and so an authority, too.
struct certificates {
  certificates() {
    std::string name = (std::filesystem::temp_directory_path() / "torc_tls_XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()));
    folder = name;
  }
  ~certificates() { std::filesystem::remove_all(folder); }
  certificates(const certificates&) = delete;
  certificates& operator=(const certificates&) = delete;

  net::tls_settings make(const std::string& name, const std::string& whom = "IP:127.0.0.1") {
    net::tls_settings files{folder + "/" + name + ".crt", folder + "/" + name + ".key"};
    const auto command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                         "-days 2 -subj /CN=test -addext subjectAltName=" +
                         whom + " -out " + files.certificate_file + " -keyout " + files.key_file +
                         " 2>/dev/null";
    BOOST_REQUIRE_EQUAL(std::system(command.c_str()), 0);
    return files;
  }
  net::server_settings server(const std::string& name, const std::string& whom = "IP:127.0.0.1") {
    net::server_settings s;
    s.tls = make(name, whom);
    return s;
  }

  std::string folder;
};

net::client client_of(const running_server& s, net::trust whom) {
  net::client_settings settings;
  settings.whom = std::move(whom);
  auto c = net::client::at("https://127.0.0.1:" + std::to_string(s.port()) + "/torc-service/v1",
                           std::move(settings));
  BOOST_REQUIRE_MESSAGE(c, (c ? "" : c.why().message));
  return std::move(*c);
}

std::string why(net::client c) {
  const auto reply = c.request("GET", "/ping");
  return reply ? "status " + std::to_string(reply->status) : reply.why().message;
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(https, certificates)

BOOST_AUTO_TEST_CASE(is_spoken_with_whom_trusts_the_authority) {
  const auto settings = server("s");
  running_server s(settings);
  auto c = client_of(s, {settings.tls.certificate_file, false});
  for (int i = 0; i < 3; ++i) { // on one connection
    const auto reply = c.request("GET", "/ping");
    BOOST_REQUIRE_MESSAGE(reply, (reply ? "" : reply.why().message));
    BOOST_TEST(reply->body == R"({"status":"ok"})");
  }
  const std::string large(300'000, 'x');
  const auto reply = c.request("POST", "/workflows", R"({"name":")" + large + R"(","user":"u"})");
  BOOST_REQUIRE(reply);
  BOOST_TEST(says(reply->body, large));
}

BOOST_AUTO_TEST_CASE(a_server_of_an_authority_that_nobody_named_is_refused) {
  const auto other = make("other");
  running_server s(server("s"));
  for (const auto& ca : {std::string(), other.certificate_file}) {
    const auto said = why(client_of(s, {ca, false}));
    BOOST_TEST(says(said, "its certificate is not trusted"), said);
    BOOST_TEST(says(said, "--tls-ca-cert"), said);
  }
  BOOST_TEST(why(client_of(s, {"", true})) == "status 200");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_refused) {
  const auto settings = server("s", "DNS:example.org");
  running_server s(settings);
  const auto said = why(client_of(s, {settings.tls.certificate_file, false}));
  BOOST_TEST(says(said, "its certificate is not trusted"), said);
}

BOOST_AUTO_TEST_CASE(who_speaks_plain_http_is_told_so) {
  running_server s(server("s"));
  raw_connection c(s.port());
  c.send("GET /torc-service/v1/ping HTTP/1.1\r\nhost: x\r\n\r\n");
  const auto got = c.read_all();
  BOOST_TEST(got.starts_with("HTTP/1.1 400 "), got);
  BOOST_TEST(says(got, "This port speaks HTTPS: begin with https://"), got);
}

BOOST_AUTO_TEST_CASE(a_server_that_speaks_plain_http_is_called_that) {
  running_server s;
  const auto said = why(client_of(s, {"", true}));
  BOOST_TEST(says(said, "it does not speak TLS; begin its URL with http://"), said);
}

BOOST_AUTO_TEST_CASE(who_is_slow_to_shake_hands_holds_nobody_up_and_is_given_up) {
  auto settings = server("s");
  settings.header_timeout_ms = 300;
  running_server s(settings);
  raw_connection slow(s.port()), silent(s.port());
  slow.send("\x16\x03\x01"); // a handshake's first bytes, and no more
  BOOST_TEST(why(client_of(s, {settings.tls.certificate_file, false})) == "status 200");
  BOOST_TEST(slow.read_all() == "");
  BOOST_TEST(silent.read_all() == "");
}

BOOST_AUTO_TEST_CASE(garbage_is_no_handshake) {
  running_server s(server("s"));
  raw_connection c(s.port());
  c.send(std::string(2000, '\xff'));
  c.read_all(); // an alert perhaps, and the end
  BOOST_TEST(s.house.edits.empty());
}

BOOST_AUTO_TEST_CASE(files_that_are_none_are_named) {
  net::server_settings settings;
  settings.tls = {folder + "/none.crt", folder + "/none.key"};
  BOOST_TEST(says(why_not_open(settings), "/none.crt as the TLS certificate"));
  settings.tls = make("s");
  settings.tls.key_file = make("other").key_file;
  BOOST_TEST(says(why_not_open(settings), "/other.key as the TLS key"));
  const auto c = net::client::at("https://h", {5, 5, {folder + "/none.crt", false}});
  BOOST_REQUIRE(!c);
  BOOST_TEST(says(c.why().message, "/none.crt as a certificate authority"), c.why().message);
}

BOOST_AUTO_TEST_SUITE_END()
