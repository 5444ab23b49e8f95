#include "core/resources.hpp"
#include "storage/access.hpp"
#include "storage/archive.hpp"
#include "storage/columns.hpp"
#include "storage/edited_inputs.hpp"
#include "storage/kept_calls.hpp"
#include "storage/writer.hpp"

#include <algorithm>
#include <concepts>

namespace torc::storage {

using core::edited;
using core::refusal;
using core::refuse;

namespace {

template <class Row, class... Others>
concept one_of = (std::same_as<Row, Others> || ...);

core::error no_workflow(core::workflow_id w) {
  return refuse(refusal::not_found, "there is no workflow " + std::to_string(w.value));
}

/// Slurm's and local schedulers share their ids, so that a job's scheduler_id means one of them.
template <class Row>
std::string_view counter_of() {
  if constexpr (one_of<Row, core::slurm_scheduler_row, core::local_scheduler_row>)
    return "scheduler";
  return Row::table;
}

template <class Row>
objection objection_to(writer& w, const Row& row) {
  if constexpr (one_of<Row, core::requirement_row, core::result_row, core::action_row,
                       core::ro_crate_entity_row, core::slurm_stats_row>)
    return object(w, row);
  return std::nullopt;
}

struct edit_writing {
  writer& w;

  template <class Row>
  core::error unknown(int64_t id) {
    return refuse(refusal::not_found,
                  "there is no " + std::string{Row::table} + " " + std::to_string(id));
  }

  /// The row's workflow. None: no such row, or not to be seen yet.
  template <class Row>
  core::workflow_id owner(int64_t id) {
    const auto workflow =
        statement{w.db, "SELECT workflow_id FROM " + std::string{Row::table} + " WHERE id = ?1"}
            .first<core::workflow_id>(id)
            .value_or(core::workflow_id{});
    return workflow && w.exists(workflow) ? workflow : core::workflow_id{};
  }

  /// UPDATE or DELETE rows of jobs of a workflow, whose ids lie in `column`, where `rest` holds
  /// (?3).
  int64_t on_jobs(core::workflow_id workflow, const std::string& verb, const std::string& column,
                  const std::string& rest, int64_t value) {
    statement runs{w.db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1"};
    statement s{w.db, verb + " WHERE " + column + " BETWEEN ?1 AND ?2 AND " + rest};
    int64_t n = 0;
    for (auto r = runs.query(workflow); r.next();)
      n += s.run(r.get<int64_t>(0), r.get<int64_t>(1), value);
    return n;
  }

  /// Takes the latest result from the jobs where `rest` holds (?3).
  void lose_results(core::workflow_id workflow, const std::string& rest, int64_t value) {
    w.counts.watch(workflow);
    const auto lost =
        on_jobs(workflow, "UPDATE job_state SET result_id = NULL", "job_id", rest, value);
    w.counts.gained_results(workflow, -lost);
  }

  /// What a deleted row was part of lets go of it. Results of a deleted compute node go with it, as
  /// in torc.
  template <class Row>
  objection let_go(core::workflow_id workflow, int64_t id) {
    if constexpr (one_of<Row, core::file_row>) {
      on_jobs(workflow, "DELETE FROM job_input_file", "job_id", "file_id = ?3", id);
      on_jobs(workflow, "DELETE FROM job_output_file", "job_id", "file_id = ?3", id);
      statement{w.db, "UPDATE ro_crate_entity SET file_id = NULL WHERE workflow_id = ?1 "
                      "AND file_id = ?2"}
          .run(workflow, id);
    } else if constexpr (one_of<Row, core::user_data_row>) {
      on_jobs(workflow, "DELETE FROM job_input_user_data", "job_id", "user_data_id = ?3", id);
      on_jobs(workflow, "DELETE FROM job_output_user_data", "job_id", "user_data_id = ?3", id);
    } else if constexpr (one_of<Row, core::failure_handler_row>) {
      on_jobs(workflow, "UPDATE job SET failure_handler_id = NULL", "id", "failure_handler_id = ?3",
              id);
    } else if constexpr (one_of<Row, core::slurm_scheduler_row, core::local_scheduler_row>) {
      on_jobs(workflow, "UPDATE job SET scheduler_id = NULL", "id", "scheduler_id = ?3", id);
    } else if constexpr (one_of<Row, core::result_row>) {
      lose_results(workflow, "result_id = ?3", id);
    } else if constexpr (one_of<Row, core::compute_node_row>) {
      on_jobs(workflow, "DELETE FROM result", "job_id", "compute_node_id = ?3", id);
      lose_results(workflow,
                   "?3 = ?3 AND result_id IS NOT NULL AND NOT EXISTS "
                   "(SELECT 1 FROM result AS x WHERE x.id = result_id)",
                   id);
      on_jobs(workflow, "UPDATE job_state SET node_id = NULL", "job_id", "node_id = ?3", id);
      statement{w.db, "UPDATE workflow_action SET executed_by = NULL WHERE workflow_id = ?1 "
                      "AND executed_by = ?2"}
          .run(workflow, id);
      w.guests.forget_node(workflow, core::node_id{id});
    } else if constexpr (one_of<Row, core::requirement_row>) {
      statement name{w.db, "SELECT 1 FROM resource_requirements WHERE id = ?1 "
                           "AND name = 'default'"};
      if (name.any(id))
        return refuse(refusal::unprocessable, "resource requirements \"default\" stay as long as "
                                              "their workflow");
      if (auto n = users_of(workflow, id); n > 0)
        return refuse(refusal::unprocessable, std::to_string(n) +
                                                  " jobs use resource requirements " +
                                                  std::to_string(id) + "; give them others first");
    }
    return std::nullopt;
  }

  int64_t users_of(core::workflow_id workflow, int64_t requirement) {
    return statement{w.db, "SELECT count(*) FROM job_run AS r JOIN job AS j "
                           "ON j.id BETWEEN r.first_job AND r.last_job "
                           "WHERE r.workflow_id = ?1 AND j.resource_requirements_id = ?2"}
        .first<int64_t>(workflow, requirement)
        .value_or(0);
  }

  template <class Row>
  core::result<edited> operator()(const core::create<Row>& e) {
    if (!w.exists(e.row.workflow))
      return no_workflow(e.row.workflow);
    if (auto o = objection_to(w, e.row))
      return *o;
    auto row = e.row;
    row.id.value = w.ids.draw(counter_of<Row>());
    if constexpr (one_of<Row, core::event_row>)
      row.timestamp = row.timestamp ? row.timestamp : now_ms(); // who answers has set it
    if constexpr (one_of<Row, core::user_data_row>) {
      if (row.data && row.data->text == "null")
        row.data.reset();
      row.is_ephemeral = row.is_ephemeral.value_or(false);
    }
    if constexpr (one_of<Row, core::compute_node_row>)
      row.is_active = row.is_active.value_or(false);
    if constexpr (one_of<Row, core::requirement_row>) {
      if (row.name == "default")
        return refuse(refusal::conflict, "the workflow has resource requirements \"default\" "
                                         "already; choose another name");
      insert_requirement(w, row);
    } else {
      statement s{w.db, insert_sql<Row>()};
      std::string text;
      bind_row(s, row, text);
      if (!s.try_run())
        return refuse(refusal::conflict, "the workflow has such a " + std::string{Row::table} +
                                             " already; change that one");
    }
    if constexpr (one_of<Row, core::result_row>) {
      if (const auto job = w.jobs.find(row.job); job && !job->has_result)
        w.counts.gained_results(job->workflow, 1);
      statement{w.db, "UPDATE job_state SET result_id = ?2 WHERE job_id = ?1"}.run(row.job, row.id);
    }
    return edited{{row.id.value}, 1};
  }

  template <class Row>
  core::result<edited> operator()(const core::replace<Row>& e) {
    const auto workflow = owner<Row>(e.row.id.value);
    if (!workflow)
      return unknown<Row>(e.row.id.value);
    auto row = e.row;
    row.workflow = workflow;
    if (auto o = objection_to(w, row))
      return *o;
    if constexpr (one_of<Row, core::user_data_row>)
      note_data_edit(w, workflow, row.id);
    statement s{w.db, replace_sql<Row>()};
    std::string text;
    bind_row(s, row, text);
    if (!s.try_run())
      return refuse(refusal::conflict, "the workflow has such a " + std::string{Row::table} +
                                           " already; change that one");
    return edited{{}, 1};
  }

  template <class Row>
  core::result<edited> operator()(const core::erase<Row>& e) {
    const auto workflow = owner<Row>(e.id);
    if (!workflow)
      return unknown<Row>(e.id);
    if (auto o = let_go<Row>(workflow, e.id))
      return *o;
    return edited{
        {}, statement{w.db, "DELETE FROM " + std::string{Row::table} + " WHERE id = ?1"}.run(e.id)};
  }

  /// Row by row, because each may be part of something: lists are short where that costs.
  template <class Row>
  core::result<edited> operator()(const core::erase_all<Row>& e) {
    if (!w.exists(e.workflow))
      return no_workflow(e.workflow);
    if constexpr (one_of<Row, core::result_row>) {
      lose_results(e.workflow, "?3 = ?3 AND result_id IS NOT NULL", 0);
      return edited{{}, on_jobs(e.workflow, "DELETE FROM result", "job_id", "?3 = ?3", 0)};
    }
    if constexpr (one_of<Row, core::requirement_row>)
      return erase_unused_requirements(e.workflow);
    if constexpr (one_of<Row, core::file_row>)
      return erase_linked(e.workflow, "file", {"job_input_file", "job_output_file"});
    if constexpr (one_of<Row, core::user_data_row>)
      return erase_linked(e.workflow, "user_data", {"job_input_user_data", "job_output_user_data"});
    std::vector<int64_t> all;
    statement list{w.db, "SELECT id FROM " + std::string{Row::table} + " WHERE workflow_id = ?1"};
    for (statement::rows r = list.query(e.workflow); r.next();)
      all.push_back(r.get<int64_t>(0));
    for (auto id : all)
      if (auto o = let_go<Row>(e.workflow, id))
        return *o;
    statement drop{w.db, "DELETE FROM " + std::string{Row::table} + " WHERE workflow_id = ?1"};
    return edited{{}, drop.run(e.workflow)};
  }

  /// "default" and what jobs use stays.
  core::result<edited> erase_unused_requirements(core::workflow_id workflow) {
    statement drop{w.db, "DELETE FROM resource_requirements WHERE workflow_id = ?1 "
                         "AND name <> 'default' AND id NOT IN (SELECT j.resource_requirements_id "
                         "FROM job_run AS r JOIN job AS j ON j.id BETWEEN r.first_job "
                         "AND r.last_job WHERE r.workflow_id = ?1)"};
    return edited{{}, drop.run(workflow)};
  }

  core::result<edited> operator()(const core::create_linked_user_data& e) {
    auto done = (*this)(core::create<core::user_data_row>{e.row});
    if (!done)
      return done;
    for (const auto& [job, table] : {std::pair{e.consumer_job_id, "job_input_user_data"},
                                     std::pair{e.producer_job_id, "job_output_user_data"}}) {
      if (!job)
        continue;
      const auto s = w.jobs.find(core::job_id{*job});
      if (!s || s->workflow != e.row.workflow)
        return refuse(refusal::unprocessable, "there is no job " + std::to_string(*job) +
                                                  " in workflow " +
                                                  std::to_string(e.row.workflow.value));
      note_job_edit(w, e.row.workflow, s->job);
      statement{w.db,
                std::string{"INSERT INTO "} + table + " (job_id, user_data_id) VALUES (?1, ?2)"}
          .run(*job, done->ids.front());
    }
    return done;
  }

  template <class Access>
  requires requires(writer& all, const Access& what) { write_access(all, what); }
  core::result<edited> operator()(const Access& e) { return write_access(w, e); }

  core::result<edited> erase_linked(core::workflow_id workflow, const std::string& table,
                                    std::initializer_list<const char*> links) {
    for (const auto* link : links)
      on_jobs(workflow, std::string{"DELETE FROM "} + link, "job_id", "?3 = ?3", 0);
    if (table == "file")
      statement{w.db, "UPDATE ro_crate_entity SET file_id = NULL WHERE workflow_id = ?1"}.run(
          workflow);
    return edited{
        {}, statement{w.db, "DELETE FROM " + table + " WHERE workflow_id = ?1"}.run(workflow)};
  }

  core::result<edited> operator()(const core::create<core::workflow_row>& e) {
    const auto id = insert_workflow(w, e.row);
    w.counts.watch(id);
    return edited{{id.value}, 1};
  }

  core::result<edited> operator()(const core::replace<core::workflow_row>& e) {
    if (!w.exists(e.row.id))
      return no_workflow(e.row.id);
    statement s{w.db, replace_sql<core::workflow_row>()};
    std::string text;
    bind_row(s, e.row, text);
    // A workflow without a name or a user is none: an empty one means "as it is".
    if (e.row.name.empty())
      s.bind_null(2);
    if (e.row.user.empty())
      s.bind_null(3);
    return edited{{}, s.run()};
  }

  core::result<edited> operator()(const core::create_jobs& e) { return create_jobs(w, e); }
  core::result<edited> operator()(const core::open_submission& e) { return open_submission(w, e); }
  core::result<edited> operator()(const core::close_submission& e) {
    return close_submission(w, e);
  }
  core::result<edited> operator()(const core::open_restore& e) { return open_restore(w, e); }
  core::result<edited> operator()(const core::restore_rows& e) { return restore_rows(w, e); }
  core::result<edited> operator()(const core::close_restore& e) { return close_restore(w, e); }
  core::result<edited> operator()(const core::begin_initialize& e) {
    return begin_initialize(w, e);
  }

  core::result<edited> operator()(const core::keep_answer& e) {
    keep_answer(w.db, e, now().us);
    return edited{{}, 1};
  }

  core::result<edited> operator()(const core::archive_workflow& e) {
    if (!w.exists(e.workflow))
      return no_workflow(e.workflow);
    const auto n = statement{w.db, "UPDATE workflow_status SET is_archived = ?2 WHERE id = ?1"}.run(
        e.workflow, e.archived);
    w.counts.reread_status(e.workflow);
    return edited{{}, n};
  }

  /// All of them, or none.
  template <class Row>
  core::result<edited> operator()(const core::create_many<Row>& e) {
    edited all;
    for (const auto& row : e.rows) {
      auto one = (*this)(core::create<Row>{row});
      if (!one)
        return one;
      all.ids.push_back(one->ids.front());
      ++all.count;
    }
    return all;
  }

  core::result<edited> operator()(const core::claim_action& e) {
    statement find{w.db, "SELECT executed, persistent FROM workflow_action WHERE id = ?1 "
                         "AND workflow_id = ?2"};
    bool executed = false, persistent = false;
    if (auto r = find.query(e.action, e.workflow); r.next() && w.exists(e.workflow)) {
      executed = r.get<bool>(0);
      persistent = r.get<bool>(1);
    } else {
      return refuse(refusal::not_found, "there is no action " + std::to_string(e.action.value) +
                                            " in workflow " + std::to_string(e.workflow.value));
    }
    if (persistent)
      return edited{{}, 1};
    if (executed)
      return refuse(refusal::conflict,
                    "action " + std::to_string(e.action.value) + " was claimed already");
    return edited{{},
                  statement{w.db, "UPDATE workflow_action SET executed = 1, executed_at = ?2, "
                                  "executed_by = ?3 WHERE id = ?1"}
                      .run(e.action, e.executed_at, e.executed_by)};
  }
};

} // namespace

core::result<core::edited> write_edit(writer& w, const core::edit& e) {
  return std::visit(edit_writing{w}, e);
}

} // namespace torc::storage
