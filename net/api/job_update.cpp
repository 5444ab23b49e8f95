#include "net/api/all.hpp"
#include "net/json/job.hpp"

#include <algorithm>

namespace torc::net::api {

namespace {

using core::job_id;
using core::job_row;
using core::job_status;
using id_list = std::optional<std::vector<int64_t>>;

core::error unprocessable(std::string why) {
  return core::refuse(core::refusal::unprocessable, std::move(why));
}

/// What a PUT asks for, judged against the job as it is.
struct wished_update {
  std::optional<core::error> wrong;
  core::amend_job amend;
  bool changes = false;
  int64_t run = 0;
  bool disable = false;
  std::vector<std::string> unknown;
};

bool same_set(const id_list& a, const id_list& b) {
  auto left = a.value_or(std::vector<int64_t>{}), right = b.value_or(std::vector<int64_t>{});
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

/// Collects the names of what changes.
class changes {
public:
  template <class T>
  bool has(std::string_view name, const T& was, const T& is) {
    return note(name, was != is);
  }
  bool has_other_set(std::string_view name, const id_list& was, const id_list& is) {
    return note(name, !same_set(was, is));
  }
  const std::string& names() const { return names_; }

private:
  bool note(std::string_view name, bool differs) {
    if (differs)
      names_ += (names_.empty() ? "" : ", ") + std::string(name);
    return differs;
  }
  std::string names_;
};

std::string immutable_changes(const job_row& was, const job_row& is) {
  changes c;
  c.has("workflow_id", was.workflow, is.workflow);
  c.has_other_set("input_file_ids", was.input_file_ids, is.input_file_ids);
  c.has_other_set("output_file_ids", was.output_file_ids, is.output_file_ids);
  c.has_other_set("input_user_data_ids", was.input_user_data_ids, is.input_user_data_ids);
  c.has_other_set("output_user_data_ids", was.output_user_data_ids, is.output_user_data_ids);
  c.has("failure_handler_id", was.failure_handler, is.failure_handler);
  c.has("env", was.env, is.env);
  return c.names();
}

/// Names what may change only before a job is initialized.
std::string early_changes(const job_row& was, const job_row& is, job_status wanted,
                          core::amend_job& amend) {
  changes c;
  if (c.has("name", was.name, is.name))
    amend.name = is.name;
  if (c.has("command", was.command, is.command))
    amend.command = is.command;
  if (c.has_other_set("depends_on_job_ids", was.depends_on_job_ids, is.depends_on_job_ids))
    amend.depends_on_job_ids = is.depends_on_job_ids;
  c.has("status", was.status, wanted);
  return c.names();
}

bool late_changes(const job_row& was, const job_row& is, core::amend_job& amend) {
  const auto take = [](const auto& before, const auto& now, auto& to) {
    if (before != now)
      to = now;
    return before != now;
  };
  bool any = take(was.invocation_script, is.invocation_script, amend.invocation_script);
  any |= take(was.cancel_on_blocking_job_failure, is.cancel_on_blocking_job_failure,
              amend.cancel_on_blocking_job_failure);
  any |= take(was.supports_termination, is.supports_termination, amend.supports_termination);
  any |= take(was.requirement, is.requirement, amend.requirement);
  any |= take(was.scheduler, is.scheduler, amend.scheduler);
  any |= take(was.priority, is.priority, amend.priority);
  any |= take(was.labels, is.labels, amend.labels);
  return any;
}

void judge_changes(const job_row& was, const job_row& is, job_status wanted, wished_update& wish) {
  wish.amend.job = was.id;
  wish.amend.workflow = was.workflow;
  const auto never = immutable_changes(was, is);
  const auto early = early_changes(was, is, wanted, wish.amend);
  if (!never.empty())
    wish.wrong = unprocessable("a job's " + never + " cannot be changed after its creation");
  else if (!early.empty() && was.status != job_status::uninitialized)
    wish.wrong = unprocessable("job " + std::to_string(was.id.value) + " is " +
                               std::string(to_string(was.status)) + "; its " + early +
                               " can be changed only while it is uninitialized");
  else if (wanted != was.status && wanted != job_status::disabled)
    wish.wrong = unprocessable("a job's status is immutable to updates, but for disabled; use "
                               "manage_status_change or complete_job");
  wish.disable = wanted != was.status;
  wish.changes = late_changes(was, is, wish.amend) || wish.amend.name || wish.amend.command ||
                 wish.amend.depends_on_job_ids;
}

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
  wish.run = r.workflow_status(stored->workflow).value_or(core::workflow_status_row{}).run_id;
  judge_changes(*stored, *updated, json::stated_status(body).value_or(stored->status), wish);
  return wish;
}

void show(const services& s, const call& c) {
  reply_by_reading(s, c, [id = job_id{c->number(0)}](core::read_model& r) {
    const auto job = r.job(id);
    return job ? job_reply(*job) : refusal_reply(not_found("job", id.value));
  });
}

void disable(const services& s, const call& c, core::workflow_id workflow, int64_t run) {
  core::force_status what;
  what.job.value = c->number(0);
  what.workflow = workflow;
  what.run = run;
  what.status = job_status::disabled;
  s.house.control(std::move(what),
                  unless_refused<core::done>(c, [&s, c](const core::done&) { show(s, c); }));
}

void apply(const services& s, const call& c, const wished_update& wish) {
  const auto then = [&s, c, workflow = wish.amend.workflow, run = wish.run,
                     off = wish.disable](const core::done&) {
    if (off)
      disable(s, c, workflow, run);
    else
      show(s, c);
  };
  if (wish.changes)
    s.house.control(wish.amend, unless_refused<core::done>(c, then));
  else
    then({});
}

} // namespace

void add_job_update(router& to, const services& s) {
  to.on("PUT", "/jobs/{id}", [&s](const call& c) {
    if (c->in().body.empty())
      return c->refuse(
          core::refuse(core::refusal::malformed, "Missing required body parameter body"));
    read_then(
        s,
        [id = job_id{c->number(0)}, body = c->take_body()](core::read_model& r) {
          return judge_update(r, id, body);
        },
        [&s, c](const wished_update& wish) {
          c->warn_unknown(wish.unknown);
          if (wish.wrong)
            c->refuse(*wish.wrong);
          else
            apply(s, c, wish);
        });
  });
}

} // namespace torc::net::api
