#pragma once

#include <cstddef>
#include <string_view>

namespace torc::net {

/// Whether so many bytes may be shown to one of Beast's parsers. Less than a whole last chunk may
/// not: Beast 1.81 ends the process where it is to look at it again.
template <class Parser>
bool may_parse(const Parser& parser, size_t bytes) {
  constexpr std::string_view last_chunk = "0\r\n\r\n";
  const bool in_chunks = parser.is_header_done() && parser.chunked();
  return bytes >= (in_chunks ? last_chunk.size() : 1);
}

} // namespace torc::net
