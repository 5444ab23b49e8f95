#pragma once

#include "core/archive.hpp"

namespace torc::core {

/// Is a row found, or told from others, by this column? Then every row must have a number there:
/// SQLite would draw a key that is missing by itself, out of turn.
bool is_key(const archived_table& table, std::string_view column);

/// @returns unprocessable where columns are missing that tell whose a row is, or one comes twice
result<nothing> check_columns(const archived_table& table, const std::vector<std::string>& columns);

} // namespace torc::core
