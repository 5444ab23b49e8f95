#include "net/x509.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace torc::net::x509 {

namespace {

using bio = std::unique_ptr<BIO, freer<BIO_free_all>>;
using number = std::unique_ptr<BIGNUM, freer<BN_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freer<X509_EXTENSION_free>>;
using store = std::unique_ptr<X509_STORE, freer<X509_STORE_free>>;
using store_context = std::unique_ptr<X509_STORE_CTX, freer<X509_STORE_CTX_free>>;

constexpr long seconds_a_day = 24 * 3600;
/// Clocks of other hosts may be slow by so much.
constexpr long backdated_s = 3600;
constexpr int serial_bits = 120;
/// Of security, not of length: P-256 has 128, RSA of 2048 bits 112.
constexpr int least_bits = 112;

bio reading(const std::string& text) {
  return bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* from) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(from, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string{};
}

bool set_name(X509_NAME* to, const char* name) {
  return X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1;
}

bool set_serial(X509* of) {
  const number serial(BN_new());
  return serial && BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(of)) != nullptr;
}

bool extend(X509* to, X509* issuer, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer ? issuer : to, to, nullptr, nullptr, 0);
  const extension e(X509V3_EXT_conf_nid(nullptr, &context, what, value));
  return e && X509_add_ext(to, e.get(), -1) == 1;
}

bool set_role(X509* to, X509* issuer, role as) {
  const bool is_authority = as == role::authority;
  const auto usage = is_authority ? "critical,keyCertSign" : "critical,digitalSignature";
  if (!extend(to, issuer, NID_basic_constraints,
              is_authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") ||
      !extend(to, issuer, NID_key_usage, usage) ||
      !extend(to, issuer, NID_subject_key_identifier, "hash") ||
      !extend(to, issuer, NID_authority_key_identifier, "keyid"))
    return false;
  return is_authority || extend(to, issuer, NID_ext_key_usage,
                                as == role::server ? "critical,serverAuth" : "critical,clientAuth");
}

/// A pass phrase is never asked for on a terminal.
int no_phrase(char*, int, int, void*) {
  return 0;
}

} // namespace

key new_key() {
  return key(EVP_EC_gen("P-256"));
}

request new_request(const char* name, EVP_PKEY* owner) {
  request r(X509_REQ_new());
  if (!r || !owner || X509_REQ_set_version(r.get(), 0) != 1 ||
      !set_name(X509_REQ_get_subject_name(r.get()), name) ||
      X509_REQ_set_pubkey(r.get(), owner) != 1 || X509_REQ_sign(r.get(), owner, EVP_sha256()) == 0)
    return nullptr;
  return r;
}

certificate issue(const subject& s, EVP_PKEY* owner, X509* issuer, EVP_PKEY* signing) {
  certificate c(X509_new());
  if (!c || !owner || !signing || X509_set_version(c.get(), 2) != 1 || !set_serial(c.get()) ||
      !X509_gmtime_adj(X509_getm_notBefore(c.get()), -backdated_s) ||
      !X509_gmtime_adj(X509_getm_notAfter(c.get()), s.days * seconds_a_day) ||
      !set_name(X509_get_subject_name(c.get()), s.name) ||
      X509_set_issuer_name(c.get(), X509_get_subject_name(issuer ? issuer : c.get())) != 1 ||
      X509_set_pubkey(c.get(), owner) != 1 || !set_role(c.get(), issuer, s.as) ||
      X509_sign(c.get(), signing, EVP_sha256()) == 0)
    return nullptr;
  return c;
}

key read_key(const std::string& pem) {
  return key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_phrase, nullptr));
}

certificate read_certificate(const std::string& pem) {
  return certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_phrase, nullptr));
}

request read_request(const std::string& pem) {
  request r(PEM_read_bio_X509_REQ(reading(pem).get(), nullptr, no_phrase, nullptr));
  if (!r || !X509_REQ_get0_pubkey(r.get()) ||
      EVP_PKEY_get_security_bits(X509_REQ_get0_pubkey(r.get())) < least_bits ||
      X509_REQ_verify(r.get(), X509_REQ_get0_pubkey(r.get())) != 1)
    return nullptr;
  return r;
}

std::string to_pem(EVP_PKEY* of) {
  const bio to(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(to.get(), of, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(to.get());
}

std::string to_pem(X509* of) {
  const bio to(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(to.get(), of);
  return text_of(to.get());
}

std::string to_pem(X509_REQ* of) {
  const bio to(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(to.get(), of);
  return text_of(to.get());
}

long days_left(X509* of) {
  int days = 0, rest = 0;
  ASN1_TIME_diff(&days, &rest, nullptr, X509_get0_notAfter(of));
  return days;
}

std::string why_not_trusted(const std::string& certificate_pem, const std::string& authority_pem,
                            int purpose) {
  const auto one = read_certificate(certificate_pem);
  const auto ca = read_certificate(authority_pem);
  const store trusted(X509_STORE_new());
  const store_context context(X509_STORE_CTX_new());
  if (!one || !ca || !trusted || !context)
    return "it cannot be read";
  X509_STORE_add_cert(trusted.get(), ca.get());
  X509_STORE_CTX_init(context.get(), trusted.get(), one.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  if (X509_verify_cert(context.get()) == 1)
    return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

std::string last_error() {
  char text[256] = "no reason given";
  if (const auto code = ERR_get_error())
    ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

} // namespace torc::net::x509
