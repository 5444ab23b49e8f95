#include "cli/server/settings.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace torc::cli {

namespace {

/// Options of torc's server whose absence somebody would only notice after a break-in.
core::result<core::nothing> refuse_missing_protection(const call& c) {
  struct missing {
    const char* option;
    const char* variable;
    const char* instead;
  };
  constexpr missing all[] = {
      {"daemon", nullptr, "start it from a service manager, or with nohup"},
      {"pid-file", nullptr, "start it from a service manager"},
  };
  for (const auto& m : all) {
    const bool is_switch =
        c.options.count(m.option) > 0 && c.options[m.option].value().type() == typeid(bool);
    const bool given = is_switch ? c.get<bool>(m.option) : c.has(m.option);
    if (given)
      return core::refuse(core::refusal::unprocessable,
                          std::string("--") + m.option + " is not there yet; " + m.instead);
    if (m.variable != nullptr && environment(m.variable))
      return core::refuse(core::refusal::unprocessable, std::string(m.variable) +
                                                            " is set, but this version does not "
                                                            "know it yet; " +
                                                            m.instead);
  }
  return core::nothing{};
}

core::result<uint16_t> port_of(const call& c, const char* option) {
  const auto n = c.get<int64_t>(option);
  if (n < 0 || n > std::numeric_limits<uint16_t>::max())
    return core::refuse(core::refusal::malformed,
                        std::string("--") + option + " must lie between 0 and 65535");
  return static_cast<uint16_t>(n);
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return n;
}

/// "15m", "90s", "2h" or a number of seconds.
std::optional<int64_t> milliseconds_of(std::string_view text) {
  constexpr int64_t longest_s = 365LL * 24 * 3600;
  int64_t unit = 1;
  if (!text.empty()) {
    const char last = text.back();
    unit = last == 'h' ? 3600 : last == 'm' ? 60 : 1;
    if (last == 'h' || last == 'm' || last == 's')
      text.remove_suffix(1);
  }
  const auto n = whole_number(text);
  if (!n || *n < 1 || *n > longest_s / unit)
    return std::nullopt;
  return *n * unit * 1000;
}

void note_accepted(const call& c, server_settings& s) {
  if (c.has("completion-check-interval-secs") || environment("TORC_COMPLETION_CHECK_INTERVAL_SECS"))
    s.notes.emplace_back("--completion-check-interval-secs has nothing to do here: a completion "
                         "releases its successors at once");
  if (c.has("threads"))
    s.notes.emplace_back("--threads has nothing to do here: the rooms have their threads");
  if (c.has("credential-cache-ttl-secs") && s.access.auth_file.empty())
    s.notes.emplace_back("--credential-cache-ttl-secs has nothing to do without an --auth-file");
}

core::result<net::access_settings> access_of(const call& c) {
  net::access_settings a;
  a.auth_file =
      c.maybe<std::string>("auth-file").value_or(environment("TORC_AUTH_FILE").value_or(""));
  a.require_auth = c.get<bool>("require-auth");
  a.enforce = c.get<bool>("enforce-access-control");
  a.admins = c.maybe<std::vector<std::string>>("admin-user").value_or(std::vector<std::string>{});
  if (const auto admin = environment("TORC_ADMIN_USERS"))
    a.admins.push_back(*admin);
  const auto text = environment("TORC_CREDENTIAL_CACHE_TTL_SECS");
  const auto cached = c.maybe<int64_t>("credential-cache-ttl-secs");
  if (cached || text)
    a.credential_cache_s = cached ? *cached : whole_number(*text).value_or(-1);
  if (a.credential_cache_s < 0)
    return core::refuse(core::refusal::malformed,
                        "--credential-cache-ttl-secs must be a whole number of seconds");
  if (a.auth_file.empty() && (a.require_auth || a.enforce))
    return core::refuse(core::refusal::unprocessable,
                        "--require-auth and --enforce-access-control need an --auth-file to know "
                        "people by");
  return a;
}

core::result<net::tls_settings> tls_of(const call& c) {
  const auto file = [&](const char* option, const char* variable) {
    return c.maybe<std::string>(option).value_or(environment(variable).value_or(""));
  };
  net::tls_settings tls{file("tls-cert", "TORC_TLS_CERT"), file("tls-key", "TORC_TLS_KEY")};
  const bool wanted = c.get<bool>("https");
  if (wanted && (tls.certificate_file.empty() || tls.key_file.empty()))
    return core::refuse(core::refusal::unprocessable,
                        "--https needs a certificate and its key: --tls-cert FILE --tls-key FILE");
  if (!wanted && (c.has("tls-cert") || c.has("tls-key")))
    return core::refuse(core::refusal::unprocessable,
                        "--tls-cert and --tls-key do nothing without --https");
  return wanted ? tls : net::tls_settings{};
}

core::result<int64_t> body_limit() {
  constexpr int64_t most_mib = 64 * 1024;
  const auto text = environment("TORC_MAX_REQUEST_BODY_MB");
  if (!text)
    return server_settings{}.max_body_bytes;
  const auto mib = whole_number(*text);
  if (!mib || *mib < 1 || *mib > most_mib)
    return core::refuse(
        core::refusal::malformed,
        "TORC_MAX_REQUEST_BODY_MB must be a whole number of MiB between 1 and 65536");
  return *mib << 20;
}

} // namespace

void add_server_options(po::options_description& to) {
  add_database_option(to);
  to.add_options()("host,H", po::value<std::string>()->value_name("ADDRESS"),
                   "where to listen [default 127.0.0.1]")(
      "url,u", po::value<std::string>()->value_name("ADDRESS"), "the same as --host")(
      "port,p", po::value<int64_t>()->default_value(8080)->value_name("PORT"),
      "HTTP port; 0 picks a free one")("runner-port",
                                       po::value<int64_t>()->default_value(0)->value_name("PORT"),
                                       "port for runners; 0 picks a free one")(
      "synchronous", po::value<std::string>()->default_value("full")->value_name("full|normal"),
      "normal survives a crash of the program but may lose the last commits when power fails")(
      "lease", po::value<std::string>()->default_value("15m")->value_name("TIME"),
      "how long a silent runner keeps its jobs: 90s, 15m, 2h or never")(
      "claim-timeout", po::value<std::string>()->default_value("10m")->value_name("TIME"),
      "how long a job that was claimed over HTTP waits for its start before others may have it")(
      "allow-anonymous", po::bool_switch(),
      "listen beyond this host although nobody is asked for a password")(
      "log-dir", po::value<std::string>()->value_name("FOLDER"),
      "log to torc-server.log there too [env TORC_LOG_DIR]")("json-logs", po::bool_switch(),
                                                             "one JSON object per log line")(
      "completion-check-interval-secs,c", po::value<double>()->value_name("SECONDS"),
      "accepted; completions are never waited for")(
      "threads,t", po::value<int64_t>()->value_name("N"), "accepted; has no effect")(
      "auth-file", po::value<std::string>()->value_name("FILE"),
      "users and their bcrypt hashes, as htpasswd -B writes them [env TORC_AUTH_FILE]")(
      "require-auth", po::bool_switch(), "refuse who gives no user and password")(
      "enforce-access-control", po::bool_switch(),
      "show a workflow to its owner, to admins and to groups it is shared with only")(
      "admin-user", po::value<std::vector<std::string>>()->value_name("USER"),
      "may see and change everything; may be repeated [env TORC_ADMIN_USERS]")(
      "credential-cache-ttl-secs", po::value<int64_t>()->value_name("SECONDS"),
      "how long a checked password is believed [60]")("https", po::bool_switch(),
                                                      "speak HTTP by TLS alone")(
      "tls-cert", po::value<std::string>()->value_name("FILE"),
      "the certificate, PEM, with what leads to its authority [env TORC_TLS_CERT]")(
      "tls-key", po::value<std::string>()->value_name("FILE"), "its key, PEM [env TORC_TLS_KEY]")(
      "daemon", po::bool_switch(), "")("pid-file", po::value<std::string>(), "");
}

core::result<server_settings> read_server_settings(const call& c) {
  if (auto ok = refuse_missing_protection(c); !ok)
    return ok.why();
  server_settings s;
  s.host = c.maybe<std::string>("host").value_or(c.maybe<std::string>("url").value_or(s.host));
  s.allow_anonymous = c.get<bool>("allow-anonymous");
  auto access = access_of(c);
  if (!access)
    return access.why();
  s.access = std::move(*access);
  if (!is_loopback(s.host) && !s.allow_anonymous && !s.access.require_auth)
    return core::refuse(core::refusal::unprocessable,
                        "listening on " + s.host +
                            " lets everybody on the network run commands as you; ask for passwords "
                            "by --auth-file FILE --require-auth, say --allow-anonymous if that is "
                            "wanted, or keep to 127.0.0.1");
  const auto port = port_of(c, "port");
  if (!port)
    return port.why();
  const auto runner_port = port_of(c, "runner-port");
  if (!runner_port)
    return runner_port.why();
  s.port = *port;
  s.runner_port = *runner_port;

  auto database = named_database(c);
  if (!database)
    return database.why();
  s.database = std::move(*database);

  const auto& synchronous = c.get<std::string>("synchronous");
  if (synchronous != "full" && synchronous != "normal")
    return core::refuse(core::refusal::malformed,
                        "--synchronous knows full and normal, not '" + synchronous + "'");
  s.full_sync = synchronous == "full";
  const auto lease = parse_lease(c.get<std::string>("lease"));
  if (!lease)
    return lease.why();
  s.lease_ms = *lease;
  const auto claim_timeout = parse_claim_timeout(c.get<std::string>("claim-timeout"));
  if (!claim_timeout)
    return claim_timeout.why();
  s.claim_timeout_ms = *claim_timeout;
  const auto limit = body_limit();
  if (!limit)
    return limit.why();
  s.max_body_bytes = *limit;

  auto tls = tls_of(c);
  if (!tls)
    return tls.why();
  s.tls = std::move(*tls);

  s.traces = net::read_trace_settings(environment, "torc-server");
  s.notes.insert(s.notes.end(), s.traces.notes.begin(), s.traces.notes.end());
  if (s.traces.exports())
    s.notes.push_back("traces go to " + s.traces.url);
  s.log_filter = c.global.log_filter;
  s.log_dir = c.maybe<std::string>("log-dir").value_or(environment("TORC_LOG_DIR").value_or(""));
  s.json_logs = c.get<bool>("json-logs");
  note_accepted(c, s);
  return s;
}

core::result<std::string> database_file(std::string_view text) {
  std::string_view path = text;
  const auto scheme = path.find(':');
  if (path.starts_with("sqlite:")) {
    path.remove_prefix(7);
    if (path.starts_with("//"))
      path.remove_prefix(2);
    path = path.substr(0, path.find('?'));
  } else if (scheme != std::string_view::npos && path.substr(scheme).starts_with("://")) {
    return core::refuse(core::refusal::malformed,
                        "the database must be a SQLite file (sqlite:FILE), not '" +
                            std::string(path.substr(0, scheme)) + "'");
  }
  if (path.empty())
    return core::refuse(core::refusal::malformed, "the database needs a file name: sqlite:FILE");
  if (path == ":memory:")
    return core::refuse(core::refusal::malformed,
                        "a database in memory would not survive a restart; name a file");
  return std::string(path);
}

void add_database_option(po::options_description& to) {
  to.add_options()("database,d", po::value<std::string>()->value_name("FILE"),
                   "the database, made where missing [env DATABASE_URL=sqlite:FILE]");
}

core::result<std::string> named_database(const call& c) {
  auto database = c.maybe<std::string>("database");
  if (!database)
    database = environment("DATABASE_URL");
  return database ? database_file(*database) : default_database();
}

std::string default_database() {
  if (const auto data = environment("XDG_DATA_HOME"))
    return *data + "/torc/torc.db";
  return environment("HOME").value_or(".") + "/.local/share/torc/torc.db";
}

bool is_loopback(const std::string& host) {
  if (host == "localhost")
    return true;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1)
    return address[0] == 127;
  return ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1 &&
         std::equal(address.begin(), address.end(), in6addr_loopback.s6_addr);
}

core::result<int64_t> parse_lease(const std::string& text) {
  const auto time = text == "never" ? std::optional<int64_t>(0) : milliseconds_of(text);
  if (!time)
    return core::refuse(core::refusal::malformed,
                        "--lease must be a time such as 90s, 15m or 2h, or never");
  return *time;
}

core::result<int64_t> parse_claim_timeout(const std::string& text) {
  const auto time = milliseconds_of(text);
  if (!time)
    return core::refuse(core::refusal::malformed,
                        "--claim-timeout must be a time such as 90s, 10m or 2h");
  return *time;
}

} // namespace torc::cli
