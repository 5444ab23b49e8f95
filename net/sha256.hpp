#pragma once

#include "core/digest.hpp"

namespace torc::net {

std::unique_ptr<core::digest> new_sha256();

} // namespace torc::net
