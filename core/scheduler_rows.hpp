#pragma once

#include "core/workflow_rows.hpp"

#include <cstdint>

/// The schedulers that a workflow's jobs may name, and what Slurm says of an attempt.
namespace torc::core {

struct slurm_scheduler_row {
  static constexpr std::string_view table = "slurm_scheduler";
  scheduler_id id;
  workflow_id workflow;
  std::optional<std::string> name;
  std::string account;
  std::optional<std::string> gres;
  std::optional<std::string> mem;
  int64_t nodes = 1;
  std::optional<int64_t> ntasks_per_node;
  std::optional<std::string> partition;
  std::optional<std::string> qos;
  std::optional<std::string> tmp;
  std::string walltime;
  std::optional<std::string> extra;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("name", s.name, field::optional);
    f("account", s.account, field::required);
    f("gres", s.gres, field::optional);
    f("mem", s.mem, field::optional);
    f("nodes", s.nodes, field::required);
    f("ntasks_per_node", s.ntasks_per_node, field::optional);
    f("partition", s.partition, field::optional);
    f("qos", s.qos, field::optional);
    f("tmp", s.tmp, field::optional);
    f("walltime", s.walltime, field::required);
    f("extra", s.extra, field::optional);
  }
};

struct local_scheduler_row {
  static constexpr std::string_view table = "local_scheduler";
  scheduler_id id;
  workflow_id workflow;
  std::optional<std::string> name;
  std::optional<std::string> memory;
  std::optional<int64_t> num_cpus;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("name", s.name, field::optional);
    f("memory", s.memory, field::optional);
    f("num_cpus", s.num_cpus, field::optional);
  }
};

struct slurm_stats_row {
  static constexpr std::string_view table = "slurm_stats";
  core::id<struct slurm_stats_tag> id;
  workflow_id workflow;
  job_id job;
  int64_t run_id = 0;
  int64_t attempt_id = 1;
  std::optional<std::string> slurm_job_id;
  std::optional<int64_t> max_rss_bytes;
  std::optional<int64_t> max_vm_size_bytes;
  std::optional<int64_t> max_disk_read_bytes;
  std::optional<int64_t> max_disk_write_bytes;
  std::optional<double> ave_cpu_seconds;
  std::optional<std::string> node_list;

  template <class Self, class F>
  static void fields(Self& s, F&& f) {
    f("id", s.id, field::assigned);
    f("workflow_id", s.workflow, field::required);
    f("job_id", s.job, field::required);
    f("run_id", s.run_id, field::required);
    f("attempt_id", s.attempt_id, field::required);
    f("slurm_job_id", s.slurm_job_id, field::optional);
    f("max_rss_bytes", s.max_rss_bytes, field::optional);
    f("max_vm_size_bytes", s.max_vm_size_bytes, field::optional);
    f("max_disk_read_bytes", s.max_disk_read_bytes, field::optional);
    f("max_disk_write_bytes", s.max_disk_write_bytes, field::optional);
    f("ave_cpu_seconds", s.ave_cpu_seconds, field::optional);
    f("node_list", s.node_list, field::optional);
  }
};

} // namespace torc::core
