#pragma once

#include "core/archive.hpp"
#include "storage/queries.hpp"
#include "storage/writer.hpp"

/// Workflows as rows: read for an archive, and put back (core/archive.hpp).
namespace torc::storage {

/// @pre a snapshot is open
core::result<core::nothing> read_archive(database& db, core::workflow_id id,
                                         const core::archive_listener& to);

// Parts of write_edit.
core::result<core::edited> open_restore(writer& w, const core::open_restore& e);
core::result<core::edited> restore_rows(writer& w, const core::restore_rows& e);
core::result<core::edited> close_restore(writer& w, const core::close_restore& e);

} // namespace torc::storage
