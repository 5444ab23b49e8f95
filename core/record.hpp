#pragma once

#include "core/result.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Records: how values of core/wire.hpp become bytes. A record is its length and then its fields in a
/// fixed order, each a varint (signed ones zigzag), a length and text, a count and elements, or
/// another record. A reader that knows fewer fields skips the rest of the record; one that knows more
/// keeps the initial values of what does not come.
namespace torc::core::record {

inline constexpr size_t longest_list = size_t{1} << 18;
inline constexpr size_t longest_text = size_t{16} << 20;
inline constexpr size_t largest = size_t{64} << 20; ///< of a whole encoding

template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool>;

/// Appends fields to a string. A type is a record where `fields(F&, T&)` lists its members.
class writer {
public:
  explicit writer(std::string& out) : out_(out) {}

  template <class... Ts>
  void operator()(const Ts&... members) { (put(members), ...); }

  /// A record of its own, length first.
  template <class T>
  void put(const T& x) {
    if constexpr (std::same_as<T, bool>)
      varint(x ? 1 : 0);
    else if constexpr (std::signed_integral<T>)
      varint((static_cast<uint64_t>(x) << 1) ^ (x < 0 ? ~uint64_t{0} : 0));
    else if constexpr (whole_number<T>)
      varint(x);
    else
      put_record(x);
  }
  void put(const std::string& s) {
    varint(s.size());
    out_ += s;
  }
  template <class T>
  void put(const std::vector<T>& list) {
    varint(list.size());
    for (const auto& x : list)
      put(x);
  }

private:
  template <class T>
  void put_record(const T& x) {
    auto at = out_.size();
    fields(*this, const_cast<T&>(x)); // One list of members serves both ways; a writer only reads.
    auto length = out_.size() - at;
    auto head = std::string();
    writer{head}.varint(length);
    out_.insert(at, head);
  }
  void varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7)
      out_ += static_cast<char>(v | 0x80);
    out_ += static_cast<char>(v);
  }

  std::string& out_;
};

/// Reads fields from bytes that nobody has vouched for. After the first error nothing is read any
/// more and `bad()` says so.
class reader {
public:
  explicit reader(std::string_view in) : in_(in) {}

  bool bad() const { return bad_; }
  bool at_end() const { return in_.empty(); }

  template <class... Ts>
  void operator()(Ts&... members) { (take_if_any(members), ...); }

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
    return refuse(refusal::malformed, "the message is cut off, too large or no message of its kind");
  return out;
}

template <class T>
std::string encode(const T& x) {
  auto out = std::string();
  writer{out}.put(x);
  return out;
}

} // namespace torc::core::record
