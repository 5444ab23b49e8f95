#pragma once

#include "core/result.hpp"

#include <string>
#include <vector>

/// Files that a person names, read whole.
namespace torc::cli {

/// The content of a file or a pipe. Refuses a folder and whatever else cannot be read, by a
/// sentence with its name: not_found where nothing has it, else unprocessable.
core::result<std::string> read_file(const std::string& path);

/// Its lines that say something: neither empty nor a comment (#), without the blanks around them.
core::result<std::vector<std::string>> read_lines(const std::string& path);

} // namespace torc::cli
