#include "core/spec_rows.hpp"

#include "core/json_text.hpp"

#include <algorithm>
#include <set>

namespace torc::core {

namespace {

template <class T>
std::optional<T> value_of(const std::optional<placed<T>>& p) {
  return p ? std::optional<T>(p->value) : std::nullopt;
}

json_text to_json(const stdio_spec& s) {
  json_object o;
  o.add("mode", value_of(s.mode).value_or("separate"));
  o.add("delete_on_success", s.delete_on_success);
  return std::move(o).take();
}

std::string to_json(const std::vector<failure_rule_spec>& rules) {
  std::string list = "[";
  for (const auto& rule : rules) {
    json_object o;
    std::string codes;
    for (const auto& code : rule.exit_codes)
      codes += (codes.empty() ? "" : ",") + std::to_string(code.value);
    if (!codes.empty())
      o.add("exit_codes", json_text{'[' + codes + ']'});
    if (rule.match_all_exit_codes)
      o.add("match_all_exit_codes", true);
    o.add("recovery_script", rule.recovery_script);
    o.add("max_retries", rule.max_retries.value);
    list += (list.size() > 1 ? "," : "") + std::move(o).take().text;
  }
  return list + ']';
}

std::string to_json(const resource_monitor_spec& m) {
  json_object o;
  o.add("enabled", m.enabled);
  o.add("granularity", m.granularity.value);
  o.add("sample_interval_seconds", m.sample_interval_seconds.value);
  o.add("generate_plots", m.generate_plots);
  return std::move(o).take().text;
}

workflow_row to_row(const workflow_spec& spec) {
  constexpr int64_t default_wait_for_new_jobs_s = 90; // torc's client always sends it
  workflow_row w;
  w.name = spec.name.value;
  w.user = spec.user.value_or("");
  w.description = spec.description;
  w.compute_node_expiration_buffer_seconds = value_of(spec.compute_node_expiration_buffer_seconds);
  w.compute_node_wait_for_new_jobs_seconds =
      value_of(spec.compute_node_wait_for_new_jobs_seconds).value_or(default_wait_for_new_jobs_s);
  w.compute_node_ignore_workflow_completion = spec.compute_node_ignore_workflow_completion;
  w.compute_node_wait_for_healthy_database_minutes =
      value_of(spec.compute_node_wait_for_healthy_database_minutes);
  w.jobs_sort_method = value_of(spec.jobs_sort_method);
  if (spec.resource_monitor)
    w.resource_monitor_config = to_json(*spec.resource_monitor);
  if (spec.slurm_defaults)
    w.slurm_defaults = spec.slurm_defaults->map.text;
  w.use_pending_failed = spec.use_pending_failed;
  w.enable_ro_crate = spec.enable_ro_crate;
  w.project = spec.project;
  w.metadata = spec.metadata;
  return w;
}

requirement_row to_row(const requirement_spec& r) {
  requirement_row row;
  row.name = r.name.value;
  row.num_cpus = r.num_cpus.value;
  row.num_gpus = r.num_gpus.value;
  row.num_nodes = r.num_nodes.value;
  row.memory = r.memory.value;
  row.runtime = r.runtime.value;
  return row;
}

slurm_scheduler_row to_row(const slurm_scheduler_spec& s) {
  slurm_scheduler_row row;
  row.name = value_of(s.name);
  row.account = s.account;
  row.gres = s.gres;
  row.mem = s.mem;
  row.nodes = s.nodes.value;
  row.ntasks_per_node = value_of(s.ntasks_per_node);
  row.partition = s.partition;
  row.qos = s.qos;
  row.tmp = s.tmp;
  row.walltime = s.walltime;
  row.extra = s.extra;
  return row;
}

} // namespace

void fill_rows(const workflow_spec& spec, expanded_workflow& out) {
  out.workflow = to_row(spec);
  std::vector<std::pair<std::string, std::string>> env;
  for (const auto& [name, value] : spec.env)
    env.emplace_back(name.value, value.value);
  if (!env.empty())
    out.workflow.env = to_env(std::move(env));
  for (const auto& r : spec.resource_requirements)
    out.requirements.push_back(to_row(r));
  for (const auto& s : spec.slurm_schedulers)
    out.schedulers.push_back(to_row(s));
  for (const auto& h : spec.failure_handlers) {
    failure_handler_row row;
    row.name = h.name.value;
    row.rules = to_json(h.rules);
    out.handlers.push_back(std::move(row));
  }
  for (const auto& u : spec.user_data) {
    if (!u.name)
      continue;
    auto& row = out.user_data.emplace_back();
    row.name = u.name->value;
    row.is_ephemeral = u.is_ephemeral;
    row.data = u.data;
  }
}

std::optional<std::string> execution_config(const workflow_spec& spec,
                                            const std::vector<expanded_job>& jobs) {
  const bool own_stdio = std::any_of(spec.jobs.begin(), spec.jobs.end(),
                                     [](const job_spec& j) { return j.stdio.has_value(); });
  if (!spec.execution_config && !own_stdio)
    return std::nullopt;
  const execution_spec defaults;
  const auto& e = spec.execution_config ? *spec.execution_config : defaults;
  json_object overrides;
  std::set<std::string_view> overridden; // What a job says of itself wins.
  if (own_stdio)
    for (const auto& job : jobs)
      if (const auto& stdio = spec.jobs[job.spec].stdio) {
        overrides.add(job.name, to_json(*stdio));
        overridden.insert(job.name);
      }
  bool any = !overridden.empty();
  for (const auto& [name, stdio] : e.job_stdio_overrides)
    if (overridden.insert(name.value).second) {
      overrides.add(name.value, to_json(stdio));
      any = true;
    }
  json_object o;
  o.add("sigkill_headroom_seconds", value_of(e.sigkill_headroom_seconds));
  o.add("timeout_exit_code", value_of(e.timeout_exit_code));
  o.add("staggered_start", e.staggered_start);
  o.add("limit_resources", value_of(e.limit_resources));
  o.add("termination_signal", value_of(e.termination_signal));
  o.add("sigterm_lead_seconds", value_of(e.sigterm_lead_seconds));
  o.add("oom_exit_code", value_of(e.oom_exit_code));
  o.add("srun_termination_signal", value_of(e.srun_termination_signal));
  o.add("enable_cpu_bind", value_of(e.enable_cpu_bind));
  if (e.stdio)
    o.add("stdio", to_json(*e.stdio));
  if (any)
    o.add("job_stdio_overrides", std::move(overrides).take());
  if (e.mode.value == "auto" && o.empty())
    return std::nullopt;
  o.add("mode", e.mode.value);
  return std::move(o).take().text;
}

json_text action_config(const expanded_action& action, int64_t scheduler) {
  json_object o;
  if (action.action_type == "run_commands") {
    std::string commands = "[";
    for (const auto& command : action.commands)
      commands += (commands.size() > 1 ? "," : "") + json_string(command);
    o.add("commands", json_text{commands + ']'});
  } else {
    o.add("scheduler_type", action.scheduler_type);
    o.add("scheduler_id", scheduler);
    o.add("num_allocations", action.num_allocations);
    o.add("start_one_worker_per_node", action.start_one_worker_per_node);
    o.add("max_parallel_jobs", action.max_parallel_jobs);
  }
  return std::move(o).take();
}

} // namespace torc::core
