#include "storage/columns.hpp"

#include <charconv>

namespace torc::storage {

std::string to_list(const std::vector<int64_t>& ids) {
  std::string text = "[";
  text.reserve(2 + ids.size() * 8);
  for (auto id : ids) {
    if (text.size() > 1)
      text += ',';
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, id).ptr;
    text.append(digits, end);
  }
  return text + "]";
}

std::vector<int64_t> from_list(std::string_view text) {
  std::vector<int64_t> ids;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int64_t id = 0;
    auto [next, wrong] = std::from_chars(at, end, id);
    if (wrong == std::errc{})
      ids.push_back(id);
    at = wrong == std::errc{} ? next : at + 1;
  }
  return ids;
}

} // namespace torc::storage
