#pragma once

#include "core/record.hpp"
#include "core/result.hpp"

#include <limits>
#include <string_view>

namespace torc::core::record {

/// Reads fields from bytes that nobody has vouched for. After the first error nothing is read any
/// more and `bad()` says so.
class reader {
public:
  explicit reader(std::string_view in) : in_(in) {}

  bool bad() const { return bad_; }
  bool at_end() const { return in_.empty(); }

  template <class... Ts>
  void operator()(Ts&... members) {
    (take_if_any(members), ...);
  }

  template <class T>
  void take(T& x) {
    if constexpr (std::same_as<T, bool>)
      x = narrow<uint8_t>(varint(), 1) != 0;
    else if constexpr (std::signed_integral<T>)
      take_signed(x);
    else if constexpr (whole_number<T>)
      x = narrow<T>(varint(), std::numeric_limits<T>::max());
    else
      take_record(x);
  }
  void take(std::string& s) { s = part(length(longest_text)); }
  template <class T>
  void take(std::vector<T>& list) {
    list.clear();
    // An element has at least one byte, so a count cannot ask for more than there is.
    for (auto left = length(longest_list); left > 0 && !bad_; --left)
      take(list.emplace_back());
  }

private:
  template <class T>
  void take_if_any(T& x) {
    if (!bad_ && !in_.empty())
      take(x);
  }
  template <class T>
  void take_signed(T& x) {
    auto v = varint();
    auto wide = static_cast<int64_t>((v >> 1) ^ (~(v & 1) + 1));
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max())
      bad_ = true;
    else
      x = static_cast<T>(wide);
  }
  template <class T>
  void take_record(T& x) {
    auto inner = reader{part(length(largest))};
    if (!bad_)
      fields(inner, x);
    bad_ |= inner.bad_;
  }
  template <class T>
  T narrow(uint64_t v, uint64_t most) {
    bad_ |= v > most;
    return bad_ ? T{} : static_cast<T>(v);
  }
  /// A count or length, which the bytes that are left must be able to hold.
  size_t length(size_t most) {
    auto v = varint();
    bad_ |= v > most || v > in_.size();
    return bad_ ? 0 : static_cast<size_t>(v);
  }
  std::string_view part(size_t n) {
    auto out = in_.substr(0, n);
    in_.remove_prefix(out.size());
    return out;
  }
  uint64_t varint();

  std::string_view in_;
  bool bad_ = false;
};

/// @returns malformed unless `in` is one whole record of T, and no larger than `largest`.
template <class T>
result<T> decode(std::string_view in) {
  auto out = T{};
  auto r = reader{in};
  if (in.size() <= largest)
    r.take(out);
  if (in.size() > largest || r.bad() || !r.at_end())
    return refuse(refusal::malformed,
                  "the message is cut off, too large or no message of its kind");
  return out;
}

} // namespace torc::core::record
