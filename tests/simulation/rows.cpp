#include "rows.hpp"

#include <algorithm>
#include <utility>

namespace torc::simulation {

using core::job_status;

std::string text_of(const job_now& j) {
  return "job " + std::to_string(j.job) + " (" + j.name + ") " +
         std::string(core::to_string(j.status)) + ", attempt " + std::to_string(j.attempt) +
         ", grant " + std::to_string(j.grant) + " of runner " + std::to_string(j.runner);
}

void committed_rows::wrong(const job_now& j, const std::string& what) {
  env_.found.wrong(text_of(j) + ": " + what);
}

void committed_rows::open(const std::string& path) {
  std::string why;
  db_ = storage::database::open(path, storage::database::mode::read_only, why);
  if (!db_)
    env_.found.wrong("the database cannot be read: " + why);
}

void committed_rows::close() {
  db_.reset();
}

const job_now* committed_rows::find(int64_t job) const {
  const auto at = jobs_.find(job);
  return at == jobs_.end() ? nullptr : &at->second;
}

const job_now* committed_rows::find(int64_t workflow, const std::string& name) const {
  for (const auto& [id, j] : jobs_)
    if (j.workflow == workflow && j.name == name)
      return &j;
  return nullptr;
}

bool committed_rows::is_open_as(int64_t job, int64_t grant) const {
  const auto* j = find(job);
  return j && core::is_open(j->status) && j->grant == grant;
}

int64_t committed_rows::done() const {
  return std::count_if(jobs_.begin(), jobs_.end(),
                       [](const auto& j) { return core::is_done(j.second.status); });
}

const std::vector<int64_t>& committed_rows::blockers(int64_t job) const {
  static const std::vector<int64_t> none;
  const auto at = blockers_.find(job);
  return at == blockers_.end() ? none : at->second;
}

bool committed_rows::may_run(int64_t job) const {
  const auto* j = find(job);
  if (!j)
    return false;
  for (const auto b : blockers(job)) {
    const auto* before = find(b);
    if (!before || touched_.contains(b))
      continue;
    if (!core::is_done(before->status) ||
        (j->cancel_on_failure && core::is_failure(before->status)))
      return false;
  }
  return true;
}

bool committed_rows::waits(int64_t job) const {
  const auto& all = blockers(job);
  return std::any_of(all.begin(), all.end(), [&](int64_t b) {
    const auto* before = find(b);
    return before && !core::is_done(before->status);
  });
}

void committed_rows::touch_workflow(int64_t workflow) {
  for (const auto& [id, j] : jobs_)
    if (j.workflow == workflow)
      touched_.insert(id);
}

void committed_rows::read() {
  jobs_.clear();
  blockers_.clear();
  storage::statement all{*db_, "SELECT s.job_id, s.workflow_id, j.name, s.status, s.attempt_id, "
                               "s.grant_id, s.run_id, s.runner_id, "
                               "j.cancel_on_blocking_job_failure FROM job_state AS s JOIN job AS j "
                               "ON j.id = s.job_id"};
  for (auto r = all.query(); r.next();) {
    auto j = job_now{};
    j.job = r.get<int64_t>(0);
    j.workflow = r.get<int64_t>(1);
    j.name = r.get<std::string>(2);
    j.status = r.get<job_status>(3);
    j.attempt = r.get<int64_t>(4);
    j.grant = r.get<int64_t>(5);
    j.run = r.get<int64_t>(6);
    j.runner = r.get<int64_t>(7);
    j.cancel_on_failure = r.get<bool>(8);
    jobs_.emplace(j.job, std::move(j));
  }
  storage::statement edges{*db_, "SELECT job_id, depends_on_job_id FROM job_depends_on"};
  for (auto r = edges.query(); r.next();)
    blockers_[r.get<int64_t>(0)].push_back(r.get<int64_t>(1));
}

void committed_rows::look() {
  const auto before = jobs_;
  read();
  for (const auto& [id, j] : jobs_)
    if (const auto at = before.find(id); at == before.end() || at->second != j)
      check(at == before.end() ? job_now{} : at->second, j);
  for (const auto& [id, j] : jobs_)
    check_canceled(before, j);
  for (const auto& [id, j] : before)
    if (!jobs_.contains(id) && !is_touched(id) && j.status != job_status::uninitialized)
      wrong(j, "is gone");
  check_order();
}

void committed_rows::look_after_start() {
  const auto before = std::move(jobs_);
  read();
  for (const auto& [id, j] : before) {
    const auto at = jobs_.find(id);
    if (at == jobs_.end() && j.status == job_status::uninitialized)
      continue; // of a submission that was never closed
    if (at == jobs_.end())
      wrong(j, "is gone after a restart");
    // Written for a runner that had left: nobody was told.
    else if (j.status == job_status::pending && at->second.status == job_status::ready &&
             at->second.attempt == j.attempt && !grants_sent_.contains(j.grant))
      check(j, at->second);
    // The power may go between the word that a workflow goes on and what follows from it.
    else if (is_touched(id) && j.status == job_status::blocked && !waits(id))
      check(j, at->second);
    else if (at->second != j)
      wrong(j, "is after a restart: " + text_of(at->second));
  }
  check_order();
}

void committed_rows::check(const job_now& before, const job_now& after) {
  env_.found.note("  disk: ", text_of(after));
  if (core::is_open(after.status) != (after.grant != 0))
    wrong(after, "an attempt without a grant, or a grant without an attempt");
  if (after.grant != 0 && after.grant != before.grant && !grants_seen_.insert(after.grant).second)
    wrong(after, "was granted under an id that was used before");
  if (before.job == 0)
    return;
  if (after.attempt != before.attempt && after.attempt != before.attempt + 1)
    wrong(after, "comes after attempt " + std::to_string(before.attempt));
  const bool ended = core::is_complete(after.status) && after.status != job_status::canceled &&
                     core::is_open(before.status);
  if (ended && !result_of(after.job, before.run, before.attempt))
    wrong(after, "has ended and has no result");
  if (is_touched(after.job))
    return;
  const bool is_late = core::is_complete(before.status) && before.status != after.status;
  if (is_late)
    wrong(after, "was " + std::string(core::to_string(before.status)));
  if (after.attempt != before.attempt && !core::is_open(before.status))
    wrong(after, "is tried again though nobody had it");
  if (!has_controls_ && after.status == job_status::uninitialized &&
      before.status != job_status::uninitialized)
    wrong(after, "was " + std::string(core::to_string(before.status)));
}

/// Whoever is canceled by the failure of a blocker has none that somebody has got.
void committed_rows::check_canceled(const std::map<int64_t, job_now>& before,
                                    const job_now& after) {
  const auto was = before.find(after.job);
  if (after.status != job_status::canceled || was == before.end() ||
      was->second.status == job_status::canceled || core::is_open(was->second.status))
    return;
  for (const auto b : blockers(after.job)) {
    const auto* now = find(b);
    const auto then = before.find(b);
    if (now && now->grant != 0 && then != before.end() && then->second.grant == now->grant)
      wrong(after, "is canceled, and waits for " + text_of(*now));
  }
}

/// No job goes before all that it waits for is on the disk.
void committed_rows::check_order() {
  for (const auto& [id, j] : jobs_) {
    const bool goes = j.status == job_status::ready || core::is_open(j.status) ||
                      j.status == job_status::completed || j.status == job_status::failed ||
                      j.status == job_status::terminated;
    if (goes && !is_touched(id) && !may_run(id))
      wrong(j, "does not wait for what it depends on");
  }
}

std::vector<result_now> committed_rows::results() {
  auto out = std::vector<result_now>();
  storage::statement all{*db_, "SELECT job_id, run_id, attempt_id, return_code, status FROM result "
                               "ORDER BY job_id, run_id, attempt_id"};
  for (auto r = all.query(); r.next();)
    out.push_back({r.get<int64_t>(0), r.get<int64_t>(1), r.get<int64_t>(2), r.get<int64_t>(3),
                   r.get<job_status>(4)});
  return out;
}

std::optional<result_now> committed_rows::result_of(int64_t job, int64_t run, int64_t attempt) {
  storage::statement one{*db_, "SELECT return_code, status FROM result WHERE job_id = ?1 AND "
                               "run_id = ?2 AND attempt_id = ?3"};
  auto r = one.query(job, run, attempt);
  if (!r.next())
    return std::nullopt;
  return result_now{job, run, attempt, r.get<int64_t>(0), r.get<job_status>(1)};
}

std::optional<int64_t> committed_rows::workflow_of(const std::string& name) {
  storage::statement one{*db_, "SELECT id FROM workflow WHERE name = ?1 AND id NOT IN "
                               "(SELECT workflow_id FROM submission)"};
  return one.first<int64_t>(name);
}

int64_t committed_rows::number(const std::string& sql) {
  return db_->number(sql.c_str());
}

} // namespace torc::simulation
