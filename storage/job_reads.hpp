#pragma once

#include "core/read_model.hpp"
#include "storage/queries.hpp"

#include <vector>

namespace torc::storage {

// Reads about jobs. @pre a snapshot is open

std::optional<core::job_row> read_job(connection& c, core::job_id id);
core::page_of<core::job_row> read_jobs(connection& c, const core::job_filter& f);
std::vector<core::job_row> read_jobs_by_id(connection& c, const std::vector<int64_t>& ids,
                                           bool output_lists);
core::page_of<core::job_dependency> read_dependencies(connection& c, core::workflow_id w,
                                                      const core::page& at);
core::page_of<core::job_relationship> read_relationships(connection& c, core::workflow_id w,
                                                         core::related to, const core::page& at);
std::vector<core::job_id> read_failed_closure(connection& c, core::workflow_id w);
core::page_of<core::result_row> read_results(connection& c, const core::result_filter& f);
std::optional<core::result_row> read_result(connection& c, core::result_id id);
std::vector<core::attempt_facts> read_latest_attempts(connection& c, core::workflow_id w);
std::vector<core::runner_facts> read_runners(connection& c);
/// Ready jobs with labels that no active compute node has all of.
std::vector<std::pair<core::label_set, int64_t>> read_unserved_labels(connection& c,
                                                                      core::workflow_id w);
std::optional<core::cancellation> read_cancellation(connection& c, core::workflow_id w);
std::optional<core::cancellation> read_cancellation(connection& c, core::job_id j);

/// Fills trigger_count.
void count_triggers(connection& c, core::action_row* rows, size_t count);

} // namespace torc::storage
