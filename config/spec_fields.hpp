#pragma once

#include "config/tree.hpp"
#include "core/spec.hpp"

namespace torc::config {

/// The spec that the document holds; what cannot be read is complained about and left out.
core::workflow_spec read_fields(const node& document, core::complaints& wrong);

} // namespace torc::config
