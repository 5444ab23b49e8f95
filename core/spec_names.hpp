#pragma once

#include "core/name_index.hpp"
#include "core/spec_expand.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace torc::core {

/// The names of one kind of thing in a spec (jobs, files, ...): finds them, suggests the one that
/// was meant, and matches patterns against all of them.
class spec_names {
public:
  /// @param kind as it stands in a sentence: "job", "user data"
  spec_names(std::string_view kind, size_t most) : kind_(kind), index_(most) {
    names_.reserve(most);
  }

  /// Enters the next thing. The name must stay where it is.
  /// @returns its index, or that of the first of the same name
  uint32_t add(std::string_view name);
  uint32_t find(std::string_view name) const { return index_.find(name, *this); }
  size_t size() const { return names_.size(); }
  std::string_view operator()(uint32_t index) const { return names_[index]; }

  /// Some names could not be read: nothing may be said about names that are not here.
  void incomplete() { lost(""); }
  /// The instances of this name could not be made: nothing may be said about names that begin like
  /// it, nor about patterns that may match such names.
  void lost(std::string_view name) { lost_.push_back(name.substr(0, name.find('{'))); }

  /// The index, or no_index after a complaint.
  /// @param user who names it, as in `job "b" depends on`
  template <class User>
  uint32_t resolve(std::string_view name, place at, User&& user, complaints& wrong) const {
    const auto index = find(name);
    if (index == no_index && !wrong.has(at) && !maybe_lost(name))
      wrong.add(at, user() + ' ' + quoted(name) + ", but there is no such " + kind_ +
                        did_you_mean(name, names_));
    return index;
  }

  /// All indices whose names the pattern matches, ascending; empty after a complaint. Each distinct
  /// pattern is compiled and matched once.
  const std::vector<uint32_t>& match(const std::string& pattern, place at,
                                     const compile_pattern& compile, uint64_t& tests,
                                     complaints& wrong);

private:
  bool maybe_lost(std::string_view name) const {
    return std::any_of(lost_.begin(), lost_.end(),
                       [&](std::string_view l) { return name.starts_with(l); });
  }
  /// Without a range a pattern may match anything. A name that begins with a lost beginning lies
  /// behind it.
  bool maybe_lost(const core::pattern& p) const {
    return std::any_of(lost_.begin(), lost_.end(), [&](std::string_view l) {
      return !p.bounded || (l <= p.highest && (l >= p.lowest || p.lowest.starts_with(l)));
    });
  }
  std::vector<uint32_t> search(const core::pattern& p, uint64_t& tests);
  const std::vector<uint32_t>& sorted();

  std::string kind_;
  std::vector<std::string_view> names_;
  name_index index_;
  std::vector<std::string_view> lost_; ///< beginnings of names
  struct matches {
    std::vector<uint32_t> found;
    bool maybe_more = false; ///< among the names that could not be made
  };
  std::unordered_map<std::string, matches> matched_;
  size_t searches_ = 0;
  std::vector<uint32_t> by_name_; ///< made when so many patterns have come that it pays
};

} // namespace torc::core
