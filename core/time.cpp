#include "core/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace torc::core {

namespace {

/// Takes exactly `digits` decimal digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits)
    return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

/// ".25" -> 250,000; nothing -> 0. Digits behind the sixth are dropped.
std::optional<int64_t> take_microseconds(std::string_view& text) {
  if (!take(text, ".,"))
    return 0;
  int64_t us = 0;
  int64_t unit = 100'000;
  size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    us += (text[digits] - '0') * unit;
    unit /= 10;
  }
  if (digits == 0)
    return std::nullopt;
  text.remove_prefix(digits);
  return us;
}

/// "Z", "+02:00", "-0530" or "+02" -> seconds east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Zz"))
    return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-"))
    return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23)
    return std::nullopt;
  int minutes = 0;
  if (!text.empty()) {
    take(text, ":");
    const auto m = take_number(text, 2);
    if (!m || *m > 59)
      return std::nullopt;
    minutes = *m;
  }
  const int seconds = *hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

} // namespace

instant instant_of_ms(int64_t ms) {
  constexpr int64_t end_of_9999_ms = 253'402'300'799'999;
  return {std::clamp<int64_t>(ms, 0, end_of_9999_ms) * 1000};
}

std::string to_iso8601(instant t) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(microseconds(t.us));
  const auto day = floor<days>(ms);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss clock{ms - day};
  std::array<char, 64> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<size_t>(size)};
}

std::optional<instant> from_iso8601(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4);
  const bool dash1 = take(text, "-");
  const auto m = take_number(text, 2);
  const bool dash2 = take(text, "-");
  const auto d = take_number(text, 2);
  if (!y || !m || !d || !dash1 || !dash2 || !take(text, "Tt "))
    return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*m)),
                            day(static_cast<unsigned>(*d))};
  const auto hour = take_number(text, 2);
  const bool colon1 = take(text, ":");
  const auto minute = take_number(text, 2);
  const bool colon2 = take(text, ":");
  const auto second = take_number(text, 2);
  if (!date.ok() || !hour || !minute || !second || !colon1 || !colon2 || *hour > 23 ||
      *minute > 59 || *second > 60)
    return std::nullopt;
  const auto us = take_microseconds(text);
  const auto offset = us ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty())
    return std::nullopt;
  const auto seconds_of_day = int64_t{*hour} * 3600 + *minute * 60 + *second - *offset;
  return instant{(int64_t{sys_days(date).time_since_epoch().count()} * 86'400 + seconds_of_day) *
                     1'000'000 +
                 *us};
}

} // namespace torc::core
