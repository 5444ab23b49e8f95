#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"

namespace torc::cli {

namespace {

std::vector<field> slurm_fields(bool of_new) {
  const auto unless_said = [&](const char* value) { return of_new ? value : nullptr; };
  const auto letter = [&](const char* of_create, const char* of_update) {
    return of_new ? of_create : of_update;
  };
  return {{.option = letter("name,n", "name,N"),
           .member = "name",
           .about = "what actions call it",
           .needed = of_new},
          {.option = "account,a",
           .member = "account",
           .about = "who pays for the allocations",
           .needed = of_new},
          {"gres,g", "gres", "generic resources of a node, such as gpu:2"},
          {"mem,m", "mem", "memory of a node, such as 180G"},
          {letter("nodes,N", "nodes,n"), "nodes", "nodes of an allocation", kind::whole,
           unless_said("1")},
          {"partition,p", "partition", "the partition; the cluster's own choice without it"},
          {"qos,q", "qos", "quality of service", kind::text, unless_said("normal")},
          {"tmp,t", "tmp", "scratch space on a node"},
          {letter("walltime,W", "walltime"), "walltime", "longest life of an allocation",
           kind::text, unless_said("04:00:00")},
          {"extra,e", "extra", "what else sbatch is to be told"}};
}

std::string attempt(const json::value& s) {
  return cell(member(s, "run_id")) + "." + cell(member(s, "attempt_id"));
}

} // namespace

std::vector<command> slurm_commands() {
  auto all = commands_of({.one = "Slurm configuration",
                          .many = "Slurm configurations",
                          .path = "/slurm_schedulers",
                          .list = "slurm_schedulers",
                          .list_path = "/slurm_schedulers?workflow_id={}",
                          .columns = {{"ID", "id"},
                                      {"Name", "name"},
                                      {"Account", "account"},
                                      {"Nodes", "nodes"},
                                      {"Walltime", "walltime"},
                                      {"Partition", "partition"},
                                      {"QOS", "qos"}},
                          .made_of = slurm_fields(true),
                          .changed = slurm_fields(false),
                          .pages = paging::pages});
  all.push_back(
      command_of({.name = "stats",
                  .summary = "List what Slurm measured of the jobs",
                  .path = "/slurm_stats?workflow_id={}",
                  .words = {{word::is::id, "workflow_id", "the workflow"}},
                  .fields = {{"job-id", "job_id", "only of this job", kind::whole},
                             {"run-id", "run_id", "only of this run", kind::whole},
                             {"attempt-id", "attempt_id", "only of this attempt", kind::whole}},
                  .list = "items",
                  .columns = {{"Job ID", "job_id"},
                              {"Run.Attempt", "", attempt},
                              {"Slurm Job", "slurm_job_id"},
                              {"Max RSS", "max_rss_bytes"},
                              {"CPU s", "ave_cpu_seconds"},
                              {"Nodes", "node_list"}}}));
  return all;
}

std::vector<command> failure_handler_commands() {
  return commands_of({.one = "failure handler",
                      .many = "failure handlers",
                      .path = "/failure_handlers",
                      .list = "failure_handlers",
                      .list_path = "/workflows/{}/failure_handlers",
                      .columns = {{"ID", "id"}, {"Name", "name"}, {"Rules", "rules"}},
                      .pages = paging::pages,
                      .deleted = false});
}

} // namespace torc::cli
