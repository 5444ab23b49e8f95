#pragma once

#include "core/image.hpp"
#include "storage/writer.hpp"

namespace torc::storage {

/// Reads what the rooms must hold. @pre no group is open; makes one of its own.
/// @param lease_ms what runners will be told from now on, kept for the next start
core::image recover_image(writer& w, int64_t epoch, int64_t lease_ms);

} // namespace torc::storage
