#include "core/resources.hpp"

#include <charconv>
#include <cmath>
#include <string>

namespace torc::core {

namespace {

constexpr int64_t largest = int64_t{1} << 62;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

error bad_memory(std::string_view text) {
  return refuse(refusal::malformed,
                "memory \"" + std::string(text) +
                    "\" is not an integer with an optional k, m, g or t after it, as in \"512m\"");
}

error bad_duration(std::string_view text) {
  return refuse(refusal::malformed,
                "duration \"" + std::string(text) +
                    "\" is not an ISO 8601 duration, as in \"PT1H30M\" or \"P1DT12H\"");
}

/// The seconds of one unit, or 0 where the letter has no meaning there.
int64_t seconds_of(char unit, bool in_time) {
  switch (unit) {
  case 'Y':
    return in_time ? 0 : 31'557'600;
  case 'M':
    return in_time ? 60 : 2'629'800;
  case 'W':
    return in_time ? 0 : 7 * 86'400;
  case 'D':
    return in_time ? 0 : 86'400;
  case 'H':
    return in_time ? 3'600 : 0;
  case 'S':
    return in_time ? 1 : 0;
  default:
    return 0;
  }
}

/// The place of a unit in the order that ISO 8601 wants: years first, seconds last.
int rank_of(char unit, bool in_time) {
  constexpr std::string_view date = "YMWD";
  constexpr std::string_view time = "HMS";
  return static_cast<int>(in_time ? 4 + time.find(unit) : date.find(unit));
}

} // namespace

bool fits(const needs& n, const capacity& c) {
  return n.num_cpus <= c.num_cpus && n.num_gpus <= c.num_gpus && n.num_nodes <= c.num_nodes &&
         n.memory_bytes <= c.memory_bytes && (!c.time_limit_s || n.runtime_s <= *c.time_limit_s) &&
         serves(c.labels, n.labels);
}

result<int64_t> parse_memory(std::string_view text) {
  auto digits = text;
  int shift = 0;
  if (!digits.empty() && !is_digit(digits.back())) {
    constexpr std::string_view units = "kmgt";
    const auto unit = units.find(static_cast<char>(digits.back() | 0x20));
    if (unit == std::string_view::npos)
      return bad_memory(text);
    shift = static_cast<int>(unit + 1) * 10;
    digits.remove_suffix(1);
  }
  int64_t value = 0;
  const auto end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
  if (problem != std::errc{} || stop != end || digits.empty() || digits.front() == '-' ||
      value > (largest >> shift))
    return bad_memory(text);
  return value << shift;
}

result<int64_t> parse_duration(std::string_view text) {
  auto rest = text;
  if (rest.empty() || rest.front() != 'P')
    return bad_duration(text);
  rest.remove_prefix(1);
  bool in_time = false;
  int last_rank = -1;
  double total = 0; // Only seconds may have a fraction; it is cut off at the end.
  while (!rest.empty()) {
    if (rest.front() == 'T' && !in_time) {
      in_time = true;
      rest.remove_prefix(1);
      if (rest.empty())
        return bad_duration(text);
      continue;
    }
    if (!is_digit(rest.front()))
      return bad_duration(text);
    double number = 0;
    const auto [stop, problem] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (problem != std::errc{})
      return bad_duration(text);
    const std::string_view written(rest.data(), static_cast<size_t>(stop - rest.data()));
    rest.remove_prefix(written.size());
    if (rest.empty())
      return bad_duration(text);
    const char unit = rest.front();
    rest.remove_prefix(1);
    const auto seconds = seconds_of(unit, in_time);
    if (seconds == 0 || rank_of(unit, in_time) <= last_rank ||
        (unit != 'S' && written.find('.') != std::string_view::npos))
      return bad_duration(text);
    last_rank = rank_of(unit, in_time);
    total += number * static_cast<double>(seconds);
  }
  if (last_rank < 0 || !(total < static_cast<double>(largest)))
    return bad_duration(text);
  return static_cast<int64_t>(total);
}

} // namespace torc::core
