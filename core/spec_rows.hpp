#pragma once

#include "core/expanded.hpp"
#include "core/spec.hpp"

namespace torc::core {

/// The rows of the spec that parameters do not touch: the workflow, its requirements, schedulers,
/// handlers, and all named user data. The execution_config has no overrides of single jobs yet.
void fill_rows(const workflow_spec& spec, expanded_workflow& out);

/// The execution_config as the API stores it, with each job's own stdio in it; none where every
/// setting has its default.
std::optional<std::string> execution_config(const workflow_spec& spec,
                                            const std::vector<expanded_job>& jobs);

} // namespace torc::core
