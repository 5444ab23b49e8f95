#pragma once

namespace torc::net {

/// Whoever opens TLS connections through the actor library calls it once, anywhere: it brings in
/// the functions of tls_errors.cpp. Does nothing itself.
void keep_tls_errors_apart();

/// While it lives, a certificate, key or authority's file that cannot be loaded is told to who
/// loads it on this thread. Without it, see tls_errors.cpp, the handshake fails later.
class tls_files_must_load {
public:
  tls_files_must_load();
  ~tls_files_must_load();
  tls_files_must_load(const tls_files_must_load&) = delete;
  tls_files_must_load& operator=(const tls_files_must_load&) = delete;
};

} // namespace torc::net
