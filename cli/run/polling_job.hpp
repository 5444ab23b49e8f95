#pragma once

#include "cli/client/api.hpp"
#include "cli/run/runner.hpp"
#include "core/job.hpp"
#include "core/resources.hpp"
#include "exec/job_process.hpp"

#include <string>
#include <vector>

/// What a polling runner says to an original torc server, and what it reads from it.
namespace torc::cli {

struct polled_job {
  int64_t id = 0;
  int64_t attempt = 1;
  int64_t requirement = 0;
  std::string name;
  std::string command; ///< the invocation script in front of it, where there is one
  std::vector<int64_t> output_files;
  std::vector<std::string> env; ///< NAME=VALUE
  core::needs needs;
};
json::array to_array(const core::label_set& labels);
polled_job read_polled_job(const json::value& v);
/// Refuses memory and runtime that nobody can read.
core::result<core::needs> read_needs(const json::value& requirement);

/// A claim: by count where the user gave a number of jobs, else by what is free.
struct claim_call {
  int64_t limit = 0; ///< 0: nothing to ask for
  std::string path;
  std::string body;
};
claim_call claim_request(const runner_job& what, const core::capacity& free, size_t running);

exec::job_command command_of(const polled_job& job, const runner_job& what,
                             const std::string& api_url);

/// What an end amounts to.
struct judged_end {
  core::job_status status = core::job_status::completed;
  int64_t return_code = 0;
};
/// A job that ended well without its output files has failed; the files that are there are told to
/// the server. @param killed the runner was told to end its jobs
judged_end judge(api& server, const polled_job& job, const exec::job_exit& e, bool killed);

std::string result_body(const polled_job& job, const exec::job_exit& e, const judged_end& end,
                        int64_t workflow, int64_t run, int64_t node);

double in_gib(int64_t bytes);

} // namespace torc::cli
