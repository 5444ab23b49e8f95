#pragma once

#include "core/result.hpp"
#include "storage/row_lines.hpp"

#include <string>
#include <vector>

namespace torc::storage {

struct backup_report {
  std::vector<table_digest> tables;
  int64_t bytes = 0; ///< of the copy
  int64_t rows() const;
};

/// Copies a database of ours, also one that a server writes meanwhile: what was committed before
/// this began. The copy's rows are hashed and compared with those of the same snapshot. The folder
/// and the file are synced at the end.
/// @returns not_found where there is none, conflict where `to` exists or the database is not ours;
/// nothing is left behind then
core::result<backup_report> back_up(const std::string& database_path, const std::string& to,
                                    const core::new_digest& hash);

} // namespace torc::storage
