#include "storage/archive.hpp"

#include "core/archive_columns.hpp"
#include "storage/columns.hpp"
#include "storage/row_lines.hpp"

#include <algorithm>

namespace torc::storage {

using core::edited;
using core::refusal;
using core::refuse;

namespace {

using found = core::archived_table::found;

std::string comma_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names)
    list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// The rows of one table that are the workflow's (?1), in the order of their keys.
std::string rows_of(const core::archived_table& t, const table_columns& columns) {
  const auto from =
      "SELECT " + comma_list(columns.names) + " FROM " + std::string{t.name} + " WHERE ";
  const std::string in_runs = " BETWEEN ?2 AND ?3 ORDER BY ";
  switch (t.how) {
  case found::by_id:
    return from + "id = ?1";
  case found::by_workflow:
    return from + "workflow_id = ?1 ORDER BY " + columns.key;
  case found::by_job_id:
    return from + "id" + in_runs + "id";
  case found::by_job:
    break;
  }
  return from + "job_id" + in_runs + "job_id, " + columns.key;
}

struct archiving {
  database& db;
  core::workflow_id workflow;
  const core::archive_listener& to;
  std::vector<std::pair<int64_t, int64_t>> runs; ///< of job ids

  void table(const core::archived_table& t) {
    const auto columns = columns_of(db, std::string{t.name});
    to.table(t, columns.names);
    statement s{db, rows_of(t, columns)};
    const auto tell = [&](statement::rows r) {
      while (r.next())
        to.row(read_cells(r, columns.names.size()));
    };
    if (t.how == found::by_id || t.how == found::by_workflow)
      return tell(s.query(workflow));
    // Runs rise, and so do their jobs: results, too, come by their jobs first.
    for (const auto& [first, last] : runs)
      tell(s.query(workflow, first, last));
  }
};

/// As many jobs as no submission has: what restores, and what submits, is not to take the other's.
constexpr int64_t restored = -1;

bool is_arriving(writer& w, core::workflow_id workflow) {
  return statement{w.db, "SELECT 1 FROM submission WHERE workflow_id = ?1 AND job_count = ?2"}.any(
      workflow, restored);
}

core::error not_open(core::workflow_id workflow) {
  return refuse(refusal::not_found,
                "no restore of workflow " + std::to_string(workflow.value) + " is under way");
}

core::error inconsistent(std::string what) {
  return refuse(refusal::unprocessable,
                "the archive does not hold a workflow of this server: " + std::move(what));
}

/// Before anything counts them.
bool is_status_known(const core::restore_rows& e, const std::vector<core::cell>& row) {
  const auto at = static_cast<size_t>(std::ranges::find(e.columns, "status") - e.columns.begin());
  if (e.table != "job_state" || at >= row.size())
    return true;
  const auto* status = std::get_if<int64_t>(&row[at]);
  return status && core::job_status_from(*status);
}

/// Counts that must be 0 in what was put back, and what they mean.
constexpr std::pair<const char*, const char*> must_be_none[] = {
    {"SELECT count(*) <> 1 FROM workflow WHERE id = ?1", "it has no row of its own"},
    {"SELECT count(*) <> 1 FROM workflow_status WHERE id = ?1", "it has no status"},
    {"SELECT count(*) <> 1 FROM resource_requirements WHERE workflow_id = ?1 "
     "AND name = 'default'",
     "it has no resource requirements \"default\""},
    {"SELECT count(*) FROM job_run AS r JOIN job AS j ON j.id BETWEEN r.first_job AND r.last_job "
     "LEFT JOIN job_state AS s ON s.job_id = j.id WHERE r.workflow_id = ?1 AND "
     "(s.job_id IS NULL OR s.workflow_id <> ?1 OR j.workflow_id <> ?1)",
     "a job has no state"},
    {"SELECT count(*) FROM job_run AS r JOIN job_state AS s ON s.job_id BETWEEN r.first_job "
     "AND r.last_job LEFT JOIN job AS j ON j.id = s.job_id WHERE r.workflow_id = ?1 AND "
     "(j.id IS NULL OR s.status NOT IN (0, 5, 6, 7, 8, 9, 10) OR s.stage NOT BETWEEN 0 AND "
     "2147483647 OR s.attempt_id NOT BETWEEN 0 AND 2147483647)",
     "the state of a job cannot be"},
    {"SELECT count(*) FROM job_run AS r JOIN job AS j ON j.id BETWEEN r.first_job AND r.last_job "
     "WHERE r.workflow_id = ?1 AND j.priority NOT BETWEEN -2147483648 AND 2147483647",
     "the priority of a job does not fit 32 bits"},
    {"SELECT count(*) FROM workflow WHERE id = ?1 AND CASE WHEN json_valid(env) THEN "
     "json_type(env) <> 'object' OR EXISTS (SELECT 1 FROM json_each(env) WHERE type <> 'text') "
     "ELSE env IS NOT NULL END",
     "its environment is no object of texts"},
    {"SELECT count(*) FROM job_run AS r JOIN job AS j ON j.id BETWEEN r.first_job AND r.last_job "
     "WHERE r.workflow_id = ?1 AND CASE WHEN json_valid(j.env) THEN json_type(j.env) <> 'object' "
     "OR EXISTS (SELECT 1 FROM json_each(j.env) WHERE type <> 'text') "
     "ELSE j.env IS NOT NULL END",
     "the environment of a job is no object of texts"},
    {"SELECT count(*) FROM job_run AS r JOIN result AS x ON x.job_id BETWEEN r.first_job "
     "AND r.last_job WHERE r.workflow_id = ?1 AND "
     "(x.status NOT BETWEEN 0 AND 10 OR x.workflow_id <> ?1)",
     "the status of a result cannot be"},
    {"SELECT count(*) FROM workflow_status WHERE id = ?1 AND run_id > 2147483647",
     "its run_id is too high"},
};

/// Texts that are told to the API as they are must be JSON.
template <class Row>
objection object_to_texts(writer& w, core::workflow_id workflow) {
  const std::string owner = std::same_as<Row, core::workflow_row> ? "id" : "workflow_id";
  objection wrong;
  Row row;
  for_each_column(row, [&](std::string_view name, auto& member, core::field) {
    using type = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::same_as<type, core::json_text> ||
                  std::same_as<type, std::optional<core::json_text>>)
      if (statement{w.db, "SELECT 1 FROM " + std::string{Row::table} + " WHERE " + owner +
                              " = ?1 AND " + std::string{name} + " <> '' AND NOT json_valid(" +
                              std::string{name} + ")"}
              .any(workflow))
        wrong = inconsistent(std::string{Row::table} + "." + std::string{name} + " is not JSON");
  });
  return wrong;
}

template <class... Rows>
objection object_to_all_texts(writer& w, core::workflow_id workflow) {
  objection wrong;
  const auto look = [&](objection o) { wrong = wrong ? wrong : std::move(o); };
  (look(object_to_texts<Rows>(w, workflow)), ...);
  return wrong;
}

template <class Row>
objection object_to_rows(writer& w, core::workflow_id workflow) {
  statement all{w.db, "SELECT " + column_list<Row>() + " FROM " + std::string{Row::table} +
                          " WHERE workflow_id = ?1"};
  for (auto r = all.query(workflow); r.next();)
    if (auto o = object(w, read_row<Row>(r)))
      return inconsistent(o->message);
  return std::nullopt;
}

/// What a requirement says, and what it comes to.
objection object_to_needs(writer& w, core::workflow_id workflow) {
  if (auto o = object_to_rows<core::requirement_row>(w, workflow))
    return o;
  statement all{w.db, "SELECT id, memory, runtime FROM resource_requirements "
                      "WHERE workflow_id = ?1"};
  statement settle{w.db, "UPDATE resource_requirements SET memory_bytes = ?2, runtime_s = ?3 "
                         "WHERE id = ?1 AND (memory_bytes <> ?2 OR runtime_s <> ?3)"};
  for (auto r = all.query(workflow); r.next();)
    if (settle.run(r.get<int64_t>(0), *core::parse_memory(r.get<std::string>(1)),
                   *core::parse_duration(r.get<std::string>(2))) > 0)
      return inconsistent("memory or runtime of its resource requirements contradict themselves");
  return std::nullopt;
}

/// Labels are compared as they lie there, so they must be sorted and well-formed.
objection object_to_labels(writer& w, core::workflow_id workflow) {
  statement all{w.db, "SELECT labels FROM job WHERE workflow_id = ?1 AND labels IS NOT NULL UNION "
                      "SELECT labels FROM compute_node WHERE workflow_id = ?1 AND labels IS NOT "
                      "NULL"};
  for (auto r = all.query(workflow); r.next();) {
    const auto text = r.get<std::string>(0);
    const auto made = core::split_labels(text);
    if (!made || made->empty() || core::joined(*made) != text)
      return inconsistent("\"" + text + "\" are no labels");
  }
  return std::nullopt;
}

objection object_to_whole(writer& w, core::workflow_id workflow) {
  for (const auto& [sql, what] : must_be_none)
    if (statement{w.db, sql}.first<int64_t>(workflow).value_or(1) != 0)
      return inconsistent(what);
  if (auto o = object_to_all_texts<core::workflow_row, core::user_data_row, core::event_row,
                                   core::compute_node_row, core::failure_handler_row,
                                   core::action_row, core::ro_crate_entity_row>(w, workflow))
    return o;
  if (auto o = object_to_needs(w, workflow))
    return o;
  if (auto o = object_to_labels(w, workflow))
    return o;
  return object_to_rows<core::action_row>(w, workflow);
}

} // namespace

core::result<core::nothing> read_archive(database& db, core::workflow_id id,
                                         const core::archive_listener& to) {
  if (!statement{db, "SELECT 1 FROM workflow WHERE id = ?1"}.any(id))
    return refuse(refusal::not_found, "there is no workflow " + std::to_string(id.value));
  archiving a{db, id, to, {}};
  statement list{db, "SELECT first_job, last_job FROM job_run WHERE workflow_id = ?1 "
                     "ORDER BY first_job"};
  for (auto r = list.query(id); r.next();)
    a.runs.emplace_back(r.get<int64_t>(0), r.get<int64_t>(1));
  for (const auto& t : core::archived_tables())
    a.table(t);
  return core::nothing{};
}

core::result<edited> open_restore(writer& w, const core::open_restore& e) {
  if (e.counts[static_cast<size_t>(core::id_space::workflow)] != 1)
    return inconsistent("it has not one row of workflow");
  edited done{std::vector<int64_t>(core::id_spaces, 0), 1};
  for (size_t i = 1; i < core::id_spaces; ++i)
    if (e.counts[i] > 0)
      done.ids[i] = w.ids.draw(core::counter_of(static_cast<core::id_space>(i)), e.counts[i]);
  const auto workflow = done.ids[static_cast<size_t>(core::id_space::workflow)];
  const auto first = done.ids[static_cast<size_t>(core::id_space::job)];
  const auto jobs = e.counts[static_cast<size_t>(core::id_space::job)];
  statement{w.db, "INSERT INTO submission (workflow_id, first_job, job_count) VALUES (?1, ?2, ?3)"}
      .run(workflow, first, restored);
  if (jobs > 0)
    statement{w.db, "INSERT INTO job_run (workflow_id, first_job, last_job) VALUES (?1, ?2, ?3)"}
        .run(workflow, first, first + jobs - 1);
  return done;
}

core::result<edited> restore_rows(writer& w, const core::restore_rows& e) {
  if (!is_arriving(w, e.workflow))
    return not_open(e.workflow);
  const auto known = columns_of(w.db, e.table).names;
  const auto* table = core::find_archived_table(e.table);
  if (!table || known.empty())
    return inconsistent("there is no table " + e.table);
  if (auto ok = core::check_columns(*table, e.columns); !ok)
    return ok.why();
  std::string places;
  for (const auto& name : e.columns) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return refuse(refusal::unprocessable, "the archive has a column " + e.table + "." + name +
                                                ", which this server does not know; it may come "
                                                "from a newer one");
    places += places.empty() ? "?" : ", ?";
  }
  statement insert{w.db, "INSERT INTO " + e.table + " (" + comma_list(e.columns) + ") VALUES (" +
                             places + ")"};
  for (const auto& row : e.rows) {
    if (!is_status_known(e, row))
      return inconsistent("the state of a job cannot be");
    for (size_t i = 0; i < row.size(); ++i)
      insert.bind(static_cast<int>(i + 1), row[i]);
    if (!insert.try_run())
      return inconsistent("a row of " + e.table + " cannot be: " + core::line_of(row));
  }
  return edited{{}, static_cast<int64_t>(e.rows.size())};
}

core::result<edited> close_restore(writer& w, const core::close_restore& e) {
  if (!is_arriving(w, e.workflow))
    return not_open(e.workflow);
  if (!e.keep) {
    remove_all_jobs(w, e.workflow);
    remove_workflow_rows(w, e.workflow);
    return edited{{}, 1};
  }
  if (auto o = object_to_whole(w, e.workflow))
    return *o;
  statement{w.db, "DELETE FROM submission WHERE workflow_id = ?1"}.run(e.workflow);
  w.counts.watch(e.workflow);
  return edited{{e.workflow.value}, 1};
}

} // namespace torc::storage
