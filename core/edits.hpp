#pragma once

#include "core/access_rows.hpp"
#include "core/archive.hpp"
#include "core/once.hpp"
#include "core/rows.hpp"
#include "core/rows_more.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// Changes to what no room holds: they go from ingress straight to the DB writer.
namespace torc::core {

template <class Row>
struct create {
  Row row; ///< `id` is drawn by the writer
};

/// Writes every member that has a value; a null keeps what is stored.
template <class Row>
struct replace {
  Row row; ///< `id` names the row
};

template <class Row>
struct erase {
  int64_t id = 0;
};

template <class Row>
struct erase_all {
  workflow_id workflow;
};

/// Adds uninitialized jobs, all or none. Where `preassigned`, the rows carry ids of the range that
/// `open_submission` reserved, and the submission must still be open.
struct create_jobs {
  workflow_id workflow;
  std::vector<job_row> jobs;
  bool preassigned = false;
};

/// Starts the creation of a whole workflow: everything but the jobs, which follow in chunks. Until
/// `close_submission` nobody sees the workflow, and a restart of the server deletes it.
/// Rows name each other by 0-based position in these lists; ids come in one run per list.
struct open_submission {
  workflow_row workflow;
  std::vector<file_row> files;
  std::vector<user_data_row> user_data;
  std::vector<requirement_row> requirements;
  std::vector<slurm_scheduler_row> schedulers;
  std::vector<failure_handler_row> handlers;
  int64_t job_count = 0;
};

/// Ends it: adds the actions (job_ids are ids now) and shows the workflow.
struct close_submission {
  workflow_id workflow;
  std::vector<action_row> actions;
};

/// All or none.
template <class Row>
struct create_many {
  std::vector<Row> rows;
};

/// Sets or clears the one flag of the status that no room knows.
struct archive_workflow {
  workflow_id workflow;
  bool archived = true;
};

/// A record that a job reads or writes, tied to it at once.
struct create_linked_user_data {
  user_data_row row;
  std::optional<int64_t> consumer_job_id, producer_job_id;
};

/// Marks the action executed, once. conflict when somebody else has it.
struct claim_action {
  workflow_id workflow;
  action_id action;
  std::optional<int64_t> executed_by;
  std::string executed_at;
};

/// Prepares initialization in one transaction: refuses an archived workflow (unprocessable) and an
/// unknown one (not_found). With `fresh_run` it also resets every job to uninitialized, clears
/// is_canceled and raises run_id by one; with `only_if_uninitialized` it does nothing
/// (`edited.count` 0 instead of 1) unless every job is uninitialized.
struct begin_initialize {
  workflow_id workflow;
  bool fresh_run = false;
  bool only_if_uninitialized = false;
};

/// A change to what no room holds.
using edit = std::variant<
    create<workflow_row>, replace<workflow_row>, create<requirement_row>, erase<requirement_row>,
    create<file_row>, replace<file_row>, erase<file_row>, erase_all<file_row>,
    create<user_data_row>, replace<user_data_row>, erase<user_data_row>, erase_all<user_data_row>,
    create<event_row>, replace<event_row>, erase<event_row>, create<result_row>,
    replace<result_row>, erase<result_row>, erase_all<result_row>, create<compute_node_row>,
    replace<compute_node_row>, erase<compute_node_row>, erase_all<compute_node_row>,
    create<scheduled_compute_node_row>, replace<scheduled_compute_node_row>,
    erase<scheduled_compute_node_row>, erase_all<scheduled_compute_node_row>,
    create<failure_handler_row>, erase<failure_handler_row>, create<slurm_scheduler_row>,
    replace<slurm_scheduler_row>, erase<slurm_scheduler_row>, erase_all<slurm_scheduler_row>,
    create<local_scheduler_row>, replace<local_scheduler_row>, erase<local_scheduler_row>,
    erase_all<local_scheduler_row>, create<action_row>, create<ro_crate_entity_row>,
    replace<ro_crate_entity_row>, erase<ro_crate_entity_row>, erase_all<ro_crate_entity_row>,
    erase_all<event_row>, erase_all<requirement_row>, create<slurm_stats_row>,
    create_linked_user_data, create_group, remove_group, add_member, remove_member, share_workflow,
    unshare_workflow, add_remote_workers, remove_remote_worker, create_jobs, open_submission,
    close_submission, claim_action, begin_initialize, keep_answer, create_many<file_row>,
    create_many<user_data_row>, archive_workflow, open_restore, restore_rows, close_restore>;

/// What an edit did.
struct edited {
  std::vector<int64_t> ids; ///< of created rows, in order; see below for open_submission
  int64_t count = 0;        ///< rows changed or deleted
};

/// `edited.ids` of open_submission: the workflow, then the first id of each list's run, in the
/// order of the struct's members, then the first job id. A list without rows has 0.
enum class submission_ids : size_t {
  workflow,
  files,
  user_data,
  requirements,
  schedulers,
  handlers,
  jobs,
};

} // namespace torc::core
