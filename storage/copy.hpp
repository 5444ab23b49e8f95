#pragma once

#include "core/result.hpp"
#include "storage/sqlite.hpp"

#include <functional>
#include <string>

/// Copies of a database that are whole and on the disk, or not there at all.
namespace torc::storage {

/// Copies what `from` sees at `to`: a database in one file, without a log. It is made beside `to`,
/// checked, synced and only then given the name. Others may write meanwhile; where `from` has a
/// transaction open, the copy is of its snapshot.
/// @param is_good is shown the copy and may refuse it; may be empty
/// @returns conflict where `to` exists already, unprocessable where the copy could not be made or
/// is not whole; nothing is left behind then
core::result<core::nothing>
copy_database(database& from, const std::string& to,
              const std::function<core::result<core::nothing>(database& copy)>& is_good);

} // namespace torc::storage
