#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/summary.hpp"

namespace torc::cli {

namespace {

int list(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto page =
      server.get("/compute_nodes?workflow_id=" + std::to_string(*id) + paging_query(c));
  if (!page)
    return fail(c, page.why().message);
  print_list(c, "compute_nodes", list_member(*page, "items"),
             {plain("ID", "id"),
              plain("Hostname", "hostname"),
              plain("PID", "pid"),
              plain("CPUs", "num_cpus"),
              plain("Memory (GB)", "memory_gb"),
              plain("GPUs", "num_gpus"),
              plain("Active", "is_active"),
              plain("Start Time", "start_time"),
              {"Duration", [](const json::value& n) {
                 const auto seconds = number(member(n, "duration_seconds"));
                 return seconds ? duration_text(*seconds) : std::string("-");
               }}});
  return exit_ok;
}

} // namespace

command compute_nodes_list_command() {
  return {.name = "list",
          .summary = "List the machines that ran jobs of a workflow",
          .arguments = {workflow_id_argument()},
          .options = add_paging_options,
          .run = list};
}

} // namespace torc::cli
