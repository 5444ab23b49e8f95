#include "net/api/all.hpp"

namespace torc::net::api {

namespace {

using core::read_model;
using core::workflow_id;

/// GET /workflows/{id}/<path>: `show` makes the body of an existing workflow.
template <class Show>
void add_view(router& to, const services& s, const std::string& path, Show show) {
  to.on("GET", "/workflows/{id}/" + path, [&s, show](const call& c) {
    reply_by_reading(s, c, [id = workflow_id{c->number(0)}, show](read_model& r) {
      return r.workflow(id) ? json_reply(show(r, id)) : refusal_reply(no_workflow(id));
    });
  });
}

using counters = std::shared_ptr<const core::progress>;

/// True where every job is of a status that `fits`; no value where the workflow is not counted.
std::optional<bool> all_jobs(const counters& counted, workflow_id id,
                             bool (*fits)(core::job_status)) {
  const auto at = counted->workflows.find(id);
  if (at == counted->workflows.end())
    return std::nullopt;
  for (const auto& stage : at->second->stages)
    for (int i = 0; i < core::job_status_count; ++i)
      if (stage.by_status[static_cast<size_t>(i)] > 0 && !fits(static_cast<core::job_status>(i)))
        return false;
  return true;
}

bool is_waiting(core::job_status s) {
  return s == core::job_status::uninitialized || s == core::job_status::disabled;
}

/// GET /workflows/{id}/<path>, which runners poll: from the counters that the writer publishes, and
/// from the disk only where they do not have the workflow.
template <class Show>
void add_counted_view(router& to, const services& s, const std::string& path, Show show) {
  to.on("GET", "/workflows/{id}/" + path, [&s, show](const call& c) {
    const workflow_id id{c->number(0)};
    reply_by_reading(s, c, [id, show, counted = s.house.progress()](read_model& r) {
      const auto status = r.workflow_status(id);
      return status ? json_reply(show(r, *status, counted)) : refusal_reply(no_workflow(id));
    });
  });
}

std::string show_completeness(read_model& r, const core::workflow_status_row& status,
                              const counters& counted) {
  core::completion_facts facts;
  if (const auto done = all_jobs(counted, status.id, &core::is_done)) {
    facts.is_canceled = status.is_canceled;
    facts.is_complete = status.is_canceled || *done;
    facts.needs_to_run_completion_script =
        status.has_detected_need_to_run_completion_script.value_or(false);
  } else {
    facts = r.completeness(status.id);
  }
  std::string body;
  json::object o(body);
  o.add("is_canceled", facts.is_canceled).add("is_complete", facts.is_complete);
  o.add("needs_to_run_completion_script", facts.needs_to_run_completion_script).close();
  return body;
}

std::string show_ids(std::string_view name, const std::vector<int64_t>& ids, bool with_count) {
  std::string body;
  json::object o(body);
  json::put_list(o.key(name), ids);
  if (with_count)
    o.add("count", static_cast<int64_t>(ids.size()));
  o.close();
  return body;
}

reply list_dependencies(read_model& r, workflow_id id, const core::page& at) {
  if (!r.workflow(id))
    return refusal_reply(no_workflow(id));
  const auto page = r.job_dependencies(id, at);
  return list_reply(page.items, at.offset, page.total,
                    [id](std::string& out, const core::job_dependency& d) {
                      json::object o(out);
                      o.add("job_id", d.job_id).add("job_name", d.job_name);
                      o.add("depends_on_job_id", d.depends_on_job_id);
                      o.add("depends_on_job_name", d.depends_on_job_name);
                      o.add("workflow_id", id.value).close();
                    });
}

reply list_running(read_model& r, workflow_id id, const core::page& at) {
  if (!r.workflow(id))
    return refusal_reply(no_workflow(id));
  const auto page = r.running_jobs(id, at);
  return list_reply(page.items, at.offset, page.total,
                    [](std::string& out, const core::running_job& j) {
                      json::object o(out);
                      o.add("job_id", j.id.value).add("job_name", std::string_view(j.name));
                      o.add("compute_node_name", std::string_view(j.hostname));
                      o.add("scheduler_type", std::string_view(j.node_type));
                      if (j.allocation)
                        o.add("scheduler_job_id", std::string_view(*j.allocation));
                      o.close();
                    });
}

void add_page(router& to, const services& s, const std::string& list,
              reply (*show)(read_model&, workflow_id, const core::page&)) {
  to.on("GET", "/workflows/{id}/" + list, [&s, show](const call& c) {
    query_reader q(c->in());
    const auto at = read_page(q);
    if (!q.refused(c))
      reply_by_reading(s, c, [id = workflow_id{c->number(0)}, at, show](read_model& r) {
        return show(r, id, at);
      });
  });
}

} // namespace

void add_workflow_lists(router& to, const services& s) {
  add_counted_view(to, s, "is_complete", show_completeness);
  add_counted_view(
      to, s, "is_uninitialized",
      [](read_model& r, const core::workflow_status_row& status, const counters& counted) {
        const auto known = all_jobs(counted, status.id, &is_waiting);
        std::string body;
        json::object(body)
            .add("is_uninitialized", known ? *known : r.is_uninitialized(status.id))
            .close();
        return body;
      });
  add_view(to, s, "job_ids",
           [](read_model& r, workflow_id id) { return show_ids("job_ids", r.job_ids(id), true); });
  add_view(to, s, "missing_user_data", [](read_model& r, workflow_id id) {
    return show_ids("user_data", r.missing_user_data(id), false);
  });
  add_view(to, s, "required_existing_files", [](read_model& r, workflow_id id) {
    return show_ids("files", r.required_existing_files(id), false);
  });
  add_page(to, s, "job_dependencies", list_dependencies);
  add_page(to, s, "running_jobs", list_running);
}

} // namespace torc::net::api
