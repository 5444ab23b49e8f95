#include "net/http.hpp"

#include "net/json/text.hpp"

#include <charconv>

namespace torc::net {

namespace {

/// The length of the UTF-8 character at `at`, or 0 where there is none.
size_t character_at(std::string_view s, size_t at) {
  const auto byte = [&](size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const auto b = byte(at);
  if (b < 0x80)
    return 1;
  if (b >= 0xC2 && b < 0xE0)
    return follows(at + 1) ? 2 : 0;
  if (b >= 0xE0 && b < 0xF0) {
    const bool overlong = b == 0xE0 && byte(at + 1) < 0xA0;
    const bool surrogate = b == 0xED && byte(at + 1) >= 0xA0;
    return !overlong && !surrogate && follows(at + 1) && follows(at + 2) ? 3 : 0;
  }
  if (b >= 0xF0 && b < 0xF5) {
    const bool overlong = b == 0xF0 && byte(at + 1) < 0x90;
    const bool beyond = b == 0xF4 && byte(at + 1) >= 0x90;
    return !overlong && !beyond && follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

std::string_view error_name(core::refusal why) {
  switch (why) {
  case core::refusal::forbidden:
    return "Forbidden";
  case core::refusal::not_found:
    return "NotFound";
  default:
    return {};
  }
}

} // namespace

reply json_reply(std::string body, int status) {
  return {status, json_type, std::move(body), {}};
}

reply text_reply(int status, std::string text) {
  return {status, text_type, std::move(text), {}};
}

int status_of(core::refusal why) {
  switch (why) {
  case core::refusal::malformed:
    return 400;
  case core::refusal::unauthorized:
    return 401;
  case core::refusal::forbidden:
    return 403;
  case core::refusal::not_found:
    return 404;
  case core::refusal::conflict:
    return 409;
  case core::refusal::too_large:
    return 413;
  case core::refusal::unprocessable:
    return 422;
  case core::refusal::unavailable:
    return 503;
  }
  return 422;
}

reply refusal_reply(const core::error& why) {
  const int status = status_of(why.why);
  if (why.why == core::refusal::malformed || why.why == core::refusal::too_large)
    return text_reply(status, why.message);
  std::string body;
  json::object outer(body);
  json::object inner(outer.key("error"));
  if (const auto name = error_name(why.why); !name.empty())
    inner.add("error", name);
  inner.add("message", why.message);
  inner.close();
  outer.close();
  auto r = json_reply(std::move(body), status);
  if (why.why == core::refusal::unavailable)
    r.headers.emplace_back("Retry-After", "1");
  return r;
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = character_at(text, at);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

core::result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned byte = 0;
      const auto digits = text.substr(i + 1, 2);
      const auto end = digits.data() + digits.size();
      const auto read = std::from_chars(digits.data(), end, byte, 16);
      if (digits.size() < 2 || read.ptr != end || read.ec != std::errc{})
        return core::refuse(core::refusal::malformed,
                            "the URL has a % that two hexadecimal digits do not follow");
      out += static_cast<char>(static_cast<unsigned char>(byte));
      i += 2;
    }
  }
  if (!is_utf8(out) || out.find('\0') != std::string::npos)
    return core::refuse(core::refusal::malformed, "the URL is not UTF-8");
  return out;
}

core::result<query_pairs> parse_query(std::string_view text) {
  query_pairs pairs;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty())
      continue;
    const auto equals = part.find('=');
    auto name = decode(part.substr(0, equals), true);
    auto value = decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (!name || !value)
      return name ? value.why() : name.why();
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

} // namespace torc::net
