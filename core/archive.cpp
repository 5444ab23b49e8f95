#include "core/archive.hpp"

#include "core/archive_columns.hpp"
#include "core/attempt_names.hpp"
#include "core/job.hpp"

#include <algorithm>
#include <charconv>

namespace torc::core {

namespace {

using found = archived_table::found;

constexpr archived_table tables[] = {
    {"workflow", found::by_id, id_space::workflow},
    {"workflow_status", found::by_id, id_space::workflow},
    {"resource_requirements", found::by_workflow, id_space::requirement},
    {"file", found::by_workflow, id_space::file},
    {"user_data", found::by_workflow, id_space::user_data},
    {"slurm_scheduler", found::by_workflow, id_space::scheduler},
    {"local_scheduler", found::by_workflow, id_space::scheduler},
    {"failure_handler", found::by_workflow, id_space::handler},
    {"compute_node", found::by_workflow, id_space::node},
    {"scheduled_compute_node", found::by_workflow, id_space::scheduled_node},
    {"job", found::by_job_id, id_space::job},
    {"job_state", found::by_job},
    {"job_depends_on", found::by_job},
    {"job_input_file", found::by_job},
    {"job_output_file", found::by_job},
    {"job_input_user_data", found::by_job},
    {"job_output_user_data", found::by_job},
    {"result", found::by_job, id_space::result},
    {"event", found::by_workflow, id_space::event},
    {"workflow_action", found::by_workflow, id_space::action},
    {"ro_crate_entity", found::by_workflow, id_space::entity},
    {"slurm_stats", found::by_workflow, id_space::statistics},
    {"stage_time", found::by_workflow},
    {"remote_worker", found::by_workflow},
    {"edited_job", found::by_job},
    {"job_cancellation", found::by_job},
    {"edited_user_data", found::by_workflow},
};

// Groups and runners are others elsewhere; the runs of job ids are new ones.
constexpr std::string_view left_out[] = {"submission", "job_run", "workflow_access_group",
                                         "runner_node"};

struct named {
  std::string_view column;
  reference what;
};
using form = reference::form;
using unknown = reference::unknown;
constexpr named by_name[] = {
    {"workflow_id", {id_space::workflow}},
    {"job_id", {id_space::job}},
    {"depends_on_job_id", {id_space::job}},
    {"file_id", {id_space::file}},
    {"user_data_id", {id_space::user_data}},
    {"resource_requirements_id", {id_space::requirement}},
    {"failure_handler_id", {id_space::handler}},
    {"result_id", {id_space::result}},
    {"node_id", {id_space::node}},
    {"compute_node_id", {id_space::node, form::number, unknown::forgotten}},
    {"executed_by", {id_space::node, form::number, unknown::forgotten}},
    {"scheduler_config_id", {id_space::scheduler, form::number, unknown::kept}},
    {"job_ids", {id_space::job, form::list}},
    {"action_config", {id_space::scheduler, form::member, unknown::kept}},
};

std::string where(const archived_table& table, std::string_view column) {
  return std::string(table.name) + "." + std::string(column);
}

error missing(const archived_table& table, std::string_view column, int64_t id) {
  return refuse(refusal::unprocessable, where(table, column) + " names " + std::to_string(id) +
                                            ", which is no part of the workflow");
}

/// The digits that begin at `at`; moves it behind them.
std::optional<int64_t> number_at(std::string_view text, size_t& at) {
  int64_t n = 0;
  const auto read = std::from_chars(text.data() + at, text.data() + text.size(), n);
  if (read.ec != std::errc{})
    return std::nullopt;
  at = static_cast<size_t>(read.ptr - text.data());
  return n;
}

/// Rewrites the numbers of "[1,2,3]". Empty where one of them is unknown.
std::optional<std::string> renumber_list(std::string_view text, id_space s, const id_map& ids) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto n = number_at(text, at);
    if (!n) {
      out += text[at++];
      continue;
    }
    const auto id = ids.find(s, *n);
    if (!id)
      return std::nullopt;
    out += std::to_string(*id);
  }
  return out;
}

/// Rewrites the number behind each "scheduler_id" of a JSON text, where it is known.
std::string renumber_members(std::string_view text, id_space s, const id_map& ids) {
  constexpr std::string_view key = "\"scheduler_id\"";
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto next = text.find(key, at);
    if (next == text.npos)
      return out.append(text.substr(at));
    auto value = text.find_first_not_of(" \t\r\n:", next + key.size());
    value = std::min(value, text.size());
    out += text.substr(at, value - at);
    at = value;
    const auto n = number_at(text, at);
    if (n)
      out += std::to_string(ids.find(s, *n).value_or(*n));
  }
  return out;
}

error of_another_kind(const archived_table& table, std::string_view column, const char* kind) {
  return refuse(refusal::unprocessable, where(table, column) + " must be " + kind);
}

/// The ids in a text. @returns unprocessable where one is unknown that must not be
result<std::string> renumber_text(const std::string& text, const reference& to, const id_map& ids) {
  if (to.how == form::member && to.to == id_space::job)
    return with_new_jobs(text, [&](int64_t job) { return ids.find(to.to, job).value_or(0); });
  if (to.how == form::member)
    return renumber_members(text, to.to, ids);
  auto list = renumber_list(text, to.to, ids);
  if (!list)
    return refuse(refusal::unprocessable,
                  "names jobs, " + text + ", that are no part of the workflow");
  return std::move(*list);
}

/// What stands in a column instead of a number.
result<cell> renumber_id(const archived_table& table, std::string_view column, const reference& to,
                         const id_map& ids, const cell& value) {
  if (!is_key(table, column) && std::holds_alternative<std::monostate>(value))
    return value;
  // SQLite would make a number of the text "7", and the row another workflow's.
  const auto* number = std::get_if<int64_t>(&value);
  if (!number)
    return of_another_kind(table, column, "a whole number");
  const auto id = ids.find(to.to, *number);
  if (id)
    return cell{*id};
  if (to.if_unknown == unknown::refused)
    return missing(table, column, *number);
  return to.if_unknown == unknown::kept ? value : cell{};
}

size_t column_at(const std::vector<std::string>& columns, std::string_view name) {
  return static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
}

} // namespace

std::string_view counter_of(id_space s) {
  constexpr std::array<std::string_view, id_spaces> names{"",
                                                          "workflow",
                                                          "job",
                                                          "file",
                                                          "user_data",
                                                          "resource_requirements",
                                                          "scheduler",
                                                          "failure_handler",
                                                          "compute_node",
                                                          "scheduled_compute_node",
                                                          "event",
                                                          "workflow_action",
                                                          "ro_crate_entity",
                                                          "result",
                                                          "slurm_stats"};
  return names[static_cast<size_t>(s)];
}

std::span<const archived_table> archived_tables() {
  return tables;
}

const archived_table* find_archived_table(std::string_view name) {
  const auto at = std::ranges::find(tables, name, &archived_table::name);
  return at == std::end(tables) ? nullptr : at;
}

std::span<const std::string_view> unarchived_tables() {
  return left_out;
}

reference reference_of(const archived_table& table, std::string_view column) {
  if (column == "id" && table.own != id_space::none)
    return {table.own};
  if (column == "scheduler_id" && table.name == "job")
    return {id_space::scheduler};
  if (table.name == "ro_crate_entity") {
    if (column == "file_id")
      return {id_space::file, form::number, unknown::forgotten};
    if (column == "entity_id" || column == "metadata")
      return {id_space::job, form::member, unknown::kept};
  }
  const auto at = std::ranges::find(by_name, column, &named::column);
  return at == std::end(by_name) ? reference{} : at->what;
}

bool is_key(const archived_table& table, std::string_view column) {
  if (column == "id")
    return table.own != id_space::none;
  return column == "job_id" || column == "workflow_id" ||
         (column == "user_data_id" && table.name == "edited_user_data");
}

result<nothing> check_columns(const archived_table& table,
                              const std::vector<std::string>& columns) {
  auto sorted = columns;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    return refuse(refusal::unprocessable,
                  "the column " + where(table, *twice) + " comes twice in the archive");
  const std::string_view owner = table.how == found::by_job        ? "job_id"
                                 : table.how == found::by_workflow ? "workflow_id"
                                                                   : "id";
  for (const auto key : {std::string_view("id"), std::string_view("user_data_id"), owner})
    if ((key == owner || is_key(table, key)) &&
        !std::binary_search(sorted.begin(), sorted.end(), key))
      return refuse(refusal::unprocessable, "the archive lacks the column " + where(table, key));
  return nothing{};
}

result<nothing> id_map::settle() {
  for (size_t i = 0; i < all_.size(); ++i) {
    auto& ids = all_[i].old;
    std::sort(ids.begin(), ids.end());
    if (const auto twice = std::adjacent_find(ids.begin(), ids.end()); twice != ids.end())
      return refuse(refusal::unprocessable, "the archive has two rows " + std::to_string(*twice) +
                                                " of " +
                                                std::string(counter_of(static_cast<id_space>(i))));
  }
  return nothing{};
}

std::optional<int64_t> id_map::find(id_space s, int64_t old) const {
  const auto& ids = of(s).old;
  const auto at = std::lower_bound(ids.begin(), ids.end(), old);
  if (at == ids.end() || *at != old)
    return std::nullopt;
  return of(s).first + (at - ids.begin());
}

result<nothing> renumber(const archived_table& table, const std::vector<std::string>& columns,
                         const std::vector<reference>& references, const id_map& ids,
                         std::vector<cell>& row) {
  for (size_t i = 0; i < row.size(); ++i) {
    const auto& to = references[i];
    if (to.to == id_space::none)
      continue;
    if (to.how == form::number) {
      auto id = renumber_id(table, columns[i], to, ids, row[i]);
      if (!id)
        return id.why();
      row[i] = std::move(*id);
      continue;
    }
    if (std::holds_alternative<std::monostate>(row[i]))
      continue;
    auto* text = std::get_if<std::string>(&row[i]);
    if (!text)
      return of_another_kind(table, columns[i], "a text");
    auto renamed = renumber_text(*text, to, ids);
    if (!renamed)
      return refuse(renamed.why().why, where(table, columns[i]) + " " + renamed.why().message);
    *text = std::move(*renamed);
  }
  return nothing{};
}

bool close_attempt(const std::vector<std::string>& columns, std::vector<cell>& row) {
  for (const auto* gone : {"grant_id", "run_id", "runner_id", "node_id"})
    if (const auto at = column_at(columns, gone); at < row.size())
      row[at] = std::monostate{};
  const auto at = column_at(columns, "status");
  auto* status = at < row.size() ? std::get_if<int64_t>(&row[at]) : nullptr;
  const auto known = status ? job_status_from(*status) : std::nullopt;
  if (!known || is_done(*known) || *known == job_status::uninitialized ||
      *known == job_status::pending_failed)
    return false;
  *status = static_cast<int64_t>(job_status::uninitialized);
  return true;
}

} // namespace torc::core
