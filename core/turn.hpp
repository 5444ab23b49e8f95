#pragma once

#include "core/amendment.hpp"
#include "core/attempt.hpp"
#include "core/control.hpp"
#include "core/ids.hpp"
#include "core/job.hpp"
#include "core/once.hpp"
#include "core/resources.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What passes round the ring. Each message carries the one before, so a turn knows all its causes.
namespace torc::core {

/// What a turn has cost so far, in nanoseconds of a clock that the rooms read: core/ has none.
struct turn_cost {
  int64_t judging_ns = 0;    ///< of the collector and the unblocker
  int64_t matching_ns = 0;   ///< of the broker
  int64_t writing_ns = 0;    ///< of the writer for each start, end, control and grant
  int64_t matched_at_ns = 0; ///< when the broker took it up
};

/// A claim that is good for one answer. A CAF runner is a standing offer instead (`runner_joined`).
struct offer {
  ticket_id ticket;
  workflow_id workflow;
  capacity room;         ///< when by_count only its labels count
  bool by_count = false; ///< claim_next_jobs: any needs, any scheduler
  int64_t limit = 0;
  std::string sort_method; ///< gpus_runtime_memory, gpus_memory_runtime, none
  scheduler_id scheduler;
  bool strict_scheduler_match = false;
  once_ptr once = nullptr; ///< the call that it belongs to, where that is to take effect once
};

/// A runner opened its standing offer, or came back with `open` grants that it still holds.
struct runner_joined {
  runner_id runner;
  std::string user;
  workflow_id workflow; ///< none: all workflows of its user
  capacity room;
  int32_t slots = 0;       ///< > 0: run so many jobs at a time whatever they need; 0: by resources
  int32_t prefill = 0;     ///< orders it may hold beyond what it can run
  std::vector<grant> open; ///< adopted
  // For the compute_node row that the writer makes at its first grant in a workflow.
  std::string hostname;
  int64_t pid = 0;
  instant at;
  int64_t instance = 0; ///< as `attach` said it: after a restart its grants are found by this
};

/// collector -> unblocker: everything heard since the last batch, judged.
struct verdicts {
  uint64_t batch = 0;
  std::vector<attempt_started> started;
  std::vector<attempt_ended> ended;
  std::vector<attempt_retried> retried;
  std::vector<grant> returned; ///< never started: ready again as the same attempt
  std::vector<runner_joined> joined;
  std::vector<runner_left> left; ///< after their grants were ended, retried or returned
  std::vector<offer> offers;
  std::vector<ticketed<control>> controls;
  std::vector<grant> closed; ///< by a control, which does the writing; the room is free again
  std::vector<workflow_id> resumed; ///< not canceled any more, and the disk has it
  turn_cost cost = {};
  amendments amended;                                ///< and the disk has it
  std::vector<ticketed<once_ptr>> once = {};         ///< calls that are to take effect once
  std::vector<ticketed<std::string>> cancelers = {}; ///< of ended by hand; empty: nobody said
};

struct edge {
  uint32_t blocker = 0, job = 0; ///< indices into admission.jobs
};

struct admitted_job {
  job_id job;
  uint32_t job_class = 0, stage = 0;
  int32_t attempt = 1;
  job_status status = job_status::blocked; ///< blocked or ready; pending or running where open
  bool cancel_on_failure = true;
  bool blocker_failed = false; ///< one has failed already, and the job waits for others
};

/// Every unfinished job of a workflow, by id, and who waits for whom. Replaces what the rooms held.
struct admission {
  static constexpr uint64_t as_of_now = UINT64_MAX;
  workflow_id workflow;
  uint64_t read_at_turn = as_of_now; ///< older than a change of the workflow: it is outdated
  std::string user;
  bool canceled = false;   ///< is_canceled: nothing of it is granted
  int64_t run = -1;        ///< workflow_status.run_id; -1: unknown, no run is refused
  std::string sort_method; ///< workflow.jobs_sort_method
  std::vector<job_class> classes;
  std::vector<admitted_job> jobs;
  std::vector<edge> edges;
  std::vector<job_id> canceled_jobs;  ///< to be written canceled: a blocker had failed
  std::vector<uint32_t> stage_totals; ///< jobs per stage, finished ones included
  std::vector<job_id> resumed;  ///< not empty: of all other jobs the rooms know better than `jobs`
  std::vector<job_id> all_jobs; ///< for the writer: every job, finished ones included, sorted
  std::vector<uint32_t> all_stages; ///< for the writer: the stage of each of them
  once_ptr once = nullptr;          ///< as in `offer`
};

/// A workflow without an unfinished job, and whose runners are to hear of it.
struct finished_workflow {
  workflow_id workflow;
  std::string user;
};

struct ready_job {
  workflow_id workflow;
  job_id job;
  uint32_t job_class = 0;
  int32_t attempt = 1;
};

/// unblocker -> broker: the cause, and what it sets free.
struct releases {
  verdicts cause;
  std::optional<admission> admitted;
  std::vector<ready_job> ready;
  std::vector<ready_job> withheld;          ///< of one workflow; who has been granted one keeps it
  std::vector<job_id> canceled;             ///< by the failure of a blocker, all levels down
  std::vector<job_id> withdrawn;            ///< ready jobs that a control or forced end took away
  std::vector<workflow_id> dropped;         ///< the broker forgets every ready job of these
  std::vector<finished_workflow> completed; ///< no unfinished job is left
  std::vector<amended_job> amended;         ///< those that are held, with their class_index
  std::vector<ticket_id> unheld;            ///< whose job is to run, but is not held
};

/// A wish to have unstarted orders back: the runner answers `returned` or `started`.
struct recall {
  runner_id runner;
  int32_t count = 0;
};

/// broker -> writer: one transaction.
struct turn {
  releases cause;
  std::vector<grant> grants; ///< `run` is filled by the writer
  std::vector<recall> recalls;
};

/// What a runner needs to run an attempt, read from the disk in the turn that grants it.
struct order_text {
  std::string name, command; ///< the invocation script is in front already
  handler_id failure_handler;
  std::vector<std::string> env = {}; ///< NAME=VALUE
};

/// writer -> collector, after the commit: what is on disk now and may be told.
struct launch {
  struct placed {
    grant open;
    order_text text;
  };
  uint64_t turn = 0;
  uint64_t batch = 0; ///< of the verdicts this answers; 0 for an admission
  std::vector<placed> orders;
  std::vector<recall> recalls;
  std::vector<ticketed<answer>> answers; ///< to controls
  std::vector<ticket_id> offers;         ///< HTTP claims answered by this turn, also with nothing
  std::vector<finished_workflow> completed;
  turn_cost cost = {};
  amendments amended;            ///< by the controls of this turn
  std::vector<ticket_id> unheld; ///< as in `releases`
};

/// writer -> whoever asked: everything up to this turn is on disk. 0: plan the admission anew.
struct receipt {
  uint64_t turn = 0;
  turn_cost cost = {};
};

} // namespace torc::core
