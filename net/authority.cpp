#include "net/authority.hpp"

#include "net/tls_errors.hpp"
#include "net/x509.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <openssl/rand.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace torc::net {

namespace {

constexpr long runner_days = 30;
constexpr long own_days = 3650;
/// The server's certificate is made anew when it has less than this left.
constexpr long renew_days = 365;

core::error unprocessable(std::string why) {
  return core::refuse(core::refusal::unprocessable, std::move(why));
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : std::string{};
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

core::result<core::nothing> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return unprocessable("cannot make the folder " + folder + ": " + std::strerror(errno));
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
    return unprocessable(folder + " is no folder");
  if (facts.st_uid != ::geteuid())
    return unprocessable(folder + " belongs to another user; name a folder of your own");
  if ((facts.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0)
    return unprocessable(folder + " can be read by others, and must not be");
  return core::nothing{};
}

} // namespace

struct authority::state {
  std::string folder;
  std::string pem;
  x509::key key;
  x509::certificate certificate;

  std::string file(const char* name) const { return folder + "/" + name; }
  core::result<core::nothing> load();
  core::result<core::nothing> make();
  core::result<core::nothing> make_server();
  bool server_is_good() const;
};

core::result<core::nothing> authority::state::load() {
  pem = slurp(file("authority.pem"));
  certificate = x509::read_certificate(pem);
  key = x509::read_key(slurp(file("authority.key")));
  if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1)
    return unprocessable("the certificate authority in " + folder +
                         " cannot be read; delete that folder to have a new one made");
  return core::nothing{};
}

core::result<core::nothing> authority::state::make() {
  key = x509::new_key();
  certificate =
      x509::issue({"torc", own_days, x509::role::authority}, key.get(), nullptr, key.get());
  if (!key || !certificate)
    return unprocessable("OpenSSL cannot make a certificate: " + x509::last_error());
  pem = x509::to_pem(certificate.get());
  // The certificate comes last: a key alone is the trace of a start that was cut off.
  if (auto done = write_private(file("authority.key"), x509::to_pem(key.get())); !done)
    return done;
  return write_private(file("authority.pem"), pem);
}

bool authority::state::server_is_good() const {
  const auto own = x509::read_certificate(slurp(file("server.pem")));
  const auto own_key = x509::read_key(slurp(file("server.key")));
  return own && own_key && X509_check_private_key(own.get(), own_key.get()) == 1 &&
         x509::days_left(own.get()) >= renew_days &&
         verify(x509::to_pem(own.get()), pem, certificate_role::server);
}

core::result<core::nothing> authority::state::make_server() {
  const auto own_key = x509::new_key();
  const auto own = x509::issue({"server", own_days, x509::role::server}, own_key.get(),
                               certificate.get(), key.get());
  if (!own)
    return unprocessable("OpenSSL cannot make a certificate: " + x509::last_error());
  if (auto done = write_private(file("server.key"), x509::to_pem(own_key.get())); !done)
    return done;
  return write_private(file("server.pem"), x509::to_pem(own.get()));
}

authority::authority(std::unique_ptr<state> s) : state_(std::move(s)) {}
authority::~authority() = default;
authority::authority(authority&&) noexcept = default;
authority& authority::operator=(authority&&) noexcept = default;

core::result<authority> authority::open(const std::string& folder) {
  keep_tls_errors_apart();
  auto s = std::make_unique<state>();
  s->folder = folder;
  if (const auto made = make_folder(folder); !made)
    return made.why();
  const auto ready = exists(s->file("authority.pem")) ? s->load() : s->make();
  if (!ready)
    return ready.why();
  if (!s->server_is_good())
    if (const auto made = s->make_server(); !made)
      return made.why();
  return authority(std::move(s));
}

core::result<std::string> authority::sign(const std::string& csr_pem) const {
  const auto asked = x509::read_request(csr_pem);
  if (!asked)
    return core::refuse(core::refusal::malformed,
                        "csr_pem: not a certificate request that its own key has signed");
  const auto signed_one =
      x509::issue({"runner", runner_days, x509::role::client}, X509_REQ_get0_pubkey(asked.get()),
                  state_->certificate.get(), state_->key.get());
  if (!signed_one)
    return core::refuse(core::refusal::malformed,
                        "csr_pem: OpenSSL does not sign it: " + x509::last_error());
  return x509::to_pem(signed_one.get());
}

const std::string& authority::certificate_pem() const {
  return state_->pem;
}
std::string authority::authority_file() const {
  return state_->file("authority.pem");
}
std::string authority::server_certificate_file() const {
  return state_->file("server.pem");
}
std::string authority::server_key_file() const {
  return state_->file("server.key");
}

core::result<key_and_request> make_key_and_request() {
  keep_tls_errors_apart();
  const auto key = x509::new_key();
  const auto request = x509::new_request("runner", key.get());
  if (!request)
    return core::refuse(core::refusal::unprocessable,
                        "OpenSSL cannot make a key: " + x509::last_error());
  return key_and_request{x509::to_pem(key.get()), x509::to_pem(request.get())};
}

core::result<core::nothing> verify(const std::string& certificate_pem,
                                   const std::string& authority_pem, certificate_role as) {
  const auto purpose =
      as == certificate_role::server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
  const auto reason = x509::why_not_trusted(certificate_pem, authority_pem, purpose);
  if (!reason.empty())
    return unprocessable("the certificate is not to be trusted: " + reason);
  return core::nothing{};
}

std::string random_secret() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1)
    core::fault("OpenSSL has no random numbers");
  constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (const auto b : bytes) {
    text += hex[b >> 4];
    text += hex[b & 15];
  }
  return text;
}

core::result<core::nothing> write_private(const std::string& path, const std::string& text) {
  const auto draft = path + ".new";
  const auto fail = [&](const char* what) {
    const std::string why = std::strerror(errno);
    ::unlink(draft.c_str());
    return unprocessable(std::string("cannot ") + what + " " + path + ": " + why);
  };
  ::unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail("create");
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!is_written)
    return fail("write");
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return fail("replace");
  return core::nothing{};
}

} // namespace torc::net
