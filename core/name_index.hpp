#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace torc::core {

/// Finds rows by name: 8 bytes a slot and no copy of any name. The names stay where they are, and
/// the caller shows them through `name_of(index)`.
class name_index {
public:
  /// @param most rows that will be inserted
  explicit name_index(size_t most) : slots_(std::bit_ceil(most * 2 + 1)) {}

  /// Enters row `index`, unless a row of that name is in.
  /// @returns the row that now has the name: `index`, or the one that was first
  template <class NameOf>
  uint32_t insert(uint32_t index, NameOf&& name_of) {
    const std::string_view name = name_of(index);
    slot& s = probe(name, name_of);
    if (s.row == 0)
      s = {hash(name), index + 1};
    return s.row - 1;
  }

  /// @returns the row of that name, or UINT32_MAX
  template <class NameOf>
  uint32_t find(std::string_view name, NameOf&& name_of) const {
    return const_cast<name_index*>(this)->probe(name, name_of).row - 1; // 0 - 1 is UINT32_MAX.
  }

private:
  struct slot {
    uint32_t hash = 0;
    uint32_t row = 0; ///< its index + 1; 0: free
  };

  static uint32_t hash(std::string_view name) {
    return static_cast<uint32_t>(std::hash<std::string_view>{}(name));
  }

  /// The slot of the name, or the free one where it belongs.
  template <class NameOf>
  slot& probe(std::string_view name, NameOf&& name_of) {
    const uint32_t h = hash(name);
    const size_t mask = slots_.size() - 1;
    size_t at = h & mask;
    while (slots_[at].row != 0 &&
           (slots_[at].hash != h || std::string_view(name_of(slots_[at].row - 1)) != name))
      at = (at + 1) & mask;
    return slots_[at];
  }

  std::vector<slot> slots_;
};

} // namespace torc::core
