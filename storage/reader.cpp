#include "storage/reader.hpp"

#include "core/result.hpp"
#include "storage/access.hpp"
#include "storage/archive.hpp"
#include "storage/edited_inputs.hpp"
#include "storage/facts.hpp"
#include "storage/job_reads.hpp"
#include "storage/job_window.hpp"
#include "storage/kept_calls.hpp"
#include "storage/table_reader.hpp"

#include <algorithm>
#include <filesystem>

namespace torc::storage {

namespace {

struct reader_base : core::read_model {
  std::unique_ptr<connection> c_;
  std::string path_;

  void count_triggers(core::action_row* rows, size_t count) {
    storage::count_triggers(*c_, rows, count);
  }
};

using all_tables =
    table_reader<reader_base, core::requirement_row, core::file_row, core::user_data_row,
                 core::event_row, core::compute_node_row, core::scheduled_compute_node_row,
                 core::failure_handler_row, core::slurm_scheduler_row, core::local_scheduler_row,
                 core::action_row, core::ro_crate_entity_row, core::slurm_stats_row>;

/// Every public call is one snapshot of the file.
class reader final : public all_tables {
public:
  reader(std::unique_ptr<storage::database> db, std::string path) {
    c_ = std::make_unique<connection>(std::move(db));
    path_ = std::move(path);
  }

  std::optional<core::workflow_row> workflow(core::workflow_id id) override {
    const snapshot now{*c_};
    auto& s = c_->prepare("SELECT " + column_list<core::workflow_row>() +
                          " FROM workflow WHERE id = ?1 AND id NOT IN "
                          "(SELECT x.workflow_id FROM submission AS x)");
    auto r = s.query(id);
    return r.next() ? std::optional{read_workflow(r)} : std::nullopt;
  }

  core::page_of<core::workflow_row> workflows(const core::workflow_filter& f) override {
    const snapshot now{*c_};
    condition where;
    where.add("w.id NOT IN (SELECT x.workflow_id FROM submission AS x)")
        .add_if(f.name, "w.name = ?")
        .add_if(f.user, "w.user = ?")
        .add_if(f.description, "instr(lower(w.description), lower(?)) > 0");
    if (f.is_archived)
      where.add("(SELECT t.is_archived FROM workflow_status AS t WHERE t.id = w.id) = ?",
                int64_t{*f.is_archived});
    where.add_if(
        f.visible_to,
        "EXISTS (SELECT 1 FROM (SELECT ? AS name) AS u WHERE w.user = u.name OR EXISTS "
        "(SELECT 1 FROM workflow_access_group AS s JOIN user_group_membership AS m "
        "ON m.group_id = s.group_id WHERE s.workflow_id = w.id AND m.user_name = u.name))");
    const auto sort = sort_column<core::workflow_row>(f.at.sort_by);
    const selection what{column_list<core::workflow_row>("w."), "FROM workflow AS w", "w.id%",
                         sort.empty() ? "" : "w." + sort};
    return read_page<core::workflow_row>(*c_, what, where, f.at, read_workflow);
  }

  std::optional<core::workflow_status_row> workflow_status(core::workflow_id id) override {
    const snapshot now{*c_};
    auto& s = c_->prepare("SELECT " + column_list<core::workflow_status_row>() +
                          " FROM workflow_status WHERE id = ?1 AND id NOT IN "
                          "(SELECT x.workflow_id FROM submission AS x)");
    auto r = s.query(id);
    return r.next() ? std::optional{read_row<core::workflow_status_row>(r)} : std::nullopt;
  }

  std::optional<core::job_row> job(core::job_id id) override {
    const snapshot now{*c_};
    return read_job(*c_, id);
  }
  core::page_of<core::job_row> jobs(const core::job_filter& f) override {
    const snapshot now{*c_};
    return read_jobs(*c_, f);
  }
  core::job_briefs jobs_in(const core::job_window& w) override {
    const snapshot now{*c_};
    return read_window(*c_, w);
  }
  core::page_of<core::running_job> running_jobs(core::workflow_id id,
                                                const core::page& at) override {
    const snapshot now{*c_};
    return read_running(*c_, id, at);
  }
  std::vector<core::job_row> jobs_by_id(const std::vector<int64_t>& ids, bool outputs) override {
    const snapshot now{*c_};
    return read_jobs_by_id(*c_, ids, outputs);
  }
  core::page_of<core::result_row> results(const core::result_filter& f) override {
    const snapshot now{*c_};
    return read_results(*c_, f);
  }
  std::optional<core::result_row> result_by_id(core::result_id id) override {
    const snapshot now{*c_};
    return read_result(*c_, id);
  }
  core::page_of<core::job_dependency> job_dependencies(core::workflow_id id,
                                                       const core::page& at) override {
    const snapshot now{*c_};
    return read_dependencies(*c_, id, at);
  }
  core::page_of<core::job_relationship> relationships(core::workflow_id id, core::related to,
                                                      const core::page& at) override {
    const snapshot now{*c_};
    return read_relationships(*c_, id, to, at);
  }
  std::optional<int64_t> latest_event(core::workflow_id id) override {
    const snapshot now{*c_};
    return c_
        ->prepare("SELECT timestamp FROM event WHERE workflow_id = ?1 "
                  "ORDER BY timestamp DESC LIMIT 1")
        .first<int64_t>(id);
  }
  std::vector<std::pair<core::job_id, std::string>>
  jobs_with_changed_inputs(core::workflow_id id) override {
    const snapshot now{*c_};
    return jobs_with_edited_inputs(c_->db(), id);
  }

  std::optional<core::access_group_row> group(core::group_id id) override {
    const snapshot now{*c_};
    return read_group(*c_, id);
  }
  core::page_of<core::access_group_row> groups(const core::page& at) override {
    const snapshot now{*c_};
    return read_groups(*c_, at);
  }
  core::page_of<core::access_group_row> groups_of_user(const std::string& user,
                                                       const core::page& at) override {
    const snapshot now{*c_};
    return read_groups_of_user(*c_, user, at);
  }
  core::page_of<core::access_group_row> groups_of_workflow(core::workflow_id id,
                                                           const core::page& at) override {
    const snapshot now{*c_};
    return read_groups_of_workflow(*c_, id, at);
  }
  std::optional<core::membership_row> membership(core::group_id group,
                                                 const std::string& user) override {
    const snapshot now{*c_};
    return read_membership(*c_, group, user);
  }
  core::page_of<core::membership_row> members(core::group_id group, const core::page& at) override {
    const snapshot now{*c_};
    return read_members(*c_, group, at);
  }
  std::optional<core::share_row> share(core::workflow_id id, core::group_id group) override {
    const snapshot now{*c_};
    return read_share(*c_, id, group);
  }
  bool may_access(core::workflow_id id, const std::string& user) override {
    const snapshot now{*c_};
    return storage::may_access(*c_, id, user);
  }
  std::optional<core::workflow_id> owner_of(std::string_view table, int64_t row) override {
    const snapshot now{*c_};
    const std::string column = table == "workflow" ? "id" : "workflow_id";
    return c_->prepare("SELECT " + column + " FROM " + std::string{table} + " WHERE id = ?1")
        .first<core::workflow_id>(row);
  }
  std::vector<std::string> remote_workers(core::workflow_id id) override {
    const snapshot now{*c_};
    return read_remote_workers(*c_, id);
  }

  std::vector<core::attempt_facts> latest_attempts(core::workflow_id id) override {
    const snapshot now{*c_};
    return read_latest_attempts(*c_, id);
  }
  std::vector<core::runner_facts> runners() override {
    const snapshot now{*c_};
    return read_runners(*c_);
  }
  std::vector<std::pair<core::label_set, int64_t>> unserved_labels(core::workflow_id id) override {
    const snapshot now{*c_};
    return read_unserved_labels(*c_, id);
  }
  std::optional<core::cancellation> cancellation_of(core::workflow_id id) override {
    const snapshot now{*c_};
    return read_cancellation(*c_, id);
  }
  std::optional<core::cancellation> cancellation_of(core::job_id id) override {
    const snapshot now{*c_};
    return read_cancellation(*c_, id);
  }

  std::vector<core::job_id> failed_closure(core::workflow_id id) override {
    const snapshot now{*c_};
    return read_failed_closure(*c_, id);
  }
  core::result<core::workflow_facts> facts_for_admission(core::workflow_id id) override {
    const snapshot now{*c_};
    return load_facts(c_->db(), id);
  }

  std::vector<int64_t> job_ids(core::workflow_id id) override {
    return numbers("SELECT s.job_id FROM job_run AS r JOIN job_state AS s "
                   "ON s.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1 "
                   "ORDER BY r.first_job, s.job_id",
                   id);
  }

  std::vector<std::pair<core::job_status, int64_t>> job_counts(core::workflow_id id) override {
    const snapshot now{*c_};
    return counts(id);
  }

  core::completion_facts completeness(core::workflow_id id) override {
    const snapshot now{*c_};
    core::completion_facts f;
    auto& s = c_->prepare("SELECT is_canceled, has_detected_need_to_run_completion_script "
                          "FROM workflow_status WHERE id = ?1");
    if (auto r = s.query(id); r.next()) {
      f.is_canceled = r.get<bool>(0);
      f.needs_to_run_completion_script = r.get<bool>(1);
    }
    auto& open = c_->prepare("SELECT 1 FROM job_run AS r JOIN job_state AS s "
                             "ON s.job_id BETWEEN r.first_job AND r.last_job "
                             "WHERE r.workflow_id = ?1 AND s.status NOT BETWEEN 5 AND 9 LIMIT 1");
    f.is_complete = f.is_canceled || !open.any(id);
    return f;
  }

  bool is_uninitialized(core::workflow_id id) override {
    const snapshot now{*c_};
    return !c_->prepare("SELECT 1 FROM job_run AS r JOIN job_state AS s "
                        "ON s.job_id BETWEEN r.first_job AND r.last_job "
                        "WHERE r.workflow_id = ?1 AND s.status NOT IN (0, 9) LIMIT 1")
                .any(id);
  }

  std::vector<int64_t> missing_user_data(core::workflow_id id) override {
    return numbers("SELECT i.user_data_id FROM job_run AS r JOIN job_input_user_data AS i "
                   "ON i.job_id BETWEEN r.first_job AND r.last_job "
                   "JOIN user_data AS u ON u.id = i.user_data_id AND u.data IS NULL "
                   "WHERE r.workflow_id = ?1 "
                   "EXCEPT SELECT o.user_data_id FROM job_run AS r JOIN job_output_user_data AS o "
                   "ON o.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1 "
                   "UNION SELECT o.user_data_id FROM job_run AS r JOIN job_output_user_data AS o "
                   "ON o.job_id BETWEEN r.first_job AND r.last_job "
                   "JOIN job_state AS s ON s.job_id = o.job_id AND s.status = 5 "
                   "JOIN user_data AS u ON u.id = o.user_data_id AND u.data IS NULL "
                   "WHERE r.workflow_id = ?1 ORDER BY 1",
                   id);
  }

  std::vector<int64_t> required_existing_files(core::workflow_id id) override {
    return numbers("SELECT i.file_id FROM job_run AS r JOIN job_input_file AS i "
                   "ON i.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1 "
                   "EXCEPT SELECT o.file_id FROM job_run AS r JOIN job_output_file AS o "
                   "ON o.job_id BETWEEN r.first_job AND r.last_job WHERE r.workflow_id = ?1 "
                   "UNION SELECT o.file_id FROM job_run AS r JOIN job_output_file AS o "
                   "ON o.job_id BETWEEN r.first_job AND r.last_job "
                   "JOIN job_state AS s ON s.job_id = o.job_id AND s.status = 5 "
                   "WHERE r.workflow_id = ?1 ORDER BY 1",
                   id);
  }

  std::vector<core::action_row> actions(core::workflow_id id,
                                        const std::vector<std::string>& triggers,
                                        bool pending_only) override {
    const snapshot now{*c_};
    core::filter f;
    f.workflow = id;
    auto all = list_rows<core::action_row>(*c_, f).items;
    std::erase_if(all, [&](const core::action_row& a) {
      return (!triggers.empty() &&
              std::find(triggers.begin(), triggers.end(), a.trigger_type) == triggers.end()) ||
             (pending_only && a.executed);
    });
    count_triggers(all.data(), all.size());
    if (pending_only)
      std::erase_if(
          all, [](const core::action_row& a) { return a.trigger_count < a.required_triggers; });
    return all;
  }

  core::result<core::nothing> archive(core::workflow_id id,
                                      const core::archive_listener& to) override {
    const snapshot now{*c_};
    return read_archive(c_->db(), id, to);
  }

  core::database_facts database() override {
    core::database_facts f;
    std::error_code none;
    const auto size = [&](const std::string& name) {
      const auto n = std::filesystem::file_size(name, none);
      return none ? 0 : static_cast<int64_t>(n);
    };
    f.path = path_;
    f.bytes = c_->db().number("SELECT page_count * page_size FROM pragma_page_count, "
                              "pragma_page_size");
    f.wal_bytes = size(path_ + "-wal");
    return f;
  }

  double exec_minutes(core::workflow_id id) override {
    return statement{c_->db(), "SELECT sum(x.exec_time_minutes) FROM job_run AS r JOIN result AS x "
                               "ON x.job_id BETWEEN r.first_job AND r.last_job "
                               "WHERE r.workflow_id = ?1"}
        .first<double>(id)
        .value_or(0);
  }

  std::optional<core::kept_call> kept(const std::string& caller, const std::string& key) override {
    return read_kept(c_->db(), caller, key, now().us);
  }

private:
  static core::workflow_row read_workflow(const statement::rows& r) {
    auto row = read_row<core::workflow_row>(r);
    row.status_id = row.id.value;
    return row;
  }

  std::vector<int64_t> numbers(const char* sql, core::workflow_id id) {
    const snapshot now{*c_};
    std::vector<int64_t> all;
    for (auto r = c_->prepare(sql).query(id); r.next();)
      all.push_back(r.get<int64_t>(0));
    return all;
  }

  std::vector<std::pair<core::job_status, int64_t>> counts(core::workflow_id id) {
    std::vector<std::pair<core::job_status, int64_t>> all;
    auto& s = c_->prepare("SELECT s.status, count(*) FROM job_run AS r JOIN job_state AS s "
                          "ON s.job_id BETWEEN r.first_job AND r.last_job "
                          "WHERE r.workflow_id = ?1 GROUP BY s.status ORDER BY s.status");
    for (auto r = s.query(id); r.next();)
      all.emplace_back(r.get<core::job_status>(0), r.get<int64_t>(1));
    return all;
  }
};

} // namespace

std::unique_ptr<core::read_model> open_reader(const std::string& path) {
  std::string why;
  auto db = database::open(path, database::mode::read_only, why);
  if (!db)
    core::fault("cannot read the database " + path + ": " + why);
  db->tune_reader();
  return std::make_unique<reader>(std::move(db), path);
}

} // namespace torc::storage
