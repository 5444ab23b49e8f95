#pragma once

#include "core/result.hpp"
#include "storage/statement.hpp"

#include <span>
#include <string_view>

namespace torc::storage {

/// One step forward of the schema: schema/NNNN_name.sql.
struct migration {
  int64_t version;
  std::string_view sql;
};

/// All steps, by rising version. Made from the files at build time.
std::span<const migration> migrations();

/// Marks the file as ours ("torc" in ASCII), so that `file` and other programs can tell.
inline constexpr int64_t application_id = 0x746f7263;

/// Refuses a file that is no database of this program, or one that a newer program made.
/// Reads, never writes.
core::result<core::nothing> recognise(database& db, const std::string& path,
                                      std::span<const migration> steps);

/// Refuses a file that is no SQLite database: SQLite says so only at the first statement, and then
/// less clearly. An empty file and none are fine.
core::result<core::nothing> check_header(const std::string& path);

/// Brings a recognised database to the last of `steps`, in one transaction. One that holds
/// something already is first copied to `<path>.v<version>.backup`; the copy is checked and on the
/// disk before anything is changed. A refusal says why it is not; the database is as it was.
core::result<core::nothing> migrate(database& db, const std::string& path,
                                    std::span<const migration> steps);

} // namespace torc::storage
