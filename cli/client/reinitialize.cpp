#include "cli/client/reinitialize.hpp"

#include "cli/client/file_time.hpp"
#include "cli/client/workflow.hpp"
#include "core/time.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace torc::cli {

namespace {

using done = core::result<core::nothing>;

constexpr double tolerance_s = 0.01;

struct file_facts {
  std::optional<double> time; ///< none: it is not there
  bool changed = false;       ///< since the server was last told of it
};

/// What became of the workflow's files, told to the server where they changed.
core::result<std::map<int64_t, file_facts>> look_at_files(api& server, const std::string& of) {
  std::map<int64_t, file_facts> facts;
  std::vector<json::value> changed;
  auto listed = server.each("/files?" + of, [&](const json::value& file) {
    const auto now = file_time(text_member(file, "path"));
    const auto known = number(member(file, "st_mtime"));
    const bool differs =
        now.has_value() != known.has_value() || (now && std::abs(*now - *known) > tolerance_s);
    facts[integer_member(file, "id")] = {now, differs};
    if (differs && file.is_object()) {
      changed.push_back(file);
      if (now)
        changed.back().as_object()["st_mtime"] = *now;
      else
        changed.back().as_object().erase("st_mtime");
    }
    return true;
  });
  if (!listed)
    return listed.why();
  for (const auto& file : changed)
    if (auto put = server.put("/files/" + std::to_string(integer_member(file, "id")), file); !put)
      return put.why();
  return facts;
}

/// When the latest attempt of each job began, in seconds.
core::result<std::map<int64_t, double>> latest_starts(api& server, const std::string& of) {
  std::map<int64_t, double> starts;
  auto read = server.each("/results?" + of, [&](const json::value& r) {
    if (const auto end = core::from_iso8601(text_member(r, "completion_time")))
      starts[integer_member(r, "job_id")] = static_cast<double>(end->us) / 1e6 -
                                            number(member(r, "exec_time_minutes")).value_or(0) * 60;
    return true;
  });
  if (!read)
    return read.why();
  return starts;
}

/// Jobs that read what changed, or wrote what is gone. Of files that jobs write nobody tells the
/// server the times: they have changed where they are newer than who read them.
core::result<std::set<int64_t>> stale_jobs(api& server, int64_t workflow,
                                           const std::map<int64_t, file_facts>& files,
                                           const std::map<int64_t, double>& starts) {
  std::set<int64_t> jobs;
  auto read = server.each(workflow_path(workflow, "/job_file_relationships?"),
                          [&](const json::value& relation) {
                            const auto file = files.find(integer_member(relation, "file_id"));
                            if (file == files.end())
                              return true;
                            const auto producer = integer_member(relation, "producer_job_id");
                            const auto consumer = integer_member(relation, "consumer_job_id");
                            const auto start = starts.find(consumer);
                            const bool is_newer = file->second.time && start != starts.end() &&
                                                  *file->second.time > start->second + tolerance_s;
                            if (producer == 0 ? file->second.changed : is_newer)
                              jobs.insert(consumer);
                            if (!file->second.time)
                              jobs.insert(producer);
                            return true;
                          });
  if (!read)
    return read.why();
  return jobs;
}

/// Puts those of the jobs that have ended back to their beginning.
done reset_ended(api& server, const std::string& of, const std::set<int64_t>& jobs,
                 int64_t run_id) {
  std::vector<int64_t> ended;
  auto listed = server.each("/jobs?" + of, [&](const json::value& job) {
    const auto status = text_member(job, "status");
    const bool is_over = status == "completed" || status == "failed" || status == "canceled" ||
                         status == "terminated";
    if (is_over && jobs.count(integer_member(job, "id")) > 0)
      ended.push_back(integer_member(job, "id"));
    return true;
  });
  if (!listed)
    return listed.why();
  for (const auto id : ended)
    if (auto put = server.put("/jobs/" + std::to_string(id) +
                                  "/manage_status_change/uninitialized/" + std::to_string(run_id),
                              json::object());
        !put)
      return put.why();
  return core::nothing{};
}

core::result<int64_t> next_run(api& server, int64_t workflow) {
  const auto path = workflow_path(workflow, "/status");
  auto status = server.get(path);
  if (!status)
    return status.why();
  if (!status->is_object())
    return core::refuse(core::refusal::malformed, "the server's workflow status is no object");
  const auto run_id = integer_member(*status, "run_id") + 1;
  status->as_object()["run_id"] = run_id;
  if (auto put = server.put(path, *status); !put)
    return put.why();
  return run_id;
}

} // namespace

core::result<std::vector<std::string>> reinitialize(api& server, int64_t workflow) {
  // First what may be refused: a run that jobs are part of keeps its number.
  if (auto r = server.post(workflow_path(workflow, "/reset_status"), json::object()); !r)
    return r.why();
  const auto run_id = next_run(server, workflow);
  if (!run_id)
    return run_id.why();
  const auto of = "workflow_id=" + std::to_string(workflow);
  const auto files = look_at_files(server, of);
  if (!files)
    return files.why();
  const auto starts = latest_starts(server, of);
  if (!starts)
    return starts.why();
  const auto stale = stale_jobs(server, workflow, *files, *starts);
  if (!stale)
    return stale.why();
  if (auto r = reset_ended(server, of, *stale, *run_id); !r)
    return r.why();
  const auto changed =
      server.post(workflow_path(workflow, "/process_changed_job_inputs"), json::object());
  if (!changed)
    return changed.why();
  if (auto r = server.post(workflow_path(workflow, "/initialize_jobs?only_uninitialized=true"),
                           json::object());
      !r)
    return r.why();
  std::vector<std::string> names;
  for (const auto& name : list_member(*changed, "reinitialized_jobs"))
    names.push_back(cell(name));
  return names;
}

} // namespace torc::cli
