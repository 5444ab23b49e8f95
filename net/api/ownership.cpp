#include "net/api/ownership.hpp"

#include "net/json/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace torc::net::api {

namespace {

/// The first segment of a path, and the table of its rows.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> tables{{
    {"jobs", "job"},
    {"files", "file"},
    {"user_data", "user_data"},
    {"events", "event"},
    {"results", "result"},
    {"resource_requirements", "resource_requirements"},
    {"slurm_schedulers", "slurm_scheduler"},
    {"local_schedulers", "local_scheduler"},
    {"compute_nodes", "compute_node"},
    {"scheduled_compute_nodes", "scheduled_compute_node"},
    {"failure_handlers", "failure_handler"},
    {"ro_crate_entities", "ro_crate_entity"},
    {"slurm_stats", "slurm_stats"},
}};

std::vector<std::string_view> segments_of(std::string_view path) {
  if (path.starts_with(base_path))
    path.remove_prefix(base_path.size());
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    parts.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(parts.back().size());
  }
  return parts;
}

/// 0 where it is no number: no row has that id.
int64_t number(std::string_view text) {
  int64_t n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  return failed == std::errc{} && end == text.data() + text.size() ? n : 0;
}

std::optional<core::workflow_id> workflow_in(const query_pairs& query) {
  for (const auto& [name, value] : query)
    if (name == "workflow_id")
      return core::workflow_id{number(value)};
  return std::nullopt;
}

/// workflow_id of a body, or of the first row in its list: they must all be of one workflow.
std::optional<core::workflow_id> workflow_in(const std::string& body) {
  if (body.empty() || !json::check(body) || json::kind_of(body) != json::kind::object)
    return std::nullopt;
  json::members row;
  row.assign(body);
  if (const auto id = row.take("workflow_id"))
    if (const auto n = json::as_integer(*id))
      return core::workflow_id{*n};
  std::optional<std::string_view> rows;
  for (const auto name : {"jobs", "files", "user_data"})
    if (!rows)
      rows = row.take(name);
  std::optional<core::workflow_id> found;
  if (rows && json::kind_of(*rows) == json::kind::array)
    json::elements(*rows, [&](std::string_view job) {
      if (json::kind_of(job) == json::kind::object) {
        json::members first;
        first.assign(job);
        const auto id = first.take("workflow_id");
        if (const auto n = id ? json::as_integer(*id) : std::nullopt)
          found = core::workflow_id{*n};
      }
      return false;
    });
  return found;
}

void want_group(const request& in, const std::vector<std::string_view>& parts, wanted& what) {
  if (in.method == "GET")
    return;
  what.for_admins = true;
  if (parts.size() > 2)
    what.group = core::group_id{number(parts[1])};
}

} // namespace

bool is_public(const request& in) {
  const auto parts = segments_of(in.path);
  return parts.size() == 1 &&
         (parts[0] == "ping" || parts[0] == "version" || parts[0] == "openapi.json");
}

wanted wanted_by(const request& in) {
  wanted what;
  const auto parts = segments_of(in.path);
  if (parts.empty())
    return what;
  const int64_t id = parts.size() > 1 ? number(parts[1]) : 0;
  if (parts[0] == "admin") {
    what.for_admins = true;
  } else if (parts[0] == "access_groups") {
    want_group(in, parts, what);
  } else if (parts[0] == "workflows" || parts[0] == "submissions" || parts[0] == "access_check") {
    if (id != 0)
      what.workflow = core::workflow_id{id};
  } else if (parts[0].starts_with("bulk_")) {
    what.body = in.body;
  } else {
    const auto table = std::find_if(tables.begin(), tables.end(),
                                    [&](const auto& t) { return t.first == parts[0]; });
    if (table == tables.end())
      return what;
    if (id != 0) {
      what.table = table->second;
      what.row = id;
    } else if (in.method == "POST") {
      what.body = in.body;
    } else {
      what.workflow = workflow_in(in.query);
    }
  }
  return what;
}

std::optional<std::string> why_not(core::read_model& r, const wanted& what,
                                   const std::string& user) {
  if (what.for_admins) {
    const auto member = what.group ? r.membership(*what.group, user) : std::nullopt;
    if (member && member->role == "admin")
      return std::nullopt;
    return user + " is no admin";
  }
  auto workflow = what.workflow;
  if (!what.table.empty())
    workflow = r.owner_of(what.table, what.row);
  else if (!what.body.empty())
    workflow = workflow_in(what.body);
  if (!workflow || !r.owner_of("workflow", workflow->value) || r.may_access(*workflow, user))
    return std::nullopt;
  return user + " may not access workflow " + std::to_string(workflow->value);
}

} // namespace torc::net::api
