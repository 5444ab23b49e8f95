#pragma once

#include "core/result.hpp"

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace boost::system {
class error_code;
}

/// TLS by OpenSSL, 1.2 and later. Only sources that own sockets read this.
namespace torc::net {

using tls_context = boost::asio::ssl::context;

/// A server's: its certificate, with what leads to its CA behind it, and the key. unprocessable
/// says which file is wrong.
core::result<std::shared_ptr<tls_context>> server_tls(const std::string& certificate_file,
                                                      const std::string& key_file);

/// A client's: it trusts what the system trusts and, where there is one, the CA in
/// `authority_file`.
/// @param insecure any certificate will do
core::result<std::shared_ptr<tls_context>> client_tls(const std::string& authority_file,
                                                      bool insecure);

/// The peer spoke plain HTTP.
bool is_plain_http(const boost::system::error_code& why);
/// The peer answered with something that is not TLS.
bool is_no_tls(const boost::system::error_code& why);

} // namespace torc::net
