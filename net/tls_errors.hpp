#pragma once

namespace torc::net {

/// Whoever opens TLS connections through the actor library calls it once, anywhere: it brings in
/// the functions of tls_errors.cpp. Does nothing itself.
void keep_tls_errors_apart();

} // namespace torc::net
