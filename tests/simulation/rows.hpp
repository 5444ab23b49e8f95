#pragma once

#include "environment.hpp"

#include "core/job.hpp"
#include "storage/statement.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace torc::simulation {

/// A job as it lies on the disk.
struct job_now {
  int64_t job = 0, workflow = 0;
  std::string name;
  core::job_status status = core::job_status::uninitialized;
  int64_t attempt = 1, grant = 0, run = 0, runner = 0;
  bool cancel_on_failure = true;

  bool operator==(const job_now&) const = default;
};

struct result_now {
  int64_t job = 0, run = 0, attempt = 0, return_code = 0;
  core::job_status status = core::job_status::completed;
  bool operator==(const result_now&) const = default;
};

/// What is committed, read again after each commit, and what must hold of it then.
class committed_rows {
public:
  committed_rows(environment& env, bool has_controls) : env_(env), has_controls_(has_controls) {}

  void open(const std::string& path);
  void close();
  /// After a commit.
  void look();
  /// After a start on a disk of which no commit was cut short: nothing has changed.
  void look_after_start();

  const std::map<int64_t, job_now>& jobs() const { return jobs_; }
  const job_now* find(int64_t job) const;
  const job_now* find(int64_t workflow, const std::string& name) const;
  bool is_open_as(int64_t job, int64_t grant) const;
  /// How many jobs have ended.
  int64_t done() const;
  /// It is there, or was there and is closed by now.
  bool was_granted(int64_t grant) const { return grants_seen_.contains(grant); }
  /// An order of this grant has left the server.
  void note_sent(int64_t grant) { grants_sent_.insert(grant); }
  /// All that the job waits for has ended, and well enough.
  bool may_run(int64_t job) const;
  const std::vector<int64_t>& blockers(int64_t job) const;
  /// Something that it waits for is not done.
  bool waits(int64_t job) const;
  std::vector<result_now> results();
  std::optional<result_now> result_of(int64_t job, int64_t run, int64_t attempt);
  /// None: not created, or not wholly.
  std::optional<int64_t> workflow_of(const std::string& name);
  int64_t number(const std::string& sql);

  /// People interfered: of these jobs the order of things is theirs.
  void touch(int64_t job) { touched_.insert(job); }
  void touch_workflow(int64_t workflow);
  bool is_touched(int64_t job) const { return touched_.contains(job); }
  bool has_controls() const { return has_controls_; }

private:
  void read();
  void check(const job_now& before, const job_now& after);
  void check_order();
  void check_canceled(const std::map<int64_t, job_now>& before, const job_now& after);
  void wrong(const job_now& j, const std::string& what);

  environment& env_;
  bool has_controls_;
  std::unique_ptr<storage::database> db_;
  std::map<int64_t, job_now> jobs_;
  std::map<int64_t, std::vector<int64_t>> blockers_;
  std::set<int64_t> grants_seen_, grants_sent_;
  std::set<int64_t> touched_;
};

std::string text_of(const job_now& j);

} // namespace torc::simulation
