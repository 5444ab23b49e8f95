#include "config/fields.hpp"

#include <algorithm>
#include <charconv>

namespace torc::config {

using kind = node::kind;

fields::fields(const node& map, std::string_view what, core::complaints& wrong)
    : what_(what), wrong_(wrong) {
  if (map.is == kind::map)
    map_ = &map;
  else
    wrong.add(map.at,
              what_ + " must be a map of keys and values, but is " + std::string(describe(map)));
}

const node* fields::find(std::string_view key) {
  known_.push_back(key);
  const node* found = nullptr;
  if (map_)
    for (size_t i = 0; i + 1 < map_->items.size(); i += 2)
      if (map_->items[i].text == key)
        found = &map_->items[i + 1];
  return found && found->is != kind::null ? found : nullptr;
}

template <class F>
void fields::each_unknown(F f) const {
  for (size_t i = 0; map_ && i + 1 < map_->items.size(); i += 2)
    if (std::find(known_.begin(), known_.end(), map_->items[i].text) == known_.end())
      f(map_->items[i]);
}

void fields::finish() {
  each_unknown([&](const node& key) {
    const auto meant = core::did_you_mean(key.text, known_);
    wrong_.add(key.at, "unknown key " + core::quoted(key.text) + " in this " + what_ +
                           (meant.empty() ? "; remove it" : meant));
  });
}

void fields::finish_leniently() {
  constexpr size_t slip = 2;
  each_unknown([&](const node& key) {
    if (const auto meant = core::nearest(key.text, known_, slip))
      wrong_.add(key.at, "unknown key " + core::quoted(key.text) + " in this " + what_ +
                             "; did you mean " + core::quoted(*meant) + "?");
  });
}

bool fields::mismatch(const node& n, std::string_view key, std::string_view expected) {
  std::string text = std::string(key) + " must be " + std::string(expected) + ", but is " +
                     std::string(describe(n));
  if (expected == "a text" &&
      (n.is == kind::integer || n.is == kind::real || n.is == kind::boolean))
    text += "; put it in quotes: \"" + n.text + '"';
  else if (expected == "a list" && n.is == kind::text)
    text += "; put it in brackets: [" + core::quoted(n.text) + ']';
  else if (n.is == kind::text && expected != "a text")
    text += ": " + core::quoted(n.text);
  wrong_.add(n.at, std::move(text));
  return false;
}

bool fields::read(const node& n, std::string_view key, std::string& out) {
  if (n.is != kind::text)
    return mismatch(n, key, "a text");
  out = n.text;
  return true;
}

bool fields::read(const node& n, std::string_view key, bool& out) {
  if (n.is != kind::boolean)
    return mismatch(n, key, "true or false");
  out = n.text[0] == 't' || n.text[0] == 'T';
  return true;
}

bool fields::read(const node& n, std::string_view key, int64_t& out) {
  if (n.is != kind::integer)
    return mismatch(n, key, "a whole number");
  std::string_view text = n.text;
  if (text.starts_with('+'))
    text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    base = text[1] == 'x' ? 16 : 8;
    text.remove_prefix(2);
  }
  const auto end = text.data() + text.size();
  int64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), end, value, base);
  if (problem != std::errc{} || stop != end) {
    wrong_.add(n.at, std::string(key) + " is a number out of range: " + core::quoted(n.text));
    return false;
  }
  out = value;
  return true;
}

bool fields::read(const node& n, std::string_view key, double& out) {
  if (n.is != kind::integer && n.is != kind::real)
    return mismatch(n, key, "a number");
  std::string_view text = n.text;
  if (text.starts_with('+'))
    text.remove_prefix(1);
  const auto end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, out);
  if (problem != std::errc{} || stop != end) {
    wrong_.add(n.at,
               std::string(key) + " is not a number that can be used: " + core::quoted(n.text));
    return false;
  }
  return true;
}

} // namespace torc::config
