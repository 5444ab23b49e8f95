#pragma once

#include "core/complaints.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::config {

/// The whole file, up to `limit` bytes of it. Pipes and /dev/stdin will do.
/// @returns not_found with a sentence where it is a directory or cannot be read
core::result<std::string> read_text_file(const std::string& path, size_t limit);

/// The first byte that no text file holds: not UTF-8, or a control character.
std::optional<core::complaint> find_unreadable(std::string_view text);

/// Finds lines in a text, to turn byte columns into character columns.
class line_table {
public:
  explicit line_table(std::string_view text);
  core::place in_characters(core::place at) const;

private:
  std::string_view text_;
  std::vector<size_t> starts_;
};

} // namespace torc::config
