#pragma once

#include "cli/client/api.hpp"
#include "cli/run/progress_view.hpp"

#include <map>
#include <optional>
#include <string>

/// What several commands ask of a server about one workflow, from ours in one call and from an
/// original torc server by its own endpoints.
namespace torc::cli {

/// "/workflows/7" + rest.
std::string workflow_path(int64_t workflow, std::string_view rest = {});

/// Jobs by status, all of one moment; statuses without jobs are absent. An original server can only
/// be asked status by status, while jobs go on from one to the next.
core::result<std::map<std::string, int64_t>> job_counts(api& server, int64_t workflow);
/// The same, with what GET /workflows/{id}/status has answered.
core::result<std::map<std::string, int64_t>> job_counts(api& server, int64_t workflow,
                                                        const json::value& status);

/// How far the stages are; nothing where the server has no stages to tell of.
std::optional<progress_view> progress_of(api& server, int64_t workflow);

/// Input files that should exist and do not, by path. Looks at this machine's disk.
/// @param only_given leaves out those that jobs of the workflow can write again
core::result<std::vector<std::string>> missing_input_files(api& server, int64_t workflow,
                                                           bool only_given = false);

/// Prepares a workflow whose jobs are all uninitialized, or with `again` any, for a new run: in one
/// call where the server can do that, which then happens exactly once however many ask; else by
/// torc's chain of calls. @returns whether it was initialized by this call
core::result<bool> initialize(api& server, int64_t workflow, bool again);

} // namespace torc::cli
