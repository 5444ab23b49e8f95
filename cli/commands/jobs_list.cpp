#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "net/client.hpp"

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  add_paging_options(to);
  to.add_options()("status,s", po::value<std::string>()->value_name("STATUS"),
                   "only jobs in this status")("upstream-job-id",
                                               po::value<int64_t>()->value_name("ID"),
                                               "only jobs that wait directly for this one")(
      "include-relationships", po::bool_switch(), "with the ids of blockers, files and user data")(
      "exclude,x", po::value<std::vector<std::string>>()->value_name("COLUMN"),
      "leave this column out of the table");
}

int list(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  std::string query = "/jobs?workflow_id=" + std::to_string(*id);
  if (const auto status = c.maybe<std::string>("status"))
    query += "&status=" + net::encode(*status);
  if (const auto upstream = c.maybe<int64_t>("upstream-job-id"))
    query += "&upstream_job_id=" + std::to_string(*upstream);
  if (c.get<bool>("include-relationships"))
    query += "&include_relationships=true";
  const auto jobs = listed(c, server, query);
  if (!jobs)
    return fail(c, jobs.why().message);
  const auto excluded =
      c.maybe<std::vector<std::string>>("exclude").value_or(std::vector<std::string>{});
  std::vector<column> columns;
  const auto shown = [&](const char* header, const char* name) {
    return std::none_of(excluded.begin(), excluded.end(),
                        [&](const std::string& x) { return x == name || x == header; });
  };
  for (const auto& [header, name] :
       {std::pair{"ID", "id"}, std::pair{"Name", "name"}, std::pair{"Status", "status"},
        std::pair{"Command", "command"}})
    if (shown(header, name))
      columns.push_back(plain(header, name));
  if (shown("Labels", "labels") && std::any_of(jobs->begin(), jobs->end(), [](const auto& job) {
        return !list_member(job, "labels").empty();
      }))
    columns.push_back(plain("Labels", "labels"));
  print_list(c, "jobs", *jobs, columns);
  return exit_ok;
}

} // namespace

command jobs_list_command() {
  return {.name = "list",
          .summary = "List the jobs of a workflow",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = list};
}

} // namespace torc::cli
