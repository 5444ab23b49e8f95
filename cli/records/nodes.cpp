#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"
#include "cli/run/summary.hpp"

namespace torc::cli {

namespace {

std::string lifetime(const json::value& node) {
  const auto seconds = number(member(node, "duration_seconds"));
  return seconds ? duration_text(*seconds) : std::string("-");
}

std::vector<field> requirement_fields(bool of_new) {
  const auto unless_said = [&](const char* value) { return of_new ? value : nullptr; };
  return {{.option = "name,n", .member = "name", .about = "what jobs call them", .needed = of_new},
          {"num-cpus", "num_cpus", "CPUs a job keeps busy", kind::whole, unless_said("1")},
          {"num-gpus", "num_gpus", "GPUs a job needs", kind::whole, unless_said("0")},
          {"num-nodes", "num_nodes", "nodes a job spreads over", kind::whole, unless_said("1")},
          {"memory,m", "memory", "memory, such as 512m or 20g", kind::text, unless_said("1m")},
          {"runtime,r", "runtime", "longest run, such as PT30M or P1DT2H", kind::text,
           unless_said("PT1M")}};
}

} // namespace

std::vector<command> requirement_commands() {
  return commands_of({.one = "resource requirements",
                      .many = "resource requirements",
                      .path = "/resource_requirements",
                      .list = "resource_requirements",
                      .list_path = "/resource_requirements?workflow_id={}",
                      .columns = {{"ID", "id"},
                                  {"Name", "name"},
                                  {"CPUs", "num_cpus"},
                                  {"GPUs", "num_gpus"},
                                  {"Nodes", "num_nodes"},
                                  {"Memory", "memory"},
                                  {"Runtime", "runtime"}},
                      .made_of = requirement_fields(true),
                      .changed = requirement_fields(false)});
}

std::vector<command> compute_node_commands() {
  return commands_of({.one = "compute node",
                      .many = "compute nodes",
                      .path = "/compute_nodes",
                      .list = "compute_nodes",
                      .list_path = "/compute_nodes?workflow_id={}",
                      .columns = {{"ID", "id"},
                                  {"Hostname", "hostname"},
                                  {"PID", "pid"},
                                  {"CPUs", "num_cpus"},
                                  {"Memory (GB)", "memory_gb"},
                                  {"GPUs", "num_gpus"},
                                  {"Labels", "labels"},
                                  {"Active", "is_active"},
                                  {"Start Time", "start_time"},
                                  {"Duration", "", lifetime}},
                      .filters = {{"scheduled-compute-node", "scheduled_compute_node_id",
                                   "only those of this scheduled node", kind::whole}},
                      .deleted = false});
}

std::vector<command> scheduled_node_commands() {
  return commands_of({.one = "scheduled compute node",
                      .many = "scheduled compute nodes",
                      .path = "/scheduled_compute_nodes",
                      .list = "scheduled_compute_nodes",
                      .list_path = "/scheduled_compute_nodes?workflow_id={}",
                      .columns = {{"ID", "id"},
                                  {"Scheduler ID", "scheduler_id"},
                                  {"Config ID", "scheduler_config_id"},
                                  {"Type", "scheduler_type"},
                                  {"Status", "status"}},
                      .filters = {{"scheduler-id", "scheduler_id", "only of this allocation"},
                                  {"scheduler-config-id", "scheduler_config_id",
                                   "only from this configuration", kind::whole},
                                  {"status", "status", "only with this status"}},
                      .deleted = false});
}

std::vector<command> remote_worker_commands() {
  return {command_of({.name = "list-workers",
                      .summary = "List the machines noted down for a workflow",
                      .path = "/workflows/{}/remote_workers",
                      .words = {the_workflow()},
                      .list = "remote_workers",
                      .columns = {{"Worker", "worker"}}}),
          command_of({.name = "remove-worker",
                      .summary = "Forget a machine",
                      .method = "DELETE",
                      .path = "/workflows/{1}/remote_workers/{0}",
                      .words = {{word::is::text, "worker", "as it was noted down"}, the_workflow()},
                      .said = "Removed worker {worker} from workflow {workflow_id}"})};
}

} // namespace torc::cli
