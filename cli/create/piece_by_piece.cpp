#include "cli/client/workflow.hpp"
#include "cli/create/bodies.hpp"
#include "cli/create/create.hpp"
#include "net/json/rows.hpp"

namespace torc::cli {

namespace {

constexpr size_t bulk_limit = 100'000; ///< of an original server

/// Creates rows one by one, in order; their ids go to `ids`.
template <class Row>
core::result<core::nothing> create_rows(api& server, const std::string& path,
                                        const std::vector<Row>& rows, int64_t workflow,
                                        std::vector<int64_t>& ids) {
  for (auto row : rows) {
    row.workflow = core::workflow_id(workflow);
    std::string body;
    net::json::write(body, row);
    const auto made = server.call("POST", path, std::move(body));
    if (!made)
      return made.why();
    ids.push_back(integer_member(*made, "id"));
  }
  return core::nothing{};
}

core::result<core::nothing> create_jobs(api& server, const core::expanded_workflow& w,
                                        created_ids& ids) {
  ids.jobs.reserve(w.jobs.size());
  for (size_t first = 0; first < w.jobs.size();) {
    // Blockers have ids only when their stage has been created, and jobs are ordered by stage.
    size_t last = first;
    while (last < w.jobs.size() && last - first < bulk_limit &&
           w.jobs[last].stage == w.jobs[first].stage)
      ++last;
    std::string body;
    append_jobs(body, w, ids, first, last, false);
    const auto made = server.call("POST", "/bulk_jobs", std::move(body));
    if (!made)
      return made.why();
    const auto& jobs = list_member(*made, "jobs");
    if (jobs.size() != last - first)
      return core::refuse(core::refusal::malformed,
                          "the server created " + std::to_string(jobs.size()) + " jobs where " +
                              std::to_string(last - first) + " were asked for");
    for (const auto& job : jobs)
      ids.jobs.push_back(integer_member(job, "id"));
    first = last;
  }
  return core::nothing{};
}

core::result<core::nothing> create_parts(api& server, const core::expanded_workflow& w,
                                         created_ids& ids) {
  if (auto r = create_rows(server, "/files", w.files, ids.workflow, ids.files); !r)
    return r;
  if (auto r = create_rows(server, "/user_data", w.user_data, ids.workflow, ids.user_data); !r)
    return r;
  if (auto r = create_rows(server, "/resource_requirements", w.requirements, ids.workflow,
                           ids.requirements);
      !r)
    return r;
  if (auto r = create_rows(server, "/slurm_schedulers", w.schedulers, ids.workflow, ids.schedulers);
      !r)
    return r;
  if (auto r = create_rows(server, "/failure_handlers", w.handlers, ids.workflow, ids.handlers); !r)
    return r;
  if (auto r = create_jobs(server, w, ids); !r)
    return r;
  for (const auto& action : w.actions)
    if (auto r =
            server.call("POST", workflow_path(ids.workflow, "/actions"), action_body(action, ids));
        !r)
      return r.why();
  return core::nothing{};
}

} // namespace

core::result<int64_t> create_piece_by_piece(api& server, const core::expanded_workflow& w) {
  std::string body;
  net::json::write(body, w.workflow);
  const auto made = server.call("POST", "/workflows", std::move(body));
  if (!made)
    return made.why();
  created_ids ids;
  ids.workflow = integer_member(*made, "id");
  if (auto parts = create_parts(server, w, ids); !parts) {
    // What cannot be deleted either is the smaller of the two troubles.
    (void)server.remove(workflow_path(ids.workflow));
    return parts.why();
  }
  return ids.workflow;
}

} // namespace torc::cli
