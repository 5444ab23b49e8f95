#pragma once

#include "cli/frame/command.hpp"

#include <cstdint>
#include <string>

namespace torc::cli {

/// `workflows archive ID --to FILE`: all rows of the workflow, in a file of its own.
int archive_to_file(call& c, int64_t id, const std::string& path);

} // namespace torc::cli
