#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/records/workflow_json.hpp"

namespace torc::cli {

namespace {

int get(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto workflow = server.get(workflow_path(*id));
  if (!workflow)
    return fail(c, workflow.why().message);
  if (c.global.json())
    print_json(c.out, with_parsed_texts(*workflow));
  else
    print_members(c, *workflow);
  return exit_ok;
}

} // namespace

command workflows_get_command() {
  return {.name = "get",
          .summary = "Show everything about a workflow",
          .arguments = {workflow_id_argument()},
          .run = get};
}

} // namespace torc::cli
