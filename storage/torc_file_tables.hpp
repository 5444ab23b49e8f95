#pragma once

#include <span>
#include <string_view>

namespace torc::storage {

/// What has ids of its own in a file of torc's: the table there, and the counter here.
struct torc_ids {
  std::string_view table, counter;
};
std::span<const torc_ids> torc_id_spaces();

/// The statements that copy the attached database "torc", in order. "@table" in them stands for
/// what ids of that table grow by.
std::span<const std::string_view> torc_copies();

/// A column for each table that only torc 0.21 has in this way: "table.column".
std::span<const std::string_view> torc_marks();

} // namespace torc::storage
