#include "net/tls_errors.hpp"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/// OpenSSL keeps its errors in a queue a thread, and SSL_get_error() takes whatever lies there for the
/// last call's own: the queue must be empty before each call (SSL_get_error(3)). The actor library
/// 0.17.6 does not see to that, so that one peer's death or nonsense broke the connection that was read
/// next. Its calls arrive here, since a program's own symbols come before those of its libraries.
namespace {

/// OpenSSL's function of this name, not ours.
template <class F>
F* real(F*, const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
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
}

namespace torc::net {

void keep_tls_errors_apart() {}

} // namespace torc::net
