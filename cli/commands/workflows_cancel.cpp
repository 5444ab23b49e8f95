#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/host.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int cancel(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const json::object whose{{"user", user_name()}};
  if (auto done = server.put(workflow_path(*id, "/cancel"), whose); !done)
    return fail(c, done.why().message);
  if (c.global.json())
    print_json(c.out, json::object{{"status", "success"},
                                   {"workflow_id", *id},
                                   {"canceled_slurm_jobs", json::array()},
                                   {"errors", json::array()}});
  else
    c.out << "Canceled workflow " << *id << '\n';
  return exit_ok;
}

} // namespace

command workflows_cancel_command() {
  return {.name = "cancel",
          .summary = "Stop a workflow: end its running jobs, start no others",
          .arguments = {workflow_id_argument()},
          .run = cancel};
}

} // namespace torc::cli
