#include "net/api/once_keeper.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace torc::net::api {

struct once_keeper::found {
  std::shared_ptr<request> in;
  std::string fingerprint;
  std::optional<core::kept_call> kept;
};

namespace {

/// SHA-256 of all that the call says, in hexadecimal.
std::string fingerprint_of(const request& in) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
  const auto add = [&](const std::string& text) {
    EVP_DigestUpdate(sum.get(), text.data(), text.size());
    EVP_DigestUpdate(sum.get(), "", 1); // a zero, which no text has but the body at the end
  };
  add(in.method);
  add(in.path);
  for (const auto& [name, value] : in.query) {
    add(name);
    add(value);
  }
  add({});
  add(in.body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(sum.get(), bytes.data(), &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i)
    text.append({digits[bytes[i] >> 4], digits[bytes[i] & 15]});
  return text;
}

bool is_key(const std::string& key) {
  return !key.empty() && key.size() <= once_keeper::longest_key &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

reply repeated(core::kept_answer kept) {
  reply r{static_cast<int>(kept.status),
          kept.type == json_type ? json_type : text_type,
          std::move(kept.body),
          {}};
  if (r.body.empty())
    r.type = {};
  r.headers.emplace_back("Idempotent-Replayed", "true");
  return r;
}

} // namespace

void once_keeper::make(const call& c, route to) {
  const auto key = c->in().idempotency_key.value_or("");
  if (!is_key(key))
    return c->refuse(core::refuse(core::refusal::malformed,
                                  "Idempotency-Key must be 1 to " + std::to_string(longest_key) +
                                      " printable ASCII characters without blanks"));
  const auto line = c->in().user + '\n' + key;
  auto& queue = lines_[line];
  queue.push_back({c, std::move(to)});
  if (queue.size() == 1)
    begin(line);
}

/// The body may be large: it is read on a worker.
void once_keeper::begin(const std::string& line) {
  const auto& asked = lines_.at(line).front().asked;
  auto in = std::make_shared<request>(asked->take_request());
  read_then(
      services_,
      [in](core::read_model& r) {
        return found{in, fingerprint_of(*in), r.kept(in->user, *in->idempotency_key)};
      },
      [self = weak_from_this(), line](found what) {
        if (const auto here = self.lock())
          here->go_on(line, std::move(what));
      });
}

void once_keeper::go_on(const std::string& line, found what) {
  if (what.kept && what.kept->fingerprint != what.fingerprint)
    return end(line, refusal_reply(core::refuse(
                         core::refusal::unprocessable,
                         "this Idempotency-Key was used for a call with another method, path, "
                         "query or body; take a new key for a new call")));
  if (what.kept && what.kept->answer.status != 0)
    return end(line, repeated(std::move(what.kept->answer)));
  auto key = std::make_shared<keyed_call>();
  key->what = {what.in->user, *what.in->idempotency_key, std::move(what.fingerprint), 0};
  if (what.kept)
    key->made = std::move(what.kept->effects);
  const auto asked = std::make_shared<exchange>(std::move(*what.in),
                                                [self = weak_from_this(), line, key](reply r) {
                                                  if (const auto here = self.lock())
                                                    here->answered(line, key, std::move(r));
                                                });
  asked->carry(key);
  lines_.at(line).front().asked->hand_trace_to(*asked);
  const auto to = lines_.at(line).front().to;
  to(asked);
}

void once_keeper::answered(const std::string& line, const std::shared_ptr<keyed_call>& key,
                           reply r) {
  if (r.status >= 300 || r.more || r.body.size() > core::most_kept_bytes)
    return end(line, std::move(r));
  core::keep_answer kept{key->what, {r.status, std::string(r.type), r.body}};
  // Where the answer cannot be written, the effect was: a repetition makes the answer anew.
  house_.edit(std::move(kept),
              [self = weak_from_this(), line,
               answer = std::make_shared<reply>(std::move(r))](const core::result<core::edited>&) {
                if (const auto here = self.lock())
                  here->end(line, std::move(*answer));
              });
}

void once_keeper::end(const std::string& line, reply r) {
  const auto at = lines_.find(line);
  if (at == lines_.end())
    return; // closed meanwhile
  const auto done = std::move(at->second.front().asked);
  at->second.pop_front();
  if (at->second.empty())
    lines_.erase(at);
  else
    begin(line);
  done->answer(std::move(r));
}

} // namespace torc::net::api
