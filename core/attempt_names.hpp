#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

namespace torc::core {

/// RO-Crate calls an attempt of a job "#job-7-attempt-1". @returns the text with the jobs that
/// `new_id` gives instead; what it gives 0 for stays
inline std::string with_new_jobs(std::string_view text,
                                 const std::function<int64_t(int64_t)>& new_id) {
  constexpr std::string_view before = "#job-";
  constexpr std::string_view behind = "-attempt-";
  std::string out;
  for (size_t at = 0;;) {
    const auto found = text.find(before, at);
    if (found == std::string_view::npos)
      return out.append(text.substr(at));
    const auto number = found + before.size();
    out += text.substr(at, number - at);
    at = number;
    int64_t job = 0;
    const auto read = std::from_chars(text.data() + number, text.data() + text.size(), job);
    const auto end = static_cast<size_t>(read.ptr - text.data());
    if (read.ec != std::errc() || text.substr(end, behind.size()) != behind)
      continue;
    const auto renamed = new_id(job);
    out += std::to_string(renamed == 0 ? job : renamed);
    at = end;
  }
}

} // namespace torc::core
