#pragma once

#include "core/result.hpp"
#include "core/rows.hpp"
#include "net/json/rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace torc::net::json {

/// A job as torc writes it: scheduler_id always there and null for none, the id lists where they
/// have any, priority only where one was set.
void write_job(std::string& out, const core::job_row& job);

/// How the bodies of different calls name a job.
struct job_reading {
  unknown_keys* unknown = nullptr;
  core::workflow_id workflow;          ///< known from the path: the body need not name it
  bool with_id = false;                ///< a submission: "id" is required
  const core::job_row* base = nullptr; ///< an update: what the body does not say stays
};

/// Reads one job of a slice that `check` accepted; its status and attempt are the server's to set.
/// `scratch` may be used again for the next one. malformed names the field.
core::result<core::job_row> read_job(std::string_view slice, const job_reading& how,
                                     members& scratch);

/// Reads {"jobs":[...]}. malformed names the job's position; too_large above core::max_page jobs.
core::result<std::vector<core::job_row>> read_jobs(std::string_view slice, const job_reading& how);

/// The status that a job's body states, for PUT. @pre the body passed read_job
std::optional<core::job_status> stated_status(std::string_view slice);

} // namespace torc::net::json
