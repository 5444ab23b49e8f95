#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Records: how values of core/wire.hpp become bytes. A record is its length and then its fields in
/// a fixed order, each a varint (signed ones zigzag), a length and text, a count and elements, or
/// another record. A reader that knows fewer fields skips the rest of the record; one that knows
/// more keeps the initial values of what does not come.
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
  void operator()(const Ts&... members) {
    (put(members), ...);
  }

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

template <class T>
std::string encode(const T& x) {
  auto out = std::string();
  writer{out}.put(x);
  return out;
}

} // namespace torc::core::record
