#pragma once

#include "core/result.hpp"

#include <memory>
#include <string>

/// The server's own certificate authority for the runner port, and the secret that lets a runner of
/// the same user have its key signed. Keys are on the curve P-256.
namespace torc::net {

class authority {
public:
  /// Loads the CA and the server's certificate from `folder`; makes the folder (0700) and the files
  /// (0600) where there are none. unprocessable says which file is wrong and what to do.
  static core::result<authority> open(const std::string& folder);

  /// Signs a certificate request for a runner: client role only, subject "runner" whatever the
  /// request says, 30 days. malformed when it is no request or not signed with its own key.
  core::result<std::string> sign(const std::string& csr_pem) const;

  /// The CA's certificate: what runners are told to trust.
  const std::string& certificate_pem() const;
  /// Files for caf::openssl.
  std::string authority_file() const;
  std::string server_certificate_file() const;
  std::string server_key_file() const;

  ~authority();
  authority(authority&&) noexcept;
  authority& operator=(authority&&) noexcept;

private:
  struct state;
  explicit authority(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

/// A runner's new key and the request to sign it. The key never leaves the runner's host.
struct key_and_request {
  std::string key_pem;
  std::string csr_pem;
};
core::result<key_and_request> make_key_and_request();

/// What a certificate may be used for, checked against a CA.
enum class certificate_role { server, client };
/// unprocessable with OpenSSL's reason when the chain or the role is wrong, or it is out of date.
core::result<core::nothing> verify(const std::string& certificate_pem,
                                   const std::string& authority_pem, certificate_role as);

/// 32 random bytes in hexadecimal.
std::string random_secret();
/// Writes `text` to a file only its owner can read, in place of what was there, all or nothing.
core::result<core::nothing> write_private(const std::string& path, const std::string& text);

} // namespace torc::net
