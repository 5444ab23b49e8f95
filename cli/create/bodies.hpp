#pragma once

#include "core/expanded.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace torc::cli {

/// The ids that a server gave to the parts of a workflow, by their place in the expanded one.
struct created_ids {
  int64_t workflow = 0;
  std::vector<int64_t> jobs, files, user_data, requirements, schedulers, handlers;
};

/// Appends {"jobs":[...]} for the jobs from `first` up to `last`, their blockers named by id.
/// @param with_id each job says its own id, which ids.jobs has
/// @pre ids.jobs has the ids of all blockers of those jobs
void append_jobs(std::string& out, const core::expanded_workflow& w, const created_ids& ids,
                 size_t first, size_t last, bool with_id);

/// An action as the API takes it.
std::string action_body(const core::expanded_action& a, const created_ids& ids);

/// For each file that exists on this machine, when it was last changed.
void stamp_files(core::expanded_workflow& w);

} // namespace torc::cli
