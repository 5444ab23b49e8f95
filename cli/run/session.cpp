#include "cli/run/session.hpp"

#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/run/display.hpp"
#include "cli/run/host.hpp"
#include "cli/run/provenance.hpp"
#include "cli/run/runner.hpp"
#include "cli/run/stop_signals.hpp"
#include "cli/run/summary.hpp"
#include "exec/job_process.hpp"

#include <unistd.h>

#include <chrono>
#include <ostream>

namespace torc::cli {

namespace {

/// What a server says of itself; numbers that it does not give are absent.
struct server_facts {
  std::optional<double> cpu_seconds;
  std::optional<int64_t> database_bytes, journal_bytes;
};

server_facts ask_server(api& server) {
  server_facts facts;
  const auto stats = server.get("/server_stats");
  if (!stats)
    return facts;
  facts.cpu_seconds = number(member(*stats, "cpu_seconds"));
  facts.database_bytes = integer(member(*stats, "database_bytes"));
  facts.journal_bytes = integer(member(*stats, "wal_bytes"));
  return facts;
}

/// A workflow nobody has initialized yet is initialized, unless its input is not there.
core::result<core::nothing> make_ready(api& server, int64_t workflow) {
  const auto fresh = server.get(workflow_path(workflow, "/is_uninitialized"));
  if (!fresh)
    return fresh.why();
  if (!bool_member(*fresh, "is_uninitialized"))
    return core::nothing{};
  const auto missing = missing_input_files(server, workflow);
  if (!missing)
    return missing.why();
  if (!missing->empty()) {
    std::string message = "input files are missing:";
    for (const auto& path : *missing)
      message += "\n  " + harmless(path);
    return core::refuse(core::refusal::unprocessable, message);
  }
  // Sixteen runners may come here at once: the server lets exactly one of them do it.
  if (auto done = initialize(server, workflow, false); !done)
    return done.why();
  return core::nothing{};
}

core::result<run_summary> facts_after(api& server, const session& s, int64_t run_id) {
  run_summary sum;
  sum.workflow_id = s.workflow;
  sum.run_id = run_id;
  sum.creation_seconds = s.creation_seconds;
  auto counts = job_counts(server, s.workflow);
  if (!counts)
    return counts.why();
  sum.jobs = std::move(*counts);
  const auto complete = server.get(workflow_path(s.workflow, "/is_complete"));
  if (!complete)
    return complete.why();
  sum.canceled = bool_member(*complete, "is_canceled");
  if (const auto p = progress_of(server, s.workflow))
    sum.rounds = transitions_of(*p);
  return sum;
}

class run_in_progress {
public:
  run_in_progress(call& c, api& server, const session& s) : c_(c), server_(server), s_(s) {}

  int go() {
    if (auto ready = prepare(); !ready)
      return fail(c_, ready.why().message);
    const auto before = ask_server(server_);
    const auto began = std::chrono::steady_clock::now();
    auto report = run_runner_of_choice();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    if (!report)
      return fail(c_, report.why().message);
    const auto after = ask_server(server_);
    auto sum = facts_after(server_, s_, job_.run_id);
    if (!sum)
      return fail(c_, sum.why().message);
    if (wants_provenance_)
      if (const auto told = describe_outputs(server_, s_.workflow, job_.run_id); !told)
        c_.err << "warning: RO-Crate has no outputs of this run: " << told.why().message << '\n';
    sum->workflow_name = name_;
    sum->stopped = report->drained;
    sum->ran = ran_;
    sum->database_bytes = after.database_bytes;
    sum->journal_bytes = after.journal_bytes;
    if (ran_) {
      sum->wall_seconds = wall.count();
      if (after.cpu_seconds && before.cpu_seconds)
        sum->server_cpu_seconds = *after.cpu_seconds - *before.cpu_seconds;
      sum->runner_idle_seconds = report->idle_seconds;
    }
    sum->hops_us = std::move(report->hops_us);
    if (c_.global.json())
      print_json(c_.out, summary_json(*sum));
    else
      print_summary(c_.out, *sum);
    return sum->succeeded() ? exit_ok : exit_error;
  }

private:
  core::result<core::nothing> prepare() {
    if (auto made = exec::prepare_output_dir(s_.options.output_dir); !made)
      return made;
    const auto workflow = server_.get(workflow_path(s_.workflow));
    if (!workflow)
      return workflow.why();
    name_ = text_member(*workflow, "name");
    wants_provenance_ = bool_member(*workflow, "enable_ro_crate");
    job_.idle_exit_s = integer_member(*workflow, "compute_node_wait_for_new_jobs_seconds", 90);
    if (s_.options.persistent)
      job_.idle_exit_s = 0;
    job_.sort_method = text_member(*workflow, "jobs_sort_method");
    if (auto ready = make_ready(server_, s_.workflow); !ready)
      return ready;
    const auto status = server_.get(workflow_path(s_.workflow, "/status"));
    if (!status)
      return status.why();
    job_.run_id = integer_member(*status, "run_id");
    job_.workflow = s_.workflow;
    job_.options = s_.options;
    return core::nothing{};
  }

  core::result<actors::runner_report> run_runner_of_choice() {
    const auto complete = server_.get(workflow_path(s_.workflow, "/is_complete"));
    if (!complete)
      return complete.why();
    if (bool_member(*complete, "is_complete"))
      return actors::runner_report{}; // nothing left; the summary says how it ended
    ran_ = true;
    const bool live = !c_.global.json() && is_terminal(STDOUT_FILENO);
    run_log log(s_.options.output_dir, detect_host().hostname, s_.workflow, job_.run_id,
                c_.global.log_level, run_log::also::nowhere);
    job_.log = &log;
    auto& stop = stop_on_signals(!live);
    job_.stop = &stop;
    log.line("workflow " + std::to_string(s_.workflow) + ", run " + std::to_string(job_.run_id) +
             ", server " + server_.url());
    // Its own connection: the display has a thread of its own.
    auto watched = std::make_shared<api>(server_.again());
    display shown({.on_terminal = live,
                   .color = live && !environment("NO_COLOR"),
                   .fd = c_.global.json() ? STDERR_FILENO : STDOUT_FILENO,
                   .note = [&stop] { return std::string(stop_words(stop.load())); }},
                  [watched, id = s_.workflow] { return progress_of(*watched, id); });
    auto report = run_attached(server_, job_, *c_.guardian);
    if (!report && report.why().why == core::refusal::not_found)
      report = run_polling(server_, job_, *c_.guardian);
    shown.finish();
    if (report)
      log.line("started " + std::to_string(report->started) + ", completed " +
               std::to_string(report->completed) + ", failed " + std::to_string(report->failed));
    else
      log.warn(report.why().message);
    return report;
  }

  call& c_;
  api& server_;
  const session& s_;
  std::string name_;
  bool wants_provenance_ = false;
  bool ran_ = false; ///< there was something left to run
  runner_job job_;
};

} // namespace

int run_session(call& c, api& server, const session& s) {
  return run_in_progress(c, server, s).go();
}

} // namespace torc::cli
