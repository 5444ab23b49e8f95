#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc::core {

/// A moment of the wall clock, in microseconds since 1970 UTC. core/ never asks for the time.
struct instant {
  int64_t us = 0;
  constexpr auto operator<=>(const instant&) const = default;
};

/// So long after 1970, held within the years 1970 to 9999, for which the form below has room: what
/// came from outside may say any time.
instant instant_of_ms(int64_t ms);

/// "2026-01-31T12:00:00.123Z", the form of every timestamp string of the API.
std::string to_iso8601(instant t);
/// Reads that form and RFC 3339 with an offset.
std::optional<instant> from_iso8601(std::string_view text);

} // namespace torc::core
