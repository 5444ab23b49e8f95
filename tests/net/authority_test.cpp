#include "net/authority.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace net = torc::net;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/torc_authority_XXXXXX";
    path = ::mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

unsigned mode_of(const std::string& path) {
  struct stat facts {};
  BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 0777u;
}

net::authority open(const std::string& path) {
  auto a = net::authority::open(path);
  BOOST_REQUIRE_MESSAGE(a.ok(), (a.ok() ? "" : a.why().message));
  return std::move(*a);
}

} // namespace

BOOST_AUTO_TEST_SUITE(authority)

BOOST_AUTO_TEST_CASE(its_files_are_for_its_owner_alone) {
  const folder f;
  const auto a = open(f.path + "/ca");
  BOOST_TEST(mode_of(f.path + "/ca") == 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(f.path + "/ca"))
    BOOST_TEST(mode_of(entry.path()) == 0600u, entry.path());
  BOOST_TEST(text_of(a.authority_file()) == a.certificate_pem());
}

BOOST_AUTO_TEST_CASE(the_second_start_finds_what_the_first_has_made) {
  const folder f;
  const auto first = open(f.path + "/ca");
  const auto server = text_of(first.server_certificate_file());
  const auto second = open(f.path + "/ca");
  BOOST_TEST(first.certificate_pem() == second.certificate_pem());
  BOOST_TEST(server == text_of(second.server_certificate_file()));
}

BOOST_AUTO_TEST_CASE(each_role_is_good_for_itself_alone) {
  const folder f;
  const auto a = open(f.path + "/ca");
  const auto server = text_of(a.server_certificate_file());
  const auto made = net::make_key_and_request();
  BOOST_REQUIRE(made.ok());
  const auto runner = a.sign(made->csr_pem);
  BOOST_REQUIRE(runner.ok());
  using net::certificate_role;
  BOOST_TEST(net::verify(server, a.certificate_pem(), certificate_role::server).ok());
  BOOST_TEST(net::verify(*runner, a.certificate_pem(), certificate_role::client).ok());
  BOOST_TEST(!net::verify(server, a.certificate_pem(), certificate_role::client).ok());
  BOOST_TEST(!net::verify(*runner, a.certificate_pem(), certificate_role::server).ok());
}

BOOST_AUTO_TEST_CASE(another_authority_does_not_know_its_runners) {
  const folder f;
  const auto one = open(f.path + "/one");
  const auto other = open(f.path + "/other");
  const auto made = net::make_key_and_request();
  const auto runner = one.sign(made->csr_pem);
  BOOST_REQUIRE(runner.ok());
  BOOST_TEST(!net::verify(*runner, other.certificate_pem(), net::certificate_role::client).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_request_is_not_signed) {
  const folder f;
  const auto a = open(f.path + "/ca");
  BOOST_TEST(!a.sign("").ok());
  BOOST_TEST(!a.sign("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n").ok());
  BOOST_TEST(!a.sign(a.certificate_pem()).ok());
  auto made = net::make_key_and_request();
  auto& csr = made->csr_pem;
  // The last characters before the padding belong to the signature.
  const auto at = csr.rfind("\n-----END") - 8;
  csr[at] = csr[at] == 'A' ? 'B' : 'A';
  const auto forged = a.sign(csr);
  BOOST_REQUIRE(!forged.ok());
  BOOST_TEST((forged.why().why == torc::core::refusal::malformed));
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_named_and_not_replaced) {
  const folder f;
  { const auto a = open(f.path + "/ca"); }
  std::ofstream(f.path + "/ca/authority.key") << "rubbish";
  const auto again = net::authority::open(f.path + "/ca");
  BOOST_REQUIRE(!again.ok());
  BOOST_TEST(again.why().message.find(f.path + "/ca") != std::string::npos);
  BOOST_TEST(text_of(f.path + "/ca/authority.key") == "rubbish");
}

BOOST_AUTO_TEST_CASE(a_lost_server_certificate_is_made_anew) {
  const folder f;
  { const auto a = open(f.path + "/ca"); }
  std::filesystem::remove(f.path + "/ca/server.pem");
  const auto a = open(f.path + "/ca");
  BOOST_TEST(net::verify(text_of(a.server_certificate_file()), a.certificate_pem(),
                         net::certificate_role::server)
                 .ok());
}

BOOST_AUTO_TEST_CASE(secrets_differ_and_lie_in_private_files) {
  const folder f;
  const auto secret = net::random_secret();
  BOOST_TEST(secret.size() == 64u);
  BOOST_TEST(secret != net::random_secret());
  BOOST_REQUIRE(net::write_private(f.path + "/secret", secret).ok());
  BOOST_TEST(mode_of(f.path + "/secret") == 0600u);
  BOOST_TEST(text_of(f.path + "/secret") == secret);
  BOOST_TEST(!net::write_private(f.path + "/no/such/folder", secret).ok());
}

BOOST_AUTO_TEST_SUITE_END()
