#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace torc::core {

/// What a file holds, by the ending of its name.
inline std::string_view media_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known{{
      {".csv", "text/csv"},
      {".html", "text/html"},
      {".json", "application/json"},
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".txt", "text/plain"},
      {".xml", "text/xml"},
      {".zip", "application/zip"},
  }};
  for (const auto& [ending, type] : known)
    if (path.ends_with(ending))
      return type;
  return "application/octet-stream";
}

} // namespace torc::core
