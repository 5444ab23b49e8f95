#include "net/api/all.hpp"
#include "net/json/job.hpp"
#include "telemetry/call_span.hpp"

namespace torc::net::api {

namespace {

using core::job_id;
using core::job_row;
using core::job_status;

core::error unprocessable(std::string why) {
  return core::refuse(core::refusal::unprocessable, std::move(why));
}

void reply_with_job(const services& s, const call& c) {
  reply_by_reading(s, c, [id = job_id{c->number(0)}](core::read_model& r) {
    const auto job = r.job(id);
    return job ? job_reply(*job) : refusal_reply(not_found("job", id.value));
  });
}

/// For port calls whose only news is the job as it is now.
port::then<core::done> then_job(const services& s, const call& c) {
  return unless_refused<core::done>(c, [&s, c](const core::done&) { reply_with_job(s, c); });
}

/// Calls then(workflow) for the job of the path, or answers 404.
void with_workflow_of_job(const services& s, const call& c,
                          std::function<void(core::workflow_id)> then) {
  read_then(
      s, [id = c->number(0)](core::read_model& r) { return r.jobs_by_id({id}, false); },
      [c, then = std::move(then)](const std::vector<job_row>& jobs) {
        if (jobs.empty())
          c->refuse(not_found("job", c->number(0)));
        else
          then(jobs.front().workflow);
      });
}

std::optional<job_status> status_in_path(const call& c) {
  const auto status = core::job_status_from(std::string_view(c->text(0)));
  if (!status)
    c->refuse(core::refuse(core::refusal::malformed,
                           "Couldn't parse path parameter status: Value not valid: " + c->text(0)));
  return status;
}

/// The part of a status change that the rooms do is a span within the call's.
port::then<core::done> within_update(const call& c,
                                     const std::shared_ptr<telemetry::call_span>& update,
                                     port::then<core::done> then) {
  return [c, update, then = std::move(then)](core::result<core::done> r) {
    update->close();
    const auto& whole = c->span();
    whole->add_busy(update->busy_ns());
    const telemetry::working_on here(whole);
    then(std::move(r));
  };
}

void change_status(const services& s, const call& c) {
  const auto status = status_in_path(c);
  if (!status)
    return;
  if (core::is_complete(*status))
    return c->refuse(unprocessable("a job becomes " + c->text(0) +
                                   " by complete_job, which also takes its result"));
  with_workflow_of_job(s, c, [&s, c, status](core::workflow_id workflow) {
    core::force_status what;
    what.job.value = c->number(0);
    what.workflow = workflow;
    what.run = c->number(1);
    what.status = *status;
    const auto update = std::make_shared<telemetry::call_span>(
        telemetry::span::update_job_status, *c->span(),
        telemetry::fields().add("workflow_id", workflow.value).add("job_id", what.job.value));
    const telemetry::working_on here(update);
    s.house.control(std::move(what), within_update(c, update, then_job(s, c)));
  });
}

void start(const services& s, const call& c) {
  with_workflow_of_job(s, c, [&s, c](core::workflow_id workflow) {
    s.house.start_job(job_id{c->number(0)}, workflow, c->number(1), core::node_id{c->number(2)},
                      then_job(s, c));
  });
}

/// The job is read while the ring is at work, which changes nothing of it but the status.
void reply_with_ended_job(const services& s, const call& c, core::result_row row) {
  struct halves {
    std::optional<job_row> job;
    bool read = false, ended = false;
  };
  const auto both = std::make_shared<halves>();
  const auto join = [c, both, id = row.job, status = row.status] {
    if (!both->read || !both->ended)
      return;
    if (!both->job)
      return c->refuse(not_found("job", id.value));
    both->job->status = status;
    c->answer(job_reply(*both->job));
  };
  read_then(
      s, [id = row.job](core::read_model& r) { return r.job(id); },
      [both, join](std::optional<job_row> job) {
        both->job = std::move(job);
        both->read = true;
        join();
      });
  s.house.complete_job(std::move(row),
                       unless_refused<core::done>(c, [both, join](const core::done&) {
                         both->ended = true;
                         join();
                       }));
}

/// The path's job, status and run count; the body may not contradict them in job and run.
void complete(const services& s, const call& c) {
  const auto status = status_in_path(c);
  if (!status)
    return;
  if (!core::is_terminal(*status))
    return c->refuse(unprocessable("complete_job takes completed, failed, canceled, terminated or "
                                   "pending_failed, not " +
                                   c->text(0)));
  with_body(
      s, c,
      [](std::string_view body, json::unknown_keys& unknown) {
        return json::read<core::result_row>(body, {&unknown, false});
      },
      [&s, c, status](core::result_row row) {
        if (row.job.value != c->number(0))
          return c->refuse(unprocessable("the path names job " + std::to_string(c->number(0)) +
                                         ", the body job " + std::to_string(row.job.value)));
        if (row.run_id != c->number(1))
          return c->refuse(unprocessable("the path names run " + std::to_string(c->number(1)) +
                                         ", the body run " + std::to_string(row.run_id)));
        row.status = *status;
        reply_with_ended_job(s, c, std::move(row));
      });
}

void retry(const services& s, const call& c) {
  query_reader q(c->in());
  const auto most = q.must_integer("max_retries");
  if (q.refused(c))
    return;
  with_workflow_of_job(s, c, [&s, c, most](core::workflow_id workflow) {
    s.house.control(core::retry_job{job_id{c->number(0)}, workflow, c->number(1), most},
                    then_job(s, c));
  });
}

/// The fields in which an update differs from what is stored.
std::string changed_fields(const job_row& was, const job_row& is) {
  std::string names;
  const auto compare = [&](std::string_view name, const auto& a, const auto& b) {
    if (a != b)
      names += (names.empty() ? "" : ", ") + std::string(name);
  };
  const auto list = [](const std::optional<std::vector<int64_t>>& ids) {
    return ids.value_or(std::vector<int64_t>{});
  };
  compare("workflow_id", was.workflow, is.workflow);
  compare("name", was.name, is.name);
  compare("command", was.command, is.command);
  compare("invocation_script", was.invocation_script.value_or(""),
          is.invocation_script.value_or(""));
  compare("cancel_on_blocking_job_failure", was.cancel_on_blocking_job_failure,
          is.cancel_on_blocking_job_failure);
  compare("supports_termination", was.supports_termination, is.supports_termination);
  compare("depends_on_job_ids", list(was.depends_on_job_ids), list(is.depends_on_job_ids));
  compare("input_file_ids", list(was.input_file_ids), list(is.input_file_ids));
  compare("output_file_ids", list(was.output_file_ids), list(is.output_file_ids));
  compare("input_user_data_ids", list(was.input_user_data_ids), list(is.input_user_data_ids));
  compare("output_user_data_ids", list(was.output_user_data_ids), list(is.output_user_data_ids));
  compare("resource_requirements_id", was.requirement, is.requirement);
  compare("scheduler_id", was.scheduler, is.scheduler);
  compare("priority", was.priority, is.priority);
  return names;
}

/// What a PUT asks for, judged against the job as it is.
struct wished_update {
  std::optional<core::error> wrong;
  core::workflow_id workflow;
  int64_t run = 0;
  bool disable = false;
  std::vector<std::string> unknown;
};

wished_update judge_update(core::read_model& r, job_id id, const std::string& body) {
  wished_update wish;
  const auto stored = r.job(id);
  if (!stored) {
    wish.wrong = not_found("job", id.value);
    return wish;
  }
  if (const auto checked = json::check(body); !checked) {
    wish.wrong = wrong_body(checked.why());
    return wish;
  }
  json::unknown_keys unknown;
  json::members scratch;
  const auto updated = json::read_job(body, {&unknown, {}, false, &*stored}, scratch);
  if (!updated) {
    wish.wrong = wrong_body(updated.why());
    return wish;
  }
  wish.unknown = unknown.names();
  wish.workflow = stored->workflow;
  wish.run = r.workflow_status(stored->workflow).value_or(core::workflow_status_row{}).run_id;
  const auto status = json::stated_status(body).value_or(stored->status);
  wish.disable = status == job_status::disabled && stored->status != job_status::disabled;
  if (const auto names = changed_fields(*stored, *updated); !names.empty())
    wish.wrong = unprocessable("a job's " + names +
                               " cannot be changed after its creation yet, not even while it is "
                               "uninitialized");
  else if (status != stored->status && !wish.disable)
    wish.wrong = unprocessable("a job's status is immutable to updates, but for disabled; use "
                               "manage_status_change or complete_job");
  return wish;
}

void update(const services& s, const call& c) {
  if (c->in().body.empty())
    return c->refuse(
        core::refuse(core::refusal::malformed, "Missing required body parameter body"));
  const job_id id{c->number(0)};
  read_then(
      s, [id, body = c->take_body()](core::read_model& r) { return judge_update(r, id, body); },
      [&s, c, id](const wished_update& wish) {
        c->warn_unknown(wish.unknown);
        if (wish.wrong)
          return c->refuse(*wish.wrong);
        if (!wish.disable)
          return reply_with_job(s, c);
        core::force_status what;
        what.job = id;
        what.workflow = wish.workflow;
        what.run = wish.run;
        what.status = job_status::disabled;
        s.house.control(std::move(what), then_job(s, c));
      });
}

} // namespace

void add_job_calls(router& to, const services& s) {
  to.on("PUT", "/jobs/{id}", [&s](const call& c) { update(s, c); });
  to.on("PUT", "/jobs/{id}/manage_status_change/{=status}/{run_id}",
        [&s](const call& c) { change_status(s, c); });
  to.on("PUT", "/jobs/{id}/start_job/{run_id}/{compute_node_id}",
        [&s](const call& c) { start(s, c); });
  to.on("POST", "/jobs/{id}/complete_job/{=status}/{run_id}",
        [&s](const call& c) { complete(s, c); });
  to.on("POST", "/jobs/{id}/retry/{run_id}", [&s](const call& c) { retry(s, c); });
}

} // namespace torc::net::api
