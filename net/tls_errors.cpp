#include "net/tls_errors.hpp"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/// OpenSSL keeps its errors in a queue a thread, and SSL_get_error() takes whatever lies there for
/// the last call's own: the queue must be empty before each call (SSL_get_error(3)). The actor
/// library 0.17.6 does not see to that, so that one peer's death or nonsense broke the connection
/// that was read next. Its calls arrive here, since a program's own symbols come before those of
/// its libraries.
namespace {

/// OpenSSL's function of this name, not ours.
template <class F>
F* real(F*, const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

/// Lives of tls_files_must_load on this thread.
thread_local int strict = 0;

int told(int outcome) {
  return strict > 0 ? outcome : 1;
}

} // namespace

extern "C" {

int SSL_read(SSL* ssl, void* to, int size) {
  static auto* const call = real(&::SSL_read, "SSL_read");
  ERR_clear_error();
  return call(ssl, to, size);
}

int SSL_write(SSL* ssl, const void* from, int size) {
  static auto* const call = real(&::SSL_write, "SSL_write");
  ERR_clear_error();
  return call(ssl, from, size);
}

int SSL_accept(SSL* ssl) {
  static auto* const call = real(&::SSL_accept, "SSL_accept");
  ERR_clear_error();
  return call(ssl);
}

int SSL_connect(SSL* ssl) {
  static auto* const call = real(&::SSL_connect, "SSL_connect");
  ERR_clear_error();
  return call(ssl);
}

// The actor library reads these files for every connection, and throws on its own thread where it
// cannot, as when no file can be opened any more. Without them the handshake fails instead, and one
// peer with it.

int SSL_CTX_use_certificate_chain_file(SSL_CTX* context, const char* path) {
  static auto* const call =
      real(&::SSL_CTX_use_certificate_chain_file, "SSL_CTX_use_certificate_chain_file");
  return told(call(context, path));
}

int SSL_CTX_use_PrivateKey_file(SSL_CTX* context, const char* path, int type) {
  static auto* const call = real(&::SSL_CTX_use_PrivateKey_file, "SSL_CTX_use_PrivateKey_file");
  return told(call(context, path, type));
}

int SSL_CTX_load_verify_locations(SSL_CTX* context, const char* file, const char* folder) {
  static auto* const call = real(&::SSL_CTX_load_verify_locations, "SSL_CTX_load_verify_locations");
  return told(call(context, file, folder));
}
}

namespace torc::net {

void keep_tls_errors_apart() {}

tls_files_must_load::tls_files_must_load() {
  ++strict;
}

tls_files_must_load::~tls_files_must_load() {
  --strict;
}

} // namespace torc::net
