#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

/// OpenSSL's certificates as values that free themselves. Only authority.cpp reads this.
namespace torc::net::x509 {

template <auto free>
struct freer {
  template <class T>
  void operator()(T* p) const {
    free(p);
  }
};
using key = std::unique_ptr<EVP_PKEY, freer<EVP_PKEY_free>>;
using certificate = std::unique_ptr<X509, freer<X509_free>>;
using request = std::unique_ptr<X509_REQ, freer<X509_REQ_free>>;

enum class role { authority, server, client };

struct subject {
  const char* name;
  long days;
  role as;
};

/// All of these return null when OpenSSL refuses; last_error() says why.
key new_key();
request new_request(const char* name, EVP_PKEY* owner);
/// A certificate for `owner`, signed with `signing`. @param issuer null: signed by itself
certificate issue(const subject& s, EVP_PKEY* owner, X509* issuer, EVP_PKEY* signing);

key read_key(const std::string& pem);
certificate read_certificate(const std::string& pem);
/// Null also when the request is not signed by its own key, or the key is a weak one.
request read_request(const std::string& pem);
std::string to_pem(EVP_PKEY* of);
std::string to_pem(X509* of);
std::string to_pem(X509_REQ* of);

/// Negative when it has run out.
long days_left(X509* of);
/// Empty when the CA signed it and it may be used for `purpose` (X509_PURPOSE_...).
std::string why_not_trusted(const std::string& certificate_pem, const std::string& authority_pem,
                            int purpose);
std::string last_error();

} // namespace torc::net::x509
