#pragma once

#include "core/read_model.hpp"

#include <memory>
#include <string>

namespace torc::storage {

/// A read-only connection (mode=ro, query_only) that answers every query of the API. One thread
/// each. Each call is one short snapshot. A broken file is a core::fault.
/// @pre a store has created the file
std::unique_ptr<core::read_model> open_reader(const std::string& path);

} // namespace torc::storage
