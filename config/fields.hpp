#pragma once

#include "config/tree.hpp"
#include "core/spec.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::config {

/// Reads the members of one map into the members of a struct, and complains about what is missing,
/// of the wrong type or unknown. A null member is as good as none.
class fields {
public:
  /// @param what the map is, for a sentence: "job"
  fields(const node& map, std::string_view what, core::complaints& wrong);

  /// False where the node was no map, after a complaint: nothing can be read.
  bool readable() const { return map_ != nullptr; }

  /// The member, or nullptr where there is none or it is null. The key is then a known one.
  const node* find(std::string_view key);

  /// @return false after a complaint; `out` is then as it was
  template <class T>
  bool required(std::string_view key, T& out) {
    if (const auto* n = find(key))
      return read(*n, key, out);
    if (map_)
      wrong_.add(map_->at, "this " + what_ + " has no " + std::string(key) + "; add it");
    return false;
  }
  /// Leaves `out` as it is where there is no such member. @return false after a complaint
  template <class T>
  bool optional(std::string_view key, T& out) {
    const auto* n = find(key);
    return !n || read(*n, key, out);
  }
  template <class T>
  bool optional(std::string_view key, std::optional<T>& out) {
    const auto* n = find(key);
    if (!n)
      return true;
    T value{};
    if (!read(*n, key, value))
      return false;
    out = std::move(value);
    return true;
  }

  /// Complains about every member that nobody has asked for.
  void finish();
  /// Likewise, but only where the key looks like a slip of the pen; other unknown keys are ignored.
  void finish_leniently();

  core::complaints& wrong() { return wrong_; }

private:
  bool read(const node& n, std::string_view key, std::string& out);
  bool read(const node& n, std::string_view key, bool& out);
  bool read(const node& n, std::string_view key, int64_t& out);
  bool read(const node& n, std::string_view key, double& out);
  template <class T>
  bool read(const node& n, std::string_view key, core::placed<T>& out) {
    out.at = n.at;
    return read(n, key, out.value);
  }
  /// A list of what can be read; the items that cannot be are left out.
  template <class T>
  bool read(const node& n, std::string_view key, std::vector<core::placed<T>>& out) {
    if (n.is != node::kind::list)
      return mismatch(n, key, "a list");
    bool good = true;
    out.reserve(n.items.size());
    for (const auto& item : n.items) {
      core::placed<T> value;
      if (read(item, key, value))
        out.push_back(std::move(value));
      else
        good = false;
    }
    return good;
  }

  template <class F>
  void each_unknown(F f) const;
  bool mismatch(const node& n, std::string_view key, std::string_view expected);

  const node* map_ = nullptr;
  std::string what_;
  core::complaints& wrong_;
  std::vector<std::string_view> known_;
};

} // namespace torc::config
