#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <set>

namespace torc::cli {

namespace {

/// Jobs whose results came from compute nodes of one allocation.
core::result<json::array> jobs_of(api& server, const json::value& node) {
  const auto workflow = std::to_string(integer_member(node, "workflow_id"));
  std::set<int64_t> nodes;
  auto read = server.each("/compute_nodes?workflow_id=" + workflow + "&scheduled_compute_node_id=" +
                              std::to_string(integer_member(node, "id")),
                          [&](const json::value& n) {
                            nodes.insert(integer_member(n, "id"));
                            return true;
                          });
  if (!read)
    return read.why();
  std::set<int64_t> ids;
  for (const auto compute_node : nodes) {
    auto results = server.each("/results?all_runs=true&workflow_id=" + workflow +
                                   "&compute_node_id=" + std::to_string(compute_node),
                               [&](const json::value& r) {
                                 ids.insert(integer_member(r, "job_id"));
                                 return true;
                               });
    if (!results)
      return results.why();
  }
  json::array jobs;
  auto listed = server.each("/jobs?workflow_id=" + workflow, [&](const json::value& job) {
    if (ids.count(integer_member(job, "id")) > 0)
      jobs.push_back(job);
    return true;
  });
  if (!listed)
    return listed.why();
  return jobs;
}

int list(call& c) {
  const auto id = parse_id(c.arguments[0], "id of a scheduled compute node");
  if (!id)
    return fail(c, id.why().message);
  auto server = server_of(c);
  const auto node = server.get("/scheduled_compute_nodes/" + std::to_string(*id));
  if (!node)
    return fail(c, node.why().message);
  const auto jobs = jobs_of(server, *node);
  if (!jobs)
    return fail(c, jobs.why().message);
  print_list(c, "jobs", *jobs,
             {plain("ID", "id"), plain("Name", "name"), plain("Status", "status"),
              plain("Command", "command")});
  return exit_ok;
}

} // namespace

command scheduled_nodes_jobs_command() {
  return {.name = "list-jobs",
          .summary = "List the jobs that ran on a scheduled compute node",
          .arguments = {{"id", "the scheduled compute node"}},
          .run = list};
}

} // namespace torc::cli
