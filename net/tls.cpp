#include "net/tls.hpp"

#include "net/tls_errors.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace torc::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

/// Those of Mozilla's "intermediate" list that TLS 1.2 has; 1.3 brings its own.
constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384";

std::shared_ptr<tls_context> modern(tls_context::method method) {
  auto made = std::make_shared<tls_context>(method);
  auto* const raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(raw, ciphers);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return made;
}

core::error unusable(const std::string& what, const std::string& file, const error_code& why) {
  return core::refuse(core::refusal::unprocessable,
                      "cannot use " + file + " as " + what + ": " + why.message());
}

bool has_reason(const error_code& why, int reason) {
  return why.category() == boost::asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(why.value())) == reason;
}

} // namespace

core::result<std::shared_ptr<tls_context>> server_tls(const std::string& certificate_file,
                                                      const std::string& key_file) {
  const tls_files_must_load told;
  auto made = modern(tls_context::tls_server);
  // Connections live long: nobody comes back soon enough for a ticket to be worth its bytes.
  SSL_CTX_set_num_tickets(made->native_handle(), 0);
  error_code wrong;
  made->use_certificate_chain_file(certificate_file, wrong);
  if (wrong)
    return unusable("the TLS certificate", certificate_file, wrong);
  made->use_private_key_file(key_file, tls_context::pem, wrong);
  if (wrong)
    return unusable("the TLS key, which must be the certificate's", key_file, wrong);
  return made;
}

core::result<std::shared_ptr<tls_context>> client_tls(const std::string& authority_file,
                                                      bool insecure) {
  const tls_files_must_load told;
  auto made = modern(tls_context::tls_client);
  made->set_verify_mode(insecure ? ssl::verify_none : ssl::verify_peer);
  if (insecure)
    return made;
  error_code wrong;
  made->set_default_verify_paths(wrong);
  if (!authority_file.empty())
    made->load_verify_file(authority_file, wrong);
  if (wrong)
    return unusable("a certificate authority", authority_file, wrong);
  return made;
}

bool is_plain_http(const error_code& why) {
  return has_reason(why, SSL_R_HTTP_REQUEST);
}

bool is_no_tls(const error_code& why) {
  return has_reason(why, SSL_R_WRONG_VERSION_NUMBER) ||
         has_reason(why, SSL_R_PACKET_LENGTH_TOO_LONG);
}

} // namespace torc::net
