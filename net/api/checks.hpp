#pragma once

#include "core/result.hpp"
#include "core/rows.hpp"
#include "core/rows_more.hpp"

/// What torc's server checks of single rows beyond their types.
namespace torc::net::api {

/// unprocessable: memory or runtime that cannot be read, or a count out of range.
core::result<core::nothing> check_requirement(const core::requirement_row& row);
/// unprocessable: an action_config that does not fit its action_type.
core::result<core::nothing> check_action(const core::action_row& row);
/// How often an action must be triggered before it is due: once for each job it waits for.
int64_t required_triggers(const core::action_row& row);
/// malformed: an unknown jobs_sort_method.
core::result<core::nothing> check_workflow(const core::workflow_row& row);

} // namespace torc::net::api
