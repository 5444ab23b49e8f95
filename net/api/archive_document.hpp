#pragma once

#include "core/read_model.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// An archive as a text: a line that says what it is, then for each table a line with its columns,
/// the number of its rows and the SHA-256 of the lines that follow, one a row.
namespace torc::net::api {

inline constexpr std::string_view archive_format = "torc-workflow-archive";
inline constexpr int64_t archive_version = 1;

/// Whole, its hashes compared, its rows read once.
struct archive_document {
  struct part {
    const core::archived_table* table = nullptr;
    std::vector<std::string> columns;
    std::vector<core::reference> references; ///< one a column
    size_t begin = 0, end = 0;               ///< its rows in `text`
    int64_t rows = 0;
  };
  std::shared_ptr<const std::string> text;
  std::vector<part> parts;
  core::id_map ids; ///< of its rows, settled
  int64_t rows = 0;
};

/// @returns unprocessable, with the line that is wrong
core::result<archive_document> read_archive_document(std::shared_ptr<const std::string> text);

/// The row that begins at `at`; moves `at` behind it. @pre the document was read
std::vector<core::cell> next_row(const archive_document& from, size_t& at);

/// Writes the archive of a workflow, and reads it back. @param intro the first line
/// @returns unprocessable, too, where it would have more than `most_bytes`
core::result<std::string> write_archive_document(core::read_model& r, core::workflow_id id,
                                                 const std::string& intro, uint64_t most_bytes);

} // namespace torc::net::api
