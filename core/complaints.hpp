#pragma once

#include "core/spec_parts.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torc::core {

/// One thing that is wrong with a spec: where, and a sentence that says what to do.
struct complaint {
  place at;
  std::string text;
};

/// Gathers what is wrong with a spec, so that its author hears of all of it at once. A place is
/// complained about once: 25,000 instances of one line make one complaint.
class complaints {
public:
  /// No author reads more than that.
  static constexpr size_t limit = 100;

  /// Adds one, unless its place has one already or the limit is reached.
  void add(place at, std::string text);
  /// True where the place has its complaint: saves making the text of another.
  bool has(place at) const { return at.line != 0 && at_.contains(at); }
  bool empty() const { return list_.empty(); }

  /// In the order of their places; the last one says how many more there are, if any.
  std::vector<complaint> take() &&;

private:
  std::vector<complaint> list_;
  std::set<place> at_;
  size_t dropped_ = 0;
};

/// Either a value or everything that is wrong.
template <class T>
struct checked {
  std::optional<T> value;
  std::vector<complaint> errors;
  explicit operator bool() const { return value.has_value(); }
};

/// The candidate nearest to `name` by edits, if it is near enough to have been meant: a third of
/// its letters may differ, and at most `edits`.
std::optional<std::string_view> nearest(std::string_view name,
                                        std::span<const std::string_view> candidates,
                                        size_t edits = SIZE_MAX);

/// `; did you mean "depends_on"?` or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

/// The text in double quotes, cut short where it is long, with line breaks and tabs as \n and \t.
std::string quoted(std::string_view text);

} // namespace torc::core
