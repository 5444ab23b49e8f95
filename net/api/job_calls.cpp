#include "net/api/all.hpp"
#include "net/api/initialize.hpp"
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

using starter = std::shared_ptr<initializer>;

/// For port calls whose only news is the job as it is now. A job that is to run, and whose workflow
/// no room holds, is first handed to the rooms.
port::then<core::done> then_job(const services& s, const call& c, const starter& rooms,
                                core::workflow_id workflow) {
  return unless_refused<core::done>(c, [&s, c, rooms, workflow](const core::done& done) {
    if (!done.needs_admission)
      return reply_with_job(s, c);
    rooms->resume(workflow, job_id{c->number(0)},
                  unless_refused<initializer::outcome>(
                      c, [&s, c](const initializer::outcome&) { reply_with_job(s, c); }));
  });
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

void change_status(const services& s, const call& c, const starter& rooms) {
  const auto status = status_in_path(c);
  if (!status)
    return;
  if (core::is_complete(*status))
    return c->refuse(unprocessable("a job becomes " + c->text(0) +
                                   " by complete_job, which also takes its result"));
  with_workflow_of_job(s, c, [&s, c, rooms, status](core::workflow_id workflow) {
    core::force_status what;
    what.job.value = c->number(0);
    what.workflow = workflow;
    what.run = c->number(1);
    what.status = *status;
    const auto update = std::make_shared<telemetry::call_span>(
        telemetry::span::update_job_status, *c->span(),
        telemetry::fields().add("workflow_id", workflow.value).add("job_id", what.job.value));
    const telemetry::working_on here(update);
    s.house.control(std::move(what), within_update(c, update, then_job(s, c, rooms, workflow)));
  });
}

void start(const services& s, const call& c, const starter& rooms) {
  with_workflow_of_job(s, c, [&s, c, rooms](core::workflow_id workflow) {
    s.house.start_job(job_id{c->number(0)}, workflow, c->number(1), core::node_id{c->number(2)},
                      then_job(s, c, rooms, workflow));
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
  // Nobody asks who ended a job otherwise, and to find out takes the body apart once more.
  auto user = row.status == core::job_status::canceled ? who_asks(c) : std::string();
  s.house.complete_job(std::move(row), std::move(user),
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
        auto row = json::read<core::result_row>(body, {&unknown, false});
        unknown.forget("user"); // who_asks() knows it
        return row;
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

void retry(const services& s, const call& c, const starter& rooms) {
  query_reader q(c->in());
  const auto most = q.must_integer("max_retries");
  if (q.refused(c))
    return;
  with_workflow_of_job(s, c, [&s, c, rooms, most](core::workflow_id workflow) {
    s.house.control(core::retry_job{job_id{c->number(0)}, workflow, c->number(1), most},
                    then_job(s, c, rooms, workflow));
  });
}

} // namespace

void add_job_calls(router& to, const services& s, const std::shared_ptr<initializer>& rooms) {
  to.on("PUT", "/jobs/{id}/manage_status_change/{=status}/{run_id}",
        [&s, rooms](const call& c) { change_status(s, c, rooms); });
  to.on("PUT", "/jobs/{id}/start_job/{run_id}/{compute_node_id}",
        [&s, rooms](const call& c) { start(s, c, rooms); });
  to.on("POST", "/jobs/{id}/complete_job/{=status}/{run_id}",
        [&s](const call& c) { complete(s, c); });
  to.on("POST", "/jobs/{id}/retry/{run_id}", [&s, rooms](const call& c) { retry(s, c, rooms); });
}

} // namespace torc::net::api
