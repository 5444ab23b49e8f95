#pragma once

#include "core/once.hpp"
#include "storage/sqlite.hpp"

#include <optional>
#include <string>

namespace torc::storage {

/// Adds what a step of the call did, and lets the oldest calls go.
void remember(database& db, const core::once& call, const core::effect& what, int64_t now_us);
void keep_answer(database& db, const core::keep_answer& what, int64_t now_us);
/// What is remembered under the key, unless it is older than core::kept_for_us.
std::optional<core::kept_call> read_kept(database& db, const std::string& caller,
                                         const std::string& key, int64_t now_us);

} // namespace torc::storage
