#include "exec/wire.hpp"

#include <cstring>
#include <type_traits>
#include <utility>

namespace torc::exec::wire {

namespace {

/// Far above what execve takes; only garbage announces more.
constexpr uint32_t longest_frame = 64u * 1024 * 1024;

using length_type = uint32_t;

class writer {
public:
  explicit writer(std::string& buffer) : buffer_(buffer) {}

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(const T& value) {
    buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<length_type>(text.size()));
    buffer_.append(text);
  }
  void operator()(const std::vector<std::string>& list) {
    (*this)(static_cast<length_type>(list.size()));
    for (const auto& text : list)
      (*this)(text);
  }

private:
  std::string& buffer_;
};

class reader {
public:
  explicit reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(T& value) {
    if (const auto part = take(sizeof value); !part.empty())
      std::memcpy(&value, part.data(), sizeof value);
  }
  void operator()(std::string& text) {
    length_type size = 0;
    (*this)(size);
    text = take(size);
  }
  void operator()(std::vector<std::string>& list) {
    length_type size = 0;
    (*this)(size);
    list.clear();
    for (length_type i = 0; i < size && good_; ++i)
      (*this)(list.emplace_back());
  }
  /// Everything was there, and nothing is left over.
  bool whole() const { return good_ && bytes_.empty(); }

private:
  std::string_view take(size_t size) {
    good_ = good_ && bytes_.size() >= size;
    if (!good_)
      return {};
    const auto part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view bytes_;
  bool good_ = true;
};

template <class Archive, class T>
void fields(Archive& f, T& x) {
  using type = std::remove_const_t<T>;
  if constexpr (std::is_same_v<type, job_command>) {
    f(x.tag), f(x.command), f(x.stdio), f(x.stdout_path), f(x.stderr_path), f(x.env_add);
    f(x.cwd);
  } else if constexpr (std::is_same_v<type, signal_job>) {
    f(x.tag), f(x.number);
  } else if constexpr (std::is_same_v<type, signal_all>) {
    f(x.number);
  } else if constexpr (std::is_same_v<type, last_will>) {
    f(x.host), f(x.port), f(x.request), f(x.command), f(x.environment);
  } else if constexpr (std::is_same_v<type, notice>) {
    f(x.text);
  } else if constexpr (std::is_same_v<type, job_started>) {
    f(x.tag), f(x.pid), f(x.start_us);
  } else {
    static_assert(std::is_same_v<type, job_exit>);
    f(x.tag), f(x.return_code), f(x.signaled), f(x.start_us), f(x.end_us), f(x.user_us);
    f(x.sys_us), f(x.max_rss_bytes), f(x.spawn_failed), f(x.why);
  }
}

template <class Variant>
void append_variant(std::string& buffer, const Variant& what) {
  const size_t start = buffer.size();
  writer out(buffer);
  out(length_type{0});
  out(static_cast<uint8_t>(what.index()));
  std::visit([&out](const auto& x) { fields(out, x); }, what);
  const auto size = static_cast<length_type>(buffer.size() - start - sizeof(length_type));
  std::memcpy(buffer.data() + start, &size, sizeof size);
}

/// Makes `into` hold its alternative number `kind`; false where there is none.
template <class Variant, size_t... I>
bool emplace(Variant& into, uint8_t kind, std::index_sequence<I...>) {
  return ((kind == I && (into.template emplace<I>(), true)) || ...);
}

template <class Variant>
bool read_fields(std::string_view bytes, Variant& into) {
  reader in(bytes);
  std::visit([&in](auto& x) { fields(in, x); }, into);
  return in.whole();
}

} // namespace

void append(std::string& buffer, const command& what) {
  append_variant(buffer, what);
}
void append(std::string& buffer, const event& what) {
  append_variant(buffer, what);
}

void frame_reader::add(std::string_view bytes) {
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  } else if (at_ > bytes_.size() / 2) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  bytes_.append(bytes);
}

template <class Variant>
frame_reader::outcome frame_reader::take(Variant& into) {
  const auto left = std::string_view{bytes_}.substr(at_);
  length_type size = 0;
  if (left.size() < sizeof size)
    return outcome::incomplete;
  std::memcpy(&size, left.data(), sizeof size);
  if (size == 0 || size > longest_frame)
    return outcome::broken;
  if (left.size() < sizeof size + size)
    return outcome::incomplete;
  const auto kind = static_cast<uint8_t>(left[sizeof size]);
  if (!emplace(into, kind, std::make_index_sequence<std::variant_size_v<Variant>>{}) ||
      !read_fields(left.substr(sizeof size + 1, size - 1), into))
    return outcome::broken;
  at_ += sizeof size + size;
  return outcome::frame;
}

template frame_reader::outcome frame_reader::take(command&);
template frame_reader::outcome frame_reader::take(event&);

} // namespace torc::exec::wire
