#include "net/api/all.hpp"
#include "net/api/crud.hpp"

#include <unordered_set>

namespace torc::net::api {

namespace {

using core::file_row;

struct file_question {
  core::filter base;
  std::optional<int64_t> produced_by_job_id;
  std::optional<bool> is_output;
};

/// The files of the workflow that some job, or the one asked for, writes.
std::unordered_set<int64_t> outputs(core::read_model& r, const file_question& ask) {
  std::unordered_set<int64_t> ids;
  const auto take = [&](const core::job_row& job) {
    if (job.output_file_ids)
      ids.insert(job.output_file_ids->begin(), job.output_file_ids->end());
  };
  if (ask.produced_by_job_id) {
    if (const auto job = r.job(core::job_id{*ask.produced_by_job_id}))
      take(*job);
    return ids;
  }
  core::job_filter jobs;
  jobs.workflow = ask.base.workflow;
  jobs.include_relationships = true;
  for (const auto& job : r.jobs(jobs).items)
    take(job);
  return ids;
}

reply list_files(core::read_model& r, const file_question& ask) {
  if (!ask.produced_by_job_id && !ask.is_output)
    return page_reply<file_row>(r, ask.base);
  if (!r.workflow(ask.base.workflow))
    return refusal_reply(no_workflow(ask.base.workflow));
  const auto ids = outputs(r, ask);
  const bool wanted = ask.is_output.value_or(true);
  return wanted_page_reply<file_row>(
      r, ask.base, [&](const file_row& f) { return ids.contains(f.id.value) == wanted; });
}

resource<file_row> files() {
  resource<file_row> as;
  as.path = "/files";
  as.noun = "file";
  as.filters = {{"name"}, {"path"}};
  as.erased = [](int64_t count, core::workflow_id) {
    std::string body;
    json::object(body).add("deleted_count", count).close();
    return body;
  };
  return as;
}

} // namespace

void add_files(router& to, const services& s) {
  const auto as = files();
  add_create(to, s, as);
  add_get(to, s, as);
  add_replace(to, s, as);
  add_erase(to, s, as);
  add_erase_all(to, s, as);
  to.on("GET", "/files", [&s, columns = as.filters](const call& c) {
    query_reader q(c->in());
    const file_question ask{read_filter(q, columns), q.integer("produced_by_job_id"),
                            q.flag("is_output")};
    if (!q.refused(c))
      reply_by_reading(s, c, [ask](core::read_model& r) { return list_files(r, ask); });
  });
}

} // namespace torc::net::api
