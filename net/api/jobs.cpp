#include "net/api/all.hpp"
#include "net/json/job.hpp"
#include "net/json/progress.hpp"
#include "net/keyed_house.hpp"
#include "telemetry/call_span.hpp"

#include <numeric>

namespace torc::net::api {

namespace {

using core::job_id;
using core::job_row;
using core::workflow_id;
using job_rows = std::vector<job_row>;

/// The requirement that jobs without one of their own get.
core::requirement_id default_requirement(core::read_model& r, workflow_id workflow) {
  core::filter f;
  f.workflow = workflow;
  f.equals.emplace_back("name", "default");
  const auto page = r.page_where<core::requirement_row>(f);
  return page.items.empty() ? core::requirement_id{} : page.items.front().id;
}

/// A workflow's environment is each of its jobs' own when they are created.
void show_environments(core::read_model& r, job_rows& jobs) {
  const auto workflow = r.workflow(jobs.front().workflow);
  if (!workflow || !workflow->env)
    return;
  std::vector<int64_t> ids;
  for (const auto& job : jobs)
    ids.push_back(job.id.value);
  const auto stored = r.jobs_by_id(ids, false);
  for (size_t i = 0; i < stored.size() && stored.size() == jobs.size(); ++i)
    jobs[i].env = stored[i].env;
}

/// Adds jobs, then shows them as they were sent, with their ids and requirements.
void create(const services& s, const call& c, job_rows jobs,
            std::function<reply(const job_rows&)> show) {
  const auto workflow = jobs.front().workflow;
  for (const auto& job : jobs)
    if (job.workflow != workflow)
      return c->refuse(core::refuse(core::refusal::unprocessable,
                                    "all jobs of one call must be of one workflow; these are of " +
                                        std::to_string(workflow.value) + " and " +
                                        std::to_string(job.workflow.value)));
  if (const auto& span = telemetry::current_call()) {
    span->note("workflow_id", workflow.value);
    span->note("jobs", static_cast<int64_t>(jobs.size()));
  }
  const auto shown = std::make_shared<job_rows>(jobs);
  s.house.edit(core::create_jobs{workflow, std::move(jobs), false},
               unless_refused<core::edited>(c, [&s, c, shown, show](const core::edited& done) {
                 for (size_t i = 0; i < done.ids.size() && i < shown->size(); ++i)
                   (*shown)[i].id.value = done.ids[i];
                 reply_by_reading(s, c, [shown, show](core::read_model& r) {
                   const auto normal = default_requirement(r, shown->front().workflow);
                   show_environments(r, *shown);
                   for (auto& job : *shown)
                     if (!job.requirement)
                       job.requirement = normal;
                   return show(*shown);
                 });
               }));
}

void create_one(const services& s, const call& c) {
  with_body(
      s, c,
      [](std::string_view body, json::unknown_keys& unknown) {
        json::members scratch;
        return json::read_job(body, {&unknown, {}, false, nullptr}, scratch);
      },
      [&s, c](job_row job) {
        create(s, c, {std::move(job)},
               [](const job_rows& jobs) { return job_reply(jobs.front()); });
      });
}

void create_many(const services& s, const call& c) {
  with_body(
      s, c,
      [](std::string_view body, json::unknown_keys& unknown) {
        return json::read_jobs(body, {&unknown, {}, false, nullptr});
      },
      [&s, c](job_rows jobs) {
        if (jobs.empty())
          return c->answer_json(R"({"jobs":[]})");
        create(s, c, std::move(jobs), [](const job_rows& created) {
          std::string body;
          json::object o(body);
          json::put_list(o.key("jobs"), created,
                         [&](const job_row& j) { json::write_job(body, j); });
          o.close();
          return json_reply(std::move(body));
        });
      });
}

core::job_filter read_job_filter(query_reader& q) {
  core::job_filter f;
  f.workflow.value = q.must_integer("workflow_id");
  if (const auto name = q.text("status")) {
    f.status = core::job_status_from(std::string_view(*name));
    if (!f.status)
      q.complain("status", "Value not valid: " + *name);
  }
  f.needs_file_id = q.integer("needs_file_id");
  f.upstream_job_id = q.integer("upstream_job_id");
  f.active_compute_node_id = q.integer("active_compute_node_id");
  f.labels = read_labels(q);
  f.include_relationships = q.flag("include_relationships").value_or(false);
  f.at = read_page(q);
  return f;
}

/// The rooms' counts are there; a list by what they do not count is counted on the disk.
std::optional<int64_t> total_of(const core::progress& all, const core::job_filter& f) {
  const auto at = all.workflows.find(f.workflow);
  if (at == all.workflows.end() || f.needs_file_id || f.upstream_job_id ||
      f.active_compute_node_id || f.labels)
    return std::nullopt;
  const auto counts = json::sum_of(*at->second).by_status;
  if (f.status)
    return counts.at(static_cast<size_t>(*f.status));
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

reply list(core::read_model& r, const core::job_filter& f) {
  if (!r.workflow(f.workflow))
    return refusal_reply(no_workflow(f.workflow));
  const auto page = r.jobs(f);
  return list_reply(page.items, f.at.offset, page.total, &json::write_job);
}

/// Replies with what it deleted.
void remove_one(const services& s, const call& c) {
  const job_id id{c->number(0)};
  read_then(
      s, [id](core::read_model& r) { return r.job(id); },
      [&s, c, id](std::optional<job_row> job) {
        if (!job)
          return c->refuse(not_found("job", id.value));
        foretell(c, job_reply(*job));
        s.house.control(core::remove_jobs{job->workflow, false, {id}},
                        unless_refused<core::done>(
                            c, [c, job](const core::done&) { c->answer(job_reply(*job)); }));
      });
}

void remove_all(const services& s, const call& c) {
  query_reader q(c->in());
  const workflow_id workflow{q.must_integer("workflow_id")};
  if (q.refused(c))
    return;
  s.house.control(core::remove_jobs{workflow, true, {}},
                  unless_refused<core::done>(c, [c](const core::done& done) {
                    std::string body;
                    json::object(body).add("count", done.count).close();
                    c->answer_json(std::move(body));
                  }));
}

} // namespace

void add_jobs(router& to, const services& s) {
  to.on("POST", "/jobs", [&s](const call& c) { create_one(s, c); });
  to.on("POST", "/bulk_jobs", [&s](const call& c) { create_many(s, c); });
  to.on("GET", "/jobs", [&s](const call& c) {
    query_reader q(c->in());
    auto f = read_job_filter(q);
    f.total = total_of(*s.house.progress(), f);
    if (!q.refused(c))
      reply_by_reading(s, c, [f](core::read_model& r) { return list(r, f); });
  });
  to.on("GET", "/jobs/{id}", [&s](const call& c) {
    reply_by_reading(s, c, [id = job_id{c->number(0)}](core::read_model& r) {
      const auto job = r.job(id);
      return job ? job_reply(*job) : refusal_reply(not_found("job", id.value));
    });
  });
  to.on("DELETE", "/jobs/{id}", [&s](const call& c) { remove_one(s, c); });
  to.on("DELETE", "/jobs", [&s](const call& c) { remove_all(s, c); });
}

} // namespace torc::net::api
