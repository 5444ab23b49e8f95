#pragma once

#include "core/cell.hpp"
#include "core/digest.hpp"
#include "storage/statement.hpp"

#include <string>
#include <vector>

/// Tables of any kind, row by row.
namespace torc::storage {

/// All tables but SQLite's own, by name.
std::vector<std::string> tables_of(database& db);

struct table_columns {
  std::vector<std::string> names; ///< in their order in the table
  std::string key;                ///< of the primary key, told apart by commas
};
table_columns columns_of(database& db, const std::string& table);

/// One row of the current execution.
std::vector<core::cell> read_cells(const statement::rows& r, size_t count);

struct table_digest {
  std::string table;
  int64_t rows = 0;
  std::string sum;
  bool operator==(const table_digest&) const = default;
};

/// The hash of all rows (core::line_of), in the order of the primary key.
table_digest digest_of(database& db, const std::string& table, const core::new_digest& hash);

} // namespace torc::storage
