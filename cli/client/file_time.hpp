#pragma once

#include <optional>
#include <string>

namespace torc::cli {

/// When a file was last changed, in seconds since 1970; nothing where there is no such file.
std::optional<double> file_time(const std::string& path);

} // namespace torc::cli
