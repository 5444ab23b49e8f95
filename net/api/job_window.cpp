#include "net/api/all.hpp"

namespace torc::net::api {

namespace {

core::job_window read_window(query_reader& q, core::workflow_id workflow) {
  core::job_window w;
  w.workflow = workflow;
  for (const auto& name : q.texts("status")) {
    const auto status = core::job_status_from(std::string_view(name));
    if (status)
      w.statuses.push_back(*status);
    else
      q.complain("status", "Value not valid: " + name);
  }
  w.stage = q.integer("stage");
  w.search = q.text("search").value_or("");
  if (w.search.size() > core::job_window::longest_search)
    q.complain("search",
               "has more than " + std::to_string(core::job_window::longest_search) + " bytes");
  w.sort_by = q.text("sort_by").value_or("");
  w.reverse = q.flag("reverse_sort").value_or(false);
  w.after.value = q.integer("after").value_or(0);
  w.limit = q.integer("limit").value_or(w.limit);
  if (w.limit < 1 || w.limit > core::job_window::most)
    q.complain("limit", "must be from 1 to " + std::to_string(core::job_window::most));
  return w;
}

template <class T>
void add_known(json::object& o, std::string_view name, const std::optional<T>& value) {
  if (value)
    o.add(name, *value);
}

void write_brief(std::string& out, const core::job_brief& j) {
  json::object o(out);
  o.add("id", j.id.value).add("name", j.name).add("status", core::to_string(j.status));
  o.add("stage", j.stage).add("attempt_id", j.attempt_id).add("run_id", j.run);
  o.add("compute_node_id", j.node);
  add_known(o, "return_code", j.return_code);
  add_known(o, "exec_time_minutes", j.exec_time_minutes);
  add_known(o, "completion_time", j.completion_time);
  add_known(o, "peak_memory_bytes", j.peak_memory_bytes);
  o.close();
}

reply show(core::read_model& r, const core::job_window& w) {
  if (!r.workflow(w.workflow))
    return refusal_reply(no_workflow(w.workflow));
  const auto found = r.jobs_in(w);
  std::string body;
  json::object o(body);
  json::put_list(o.key("items"), found.items, [&](const auto& j) { write_brief(body, j); });
  o.add("has_more", found.has_more).close();
  return json_reply(std::move(body));
}

} // namespace

/// The jobs as lists show them: a window of them, filtered and sorted here, never counted.
void add_job_window(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/job_window", [&s](const call& c) {
    query_reader q(c->in());
    const auto w = read_window(q, core::workflow_id{c->number(0)});
    if (!q.refused(c))
      reply_by_reading(s, c, [w](core::read_model& r) { return show(r, w); });
  });
}

} // namespace torc::net::api
