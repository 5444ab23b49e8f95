#pragma once

#include "core/edits.hpp"
#include "core/turn.hpp"
#include "storage/counters.hpp"
#include "storage/job_rows.hpp"
#include "storage/news.hpp"
#include "storage/runners.hpp"
#include "storage/statement.hpp"
#include "storage/tally.hpp"

#include <optional>
#include <string>
#include <vector>

namespace torc::storage {

/// What all that writes has in common: the connection, the ids, the counters, the hot statements.
struct writer {
  explicit writer(database& db);

  database& db;
  counters ids;
  tally counts;
  job_rows jobs;
  news_book news;
  runners guests;
  uint64_t turn = 0;
  /// Items of turns that the disk contradicts, and that were skipped: a bug of the rooms.
  int64_t contradictions = 0;
  core::amendments amended; ///< by the controls of the turn that is being written

  statement workflow_exists, workflow_hidden, status_row, insert_event, retried;

  /// @param arriving true: a workflow whose submission is not closed counts, too
  bool exists(core::workflow_id w, bool arriving = false);
  void event(core::workflow_id w, const std::string& json);
  void job_retried(core::workflow_id w, core::job_id j, int32_t attempt);
  /// Its status is written elsewhere. @param user empty: nobody said
  void job_canceled(core::job_id j, const std::string& user);
  void forget_cancellation(core::job_id j);
  void forget_cancellations(core::workflow_id w);
};

/// Milliseconds and microseconds since 1970.
int64_t now_ms();
core::instant now();

// One call of store::apply each. @pre a group is open
core::launch write_turn(writer& w, core::turn& t);
core::answer write_control(writer& w, const core::control& c);
core::result<core::edited> write_edit(writer& w, const core::edit& e);

// Parts of write_control. What is accepted lies in w.amended.
core::answer amend(writer& w, const core::amend_job& c);
core::answer amend(writer& w, const core::amend_requirement& c);
/// A job as the rooms have to know it.
core::amended_job read_amended(writer& w, core::job_id job);

/// The statuses and stages of an admission, as runs of neighbours that have the same.
void write_admission(writer& w, const core::admission& a, const std::vector<core::job_id>& jobs,
                     const std::vector<uint32_t>& stages);

/// RO-Crate entities of the input files and of the server, where the workflow wants them.
void write_provenance(writer& w, core::workflow_id workflow);

// Parts of write_edit.
core::result<core::edited> create_jobs(writer& w, const core::create_jobs& e);
core::result<core::edited> open_submission(writer& w, const core::open_submission& e);
core::result<core::edited> close_submission(writer& w, const core::close_submission& e);
core::result<core::edited> begin_initialize(writer& w, const core::begin_initialize& e);
core::workflow_id insert_workflow(writer& w, core::workflow_row row);
void insert_requirement(writer& w, const core::requirement_row& row);

/// Why a row that names others, or has texts of a grammar, cannot be stored.
using objection = std::optional<core::error>;
objection object(writer& w, const core::requirement_row& row);
objection object(writer& w, const core::result_row& row);
objection object(writer& w, const core::action_row& row);
objection object(writer& w, const core::ro_crate_entity_row& row);
objection object(writer& w, const core::slurm_stats_row& row);

// Deleting, complete: nothing that belongs to the deleted rows stays.
void remove_workflow_rows(writer& w, core::workflow_id workflow);
/// @returns rows deleted
int64_t remove_all_jobs(writer& w, core::workflow_id workflow);
int64_t remove_listed_jobs(writer& w, core::workflow_id workflow,
                           const std::vector<core::job_id>& jobs);

} // namespace torc::storage
