#include "cli/run/serve_all.hpp"

#include "cli/commands/common.hpp"
#include "cli/run/host.hpp"
#include "cli/run/run_log.hpp"
#include "cli/run/runner.hpp"
#include "cli/run/stop_signals.hpp"
#include "cli/run/summary.hpp"
#include "exec/job_process.hpp"

#include <ostream>

namespace torc::cli {

namespace {

void print(call& c, const actors::runner_report& did) {
  if (c.global.json())
    print_json(c.out, json::object{{"started", did.started},
                                   {"completed", did.completed},
                                   {"failed", did.failed},
                                   {"stopped", did.drained},
                                   {"wall_seconds", did.wall_seconds},
                                   {"runner_idle_seconds", did.idle_seconds}});
  else
    c.out << "started " << did.started << ", completed " << did.completed << ", failed "
          << did.failed << " in " << duration_text(did.wall_seconds) << ", idle "
          << duration_text(did.idle_seconds) << '\n';
}

} // namespace

int serve_all(call& c, api& server, const run_options& options) {
  if (auto made = exec::prepare_output_dir(options.output_dir); !made)
    return fail(c, made.why().message);
  runner_job job;
  job.options = options;
  if (options.persistent)
    job.idle_exit_s = 0;
  run_log log(options.output_dir, detect_host().hostname, job.workflow, job.run_id,
              c.global.log_level, run_log::also::nowhere);
  job.log = &log;
  job.stop = &stop_on_signals(true);
  const auto whose = "all workflows of " + user_name() + ", server " + server.url();
  log.line(whose);
  c.err << "serving " << whose << "; Ctrl-C waits for the running jobs\n";
  const auto report = run_attached(server, job, *c.guardian);
  if (!report && report.why().why == core::refusal::not_found)
    return fail(c, "a server of the original torc has runners for one workflow each: name it");
  if (!report)
    return fail(c, report.why().message);
  print(c, *report);
  return report->failed == 0 ? exit_ok : exit_error;
}

} // namespace torc::cli
