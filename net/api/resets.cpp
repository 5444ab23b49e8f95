#include "net/api/all.hpp"

#include <limits>

namespace torc::net::api {

namespace {

using core::workflow_id;
using core::workflow_status_row;

void reply_with_status(const services& s, const call& c) {
  reply_by_reading(s, c, [id = workflow_id{c->number(0)}](core::read_model& r) {
    const auto row = r.workflow_status(id);
    return row ? row_reply(*row) : refusal_reply(no_workflow(id));
  });
}

/// Sends the control and replies with the status that it left.
void change_status(const services& s, const call& c, core::control what) {
  s.house.control(std::move(what), unless_refused<core::done>(
                                       c, [&s, c](const core::done&) { reply_with_status(s, c); }));
}

void reset_jobs(const services& s, const call& c, core::reset_jobs what) {
  const bool failed_only = what.failed_only;
  const auto tell = [c, failed_only](const core::done& done) {
    std::string body;
    json::object o(body);
    o.add("workflow_id", c->number(0)).add("updated_count", done.count);
    o.add("status", "uninitialized");
    if (failed_only)
      o.add("reset_type", "failed_only");
    o.close();
    c->answer_json(std::move(body));
  };
  if (failed_only && what.jobs.empty())
    return tell({});
  s.house.control(std::move(what), unless_refused<core::done>(c, tell));
}

/// The closure is computed here, on a worker: the rooms are told which jobs.
void reset_failed(const services& s, const call& c) {
  const workflow_id id{c->number(0)};
  struct closure {
    bool exists = false;
    std::vector<core::job_id> jobs;
  };
  read_then(
      s,
      [id](core::read_model& r) {
        return r.workflow(id) ? closure{true, r.failed_closure(id)} : closure{};
      },
      [&s, c, id](closure found) {
        if (found.exists)
          reset_jobs(s, c, {id, true, std::move(found.jobs)});
        else
          c->refuse(no_workflow(id));
      });
}

struct changed_jobs {
  bool exists = false;
  std::vector<core::job_id> jobs;
  std::vector<std::string> names;
};

changed_jobs find_changed(core::read_model& r, workflow_id id) {
  changed_jobs found;
  found.exists = r.workflow(id).has_value();
  if (found.exists)
    for (auto& [job, name] : r.jobs_with_changed_inputs(id)) {
      found.jobs.push_back(job);
      found.names.push_back(std::move(name));
    }
  return found;
}

void reset_changed(const services& s, const call& c, bool dry_run) {
  const workflow_id id{c->number(0)};
  read_then(
      s, [id](core::read_model& r) { return find_changed(r, id); },
      [&s, c, id, dry_run](const changed_jobs& found) {
        if (!found.exists)
          return c->refuse(no_workflow(id));
        std::string body;
        json::object o(body);
        json::put_list(o.key("reinitialized_jobs"), found.names);
        o.close();
        if (dry_run || found.jobs.empty())
          return c->answer_json(std::move(body));
        s.house.control(
            core::reset_jobs{id, false, found.jobs},
            unless_refused<core::done>(c, [c, body](const core::done&) { c->answer_json(body); }));
      });
}

core::result<workflow_status_row> read_status(std::string_view body, json::unknown_keys& unknown) {
  constexpr int64_t most_runs = std::numeric_limits<int32_t>::max();
  auto row = json::read<workflow_status_row>(body, {&unknown, false});
  if (row && row->run_id > most_runs)
    return core::refuse(core::refusal::unprocessable,
                        "`run_id` cannot be more than " + std::to_string(most_runs));
  return row;
}

} // namespace

void add_resets(router& to, const services& s) {
  to.on("PUT", "/workflows/{id}/status", [&s](const call& c) {
    with_body(s, c, read_status, [&s, c](workflow_status_row row) {
      row.id.value = c->number(0);
      change_status(s, c, core::put_status{row});
    });
  });
  to.on("PUT", "/workflows/{id}/cancel", [&s](const call& c) {
    change_status(s, c, core::cancel_workflow{workflow_id{c->number(0)}, who_asks(c)});
  });
  to.on("POST", "/workflows/{id}/reset_status", [&s](const call& c) {
    query_reader q(c->in());
    const bool force = q.flag("force").value_or(false);
    if (!q.refused(c))
      change_status(s, c, core::reset_status{workflow_id{c->number(0)}, force});
  });
  to.on("POST", "/workflows/{id}/reset_job_status", [&s](const call& c) {
    query_reader q(c->in());
    const bool failed_only = q.flag("failed_only").value_or(false);
    if (q.refused(c))
      return;
    if (failed_only)
      reset_failed(s, c);
    else
      reset_jobs(s, c, {workflow_id{c->number(0)}, false, {}});
  });
  to.on("POST", "/workflows/{id}/process_changed_job_inputs", [&s](const call& c) {
    query_reader q(c->in());
    const bool dry_run = q.flag("dry_run").value_or(false);
    if (!q.refused(c))
      reset_changed(s, c, dry_run);
  });
}

} // namespace torc::net::api
