#pragma once

#include "core/read_model.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <type_traits>
#include <vector>

/// A database that says what a test tells it.
namespace fakes {

using namespace torc;

/// Rows in memory, read by the workers while the test waits for a reply.
struct rows {
  std::map<int64_t, core::workflow_row> workflows;
  std::map<int64_t, core::workflow_status_row> statuses;
  std::map<int64_t, core::job_row> jobs;
  std::map<int64_t, core::file_row> files;
  std::map<int64_t, core::user_data_row> user_data;
  std::map<int64_t, core::requirement_row> requirements;
  std::map<int64_t, core::event_row> events;
  std::map<int64_t, core::compute_node_row> nodes;
  std::vector<std::pair<core::label_set, int64_t>> unserved_labels;
  std::vector<core::running_job> running;
  std::vector<core::action_row> actions;
  std::vector<core::job_id> failed;
  std::map<int64_t, core::workflow_id> owners; ///< of rows by their id, whatever the table
  std::vector<std::pair<core::job_id, std::string>> changed;
  std::optional<core::workflow_facts> facts;
  std::vector<core::attempt_facts> attempts;
  std::optional<core::cancellation> job_canceled;
  std::vector<core::runner_facts> runners;
  std::optional<core::filter> last_filter;
  std::optional<core::job_filter> last_job_filter;
  std::optional<core::result_filter> last_result_filter;
  std::map<std::pair<std::string, std::string>, core::kept_call> kept; ///< by caller and key
  std::optional<core::job_window> last_window;
  std::function<core::result<core::nothing>(const core::archive_listener&)> archive;
};

class fake_reader final : public core::read_model {
public:
  explicit fake_reader(rows& r) : rows_(r) {}

  template <class Row>
  std::optional<Row> pick(const std::map<int64_t, Row>& from, int64_t id) {
    const auto found = from.find(id);
    return found == from.end() ? std::nullopt : std::optional<Row>(found->second);
  }
  template <class Row>
  core::page_of<Row> page(const std::map<int64_t, Row>& from, const core::filter& f) {
    rows_.last_filter = f;
    core::page_of<Row> p;
    int64_t at = 0;
    for (const auto& [id, row] : from) {
      if (row.workflow != f.workflow)
        continue;
      ++p.total;
      if (at++ >= f.at.offset && static_cast<int64_t>(p.items.size()) < f.at.limit)
        p.items.push_back(row);
    }
    return p;
  }

#define FAKE_TABLE(row, member)                                                                    \
  std::optional<core::row> get(std::type_identity<core::row>, int64_t id) override {               \
    return pick(rows_.member, id);                                                                 \
  }                                                                                                \
  core::page_of<core::row> list(std::type_identity<core::row>, const core::filter& f) override {   \
    return page(rows_.member, f);                                                                  \
  }
#define EMPTY_TABLE(row)                                                                           \
  std::optional<core::row> get(std::type_identity<core::row>, int64_t) override {                  \
    return {};                                                                                     \
  }                                                                                                \
  core::page_of<core::row> list(std::type_identity<core::row>, const core::filter&) override {     \
    return {};                                                                                     \
  }
  FAKE_TABLE(requirement_row, requirements)
  FAKE_TABLE(file_row, files)
  FAKE_TABLE(user_data_row, user_data)
  FAKE_TABLE(event_row, events)
  FAKE_TABLE(compute_node_row, nodes)
  EMPTY_TABLE(scheduled_compute_node_row)
  EMPTY_TABLE(failure_handler_row)
  EMPTY_TABLE(slurm_scheduler_row)
  EMPTY_TABLE(local_scheduler_row)
  EMPTY_TABLE(action_row)
  EMPTY_TABLE(ro_crate_entity_row)
  EMPTY_TABLE(slurm_stats_row)
#undef FAKE_TABLE
#undef EMPTY_TABLE

  std::optional<core::workflow_row> workflow(core::workflow_id id) override {
    return pick(rows_.workflows, id.value);
  }
  core::page_of<core::workflow_row> workflows(const core::workflow_filter&) override {
    core::page_of<core::workflow_row> p;
    for (const auto& [id, row] : rows_.workflows)
      p.items.push_back(row);
    p.total = static_cast<int64_t>(p.items.size());
    return p;
  }
  std::optional<core::workflow_status_row> workflow_status(core::workflow_id id) override {
    return pick(rows_.statuses, id.value);
  }
  std::optional<core::job_row> job(core::job_id id) override {
    return pick(rows_.jobs, id.value);
  }
  core::page_of<core::job_row> jobs(const core::job_filter& f) override {
    rows_.last_job_filter = f;
    core::page_of<core::job_row> p;
    for (const auto& [id, row] : rows_.jobs)
      if (row.workflow == f.workflow && ++p.total > f.at.offset &&
          static_cast<int64_t>(p.items.size()) < f.at.limit)
        p.items.push_back(row);
    return p;
  }
  core::page_of<core::running_job> running_jobs(core::workflow_id, const core::page&) override {
    return {rows_.running, static_cast<int64_t>(rows_.running.size())};
  }
  core::job_briefs jobs_in(const core::job_window& w) override {
    rows_.last_window = w;
    core::job_briefs p;
    for (const auto& [id, row] : rows_.jobs)
      if (row.workflow == w.workflow && id > w.after.value) {
        auto& brief = p.items.emplace_back();
        brief.id = row.id;
        brief.name = row.name;
        brief.status = row.status;
      }
    p.has_more = true;
    return p;
  }
  std::vector<core::job_row> jobs_by_id(const std::vector<int64_t>& ids, bool) override {
    std::vector<core::job_row> found;
    for (const auto id : ids)
      if (auto job = pick(rows_.jobs, id))
        found.push_back(*job);
    return found;
  }
  std::vector<int64_t> job_ids(core::workflow_id) override {
    std::vector<int64_t> ids;
    for (const auto& [id, row] : rows_.jobs)
      ids.push_back(id);
    return ids;
  }
  std::vector<std::pair<core::job_status, int64_t>> job_counts(core::workflow_id) override {
    return {{core::job_status::ready, static_cast<int64_t>(rows_.jobs.size())}};
  }
  std::optional<core::result_row> result_by_id(core::result_id) override {
    return {};
  }
  core::page_of<core::result_row> results(const core::result_filter& f) override {
    rows_.last_result_filter = f;
    return {};
  }
  core::page_of<core::job_dependency> job_dependencies(core::workflow_id,
                                                       const core::page&) override {
    core::page_of<core::job_dependency> p;
    p.items.push_back({2, 1, "b", "a"});
    p.total = 1;
    return p;
  }
  core::page_of<core::job_relationship> relationships(core::workflow_id, core::related,
                                                      const core::page&) override {
    core::page_of<core::job_relationship> p;
    p.items.push_back({5, 1, 0, "f", "/f", "a", ""});
    p.total = 1;
    return p;
  }
  std::optional<int64_t> latest_event(core::workflow_id) override {
    return {};
  }
  std::vector<std::pair<core::job_id, std::string>>
  jobs_with_changed_inputs(core::workflow_id) override {
    return rows_.changed;
  }
  std::optional<core::access_group_row> group(core::group_id) override {
    return {};
  }
  core::page_of<core::access_group_row> groups(const core::page&) override {
    return {};
  }
  core::page_of<core::access_group_row> groups_of_user(const std::string&,
                                                       const core::page&) override {
    return {};
  }
  core::page_of<core::access_group_row> groups_of_workflow(core::workflow_id,
                                                           const core::page&) override {
    return {};
  }
  std::optional<core::membership_row> membership(core::group_id, const std::string&) override {
    return {};
  }
  core::page_of<core::membership_row> members(core::group_id, const core::page&) override {
    return {};
  }
  std::optional<core::share_row> share(core::workflow_id, core::group_id) override {
    return {};
  }
  bool may_access(core::workflow_id id, const std::string& user) override {
    const auto at = rows_.workflows.find(id.value);
    return at != rows_.workflows.end() && at->second.user == user;
  }
  std::optional<core::workflow_id> owner_of(std::string_view, int64_t row) override {
    const auto at = rows_.owners.find(row);
    return at == rows_.owners.end() ? std::nullopt : std::optional{at->second};
  }
  std::vector<std::string> remote_workers(core::workflow_id) override {
    return {"b", "c"};
  }
  core::completion_facts completeness(core::workflow_id) override {
    return {false, true, false};
  }
  bool is_uninitialized(core::workflow_id) override {
    return true;
  }
  std::vector<int64_t> missing_user_data(core::workflow_id) override {
    return {3};
  }
  std::vector<int64_t> required_existing_files(core::workflow_id) override {
    return {1, 2};
  }
  std::vector<core::action_row> actions(core::workflow_id, const std::vector<std::string>& triggers,
                                        bool) override {
    std::vector<core::action_row> found;
    for (const auto& a : rows_.actions)
      if (triggers.empty() ||
          std::find(triggers.begin(), triggers.end(), a.trigger_type) != triggers.end())
        found.push_back(a);
    return found;
  }
  std::vector<core::job_id> failed_closure(core::workflow_id) override {
    return rows_.failed;
  }
  core::result<core::workflow_facts> facts_for_admission(core::workflow_id) override {
    if (rows_.facts)
      return *rows_.facts;
    return core::refuse(core::refusal::not_found, "no such workflow");
  }
  std::vector<core::attempt_facts> latest_attempts(core::workflow_id) override {
    return rows_.attempts;
  }
  std::vector<core::runner_facts> runners() override {
    return rows_.runners;
  }
  std::vector<std::pair<core::label_set, int64_t>> unserved_labels(core::workflow_id) override {
    return rows_.unserved_labels;
  }
  std::optional<core::cancellation> cancellation_of(core::workflow_id) override {
    return core::cancellation{"ada", 0};
  }
  std::optional<core::cancellation> cancellation_of(core::job_id) override {
    return rows_.job_canceled;
  }
  core::result<core::nothing> archive(core::workflow_id id,
                                      const core::archive_listener& to) override {
    if (rows_.archive)
      return rows_.archive(to);
    return core::refuse(core::refusal::not_found,
                        "there is no workflow " + std::to_string(id.value));
  }
  core::database_facts database() override {
    return {4096, 512, "/somewhere/torc.db"};
  }
  double exec_minutes(core::workflow_id) override {
    return 2.5;
  }
  std::optional<core::kept_call> kept(const std::string& caller, const std::string& key) override {
    const auto found = rows_.kept.find({caller, key});
    return found == rows_.kept.end() ? std::nullopt : std::optional{found->second};
  }

private:
  rows& rows_;
};

} // namespace fakes
