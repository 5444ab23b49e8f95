#include "cli/server/program.hpp"
#include "cli/server/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <sstream>

using namespace torc::cli;

namespace {

struct fixture {
  fixture() {
    for (const char* name : {"DATABASE_URL", "TORC_LOG_DIR", "TORC_AUTH_FILE", "TORC_TLS_CERT",
                             "TORC_TLS_KEY", "TORC_ADMIN_USERS", "TORC_MAX_REQUEST_BODY_MB",
                             "TORC_COMPLETION_CHECK_INTERVAL_SECS", "XDG_DATA_HOME"})
      ::unsetenv(name);
  }
  ~fixture() {
    ::unsetenv("DATABASE_URL");
    ::unsetenv("TORC_MAX_REQUEST_BODY_MB");
  }
  torc::core::result<server_settings> read(const std::vector<std::string>& words) {
    const auto p = server_program();
    auto r = read_command_line(p, words);
    if (auto* t = std::get_if<told>(&r))
      return torc::core::refuse(torc::core::refusal::malformed, t->text);
    auto& i = std::get<invocation>(r);
    std::ostringstream out, err;
    return read_server_settings({i.global, i.options, i.arguments, out, err, std::nullopt});
  }
  server_settings must(const std::vector<std::string>& words) {
    auto s = read(words);
    if (!s)
      BOOST_FAIL(s.why().message);
    return *s;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_server_s_settings, fixture)

BOOST_AUTO_TEST_CASE(keep_to_loopback_and_to_full_durability_unless_told_otherwise) {
  const auto s = must({"run"});
  BOOST_TEST(s.host == "127.0.0.1");
  BOOST_TEST(s.port == 8080);
  BOOST_TEST(s.full_sync);
  BOOST_TEST(s.lease_ms == 15 * 60 * 1000);
  BOOST_TEST(s.max_body_bytes == int64_t{200} << 20);
}

BOOST_AUTO_TEST_CASE(need_no_word_run) {
  BOOST_TEST(must({"--port", "0", "-d", "x.db"}).database == "x.db");
  BOOST_TEST(must({}).port == 8080);
}

BOOST_AUTO_TEST_CASE(accept_the_options_of_the_original) {
  const auto s = must({"run", "--port", "0", "--completion-check-interval-secs", "0.1", "-t", "4"});
  BOOST_TEST(s.notes.size() == 2U);
}

BOOST_AUTO_TEST_CASE(take_the_database_from_the_option_before_the_environment) {
  ::setenv("DATABASE_URL", "sqlite:db/sqlite/dev.db", 1);
  BOOST_TEST(must({"run"}).database == "db/sqlite/dev.db");
  BOOST_TEST(must({"run", "-d", "other.db"}).database == "other.db");
}

BOOST_AUTO_TEST_CASE(put_the_database_into_the_user_s_data_folder_otherwise) {
  ::setenv("XDG_DATA_HOME", "/somewhere", 1);
  BOOST_TEST(must({"run"}).database == "/somewhere/torc/torc.db");
  ::unsetenv("XDG_DATA_HOME");
}

BOOST_AUTO_TEST_CASE(understand_the_forms_of_a_database_url) {
  BOOST_TEST(*database_file("sqlite:a/b.db") == "a/b.db");
  BOOST_TEST(*database_file("sqlite:///var/b.db?mode=rwc") == "/var/b.db");
  BOOST_TEST(*database_file("sqlite://b.db") == "b.db");
  BOOST_TEST(*database_file("/plain/b.db") == "/plain/b.db");
  BOOST_TEST(!database_file("postgres://host/x").ok());
  BOOST_TEST(!database_file("sqlite::memory:").ok());
  BOOST_TEST(!database_file("sqlite:").ok());
}

BOOST_AUTO_TEST_CASE(refuse_protection_that_is_not_there) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--daemon"}, {"--pid-file", "p"}}) {
    const auto s = read(words);
    BOOST_REQUIRE(!s);
    BOOST_TEST(s.why().message.find("not there yet") != std::string::npos, s.why().message);
  }
}

BOOST_AUTO_TEST_CASE(speak_https_with_a_certificate_and_its_key_alone) {
  const auto s = must({"--https", "--tls-cert", "c", "--tls-key", "k"});
  BOOST_TEST(s.tls.certificate_file == "c");
  BOOST_TEST(s.tls.key_file == "k");
  BOOST_TEST(must({}).tls.certificate_file == "");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--https"},
                                                {"--https", "--tls-cert", "c"},
                                                {"--tls-cert", "c", "--tls-key", "k"}})
    BOOST_TEST(!read(words).ok());
}

BOOST_AUTO_TEST_CASE(know_people_by_a_password_file) {
  const auto s =
      must({"--auth-file", "x", "--require-auth", "--enforce-access-control", "--admin-user", "a",
            "--admin-user", "b", "--credential-cache-ttl-secs", "5"})
          .access;
  BOOST_TEST(s.auth_file == "x");
  BOOST_TEST(s.require_auth);
  BOOST_TEST(s.enforce);
  BOOST_TEST((s.admins == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(s.credential_cache_s == 5);
  BOOST_TEST(!read({"--require-auth"}).ok());
  BOOST_TEST(!read({"--enforce-access-control"}).ok());
  BOOST_TEST(!read({"--credential-cache-ttl-secs=-1"}).ok());
}

BOOST_AUTO_TEST_CASE(refuse_the_network_unless_everybody_is_welcome_or_known) {
  BOOST_TEST(!read({"--host", "0.0.0.0"}).ok());
  BOOST_TEST(!read({"-u", "192.168.1.5"}).ok());
  BOOST_TEST(must({"--host", "0.0.0.0", "--allow-anonymous"}).allow_anonymous);
  BOOST_TEST(must({"--host", "0.0.0.0", "--auth-file", "x", "--require-auth"}).access.require_auth);
  BOOST_TEST(!read({"--host", "0.0.0.0", "--auth-file", "x"}).ok());
  for (const char* here : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
    BOOST_TEST(is_loopback(here), here);
  for (const char* there : {"0.0.0.0", "::", "10.0.0.1", "example.org", ""})
    BOOST_TEST(!is_loopback(there), there);
}

BOOST_AUTO_TEST_CASE(give_up_durability_only_by_name) {
  BOOST_TEST(!must({"--synchronous", "normal"}).full_sync);
  BOOST_TEST(!read({"--synchronous", "off"}).ok());
}

BOOST_AUTO_TEST_CASE(read_leases_with_their_units) {
  BOOST_TEST(*parse_lease("90s") == 90'000);
  BOOST_TEST(*parse_lease("15m") == 900'000);
  BOOST_TEST(*parse_lease("2h") == 7'200'000);
  BOOST_TEST(*parse_lease("7") == 7'000);
  BOOST_TEST(*parse_lease("never") == 0);
  for (const char* wrong : {"", "m", "-5s", "0", "5x", "99999999999h", "1.5h"})
    BOOST_TEST(!parse_lease(wrong).ok(), wrong);
}

BOOST_AUTO_TEST_CASE(read_how_long_a_claim_waits_for_its_start) {
  BOOST_TEST(must({"run"}).claim_timeout_ms == 600'000);
  BOOST_TEST(must({"--claim-timeout", "90s"}).claim_timeout_ms == 90'000);
  for (const char* wrong : {"never", "0", "soon"})
    BOOST_TEST(!read({"--claim-timeout", wrong}).ok(), wrong);
}

BOOST_AUTO_TEST_CASE(refuse_ports_and_body_limits_out_of_range) {
  BOOST_TEST(!read({"--port", "65536"}).ok());
  BOOST_TEST(!read({"--port", "-1"}).ok());
  ::setenv("TORC_MAX_REQUEST_BODY_MB", "3", 1);
  BOOST_TEST(must({"run"}).max_body_bytes == 3 << 20);
  ::setenv("TORC_MAX_REQUEST_BODY_MB", "many", 1);
  BOOST_TEST(!read({"run"}).ok());
}

BOOST_AUTO_TEST_CASE(come_from_a_file_of_variables_too) {
  std::istringstream file(
      "# comment\n\nA=1\nexport B = two words # end\nC=\"x # y\"\nD='q'\n=no\n");
  using pairs = std::vector<std::pair<std::string, std::string>>;
  const pairs expected = {{"A", "1"}, {"B", "two words"}, {"C", "x # y"}, {"D", "q"}};
  BOOST_TEST((read_environment_file(file) == expected));
}

BOOST_AUTO_TEST_SUITE_END()
