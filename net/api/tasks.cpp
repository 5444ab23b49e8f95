#include "net/api/tasks.hpp"

#include "net/api/all.hpp"

#include <iterator>

namespace torc::net::api {

std::optional<task_book::task> task_book::begin(core::workflow_id workflow, std::string operation) {
  if (active_.contains(workflow))
    return std::nullopt;
  task t{++last_, workflow, std::move(operation), now(), {}, {}};
  active_[workflow] = t.id;
  tasks_[t.id] = t;
  for (auto one = tasks_.begin(); tasks_.size() > most_tasks && one != tasks_.end();)
    one = one->second.ended.us > 0 ? tasks_.erase(one) : std::next(one);
  return t;
}

void task_book::end(int64_t id, std::string error) {
  const auto at = tasks_.find(id);
  if (at == tasks_.end())
    return;
  at->second.ended = now();
  at->second.error = std::move(error);
  active_.erase(at->second.workflow);
}

std::optional<task_book::task> task_book::find(int64_t id) const {
  const auto at = tasks_.find(id);
  return at == tasks_.end() ? std::nullopt : std::optional{at->second};
}

std::optional<task_book::task> task_book::active(core::workflow_id workflow) const {
  const auto at = active_.find(workflow);
  return at == active_.end() ? std::nullopt : find(at->second);
}

void put_task(std::string& out, const task_book::task& t) {
  const bool ended = t.ended.us > 0;
  json::object o(out);
  o.add("id", t.id).add("workflow_id", t.workflow.value).add("operation", t.operation);
  o.add("status", !ended ? "running" : t.error.empty() ? "succeeded" : "failed");
  o.add("created_at_ms", t.begun.us / 1000).add("started_at_ms", t.begun.us / 1000);
  if (ended)
    o.add("finished_at_ms", t.ended.us / 1000);
  if (!t.error.empty())
    o.add("error", t.error);
  o.close();
}

void add_tasks(router& to, const services& s) {
  to.on("GET", "/tasks/{id}", [&s](const call& c) {
    const auto found = s.tasks->find(c->number(0));
    if (!found)
      return c->refuse(not_found("task", c->number(0)));
    const bool sees_all = c->in().sees_all;
    reply_by_reading(s, c, [found, sees_all, user = c->in().user](core::read_model& r) {
      if (!sees_all && !r.may_access(found->workflow, user))
        return refusal_reply(
            core::refuse(core::refusal::forbidden, user + " may not access workflow " +
                                                       std::to_string(found->workflow.value)));
      std::string body;
      put_task(body, *found);
      return json_reply(std::move(body));
    });
  });
  to.on("GET", "/workflows/{id}/active_task", [&s](const call& c) {
    const core::workflow_id workflow{c->number(0)};
    with_workflow(s, c, workflow, [&s, c, workflow] {
      std::string body;
      json::object o(body);
      auto& value = o.key("task");
      if (const auto active = s.tasks->active(workflow))
        put_task(value, *active);
      else
        value += "null";
      o.close();
      c->answer_json(std::move(body));
    });
  });
}

} // namespace torc::net::api
