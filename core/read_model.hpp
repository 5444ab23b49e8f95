#pragma once

#include "core/access_rows.hpp"
#include "core/archive.hpp"
#include "core/explain.hpp"
#include "core/image.hpp"
#include "core/job_window.hpp"
#include "core/once.hpp"
#include "core/read_filters.hpp"
#include "core/result.hpp"
#include "core/rows.hpp"
#include "core/rows_more.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// What the API may ask of the database. storage::reader answers; each network worker owns one.
namespace torc::core {

template <class Row>
class table_reads {
public:
  virtual ~table_reads() = default;
  virtual std::optional<Row> get(std::type_identity<Row>, int64_t id) = 0;
  virtual page_of<Row> list(std::type_identity<Row>, const filter& f) = 0;
};

struct completion_facts {
  bool is_canceled = false, is_complete = false, needs_to_run_completion_script = false;
};

/// Sizes of the file itself.
struct database_facts {
  int64_t bytes = 0;     ///< of all pages, those counted that are still in the log only
  int64_t wal_bytes = 0; ///< of the log file
  std::string path;
};

struct job_dependency {
  int64_t job_id = 0, depends_on_job_id = 0;
  std::string job_name, depends_on_job_name;
};

/// A file or a user data record between the job that makes it and one that reads it; 0: none.
struct job_relationship {
  int64_t thing_id = 0, producer_job_id = 0, consumer_job_id = 0;
  std::string thing_name, thing_path, producer_job_name, consumer_job_name;
};
enum class related : uint8_t { files, user_data };

/// Who may see what, and the hosts of a workflow.
class access_reads {
public:
  virtual ~access_reads() = default;
  virtual std::optional<access_group_row> group(group_id id) = 0;
  virtual page_of<access_group_row> groups(const page& at) = 0;
  virtual page_of<access_group_row> groups_of_user(const std::string& user, const page& at) = 0;
  virtual page_of<access_group_row> groups_of_workflow(workflow_id id, const page& at) = 0;
  virtual std::optional<membership_row> membership(group_id group, const std::string& user) = 0;
  virtual page_of<membership_row> members(group_id group, const page& at) = 0;
  virtual std::optional<share_row> share(workflow_id id, group_id group) = 0;
  /// The workflow is the user's own, or shared with a group of theirs.
  virtual bool may_access(workflow_id id, const std::string& user) = 0;
  virtual std::vector<std::string> remote_workers(workflow_id id) = 0;
  /// The workflow that a row belongs to; none where there is no such row. @pre the table has a
  /// column workflow_id, or is "workflow"
  virtual std::optional<workflow_id> owner_of(std::string_view table, int64_t row) = 0;
};

class read_model : public table_reads<requirement_row>,
                   public table_reads<file_row>,
                   public table_reads<user_data_row>,
                   public table_reads<event_row>,
                   public table_reads<compute_node_row>,
                   public table_reads<scheduled_compute_node_row>,
                   public table_reads<failure_handler_row>,
                   public table_reads<slurm_scheduler_row>,
                   public table_reads<local_scheduler_row>,
                   public table_reads<action_row>,
                   public table_reads<ro_crate_entity_row>,
                   public table_reads<slurm_stats_row>,
                   public access_reads,
                   public explain_reads {
public:
  /// One row or one page; `find<file_row>(7)`.
  template <class Row>
  std::optional<Row> find(int64_t row_id) {
    return static_cast<table_reads<Row>&>(*this).get(std::type_identity<Row>{}, row_id);
  }
  template <class Row>
  page_of<Row> page_where(const filter& f) {
    return static_cast<table_reads<Row>&>(*this).list(std::type_identity<Row>{}, f);
  }

  virtual std::optional<workflow_row> workflow(workflow_id id) = 0;
  virtual page_of<workflow_row> workflows(const workflow_filter& f) = 0;
  virtual std::optional<workflow_status_row> workflow_status(workflow_id id) = 0;
  virtual std::optional<job_row> job(job_id id) = 0; ///< id lists filled
  virtual page_of<job_row> jobs(const job_filter& f) = 0;
  virtual job_briefs jobs_in(const job_window& w) = 0;
  virtual page_of<running_job> running_jobs(workflow_id id, const page& at) = 0;
  virtual std::vector<job_row> jobs_by_id(const std::vector<int64_t>& ids, bool output_lists) = 0;
  virtual std::vector<int64_t> job_ids(workflow_id id) = 0;
  virtual std::vector<std::pair<job_status, int64_t>> job_counts(workflow_id id) = 0;
  virtual std::optional<result_row> result_by_id(result_id id) = 0;
  virtual page_of<result_row> results(const result_filter& f) = 0;
  virtual page_of<job_dependency> job_dependencies(workflow_id id, const page& at) = 0;
  virtual page_of<job_relationship> relationships(workflow_id id, related to, const page& at) = 0;
  virtual std::optional<int64_t> latest_event(workflow_id id) = 0; ///< milliseconds since 1970
  /// Jobs whose inputs are not what they were when they were initialized, by id.
  virtual std::vector<std::pair<job_id, std::string>> jobs_with_changed_inputs(workflow_id id) = 0;
  virtual completion_facts completeness(workflow_id id) = 0;
  /// What all results of the workflow took, added up.
  virtual double exec_minutes(workflow_id id) = 0;
  /// Ready jobs with labels that no active runner has all of, by labels.
  virtual std::vector<std::pair<label_set, int64_t>> unserved_labels(workflow_id id) = 0;
  virtual bool is_uninitialized(workflow_id id) = 0; ///< every job is uninitialized or disabled
  virtual std::vector<int64_t> missing_user_data(workflow_id id) = 0;
  virtual std::vector<int64_t> required_existing_files(workflow_id id) = 0;
  /// Actions with computed trigger_count, of these trigger types (all when empty), unexecuted ones
  /// that have what they wait for when `pending_only`.
  virtual std::vector<action_row> actions(workflow_id id, const std::vector<std::string>& triggers,
                                          bool pending_only) = 0;
  /// Failed jobs and everything after them, for reset_jobs{failed_only}.
  virtual std::vector<job_id> failed_closure(workflow_id id) = 0;
  /// Open attempts are those that are pending or running on disk.
  virtual result<workflow_facts> facts_for_admission(workflow_id id) = 0;
  /// Every row of a workflow, whole or not, of one snapshot. not_found where there is none.
  virtual result<nothing> archive(workflow_id id, const archive_listener& to) = 0;
  virtual database_facts database() = 0;
  /// What is remembered of a call that was made under this key.
  virtual std::optional<kept_call> kept(const std::string& caller, const std::string& key) = 0;
};

} // namespace torc::core
