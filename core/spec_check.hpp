#pragma once

#include "core/complaints.hpp"
#include "core/spec.hpp"

namespace torc::core {

/// Checks what can be checked before expansion: values, choices, settings that exclude each other,
/// and that names of requirements, schedulers, handlers and user data are not used twice.
void check(const workflow_spec& spec, complaints& wrong);

} // namespace torc::core
