#include "net/api/gate.hpp"

#include "net/api/ownership.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace torc::net::api {

namespace {

constexpr size_t most_believed = 10'000;

struct credentials {
  std::string user, password;
};

/// "Basic <base64 of user:password>".
std::optional<credentials> read_basic(std::string_view header) {
  constexpr std::string_view scheme = "basic ";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (header.size() < scheme.size() || !std::equal(scheme.begin(), scheme.end(), header.begin(),
                                                   [&](char a, char b) { return a == lower(b); }))
    return std::nullopt;
  header.remove_prefix(scheme.size());
  std::string text(header.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(header.data()),
                                   static_cast<int>(header.size()));
  if (size < 0)
    return std::nullopt;
  // The padding was decoded to zeros.
  text.resize(static_cast<size_t>(size) -
              static_cast<size_t>(std::count(header.end() - std::min<size_t>(2, header.size()),
                                             header.end(), '=')));
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    return std::nullopt;
  return credentials{text.substr(0, colon), text.substr(colon + 1)};
}

std::string digest_of(const credentials& who) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  const auto text = who.user + '\0' + who.password;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(sum.data()), size};
}

void refuse_entry(const call& c) {
  auto r = text_reply(401, "Unauthorized");
  r.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Torc\"");
  c->answer(std::move(r));
}

void refuse_access(const call& c, const std::string& why) {
  c->refuse(core::refuse(core::refusal::forbidden, why));
}

} // namespace

gate::gate(access_settings settings)
    : settings_(std::move(settings)), admins_(settings_.admins.begin(), settings_.admins.end()) {}

core::result<std::shared_ptr<gate>> gate::open(access_settings settings) {
  std::shared_ptr<gate> made(new gate(std::move(settings)));
  if (made->settings_.auth_file.empty())
    return made;
  if (const auto read = made->reload(); !read)
    return read.why();
  return made;
}

core::result<size_t> gate::reload() {
  if (settings_.auth_file.empty())
    return core::refuse(core::refusal::unprocessable,
                        "the server has no password file; it was started without --auth-file");
  auto file = password_file::read(settings_.auth_file);
  if (!file)
    return file.why();
  passwords_ = std::make_shared<const password_file>(std::move(*file));
  believed_.clear();
  return passwords_->users();
}

void gate::believe(const std::string& digest) {
  if (settings_.credential_cache_s <= 0)
    return;
  if (believed_.size() >= most_believed)
    believed_.clear();
  believed_[digest] = now().us + settings_.credential_cache_s * 1'000'000;
}

bool gate::is_believed(const std::string& digest) {
  const auto at = believed_.find(digest);
  if (at == believed_.end())
    return false;
  if (at->second >= now().us)
    return true;
  believed_.erase(at);
  return false;
}

void gate::admit(const services& s, const call& c, std::function<void()> then) {
  if (!passwords_) {
    c->identify({}, true);
    return authorize(s, c, std::move(then));
  }
  if (c->in().authorization.empty()) {
    if (settings_.require_auth)
      return refuse_entry(c);
    return authorize(s, c, std::move(then));
  }
  const auto who = read_basic(c->in().authorization);
  if (!who)
    return refuse_entry(c);
  const auto digest = digest_of(*who);
  c->identify(who->user, true);
  if (is_believed(digest))
    return authorize(s, c, std::move(then));
  read_then(
      s,
      [passwords = passwords_, who = *who](core::read_model&) {
        return passwords->verify(who.user, who.password);
      },
      [this, &s, c, digest, then = std::move(then)](bool is_right) {
        if (!is_right)
          return refuse_entry(c);
        believe(digest);
        authorize(s, c, then);
      });
}

void gate::authorize(const services& s, const call& c, std::function<void()> then) {
  const auto& in = c->in();
  if (!settings_.enforce || is_public(in) || (!in.user.empty() && is_admin(in.user)))
    return then();
  if (in.user.empty())
    return refuse_access(c, "this server wants to know who you are; give a user and a password");
  c->identify(in.user, false);
  read_then(
      s,
      [what = wanted_by(in), user = in.user](core::read_model& r) {
        return why_not(r, what, user);
      },
      [c, then = std::move(then)](const std::optional<std::string>& why) {
        if (why)
          refuse_access(c, *why);
        else
          then();
      });
}

} // namespace torc::net::api
