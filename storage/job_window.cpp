#include "storage/job_window.hpp"

#include <algorithm>

namespace torc::storage {

namespace {

/// What a window may be sorted by. A result that is not there yet counts as nothing, since NULL
/// compares with nothing and would hide its job.
constexpr std::pair<std::string_view, const char*> sortable[] = {
    {"name", "j.name"},
    {"status", "s.status"},
    {"stage", "s.stage"},
    {"priority", "j.priority"},
    {"return_code", "coalesce(t.return_code, -1000)"},
    {"exec_time_minutes", "coalesce(t.exec_time_minutes, -1.0)"},
    {"peak_memory_bytes", "coalesce(t.peak_memory_bytes, -1)"},
    {"completion_time", "coalesce(t.completion_time, '')"},
};

constexpr auto columns =
    "s.job_id, j.name, s.status, s.stage, s.attempt_id, coalesce(s.run_id, t.run_id, 0), "
    "coalesce(s.node_id, t.compute_node_id, 0), t.return_code, t.exec_time_minutes, "
    "t.completion_time, t.peak_memory_bytes";

constexpr auto joins = " CROSS JOIN job AS j ON j.id = s.job_id "
                       "LEFT JOIN result AS t ON t.id = s.result_id";

/// A name is looked at where it lies: a search without another filter reads no state of a job whose
/// name it does not want.
constexpr auto joins_from_name = " CROSS JOIN job_state AS s ON s.job_id = j.id "
                                 "LEFT JOIN result AS t ON t.id = s.result_id";

/// What stands in a name, whatever the case of its ASCII letters.
constexpr auto is_in_name = "j.name LIKE ? ESCAPE '\\'";

std::string pattern_of(const std::string& searched) {
  std::string pattern = "%";
  for (const char c : searched) {
    if (c == '%' || c == '_' || c == '\\')
      pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

bool begins_at_name(const core::job_window& w) {
  return !w.search.empty() && w.statuses.empty() && !w.stage;
}

std::string sort_key(const std::string& wanted) {
  const auto* at = std::find_if(std::begin(sortable), std::end(sortable),
                                [&](const auto& s) { return s.first == wanted; });
  return at == std::end(sortable) ? "" : at->second;
}

/// The jobs of a workflow. In the order of ids a window begins where its range begins, so that
/// nothing before it is read.
std::string jobs_from(const core::job_window& w, bool by_id) {
  const std::string id = begins_at_name(w) ? "j.id" : "s.job_id";
  std::string range = id + " BETWEEN r.first_job AND r.last_job";
  if (by_id && w.after)
    range = id + (w.reverse ? " BETWEEN r.first_job AND min(r.last_job, ? - 1)"
                            : " BETWEEN max(r.first_job, ? + 1) AND r.last_job");
  const std::string runs = "FROM job_run AS r CROSS JOIN ";
  return begins_at_name(w) ? runs + "job AS j ON " + range + joins_from_name
                           : runs + "job_state AS s ON " + range + joins;
}

condition conditions(const core::job_window& w, const std::string& key) {
  condition where;
  where.add("r.workflow_id = ?", w.workflow.value).add(std::string{"r."} + arrived);
  if (!w.statuses.empty()) {
    std::string list;
    for (const auto s : w.statuses)
      list += (list.empty() ? "" : ", ") + std::to_string(static_cast<int>(s));
    where.add("s.status IN (" + list + ")");
  }
  where.add_if(w.stage, "s.stage = ?");
  if (!w.search.empty())
    where.add(is_in_name, pattern_of(w.search));
  if (!key.empty() && w.after)
    where.add("(" + key + ", s.job_id) " + (w.reverse ? "<" : ">") + " (SELECT " + key +
                  ", s.job_id FROM job_state AS s" + joins + " WHERE s.job_id = ?)",
              w.after.value);
  return where;
}

core::job_brief read_brief(const statement::rows& r) {
  return {r.get<core::job_id>(0),
          r.get<std::string>(1),
          r.get<core::job_status>(2),
          r.get<int64_t>(3),
          r.get<int64_t>(4),
          r.get<int64_t>(5),
          r.get<int64_t>(6),
          r.get<std::optional<int64_t>>(7),
          r.get<std::optional<int64_t>>(10),
          r.get<std::optional<double>>(8),
          r.get<std::optional<std::string>>(9)};
}

} // namespace

core::job_briefs read_window(connection& c, const core::job_window& w) {
  const auto key = sort_key(w.sort_by);
  const bool from_job = key.empty() && w.after;
  const auto where = conditions(w, key);
  const std::string direction = w.reverse ? " DESC" : "";
  const auto by_id = (begins_at_name(w) ? "j.id" : "s.job_id") + direction;
  const auto order = (key.empty() ? "r.first_job" : key) + direction + ", " + by_id;
  auto& s = c.prepare(std::string{"SELECT "} + columns + " " + jobs_from(w, key.empty()) +
                      where.text() + " ORDER BY " + order + " LIMIT ?");
  int at = 0;
  if (from_job)
    s.bind(++at, w.after.value);
  at = where.bind(s, at);
  const auto limit = std::clamp<int64_t>(w.limit, 0, core::job_window::most);
  s.bind(at + 1, limit + 1);
  core::job_briefs found;
  for (auto r = s.query(); r.next();) {
    found.has_more = static_cast<int64_t>(found.items.size()) == limit;
    if (!found.has_more)
      found.items.push_back(read_brief(r));
  }
  return found;
}

core::page_of<core::running_job> read_running(connection& c, core::workflow_id w,
                                              const core::page& at) {
  const selection what{
      "s.job_id, j.name, n.hostname, n.compute_node_type, CAST(a.scheduler_id AS TEXT)",
      "FROM job_run AS r JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job "
      "JOIN job AS j ON j.id = s.job_id JOIN compute_node AS n ON n.id = s.node_id "
      "LEFT JOIN scheduled_compute_node AS a ON a.workflow_id = r.workflow_id AND a.id = "
      "CASE WHEN json_valid(n.scheduler) THEN json_extract(n.scheduler, '$.scheduler_id') END",
      "r.first_job%, s.job_id%", ""};
  condition where;
  where.add("r.workflow_id = ?", w.value).add(std::string{"r."} + arrived).add("s.status = 4");
  auto page = at;
  page.sort_by.clear();
  return read_page<core::running_job>(c, what, where, page, [](const statement::rows& r) {
    return core::running_job{r.get<core::job_id>(0), r.get<std::string>(1), r.get<std::string>(2),
                             r.get<std::string>(3), r.get<std::optional<std::string>>(4)};
  });
}

} // namespace torc::storage
