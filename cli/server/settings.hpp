#pragma once

#include "cli/frame/command.hpp"
#include "core/result.hpp"
#include "net/settings.hpp"
#include "net/trace_settings.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace torc::cli {

/// How a server is started, from the command line of torc-server or by `torc run` for itself.
struct server_settings {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;     ///< 0: any free one
  uint16_t runner_port = 0; ///< 0: any free one
  std::string database;     ///< a file
  bool full_sync = true;
  bool allow_anonymous =
      false; ///< somebody else's hosts may connect, and nobody is asked who they are
  int64_t lease_ms = 15 * 60 * 1000; ///< 0: never
  int64_t claim_timeout_ms = 10 * 60 * 1000;
  int64_t max_body_bytes = int64_t{200} << 20;

  net::access_settings access;
  net::trace_settings traces;
  net::tls_settings tls; ///< empty: plain HTTP

  std::string log_filter = "info"; ///< as RUST_LOG has it; see log_filter
  std::string log_dir;             ///< empty: stderr alone
  bool json_logs = false;

  std::vector<std::string> notes; ///< worth a line in the log once it is open
};

/// Declares the options of `torc-server run`.
void add_server_options(po::options_description& to);

/// Reads them and the environment. Refuses, in one sentence, what this version cannot do and what
/// would be unsafe to ignore.
core::result<server_settings> read_server_settings(const call& c);

/// Declares -d and --database.
void add_database_option(po::options_description& to);
/// The file that this option or DATABASE_URL names, else the default one.
core::result<std::string> named_database(const call& c);

/// The file that "sqlite:db/dev.db", "sqlite:///var/x.db?mode=rwc" or "db/dev.db" name.
/// Refuses other databases and those that live in memory only.
core::result<std::string> database_file(std::string_view url_or_path);

/// $XDG_DATA_HOME/torc/torc.db or ~/.local/share/torc/torc.db.
std::string default_database();

/// True for names and addresses that only this host can reach.
bool is_loopback(const std::string& host);

/// "15m", "90s", "2h", a number of seconds, or "never" (0) as milliseconds.
core::result<int64_t> parse_lease(const std::string& text);
/// The same without "never".
core::result<int64_t> parse_claim_timeout(const std::string& text);

/// Sets the variables that a file of K=V lines names and the environment does not have yet. A
/// missing file sets nothing. @pre no thread runs yet
void load_environment_file(const std::string& path);
/// The pairs of such a file: comments, blank lines, `export ` and quotes understood.
std::vector<std::pair<std::string, std::string>> read_environment_file(std::istream& in);

} // namespace torc::cli
