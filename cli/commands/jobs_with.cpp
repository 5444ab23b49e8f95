#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <map>
#include <ostream>

namespace torc::cli {

namespace {

/// Jobs beside one record each that they refer to, as torc prints them.
struct pairing {
  const char* id_of_job; ///< the job's member that names the record
  const char* list_path; ///< all such records of a workflow
  json::object (*joined)(const json::value& job, const json::value& record);
};

void options(po::options_description& to) {
  to.add_options()("job-id,j", po::value<int64_t>()->value_name("ID"), "only of this job");
}

core::result<json::array> jobs_of(call& c, api& server) {
  if (const auto only = c.maybe<int64_t>("job-id")) {
    auto job = server.get("/jobs/" + std::to_string(*only));
    if (!job)
      return job.why();
    json::array one;
    one.push_back(std::move(*job));
    return one;
  }
  const auto workflow = workflow_argument(c, server);
  if (!workflow)
    return workflow.why();
  json::array jobs;
  auto read =
      server.each("/jobs?workflow_id=" + std::to_string(*workflow), [&](const json::value& job) {
        jobs.push_back(job);
        return true;
      });
  if (!read)
    return read.why();
  return jobs;
}

core::result<json::array> pairs_of(call& c, api& server, const pairing& p) {
  const auto jobs = jobs_of(c, server);
  if (!jobs)
    return jobs.why();
  if (jobs->empty())
    return json::array();
  std::string path = p.list_path;
  path.replace(path.find("{}"), 2, cell(member(jobs->front(), "workflow_id")));
  std::map<int64_t, json::value> records;
  auto read = server.each(path, [&](const json::value& r) {
    records[integer_member(r, "id")] = r;
    return true;
  });
  if (!read)
    return read.why();
  json::array pairs;
  for (const auto& job : *jobs)
    if (const auto found = records.find(integer_member(job, p.id_of_job)); found != records.end())
      pairs.push_back(p.joined(job, found->second));
  return pairs;
}

int list(call& c, const pairing& p, const std::vector<column>& columns) {
  auto server = server_of(c);
  const auto pairs = pairs_of(c, server, p);
  if (!pairs)
    return fail(c, pairs.why().message);
  if (c.global.json())
    print_json(c.out, *pairs); // the one list that torc prints without a name
  else
    print_list(c, "jobs", *pairs, columns);
  return exit_ok;
}

int list_needs(call& c) {
  const pairing p{"resource_requirements_id", "/resource_requirements?workflow_id={}",
                  [](const json::value& job, const json::value& needs) {
                    json::object o{{"job_id", member(job, "id")},
                                   {"job_name", member(job, "name")},
                                   {"rr_id", member(needs, "id")},
                                   {"rr_name", member(needs, "name")}};
                    for (const auto* name :
                         {"workflow_id", "num_cpus", "num_gpus", "num_nodes", "memory", "runtime"})
                      o[name] = member(needs, name);
                    return o;
                  }};
  return list(c, p,
              {plain("Job ID", "job_id"), plain("Job Name", "job_name"), plain("RR ID", "rr_id"),
               plain("RR Name", "rr_name"), plain("CPUs", "num_cpus"), plain("GPUs", "num_gpus"),
               plain("Nodes", "num_nodes"), plain("Memory", "memory"),
               plain("Runtime", "runtime")});
}

int list_handlers(call& c) {
  const pairing p{"failure_handler_id", "/workflows/{}/failure_handlers?",
                  [](const json::value& job, const json::value& handler) {
                    return json::object{{"job_id", member(job, "id")},
                                        {"job_name", member(job, "name")},
                                        {"failure_handler_id", member(handler, "id")},
                                        {"failure_handler_name", member(handler, "name")},
                                        {"rules", member(handler, "rules")}};
                  }};
  return list(c, p,
              {plain("Job ID", "job_id"), plain("Job Name", "job_name"),
               plain("Handler ID", "failure_handler_id"),
               plain("Handler Name", "failure_handler_name"), plain("Rules", "rules")});
}

} // namespace

command jobs_needs_command() {
  return {.name = "list-resource-requirements",
          .summary = "List jobs with what they need of a machine",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = list_needs};
}

command jobs_handlers_command() {
  return {.name = "list-failure-handlers",
          .summary = "List jobs that have a failure handler, with its rules",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = list_handlers};
}

} // namespace torc::cli
