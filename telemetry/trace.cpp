#include "telemetry/trace.hpp"

#include <random>

namespace torc::telemetry {

namespace {

/// The finalizer of SplitMix64: every bit of the result depends on every bit of `x`.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t digest(const trace_seed& seed, const job_run& what) {
  auto h = mix(seed.high ^ mix(static_cast<uint64_t>(what.workflow)));
  h = mix(h ^ static_cast<uint64_t>(what.job));
  return mix(h ^ static_cast<uint64_t>(what.run));
}

/// An id of zeros is none.
uint64_t some(uint64_t id) {
  return id == 0 ? 1 : id;
}

uint64_t draw() {
  thread_local std::mt19937_64 random{(static_cast<uint64_t>(std::random_device{}()) << 32) |
                                      std::random_device{}()};
  return some(random());
}

/// Digits and small letters only.
bool read_hex(std::string_view text, uint64_t& to) {
  to = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f'))
      return false;
    to = to << 4 | static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

} // namespace

std::string hex(uint64_t id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(16, '0');
  for (auto at = out.rbegin(); at != out.rend(); ++at, id >>= 4)
    *at = digits[id & 15];
  return out;
}

std::string hex(const trace_id& id) {
  return hex(id.high) + hex(id.low);
}

std::optional<trace_context> parse_traceparent(std::string_view text) {
  constexpr size_t whole = 55;
  if (text.size() < whole || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  uint64_t version = 0, flags = 0;
  trace_context at;
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 16), at.trace.high) ||
      !read_hex(text.substr(19, 16), at.trace.low) || !read_hex(text.substr(36, 16), at.span) ||
      !read_hex(text.substr(53, 2), flags))
    return std::nullopt;
  const bool has_more = text.size() > whole;
  if (version == 0xff || (has_more && (version == 0 || text[whole] != '-')) ||
      at.trace == trace_id{} || at.span == 0)
    return std::nullopt;
  at.sampled = (flags & 1) != 0;
  return at;
}

std::string to_traceparent(const trace_context& at) {
  return "00-" + hex(at.trace) + "-" + hex(at.span) + (at.sampled ? "-01" : "-00");
}

trace_context new_trace() {
  return {{draw(), draw()}, draw(), false};
}

uint64_t new_span_id() {
  return draw();
}

trace_id trace_of(const trace_seed& seed, const job_run& what) {
  const auto h = digest(seed, what);
  return {some(mix(h ^ seed.low)), some(mix(h + seed.low))};
}

uint64_t span_of(const trace_seed& seed, const job_run& what, job_part part, int32_t attempt) {
  const auto place = static_cast<uint64_t>(attempt) << 8 | static_cast<uint64_t>(part);
  return some(mix(mix(digest(seed, what) ^ seed.low) ^ mix(place)));
}

} // namespace torc::telemetry
