#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <optional>

/// What may be null in a column: optionals, and ids of nothing.
namespace torc::storage {

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<core::id<Tag>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// An id that may be missing, as a value that binds null.
template <class Tag>
std::optional<int64_t> or_null(core::id<Tag> i) {
  return i ? std::optional{i.value} : std::nullopt;
}

} // namespace torc::storage
