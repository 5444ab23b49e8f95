#include "storage/job_reads.hpp"

#include "storage/facts.hpp"
#include "storage/table_reader.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace torc::storage {

namespace {

constexpr auto job_columns =
    "j.id, j.workflow_id, j.name, j.command, j.invocation_script, s.status, "
    "j.cancel_on_blocking_job_failure, j.supports_termination, j.resource_requirements_id, "
    "j.scheduler_id, j.failure_handler_id, s.attempt_id, j.priority, j.labels, j.env";

/// The columns that a list of jobs may be sorted by.
constexpr std::pair<std::string_view, const char*> sortable[] = {
    {"id", ""},
    {"workflow_id", "j.workflow_id"},
    {"name", "j.name"},
    {"command", "j.command"},
    {"invocation_script", "j.invocation_script"},
    {"status", "s.status"},
    {"cancel_on_blocking_job_failure", "j.cancel_on_blocking_job_failure"},
    {"supports_termination", "j.supports_termination"},
    {"resource_requirements_id", "j.resource_requirements_id"},
    {"scheduler_id", "j.scheduler_id"},
    {"failure_handler_id", "j.failure_handler_id"},
    {"attempt_id", "s.attempt_id"},
    {"priority", "j.priority"},
};

constexpr auto states_of_workflow =
    "FROM job_run AS r JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job";
const auto jobs_of_workflow = std::string{states_of_workflow} + " JOIN job AS j ON j.id = s.job_id";

core::job_row read_columns(const statement::rows& r) {
  core::job_row j;
  j.id = r.get<core::job_id>(0);
  j.workflow = r.get<core::workflow_id>(1);
  j.name = r.get<std::string>(2);
  j.command = r.get<std::string>(3);
  j.invocation_script = r.get<std::optional<std::string>>(4);
  j.status = r.get<core::job_status>(5);
  j.cancel_on_blocking_job_failure = r.get<bool>(6);
  j.supports_termination = r.get<bool>(7);
  j.requirement = r.get<core::requirement_id>(8);
  j.scheduler = r.get<core::scheduler_id>(9);
  j.failure_handler = r.get<core::handler_id>(10);
  j.attempt_id = r.get<int64_t>(11);
  j.priority = r.get<int64_t>(12);
  j.labels = r.get<core::label_set>(13);
  j.env = r.get<std::optional<core::env_object>>(14);
  return j;
}

using id_list = std::optional<std::vector<int64_t>> core::job_row::*;

struct relation {
  const char* table;
  const char* column;
  id_list member;
  bool output;
};

const relation relations[] = {
    {"job_depends_on", "depends_on_job_id", &core::job_row::depends_on_job_ids, false},
    {"job_input_file", "file_id", &core::job_row::input_file_ids, false},
    {"job_output_file", "file_id", &core::job_row::output_file_ids, true},
    {"job_input_user_data", "user_data_id", &core::job_row::input_user_data_ids, false},
    {"job_output_user_data", "user_data_id", &core::job_row::output_user_data_ids, true},
};

/// Where in a page a job lies. A page is mostly a stretch of neighbours, and then the database is
/// asked for the stretch instead of for each of its ids.
class places {
public:
  explicit places(const std::vector<core::job_row>& jobs) {
    const auto [low, high] = std::minmax_element(
        jobs.begin(), jobs.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    first = low->id.value;
    last = high->id.value;
    dense = last - first < static_cast<int64_t>(2 * jobs.size());
    if (dense)
      by_offset_.assign(static_cast<size_t>(last - first + 1), nowhere);
    for (size_t i = 0; i < jobs.size(); ++i)
      if (dense)
        by_offset_[static_cast<size_t>(jobs[i].id.value - first)] = i;
      else
        by_id_[jobs[i].id.value] = i;
  }
  size_t operator[](int64_t id) const {
    return dense ? by_offset_[static_cast<size_t>(id - first)] : by_id_.at(id);
  }

  static constexpr size_t nowhere = SIZE_MAX;
  int64_t first = 0, last = 0;
  bool dense = false;

private:
  std::vector<size_t> by_offset_;
  std::unordered_map<int64_t, size_t> by_id_;
};

std::string list_of(const std::vector<core::job_row>& jobs) {
  std::vector<int64_t> ids;
  ids.reserve(jobs.size());
  for (const auto& j : jobs)
    ids.push_back(j.id.value);
  return to_list(ids);
}

/// A runner with these labels takes the job: nothing is left of its list without them.
void add_labels(condition& where, const core::label_set& runner) {
  if (runner.empty()) {
    where.add("j.labels IS NULL");
    return;
  }
  std::string rest = "',' || j.labels || ','";
  for (size_t i = 0; i < runner.names.size(); ++i)
    rest.insert(0, "replace(").append(", ',' || ? || ',', ',')");
  where.add(rest + " = ','", runner.names);
}

/// Fills the id lists of all rows, one query a list.
void fill_lists(connection& c, std::vector<core::job_row>& jobs, bool only_outputs) {
  if (jobs.empty())
    return;
  const places place{jobs};
  const auto list = place.dense ? std::string{} : list_of(jobs);
  for (const auto& rel : relations) {
    if (only_outputs && !rel.output)
      continue;
    for (auto& j : jobs)
      (j.*rel.member).emplace();
    const auto keep = [&](const statement::rows& r) {
      if (const auto at = place[r.get<int64_t>(0)]; at != places::nowhere)
        (jobs[at].*rel.member)->push_back(r.get<int64_t>(1));
    };
    const auto select = std::string{"SELECT job_id, "} + rel.column + " FROM " + rel.table;
    if (place.dense) {
      auto& s = c.prepare(select + " WHERE job_id BETWEEN ?1 AND ?2 ORDER BY 1, 2");
      for (auto r = s.query(place.first, place.last); r.next();)
        keep(r);
    } else {
      auto& s = c.prepare(select + " WHERE job_id IN (SELECT value FROM json_each(?1)) "
                                   "ORDER BY 1, 2");
      for (auto r = s.query(list); r.next();)
        keep(r);
    }
  }
}

} // namespace

std::optional<core::job_row> read_job(connection& c, core::job_id id) {
  auto& s = c.prepare(std::string{"SELECT "} + job_columns +
                      " FROM job AS j JOIN job_state AS s ON s.job_id = j.id WHERE j.id = ?1 AND "
                      "j." +
                      arrived);
  std::vector<core::job_row> one;
  for (auto r = s.query(id); r.next();)
    one.push_back(read_columns(r));
  if (one.empty())
    return std::nullopt;
  fill_lists(c, one, false);
  return std::move(one.front());
}

core::page_of<core::job_row> read_jobs(connection& c, const core::job_filter& f) {
  condition where;
  where.add("r.workflow_id = ?", f.workflow.value).add(std::string{"r."} + arrived);
  if (f.status)
    where.add("s.status = ?", static_cast<int64_t>(*f.status));
  where
      .add_if(f.needs_file_id, "EXISTS (SELECT 1 FROM job_input_file AS i "
                               "WHERE i.job_id = s.job_id AND i.file_id = ?)")
      .add_if(f.upstream_job_id, "EXISTS (SELECT 1 FROM job_depends_on AS d "
                                 "WHERE d.job_id = s.job_id AND d.depends_on_job_id = ?)")
      .add_if(f.active_compute_node_id, "s.status = 4 AND s.node_id = ?");
  if (f.labels)
    add_labels(where, *f.labels);
  selection what{job_columns, jobs_of_workflow, "r.first_job%, s.job_id%", "",
                 f.labels ? std::string{} : states_of_workflow};
  for (const auto& [name, column] : sortable)
    if (name == f.at.sort_by)
      what.sort = column;
  auto page = read_page<core::job_row>(c, what, where, f.at, read_columns, f.total);
  if (f.include_relationships)
    fill_lists(c, page.items, false);
  return page;
}

std::vector<core::job_row> read_jobs_by_id(connection& c, const std::vector<int64_t>& ids,
                                           bool output_lists) {
  auto& s = c.prepare(std::string{"SELECT "} + job_columns +
                      " FROM job AS j JOIN job_state AS s ON s.job_id = j.id WHERE j.id = ?1 AND "
                      "j." +
                      arrived);
  std::vector<core::job_row> jobs;
  for (auto id : ids)
    for (auto r = s.query(id); r.next();)
      jobs.push_back(read_columns(r));
  if (output_lists)
    fill_lists(c, jobs, true);
  return jobs;
}

core::page_of<core::job_dependency> read_dependencies(connection& c, core::workflow_id w,
                                                      const core::page& at) {
  core::page_of<core::job_dependency> page;
  if (c.prepare("SELECT 1 FROM submission WHERE workflow_id = ?1").any(w))
    return page;
  auto edges = load_edges(c.db(), w);
  if (!edges)
    return page;
  for (auto& [blocker, job] : *edges)
    std::swap(blocker, job);
  std::sort(edges->begin(), edges->end());
  page.total = static_cast<int64_t>(edges->size());
  const auto from = std::clamp<int64_t>(at.offset, 0, page.total);
  const auto count = std::clamp<int64_t>(at.limit, 0, std::min(core::max_page, page.total - from));
  auto& name = c.prepare("SELECT name FROM job WHERE id = ?1");
  for (auto i = edges->begin() + from; i != edges->begin() + from + count; ++i)
    page.items.push_back({i->first.value, i->second.value,
                          name.first<std::string>(i->first).value_or(""),
                          name.first<std::string>(i->second).value_or("")});
  return page;
}

core::page_of<core::job_relationship> read_relationships(connection& c, core::workflow_id w,
                                                         core::related to, const core::page& at) {
  const bool files = to == core::related::files;
  const std::string thing = files ? "file" : "user_data";
  const auto links = [&](const std::string& side) {
    return "(SELECT l." + thing + "_id AS thing_id, l.job_id FROM job_run AS r JOIN job_" + side +
           "_" + thing + " AS l ON l.job_id BETWEEN r.first_job AND r.last_job " +
           "WHERE r.workflow_id = ?1)";
  };
  const auto from = "FROM " + thing + " AS t LEFT JOIN " + links("output") +
                    " AS o ON o.thing_id = t.id LEFT JOIN " + links("input") +
                    " AS i ON i.thing_id = t.id LEFT JOIN job AS p ON p.id = o.job_id "
                    "LEFT JOIN job AS q ON q.id = i.job_id";
  condition where;
  where.add("t.workflow_id = ?1", w.value)
      .add(std::string{"t."} + arrived)
      .add("(o.job_id IS NOT NULL OR i.job_id IS NOT NULL)");
  const selection what{"t.id, t.name, " + std::string{files ? "t.path" : "''"} +
                           ", o.job_id, p.name, i.job_id, q.name",
                       from, "t.id%, o.job_id, i.job_id", ""};
  core::page order = at;
  order.sort_by.clear();
  return read_page<core::job_relationship>(c, what, where, order, [](const statement::rows& r) {
    return core::job_relationship{
        r.get<int64_t>(0),     r.get<int64_t>(3),     r.get<int64_t>(5),    r.get<std::string>(1),
        r.get<std::string>(2), r.get<std::string>(4), r.get<std::string>(6)};
  });
}

std::vector<core::job_id> read_failed_closure(connection& c, core::workflow_id w) {
  auto& failed = c.prepare("SELECT s.job_id FROM job_run AS r JOIN job_state AS s "
                           "ON s.job_id BETWEEN r.first_job AND r.last_job "
                           "WHERE r.workflow_id = ?1 AND s.status IN (6, 7, 8, 10) ORDER BY 1");
  std::vector<core::job_id> open;
  for (auto r = failed.query(w); r.next();)
    open.push_back(r.get<core::job_id>(0));
  if (open.empty())
    return open;
  auto edges = load_edges(c.db(), w);
  if (!edges)
    return open;
  std::sort(edges->begin(), edges->end());
  std::unordered_map<core::job_id, bool> seen;
  for (auto j : open)
    seen[j] = true;
  std::vector<core::job_id> closure = open;
  for (size_t i = 0; i < closure.size(); ++i) {
    auto at = std::lower_bound(edges->begin(), edges->end(), job_edge{closure[i], {}});
    for (; at != edges->end() && at->first == closure[i]; ++at)
      if (!std::exchange(seen[at->second], true))
        closure.push_back(at->second);
  }
  std::sort(closure.begin(), closure.end());
  return closure;
}

std::vector<core::attempt_facts> read_latest_attempts(connection& c, core::workflow_id w) {
  auto& s = c.prepare("SELECT t.job_id, t.status, t.return_code, t.exec_time_minutes, "
                      "t.peak_memory_bytes FROM job_run AS r JOIN job_state AS s "
                      "ON s.job_id BETWEEN r.first_job AND r.last_job "
                      "JOIN result AS t ON t.id = s.result_id WHERE r.workflow_id = ?1");
  std::vector<core::attempt_facts> all;
  for (auto r = s.query(w); r.next();)
    all.push_back({r.get<core::job_id>(0), r.get<core::job_status>(1), r.get<int64_t>(2),
                   r.get<double>(3), r.get<std::optional<int64_t>>(4)});
  return all;
}

std::vector<core::runner_facts> read_runners(connection& c) {
  auto& s = c.prepare("SELECT hostname, num_cpus, num_gpus, num_nodes, memory_bytes, time_limit_s, "
                      "id, labels FROM runner");
  std::vector<core::runner_facts> all;
  for (auto r = s.query(); r.next();)
    all.push_back({r.get<std::string>(0),
                   {r.get<int32_t>(1), r.get<int32_t>(2), r.get<int32_t>(3), r.get<int64_t>(4),
                    r.get<std::optional<int64_t>>(5), r.get<core::label_set>(7)},
                   r.get<core::runner_id>(6)});
  return all;
}

std::vector<std::pair<core::label_set, int64_t>> read_unserved_labels(connection& c,
                                                                      core::workflow_id w) {
  std::vector<std::pair<core::label_set, int64_t>> unserved;
  auto& demand = c.prepare("SELECT j.labels, count(*) FROM job AS j JOIN job_state AS s "
                           "ON s.job_id = j.id WHERE j.workflow_id = ?1 AND j.labels IS NOT NULL "
                           "AND s.status = 2 GROUP BY j.labels");
  for (auto r = demand.query(w); r.next();)
    unserved.emplace_back(r.get<core::label_set>(0), r.get<int64_t>(1));
  if (unserved.empty())
    return unserved;
  auto& runners = c.prepare("SELECT DISTINCT labels FROM compute_node "
                            "WHERE workflow_id = ?1 AND is_active = 1 AND labels IS NOT NULL");
  for (auto r = runners.query(w); r.next();)
    std::erase_if(unserved, [has = r.get<core::label_set>(0)](const auto& one) {
      return core::serves(has, one.first);
    });
  return unserved;
}

std::optional<core::cancellation> read_cancellation(connection& c, core::workflow_id w) {
  auto& s = c.prepare("SELECT coalesce(canceled_by, ''), canceled_at_ms FROM workflow_status "
                      "WHERE id = ?1 AND canceled_at_ms IS NOT NULL");
  auto r = s.query(w);
  return r.next() ? std::optional{core::cancellation{r.get<std::string>(0), r.get<int64_t>(1)}}
                  : std::nullopt;
}

std::optional<core::cancellation> read_cancellation(connection& c, core::job_id j) {
  auto& s = c.prepare("SELECT user, at_ms FROM job_cancellation WHERE job_id = ?1");
  auto r = s.query(j);
  return r.next() ? std::optional{core::cancellation{r.get<std::string>(0), r.get<int64_t>(1)}}
                  : std::nullopt;
}

void count_triggers(connection& c, core::action_row* rows, size_t count) {
  auto& listed = c.prepare("SELECT count(*) FROM json_each(?1) AS l JOIN job_state AS s "
                           "ON s.job_id = l.value WHERE s.status BETWEEN ?2 AND ?3");
  auto& started = c.prepare("SELECT initialized FROM workflow_status WHERE id = ?1");
  auto& complete =
      c.prepare("SELECT (SELECT w.is_canceled FROM workflow_status AS w WHERE w.id = ?1) OR "
                "NOT EXISTS (SELECT 1 FROM job_run AS r JOIN job_state AS s "
                "ON s.job_id BETWEEN r.first_job AND r.last_job "
                "WHERE r.workflow_id = ?1 AND s.status NOT BETWEEN 5 AND 9)");
  for (auto* a = rows; a != rows + count; ++a) {
    const auto jobs = to_list(a->job_ids.value_or(std::vector<int64_t>{}));
    // Beyond ready lies everything but uninitialized and blocked.
    if (a->trigger_type == "on_jobs_ready")
      a->trigger_count = listed.first<int64_t>(jobs, 2, 10).value_or(0);
    else if (a->trigger_type == "on_jobs_complete")
      a->trigger_count = listed.first<int64_t>(jobs, 5, 8).value_or(0);
    else if (a->trigger_type == "on_workflow_start")
      a->trigger_count = started.first<int64_t>(a->workflow).value_or(0);
    else if (a->trigger_type == "on_workflow_complete")
      a->trigger_count = complete.first<int64_t>(a->workflow).value_or(0);
    else if (a->trigger_type.starts_with("on_worker_"))
      a->trigger_count =
          started.first<int64_t>(a->workflow).value_or(0) != 0 ? a->required_triggers : 0;
    else
      a->trigger_count = 0; // Nothing that happens triggers it.
  }
}

} // namespace torc::storage
