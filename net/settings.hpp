#pragma once

#include "net/trace_exporter.hpp"
#include "net/workers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace torc::net {

/// What handlers need to know of the program they run in.
struct api_settings {
  std::string server_name = "torc-server"; ///< told by GET /version
  std::string version = "0.1.0";
  /// What a runner on this host must show to have its key signed: the content of the 0600 file.
  std::string runner_secret;
  std::string runner_secret_path;
  /// Sign for everybody, also from other hosts and without the secret.
  bool allow_anonymous = false;
  std::shared_ptr<trace_exporter> traces = {}; ///< where spans go; may be nowhere
};

/// Who may do what. Without a password file everybody is anonymous, and may do everything.
struct access_settings {
  std::string auth_file;           ///< htpasswd lines with bcrypt hashes; empty: none
  bool require_auth = false;       ///< nobody is anonymous
  bool enforce = false;            ///< workflows are for their owner, admins and groups shared with
  std::vector<std::string> admins; ///< who may do everything
  int64_t credential_cache_s = 60; ///< how long a checked password is not checked again; 0: always
};

/// Where both are empty, HTTP is not encrypted.
struct tls_settings {
  std::string certificate_file, key_file;
};

struct server_settings {
  std::string host = "127.0.0.1"; ///< a name or an address
  uint16_t port = 0;              ///< 0: a free one
  uint64_t max_body_bytes = uint64_t{200} << 20;
  /// All request bodies and replies that are in memory at one time.
  uint64_t max_memory_bytes = uint64_t{512} << 20;
  uint32_t max_header_bytes = 64 * 1024;
  size_t max_connections = 1024;
  int idle_timeout_ms = 120'000;  ///< between two requests
  int header_timeout_ms = 15'000; ///< from a header's first byte to its last
  int stall_timeout_ms = 60'000;  ///< without any byte of a body, or of a reply, getting through
  int keep_alive_ms = 15'000;     ///< a stream without events says so that it lives
  int stop_timeout_ms = 10'000;   ///< for requests in flight when the server stops
  int worker_threads = 2;
  workers::factory open_reader; ///< called once in each worker thread
  api_settings api;
  access_settings access;
  tls_settings tls;
};

} // namespace torc::net
