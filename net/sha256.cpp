#include "net/sha256.hpp"

#include "core/result.hpp"

#include <openssl/evp.h>

#include <array>

namespace torc::net {

namespace {

class sha256 final : public core::digest {
public:
  sha256() {
    if (!state_ || EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) != 1)
      core::fault("OpenSSL makes no SHA-256");
  }

  void add(std::string_view text) override {
    EVP_DigestUpdate(state_.get(), text.data(), text.size());
  }

  std::string end() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(state_.get(), bytes.data(), &size);
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
      out += hex[bytes[i] >> 4];
      out += hex[bytes[i] & 15];
    }
    return out;
  }

private:
  struct deleter {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  std::unique_ptr<EVP_MD_CTX, deleter> state_{EVP_MD_CTX_new()};
};

} // namespace

std::unique_ptr<core::digest> new_sha256() {
  return std::make_unique<sha256>();
}

} // namespace torc::net
