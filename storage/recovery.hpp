#pragma once

#include "core/image.hpp"
#include "storage/writer.hpp"

namespace torc::storage {

/// Reads what the rooms must hold. @pre no group is open; makes one of its own.
core::image recover_image(writer& w, int64_t epoch);

} // namespace torc::storage
