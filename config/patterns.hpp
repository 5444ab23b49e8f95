#pragma once

#include "core/spec_expand.hpp"

namespace torc::config {

/// Compiles regular expressions with RE2: linear in the name, whatever the pattern. A pattern that
/// starts with ^ comes with the range that its matches lie in.
core::compile_pattern re2_patterns();

} // namespace torc::config
