#include "cli/create/bodies.hpp"
#include "cli/create/create.hpp"
#include "net/json/rows.hpp"
#include "net/json/text.hpp"

#include <algorithm>
#include <future>
#include <numeric>

namespace torc::cli {

namespace {

constexpr size_t chunk_jobs = 20'000; ///< one request, one transaction of the server

std::vector<int64_t> run_of_ids(const json::value& v, const char* first, size_t count) {
  std::vector<int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), integer_member(v, first));
  return ids;
}

template <class Row>
void add_rows(net::json::object& o, std::string& out, std::string_view name,
              const std::vector<Row>& rows) {
  if (!rows.empty())
    net::json::put_list(o.key(name), rows, [&](const Row& row) { net::json::write(out, row); });
}

std::string opening_body(const core::expanded_workflow& w) {
  std::string out;
  net::json::object o(out);
  net::json::write(o.key("workflow"), w.workflow);
  add_rows(o, out, "files", w.files);
  add_rows(o, out, "user_data", w.user_data);
  add_rows(o, out, "resource_requirements", w.requirements);
  add_rows(o, out, "slurm_schedulers", w.schedulers);
  add_rows(o, out, "failure_handlers", w.handlers);
  o.add("job_count", static_cast<int64_t>(w.jobs.size())).close();
  return out;
}

std::string closing_body(const core::expanded_workflow& w, const created_ids& ids) {
  std::string out;
  net::json::object o(out);
  net::json::put_list(o.key("actions"), w.actions,
                      [&](const core::expanded_action& a) { out += action_body(a, ids); });
  o.close();
  return out;
}

/// Sends the jobs in chunks; while one is on its way the next is written.
core::result<core::nothing> send_jobs(api& server, const core::expanded_workflow& w,
                                      const created_ids& ids) {
  const auto path = "/submissions/" + std::to_string(ids.workflow) + "/jobs";
  const auto chunk_at = [&](size_t first) {
    return std::async(std::launch::async, [&w, &ids, first] {
      std::string body;
      append_jobs(body, w, ids, first, std::min(first + chunk_jobs, w.jobs.size()), true);
      return body;
    });
  };
  std::future<std::string> next;
  if (!w.jobs.empty())
    next = chunk_at(0);
  for (size_t first = 0; first < w.jobs.size(); first += chunk_jobs) {
    auto body = next.get();
    if (first + chunk_jobs < w.jobs.size())
      next = chunk_at(first + chunk_jobs);
    if (auto sent = server.call("POST", path, std::move(body)); !sent) {
      if (next.valid())
        next.wait();
      return sent.why();
    }
  }
  return core::nothing{};
}

} // namespace

core::result<int64_t> create_by_submission(api& server, const core::expanded_workflow& w) {
  const auto opened = server.send("POST", "/submissions", opening_body(w));
  if (!opened)
    return opened.why();
  if (lacks_endpoint(*opened))
    return core::refuse(core::refusal::not_found, "the server takes no whole workflows");
  if (!opened->ok())
    return error_of(*opened);
  const auto reply = parse_reply(*opened);
  if (!reply)
    return reply.why();
  created_ids ids;
  ids.workflow = integer_member(*reply, "workflow_id");
  ids.jobs = run_of_ids(*reply, "first_job_id", w.jobs.size());
  ids.files = run_of_ids(*reply, "first_file_id", w.files.size());
  ids.user_data = run_of_ids(*reply, "first_user_data_id", w.user_data.size());
  ids.requirements = run_of_ids(*reply, "first_resource_requirements_id", w.requirements.size());
  ids.schedulers = run_of_ids(*reply, "first_slurm_scheduler_id", w.schedulers.size());
  ids.handlers = run_of_ids(*reply, "first_failure_handler_id", w.handlers.size());
  // A submission that is never closed is nothing: the server forgets it.
  if (auto sent = send_jobs(server, w, ids); !sent)
    return sent.why();
  if (auto closed = server.call("POST", "/submissions/" + std::to_string(ids.workflow) + "/close",
                                closing_body(w, ids));
      !closed)
    return closed.why();
  return ids.workflow;
}

} // namespace torc::cli
