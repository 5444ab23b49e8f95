#pragma once

#include "core/result.hpp"
#include "core/wire.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// The messages of core/wire.hpp as bytes, and the envelope they travel in. core/record.hpp says
/// how a field is written and why an older or newer peer can read it.
namespace torc::core {

/// Defined for attach, welcome, run_jobs, revoke, ack, finished and report.
template <class T>
std::string encode(const T& message);
/// @returns malformed for anything but one whole message of that type.
template <class T>
result<T> decode(std::string_view bytes);

/// A message with its kind and the protocol that it is written in.
struct sealed {
  uint16_t protocol = wire::protocol;
  uint16_t kind = 0;
  std::string bytes;
};

/// The numbers are on the wire: they are never changed and never used again.
template <class T>
inline constexpr uint16_t kind_of = 0;
template <>
inline constexpr uint16_t kind_of<wire::attach> = 1;
template <>
inline constexpr uint16_t kind_of<wire::welcome> = 2;
template <>
inline constexpr uint16_t kind_of<wire::run_jobs> = 3;
template <>
inline constexpr uint16_t kind_of<wire::revoke> = 4;
template <>
inline constexpr uint16_t kind_of<wire::ack> = 5;
template <>
inline constexpr uint16_t kind_of<wire::finished> = 6;
template <>
inline constexpr uint16_t kind_of<wire::report> = 7;

/// @param as what was settled with the peer; before that, the newest
template <class T>
sealed seal(const T& message, uint16_t as = wire::protocol) {
  return {as, kind_of<T>, encode(message)};
}

/// @param newer whether a protocol that this program does not speak yet is read all the same
/// @returns malformed for another kind, unprocessable for a protocol out of range.
result<nothing> check_envelope(const sealed& s, uint16_t kind, bool newer);

/// attach and welcome are read from newer programs too, because they settle what will be spoken.
template <class T>
result<T> open_sealed(const sealed& s) {
  constexpr bool newer =
      kind_of<T> == kind_of<wire::attach> || kind_of<T> == kind_of<wire::welcome>;
  if (auto fine = check_envelope(s, kind_of<T>, newer); !fine)
    return fine.why();
  return decode<T>(s.bytes);
}

} // namespace torc::core
