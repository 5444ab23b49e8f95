#include "core/spec_names.hpp"

#include <algorithm>
#include <numeric>

namespace torc::core {

uint32_t spec_names::add(std::string_view name) {
  const auto index = static_cast<uint32_t>(names_.size());
  names_.push_back(name);
  return index_.insert(index, *this);
}

const std::vector<uint32_t>& spec_names::sorted() {
  if (by_name_.size() != names_.size()) {
    by_name_.resize(names_.size());
    std::iota(by_name_.begin(), by_name_.end(), 0u);
    std::sort(by_name_.begin(), by_name_.end(),
              [&](uint32_t a, uint32_t b) { return names_[a] < names_[b]; });
  }
  return by_name_;
}

std::vector<uint32_t> spec_names::search(const core::pattern& p, uint64_t& tests) {
  // Sorting costs as much as a few searches through all names, which a handful of barriers need.
  constexpr size_t searches_without_sorting = 16;
  std::vector<uint32_t> found;
  const auto test = [&](uint32_t index) {
    ++tests;
    if (p.matches(names_[index]))
      found.push_back(index);
  };
  if (p.bounded && ++searches_ > searches_without_sorting) {
    const auto& order = sorted();
    auto next =
        std::lower_bound(order.begin(), order.end(), p.lowest,
                         [&](uint32_t i, const std::string& low) { return names_[i] < low; });
    for (; next != order.end() && names_[*next] <= p.highest && tests < max_match_tests; ++next)
      test(*next);
    std::sort(found.begin(), found.end());
    return found;
  }
  for (uint32_t i = 0; i < names_.size() && tests < max_match_tests; ++i)
    if (!p.bounded || (names_[i] >= p.lowest && names_[i] <= p.highest))
      test(i);
  return found;
}

const std::vector<uint32_t>& spec_names::match(const std::string& text, place at,
                                               const compile_pattern& compile, uint64_t& tests,
                                               complaints& wrong) {
  const auto [entry, fresh] = matched_.try_emplace(text);
  auto& [found, maybe_more] = entry->second;
  if (fresh) {
    auto compiled = compile(text);
    if (!compiled) {
      static const std::vector<uint32_t> nothing;
      wrong.add(at, "regular expression " + quoted(text) + ": " + compiled.why().message);
      matched_.erase(entry);
      return nothing;
    }
    maybe_more = maybe_lost(*compiled);
    if (tests < max_match_tests)
      found = search(*compiled, tests);
    if (tests >= max_match_tests) {
      wrong.add(at, "there are too many regular expressions for so many names; anchor them with ^ "
                    "and a fixed beginning, or name the " +
                        kind_ + "s instead");
      return found;
    }
  }
  if (found.empty() && !maybe_more && !wrong.has(at))
    wrong.add(at, "regular expression " + quoted(text) + " matches no " + kind_ +
                      "; correct it, or remove it");
  return found;
}

} // namespace torc::core
