#include "core/complaints.hpp"

#include <algorithm>
#include <numeric>

namespace torc::core {

void complaints::add(place at, std::string text) {
  if (!at_.insert(at).second && at.line != 0)
    return;
  if (list_.size() < limit)
    list_.push_back({at, std::move(text)});
  else
    ++dropped_;
}

std::vector<complaint> complaints::take() && {
  std::stable_sort(list_.begin(), list_.end(),
                   [](const complaint& a, const complaint& b) { return a.at < b.at; });
  if (dropped_ > 0)
    list_.push_back({list_.back().at, "there are " + std::to_string(dropped_) +
                                          " more errors; correct these first"});
  return std::move(list_);
}

namespace {

/// Edits (insert, remove, replace, swap of neighbours) from `a` to `b`.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

} // namespace

std::optional<std::string_view>
nearest(std::string_view name, std::span<const std::string_view> candidates, size_t edits) {
  constexpr size_t most_candidates = 10'000;
  constexpr size_t longest = 100;
  if (candidates.size() > most_candidates || name.size() > longest)
    return std::nullopt;
  const size_t allowed = std::min(edits, std::max<size_t>(1, name.size() / 3));
  size_t best = allowed + 1;
  std::optional<std::string_view> found;
  for (const auto candidate : candidates) {
    const size_t gap = candidate.size() > name.size() ? candidate.size() - name.size()
                                                      : name.size() - candidate.size();
    if (gap >= best || candidate.size() > longest)
      continue;
    if (const size_t d = distance(name, candidate); d < best) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const auto found = nearest(name, candidates);
  return found ? "; did you mean " + quoted(*found) + "?" : std::string();
}

std::string quoted(std::string_view text) {
  constexpr size_t longest = 80;
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    // Cut between characters, not inside one: 10xxxxxx bytes continue a character.
    if (i >= longest && (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      out += "...";
      break;
    }
    if (text[i] == '\n')
      out += "\\n";
    else if (text[i] == '\t')
      out += "\\t";
    else
      out += text[i];
  }
  return out + '"';
}

} // namespace torc::core
