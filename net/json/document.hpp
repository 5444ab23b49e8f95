#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON read without a tree: a text is checked once as a whole, then cut into slices of itself.
/// What a body costs in memory is therefore its own length, however it nests.
namespace torc::net::json {

inline constexpr size_t max_depth = 128;

/// Checks syntax, UTF-8 and depth. malformed names line and column (1-based, in bytes).
core::result<core::nothing> check(std::string_view text);

/// The functions below take a slice that `check` accepted. Space around a slice is allowed.
enum class kind { null, boolean, number, string, array, object };
kind kind_of(std::string_view slice);
/// "a string", "an object", ...
std::string_view name_of(kind k);

/// nullopt: no boolean, no integer of 64 bits, no number. 2.0 is an integer, 2.5 and 2e1
/// are none.
std::optional<bool> as_bool(std::string_view slice);
std::optional<int64_t> as_integer(std::string_view slice);
std::optional<double> as_double(std::string_view slice);
/// nullopt: no string, or one with a NUL character, which no name, path or command can hold.
std::optional<std::string> as_string(std::string_view slice);

/// The next value of `text` from `at` on; moves `at` behind it.
std::string_view next_value(std::string_view text, size_t& at);

/// Calls each(slice) for the elements until it returns false.
/// @pre kind_of(slice) == array
template <class Each>
void elements(std::string_view slice, Each each) {
  size_t at = slice.find('[') + 1;
  for (;;) {
    at = slice.find_first_not_of(" \t\r\n,", at);
    if (slice[at] == ']' || !each(next_value(slice, at)))
      return;
  }
}

/// The members of one object; remembers who was asked for, so that the rest can be reported.
class members {
public:
  /// Forgets what it held. @pre kind_of(slice) == object
  void assign(std::string_view slice);
  /// The value of `name`; nullopt when there is none. The last one counts where a key comes twice.
  std::optional<std::string_view> take(std::string_view name);
  /// Keys nobody took, in order.
  std::vector<std::string> left() const;

private:
  struct member {
    std::string_view key, value;
    bool taken = false;
  };
  std::vector<member> all_;
  std::deque<std::string> unescaped_; ///< keys that had escapes
};

} // namespace torc::net::json
