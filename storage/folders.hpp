#pragma once

#include "core/result.hpp"

#include <string>

/// Names are on the disk when the folder that has them is synced.
namespace torc::storage {

/// Makes what is missing of the folder that `file` is to lie in, each there to stay.
core::result<core::nothing> make_folder_of(const std::string& file);

/// Syncs the folder that `file` lies in. @returns what is wrong, or ""
std::string sync_folder_of(const std::string& file);

/// fsync of a file or a folder. @returns what is wrong, or ""
std::string sync_path(const std::string& path);

} // namespace torc::storage
