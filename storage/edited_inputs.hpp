#pragma once

#include "storage/writer.hpp"

#include <string>
#include <utility>
#include <vector>

/// Which jobs have other inputs than when they were initialized. Only what was edited since is
/// kept, so a workflow that nobody edits pays nothing.
namespace torc::storage {

// Call before the edit. Nothing where the workflow was never initialized.
void note_job_edit(writer& w, core::workflow_id workflow, core::job_id job);
void note_data_edit(writer& w, core::workflow_id workflow, core::user_data_id data);

/// Its jobs were initialized: what they say now is what they run with.
void forget_edits(writer& w, core::workflow_id workflow);

/// Jobs that say something else, or read user data that does, by id.
std::vector<std::pair<core::job_id, std::string>> jobs_with_edited_inputs(database& db,
                                                                          core::workflow_id w);

} // namespace torc::storage
