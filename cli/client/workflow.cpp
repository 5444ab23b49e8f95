#include "cli/client/workflow.hpp"

#include "cli/client/file_time.hpp"
#include "core/job.hpp"

#include <cmath>
#include <set>

namespace torc::cli {

namespace {

/// Tells the server of files that changed since it last heard of them.
core::result<core::nothing> send_changed_times(api& server, int64_t workflow) {
  constexpr double tolerance_s = 0.01;
  std::vector<json::value> changed;
  auto listed =
      server.each("/files?workflow_id=" + std::to_string(workflow), [&](const json::value& file) {
        const auto now = file_time(text_member(file, "path"));
        const auto known = number(member(file, "st_mtime"));
        if (now && (!known || std::abs(*now - *known) > tolerance_s)) {
          changed.push_back(file);
          changed.back().as_object()["st_mtime"] = *now;
        }
        return true;
      });
  if (!listed)
    return listed.why();
  for (const auto& file : changed)
    if (auto put = server.put("/files/" + std::to_string(integer_member(file, "id")), file); !put)
      return put.why();
  return core::nothing{};
}

/// What torc's own client does to an original server, in its order.
core::result<core::nothing> initialize_by_chain(api& server, int64_t workflow) {
  if (auto r = server.post(workflow_path(workflow, "/reset_status"), json::object()); !r)
    return r.why();
  if (auto r = server.post(workflow_path(workflow, "/reset_job_status"), json::object()); !r)
    return r.why();
  auto status = server.get(workflow_path(workflow, "/status"));
  if (!status)
    return status.why();
  if (!status->is_object())
    return core::refuse(core::refusal::malformed, "the server's workflow status is no object");
  status->as_object()["run_id"] = integer_member(*status, "run_id") + 1;
  if (auto r = server.put(workflow_path(workflow, "/status"), *status); !r)
    return r.why();
  if (auto r = send_changed_times(server, workflow); !r)
    return r.why();
  auto started = server.post(workflow_path(workflow, "/initialize_jobs?only_uninitialized=false"),
                             json::object());
  if (!started)
    return started.why();
  return core::nothing{};
}

} // namespace

std::string workflow_path(int64_t workflow, std::string_view rest) {
  return "/workflows/" + std::to_string(workflow) + std::string(rest);
}

core::result<bool> initialize(api& server, int64_t workflow, bool again) {
  const auto start_path = workflow_path(workflow, "/start");
  if (!again) {
    const auto started = server.send("POST", start_path, "{}");
    if (!started)
      return started.why();
    if (started->ok()) {
      const auto reply = parse_reply(*started);
      if (!reply)
        return reply.why();
      return bool_member(*reply, "initialized");
    }
    if (!lacks_endpoint(*started))
      return error_of(*started);
    const auto fresh = server.get(workflow_path(workflow, "/is_uninitialized"));
    if (!fresh)
      return fresh.why();
    if (!bool_member(*fresh, "is_uninitialized"))
      return false;
  }
  if (auto done = initialize_by_chain(server, workflow); !done)
    return done.why();
  return true;
}

core::result<std::map<std::string, int64_t>> job_counts(api& server, int64_t workflow) {
  const auto status = server.get(workflow_path(workflow, "/status"));
  if (!status)
    return status.why();
  return job_counts(server, workflow, *status);
}

core::result<std::map<std::string, int64_t>> job_counts(api& server, int64_t workflow,
                                                        const json::value& status) {
  std::map<std::string, int64_t> counts;
  if (const auto* known = member(status, "jobs_by_status").if_object()) {
    for (const auto& [name, count] : *known)
      if (const auto n = integer(count).value_or(0); n > 0)
        counts[std::string(name)] = n;
    return counts;
  }
  for (int i = 0; i < core::job_status_count; ++i) {
    const auto name = std::string(core::to_string(*core::job_status_from(int64_t{i})));
    auto page =
        server.get("/jobs?limit=1&workflow_id=" + std::to_string(workflow) + "&status=" + name);
    if (!page)
      return page.why();
    if (const auto n = integer_member(*page, "total_count"); n > 0)
      counts[name] = n;
  }
  return counts;
}

std::optional<progress_view> progress_of(api& server, int64_t workflow) {
  const auto p = server.get(workflow_path(workflow, "/progress"));
  if (!p)
    return std::nullopt;
  return read_progress(*p);
}

core::result<std::vector<std::string>> missing_input_files(api& server, int64_t workflow,
                                                           bool only_given) {
  std::set<int64_t> written;
  if (only_given) {
    auto read = server.each(workflow_path(workflow, "/job_file_relationships?"),
                            [&](const json::value& relation) {
                              if (!member(relation, "producer_job_id").is_null())
                                written.insert(integer_member(relation, "file_id"));
                              return true;
                            });
    if (!read)
      return read.why();
  }
  const auto required = server.get(workflow_path(workflow, "/required_existing_files"));
  if (!required)
    return required.why();
  std::vector<std::string> missing;
  for (const auto& id : list_member(*required, "files")) {
    if (written.count(integer(id).value_or(0)) > 0)
      continue;
    const auto file = server.get("/files/" + cell(id));
    if (!file)
      return file.why();
    const auto path = text_member(*file, "path");
    if (!file_time(path))
      missing.push_back(path);
  }
  return missing;
}

} // namespace torc::cli
