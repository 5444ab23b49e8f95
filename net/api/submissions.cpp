#include "net/api/all.hpp"
#include "net/api/checks.hpp"
#include "net/json/job.hpp"

#include <array>

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;

core::error in_list(std::string_view name, size_t position, const core::error& why) {
  return refuse(why.why, std::string(name) + "[" + std::to_string(position) + "]: " + why.message);
}

template <class Row, class Check>
core::result<std::vector<Row>> read_list(json::members& body, std::string_view name,
                                         const json::reading& how, Check check) {
  std::vector<Row> rows;
  const auto list = body.take(name);
  if (!list || json::kind_of(*list) == json::kind::null)
    return rows;
  if (json::kind_of(*list) != json::kind::array)
    return refuse(refusal::malformed, std::string(name) + ": expected a list");
  std::optional<core::error> wrong;
  json::elements(*list, [&](std::string_view item) {
    auto row = json::read<Row>(item, how);
    if (!row)
      wrong = in_list(name, rows.size(), row.why());
    else if (const auto checked = check(*row); !checked)
      wrong = in_list(name, rows.size(), checked.why());
    else
      rows.push_back(std::move(*row));
    return !wrong;
  });
  if (wrong)
    return *wrong;
  return rows;
}

/// Reads the list of one member of the submission; remembers the first thing that is wrong.
struct submission_reader {
  json::members body;
  json::reading how;
  std::optional<core::error> wrong;

  template <class Row, class Check>
  void list(std::string_view name, std::vector<Row>& to, Check check) {
    if (wrong)
      return;
    auto rows = read_list<Row>(body, name, how, check);
    if (rows)
      to = std::move(*rows);
    else
      wrong = rows.why();
  }
  template <class Row>
  void list(std::string_view name, std::vector<Row>& to) {
    list(name, to, [](const Row&) { return core::result<core::nothing>{core::nothing{}}; });
  }
};

core::result<core::open_submission> read_submission(std::string_view text,
                                                    json::unknown_keys& unknown) {
  submission_reader r;
  r.how = {&unknown, true};
  if (const auto opened = json::open(text, r.body); !opened)
    return opened.why();
  core::open_submission what;
  const auto workflow = r.body.take("workflow");
  if (!workflow)
    return refuse(refusal::malformed, "missing field `workflow`");
  auto row = json::read<core::workflow_row>(*workflow, r.how);
  if (!row)
    return refuse(row.why().why, "workflow: " + row.why().message);
  if (const auto checked = check_workflow(*row); !checked)
    return refuse(checked.why().why, "workflow: " + checked.why().message);
  what.workflow = std::move(*row);
  r.list("files", what.files);
  r.list("user_data", what.user_data);
  r.list("resource_requirements", what.requirements, check_requirement);
  r.list("slurm_schedulers", what.schedulers);
  r.list("failure_handlers", what.handlers);
  if (r.wrong)
    return *r.wrong;
  std::string problem;
  if (!json::get(r.body, "job_count", what.job_count, problem))
    return refuse(refusal::malformed, problem);
  if (what.job_count < 0)
    return refuse(refusal::unprocessable, "job_count must not be negative");
  unknown.add(r.body);
  return what;
}

void open(const services& s, const call& c, core::open_submission what) {
  what.workflow.timestamp = core::to_iso8601(now());
  if (!c->in().user.empty())
    what.workflow.user = c->in().user;
  s.house.edit(std::move(what), unless_refused<core::edited>(c, [c](const core::edited& done) {
                 constexpr std::array names{"workflow_id",
                                            "first_file_id",
                                            "first_user_data_id",
                                            "first_resource_requirements_id",
                                            "first_slurm_scheduler_id",
                                            "first_failure_handler_id",
                                            "first_job_id"};
                 std::string body;
                 json::object o(body);
                 for (size_t i = 0; i < names.size() && i < done.ids.size(); ++i)
                   o.add(names[i], done.ids[i]);
                 o.close();
                 c->answer_json(std::move(body));
               }));
}

void add_jobs_to(const services& s, const call& c) {
  const core::workflow_id workflow{c->number(0)};
  with_body(
      s, c,
      [workflow](std::string_view body, json::unknown_keys& unknown) {
        return json::read_jobs(body, {&unknown, workflow, true, nullptr});
      },
      [&s, c, workflow](std::vector<core::job_row> jobs) {
        const auto count = static_cast<int64_t>(jobs.size());
        s.house.edit(core::create_jobs{workflow, std::move(jobs), true},
                     unless_refused<core::edited>(c, [c, count](const core::edited&) {
                       std::string body;
                       json::object(body).add("count", count).close();
                       c->answer_json(std::move(body));
                     }));
      });
}

core::result<core::close_submission> read_close(std::string_view text, json::unknown_keys& unknown,
                                                core::workflow_id workflow) {
  submission_reader r;
  r.how = {&unknown, true};
  if (const auto opened = json::open(text, r.body); !opened)
    return opened.why();
  core::close_submission what;
  what.workflow = workflow;
  r.list("actions", what.actions, check_action);
  if (r.wrong)
    return *r.wrong;
  for (auto& action : what.actions) {
    action.workflow = workflow;
    action.required_triggers = required_triggers(action);
  }
  unknown.add(r.body);
  return what;
}

void close(const services& s, const call& c, core::close_submission what) {
  s.house.edit(std::move(what), unless_refused<core::edited>(c, [c](const core::edited&) {
                 std::string body;
                 json::object(body).add("workflow_id", c->number(0)).close();
                 c->answer_json(std::move(body));
               }));
}

} // namespace

void add_submissions(router& to, const services& s) {
  to.on("POST", "/submissions", [&s](const call& c) {
    with_body(s, c, read_submission,
              [&s, c](core::open_submission what) { open(s, c, std::move(what)); });
  });
  to.on("POST", "/submissions/{workflow_id}/jobs", [&s](const call& c) { add_jobs_to(s, c); });
  to.on("POST", "/submissions/{workflow_id}/close", [&s](const call& c) {
    const core::workflow_id workflow{c->number(0)};
    if (c->in().body.empty())
      return close(s, c, {workflow, {}});
    with_body(
        s, c,
        [workflow](std::string_view body, json::unknown_keys& unknown) {
          return read_close(body, unknown, workflow);
        },
        [&s, c](core::close_submission what) { close(s, c, std::move(what)); });
  });
}

} // namespace torc::net::api
