#include "storage/writer.hpp"

#include <algorithm>
#include <array>

namespace torc::storage {

using core::refusal;
using core::refuse;

namespace {

/// Which ids of a table exist. Those of the job's own workflow are mostly one run, and then no row
/// is looked up. Rows of other workflows may be named too, as in torc.
class known_ids {
public:
  known_ids(database& db, const char* table, core::workflow_id w)
      : workflow_(w), one_(db, std::string{"SELECT 1 FROM "} + table + " WHERE id = ?1"),
        bounds_(db, std::string{"SELECT min(id), max(id), count(*) FROM "} + table +
                        " WHERE workflow_id = ?1") {}

  bool has(int64_t id) {
    if (!known_)
      load();
    if (whole_ && first_ <= id && id <= last_)
      return true;
    return one_.any(id);
  }

private:
  void load() {
    auto r = bounds_.query(workflow_);
    r.next();
    const auto n = r.get<int64_t>(2);
    first_ = r.get<int64_t>(0);
    last_ = n == 0 ? -1 : r.get<int64_t>(1);
    whole_ = n == last_ - first_ + 1;
    known_ = true;
  }

  core::workflow_id workflow_;
  statement one_, bounds_;
  bool known_ = false, whole_ = false;
  int64_t first_ = 0, last_ = -1;
};

struct reserved_range {
  int64_t first = 0, end = 0;
  bool has(int64_t id) const { return first <= id && id < end; }
};

class job_creation {
public:
  job_creation(writer& w, const core::create_jobs& e)
      : w_(w), e_(e), requirements_(w.db, "resource_requirements", e.workflow),
        files_(w.db, "file", e.workflow), user_data_(w.db, "user_data", e.workflow),
        handlers_(w.db, "failure_handler", e.workflow),
        job_(w.db, "SELECT 1 FROM job_state WHERE job_id = ?1 AND workflow_id = ?2"),
        insert_job_(w.db, "INSERT INTO job (id, workflow_id, name, command, invocation_script, "
                          "cancel_on_blocking_job_failure, supports_termination, "
                          "resource_requirements_id, scheduler_id, failure_handler_id, priority, "
                          "labels, env) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                          "nullif(?12, ''), ?13)"),
        variables_(w.db, "SELECT key, value FROM json_each(?1)"),
        insert_state_(w.db, "INSERT INTO job_state (job_id, workflow_id, status, attempt_id, "
                            "stage) VALUES (?1, ?2, 0, ?3, 0)"),
        depends_(link(w.db, "job_depends_on", "depends_on_job_id")),
        input_files_(link(w.db, "job_input_file", "file_id")),
        output_files_(link(w.db, "job_output_file", "file_id")),
        input_data_(link(w.db, "job_input_user_data", "user_data_id")),
        output_data_(link(w.db, "job_output_user_data", "user_data_id")) {}

  core::result<core::edited> write() {
    if (auto o = prepare())
      return *o;
    core::edited done;
    done.ids.reserve(e_.jobs.size());
    auto next = e_.preassigned ? 0 : w_.ids.draw("job", static_cast<int64_t>(e_.jobs.size()));
    for (const auto& j : e_.jobs) {
      const auto id = e_.preassigned ? j.id.value : next++;
      if (auto o = insert(j, id))
        return *o;
      done.ids.push_back(id);
    }
    if (!e_.preassigned)
      extend_run(done.ids.front(), done.ids.back());
    done.count = static_cast<int64_t>(done.ids.size());
    return done;
  }

private:
  static statement link(database& db, const char* table, const char* column) {
    return {db, std::string{"INSERT OR IGNORE INTO "} + table + " (job_id, " + column +
                    ") VALUES (?1, ?2)"};
  }

  objection prepare() {
    if (e_.preassigned) {
      statement open{w_.db, "SELECT first_job, job_count FROM submission "
                            "WHERE workflow_id = ?1 AND job_count >= 0"};
      auto r = open.query(e_.workflow);
      if (!r.next())
        return refuse(refusal::conflict, "the submission of workflow " +
                                             std::to_string(e_.workflow.value) +
                                             " is not open; submit the workflow again");
      reserved_ = {r.get<int64_t>(0), r.get<int64_t>(0) + r.get<int64_t>(1)};
    }
    statement own{w_.db, "SELECT env FROM workflow WHERE id = ?1"};
    if (auto r = own.query(e_.workflow); r.next())
      env_ = r.get<std::optional<core::env_object>>(0);
    if (env_ && env_->empty())
      env_.reset();
    default_ = statement{w_.db, "SELECT id FROM resource_requirements WHERE workflow_id = ?1 "
                                "AND name = 'default' ORDER BY id LIMIT 1"}
                   .first<core::requirement_id>(e_.workflow)
                   .value_or(core::requirement_id{});
    return std::nullopt;
  }

  core::error missing(const core::job_row& j, std::string_view what, int64_t id) const {
    return refuse(refusal::unprocessable, "job \"" + j.name + "\" names " + std::string{what} +
                                              " " + std::to_string(id) + ", which does not exist");
  }

  objection insert(const core::job_row& j, int64_t id) {
    const auto need = j.requirement ? j.requirement : default_;
    if (!requirements_.has(need.value))
      return missing(j, "resource requirements", need.value);
    if (j.failure_handler && !handlers_.has(j.failure_handler.value))
      return missing(j, "failure handler", j.failure_handler.value);
    if (e_.preassigned && !reserved_.has(id))
      return missing(j, "its own id", id);
    const auto& env = env_of(j);
    if (env && env->text.size() > core::env_object::longest)
      return refuse(refusal::unprocessable, "the environment of job \"" + j.name +
                                                "\" has more than " +
                                                std::to_string(core::env_object::longest) +
                                                " bytes together with its workflow's");
    const auto labels = core::joined(j.labels);
    if (!insert_job_.try_run(id, e_.workflow, j.name, j.command, j.invocation_script,
                             j.cancel_on_blocking_job_failure, j.supports_termination, need,
                             or_null(j.scheduler), or_null(j.failure_handler), j.priority, labels,
                             env))
      return refuse(refusal::conflict, "job id " + std::to_string(id) + " was sent twice");
    insert_state_.run(id, e_.workflow, j.attempt_id);
    return links(j, id);
  }

  /// The workflow's environment with the job's own over it. What is bound must live as long.
  const std::optional<core::env_object>& env_of(const core::job_row& j) {
    if (!env_)
      return j.env;
    if (!j.env)
      return env_;
    auto all = variables_of(*env_);
    for (auto& one : variables_of(*j.env))
      all.push_back(std::move(one));
    merged_ = core::to_env(std::move(all));
    return merged_;
  }

  std::vector<std::pair<std::string, std::string>> variables_of(const core::env_object& env) {
    std::vector<std::pair<std::string, std::string>> all;
    for (auto r = variables_.query(env); r.next();)
      all.emplace_back(r.get<std::string>(0), r.get<std::string>(1));
    return all;
  }

  objection links(const core::job_row& j, int64_t id) {
    const auto known_job = [&](int64_t other) {
      return other != id &&
             ((e_.preassigned && reserved_.has(other)) || job_.any(other, e_.workflow));
    };
    const auto known_file = [&](int64_t f) { return files_.has(f); };
    const auto known_data = [&](int64_t d) { return user_data_.has(d); };
    if (auto o = put(depends_, j, id, j.depends_on_job_ids, "job", known_job))
      return o;
    if (auto o = put(input_files_, j, id, j.input_file_ids, "file", known_file))
      return o;
    if (auto o = put(output_files_, j, id, j.output_file_ids, "file", known_file))
      return o;
    if (auto o = put(input_data_, j, id, j.input_user_data_ids, "user data", known_data))
      return o;
    return put(output_data_, j, id, j.output_user_data_ids, "user data", known_data);
  }

  template <class Known>
  objection put(statement& insert, const core::job_row& j, int64_t id,
                const std::optional<std::vector<int64_t>>& others, std::string_view what,
                Known known) {
    if (!others)
      return std::nullopt;
    for (auto other : *others) {
      if (!known(other))
        return missing(j, what, other);
      insert.run(id, other);
    }
    return std::nullopt;
  }

  /// Neighbours of the workflow's last run join it.
  void extend_run(int64_t first, int64_t last) {
    if (statement{w_.db, "UPDATE job_run SET last_job = ?3 WHERE workflow_id = ?1 "
                         "AND first_job = (SELECT max(first_job) FROM job_run "
                         "WHERE workflow_id = ?1) AND last_job = ?2 - 1"}
            .run(e_.workflow, first, last) == 0)
      statement{w_.db, "INSERT INTO job_run (workflow_id, first_job, last_job) "
                       "VALUES (?1, ?2, ?3)"}
          .run(e_.workflow, first, last);
  }

  writer& w_;
  const core::create_jobs& e_;
  reserved_range reserved_;
  core::requirement_id default_;
  known_ids requirements_, files_, user_data_, handlers_;
  std::optional<core::env_object> env_, merged_; ///< the workflow's; of the job at hand
  statement job_, insert_job_, variables_, insert_state_, depends_, input_files_, output_files_,
      input_data_, output_data_;
};

} // namespace

core::result<core::edited> create_jobs(writer& w, const core::create_jobs& e) {
  if (!w.exists(e.workflow, e.preassigned))
    return refuse(refusal::not_found, "there is no workflow " + std::to_string(e.workflow.value));
  if (e.jobs.empty())
    return core::edited{};
  // A workflow that is still arriving is counted when it shows.
  if (!e.preassigned)
    w.counts.watch(e.workflow);
  auto done = job_creation{w, e}.write();
  if (done && !e.preassigned)
    w.counts.added(e.workflow, done->count);
  return done;
}

} // namespace torc::storage
