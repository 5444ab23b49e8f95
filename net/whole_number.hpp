#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace torc::net {

/// An integer of 64 bits in a path or a query. As in bodies, 2.0 is one.
inline std::optional<int64_t> whole_number(std::string_view text) {
  if (const auto point = text.find('.'); point != text.npos && point + 1 < text.size() &&
                                         text.find_first_not_of('0', point + 1) == text.npos)
    text = text.substr(0, point);
  int64_t n = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, n);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return n;
}

} // namespace torc::net
