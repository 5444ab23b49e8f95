#pragma once

#include "actors/runner.hpp"
#include "cli/client/api.hpp"
#include "cli/run/options.hpp"
#include "cli/run/run_log.hpp"
#include "core/result.hpp"
#include "exec/guardian.hpp"

#include <string>

namespace torc::cli {

/// What both kinds of runner are started with.
struct runner_job {
  int64_t workflow = 0;
  int64_t run_id = 0;
  int64_t idle_exit_s = 90;
  std::string sort_method; ///< the workflow's jobs_sort_method
  run_options options;
  run_log* log = nullptr;
  actors::stop_level* stop = nullptr;
};

/// Attaches to our server's runner port. `not_found` where the server has none.
core::result<actors::runner_report> run_attached(api& server, const runner_job& what,
                                                 exec::guardian_handle& guardian);

/// Serves an original torc server by its HTTP API: asks for jobs, starts them, reports how they
/// ended.
core::result<actors::runner_report> run_polling(api& server, const runner_job& what,
                                                exec::guardian_handle& guardian);

} // namespace torc::cli
