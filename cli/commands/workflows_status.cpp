#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/live_view.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int status(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  auto row = server.get(workflow_path(*id, "/status"));
  if (!row)
    return fail(c, row.why().message);
  const auto counts = job_counts(server, *id, *row);
  if (!counts)
    return fail(c, counts.why().message);
  int64_t total = 0;
  for (const auto& [name, n] : *counts)
    total += n;
  if (c.global.json()) {
    json::object by_status;
    for (const auto& [name, n] : *counts)
      by_status[name] = n;
    auto& o = row->as_object();
    o["total_jobs"] = total;
    o["jobs_by_status"] = by_status;
    print_json(c.out, *row);
    return exit_ok;
  }
  const auto yes_no = [&](const char* name) { return bool_member(*row, name) ? "true" : "false"; };
  c.out << "Workflow Status for ID " << *id << ":\n"
        << "  Status ID:   " << integer_member(*row, "id", *id) << '\n'
        << "  Run ID:      " << integer_member(*row, "run_id") << '\n'
        << "  Is Canceled: " << yes_no("is_canceled") << '\n'
        << "  Is Archived: " << yes_no("is_archived") << '\n'
        << "  Jobs:        " << grouped(total) << '\n';
  for (const auto& [name, n] : *counts)
    c.out << "    " << name << std::string(15 - std::min<size_t>(name.size(), 14), ' ')
          << grouped(n) << '\n';
  return exit_ok;
}

} // namespace

command workflows_status_command() {
  return {.name = "status",
          .summary = "Show where a workflow stands, with its job counts",
          .arguments = {workflow_id_argument()},
          .run = status};
}

} // namespace torc::cli
