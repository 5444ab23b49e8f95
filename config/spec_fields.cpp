#include "config/spec_fields.hpp"

#include "config/fields.hpp"

namespace torc::config {

namespace {

using kind = node::kind;

/// Reads the entries of a list with `read_one`. An entry of which it returns false is dropped.
/// @return false where an entry was dropped, or the whole list
template <class T, class F>
bool read_entries(fields& f, std::string_view key, std::vector<T>& out, F read_one) {
  const auto* list = f.find(key);
  if (!list)
    return true;
  if (list->is != kind::list) {
    f.wrong().add(list->at,
                  std::string(key) + " must be a list, but is " + std::string(describe(*list)));
    return false;
  }
  bool good = true;
  out.reserve(list->items.size());
  for (const auto& item : list->items) {
    T entry;
    if constexpr (requires { entry.at; })
      entry.at = item.at;
    if (read_one(item, entry, f.wrong()))
      out.push_back(std::move(entry));
    else
      good = false;
  }
  return good;
}

bool read_parameters(fields& f, std::vector<core::parameter_spec>& out) {
  const auto* map = f.find("parameters");
  if (!map)
    return true;
  auto& wrong = f.wrong();
  if (map->is != kind::map) {
    wrong.add(map->at, "parameters must be a map of names and values, but is " +
                           std::string(describe(*map)));
    return false;
  }
  bool all_good = true;
  for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
    bool good = true;
    const auto& value = map->items[i + 1];
    core::parameter_spec p;
    p.name = {map->items[i].text, map->items[i].at};
    p.text = {value.text, value.at};
    if (value.is == kind::list)
      p.items.emplace();
    for (const auto& item : value.items) {
      if (value.is == kind::map || item.is == kind::list || item.is == kind::map ||
          item.is == kind::null) {
        wrong.add(value.is == kind::map ? value.at : item.at,
                  "a value of parameter " + core::quoted(p.name.value) +
                      " must be a text or a number, but is " +
                      std::string(describe(value.is == kind::map ? value : item)));
        good = false;
        break;
      }
      p.items->push_back({item.text, item.is == kind::text});
    }
    if (value.is == kind::null || (value.is == kind::map && value.items.empty())) {
      wrong.add(value.at, "parameter " + core::quoted(p.name.value) +
                              " has no value; write a "
                              "range such as 1:100, or a list");
      good = false;
    }
    if (good)
      out.push_back(std::move(p));
    all_good = all_good && good;
  }
  return all_good;
}

/// What cannot be read is left out, so that the rest is still checked.
void read_sweep(fields& f, core::sweep_spec& out) {
  const bool parameters = read_parameters(f, out.parameters);
  const bool mode = f.optional("parameter_mode", out.parameter_mode);
  out.unreadable = !f.optional("use_parameters", out.use_parameters) || !parameters || !mode;
}

bool read_stdio(const node& n, core::stdio_spec& out, core::complaints& wrong) {
  fields f(n, "stdio", wrong);
  f.optional("mode", out.mode);
  f.optional("delete_on_success", out.delete_on_success);
  f.finish();
  return f.readable();
}

void read_stdio(fields& f, std::optional<core::stdio_spec>& out) {
  if (const auto* n = f.find("stdio")) {
    core::stdio_spec s;
    if (read_stdio(*n, s, f.wrong()))
      out = std::move(s);
  }
}

void read_variables(fields& f, core::variable_list& out) {
  const auto* n = f.find("env");
  if (!n || !fields(*n, "env", f.wrong()).readable())
    return;
  for (size_t i = 0; i + 1 < n->items.size(); i += 2) {
    const auto& value = n->items[i + 1];
    if (value.is == node::kind::text)
      out.push_back({{n->items[i].text, n->items[i].at}, {value.text, value.at}});
    else
      f.wrong().add(value.at, "the value of " + n->items[i].text + " in env must be a text, not " +
                                  std::string(describe(value)) + "; put it into quotes");
  }
}

bool read_job(const node& n, core::job_spec& job, core::complaints& wrong) {
  fields f(n, "job", wrong);
  const bool named = f.required("name", job.name);
  f.required("command", job.command);
  f.optional("invocation_script", job.invocation_script);
  f.optional("cancel_on_blocking_job_failure", job.cancel_on_blocking_job_failure);
  f.optional("supports_termination", job.supports_termination);
  f.optional("resource_requirements", job.resource_requirements);
  f.optional("failure_handler", job.failure_handler);
  f.optional("depends_on", job.depends_on);
  f.optional("depends_on_regexes", job.depends_on_regexes);
  f.optional("input_files", job.input_files);
  f.optional("input_file_regexes", job.input_file_regexes);
  f.optional("output_files", job.output_files);
  f.optional("output_file_regexes", job.output_file_regexes);
  f.optional("input_user_data", job.input_user_data);
  f.optional("input_user_data_regexes", job.input_user_data_regexes);
  f.optional("output_user_data", job.output_user_data);
  f.optional("output_user_data_regexes", job.output_user_data_regexes);
  f.optional("scheduler", job.scheduler);
  f.optional("priority", job.priority);
  f.optional("labels", job.labels);
  read_variables(f, job.env);
  read_sweep(f, job.sweep);
  read_stdio(f, job.stdio);
  f.finish();
  return named;
}

bool read_file(const node& n, core::file_spec& file, core::complaints& wrong) {
  fields f(n, "file", wrong);
  const bool named = f.required("name", file.name);
  if (!f.required("path", file.path))
    file.path.value = "?"; // Complained about already; its name may still be used.
  f.optional("st_mtime", file.mtime);
  read_sweep(f, file.sweep);
  f.finish();
  return named;
}

bool read_user_data(const node& n, core::user_data_spec& data, core::complaints& wrong) {
  fields f(n, "user_data entry", wrong);
  f.optional("is_ephemeral", data.is_ephemeral);
  const bool named = f.optional("name", data.name);
  if (const auto* value = f.find("data"))
    data.data = core::json_text{to_json(*value)};
  f.finish();
  return named && f.readable();
}

bool read_requirement(const node& n, core::requirement_spec& r, core::complaints& wrong) {
  fields f(n, "resource_requirements entry", wrong);
  const bool named = f.required("name", r.name);
  f.required("num_cpus", r.num_cpus);
  f.optional("num_gpus", r.num_gpus);
  f.optional("num_nodes", r.num_nodes);
  if (!f.required("memory", r.memory))
    r.memory.value = "1m"; // Complained about already.
  f.optional("runtime", r.runtime);
  f.finish();
  return named;
}

bool read_rule(const node& n, core::failure_rule_spec& rule, core::complaints& wrong) {
  fields f(n, "rule", wrong);
  const bool codes = f.optional("exit_codes", rule.exit_codes);
  f.optional("match_all_exit_codes", rule.match_all_exit_codes);
  f.optional("recovery_script", rule.recovery_script);
  f.optional("max_retries", rule.max_retries);
  f.finish();
  return f.readable() && codes;
}

bool read_handler(const node& n, core::failure_handler_spec& h, core::complaints& wrong) {
  fields f(n, "failure_handlers entry", wrong);
  const bool named = f.required("name", h.name);
  if (f.readable() && !f.find("rules"))
    wrong.add(n.at, "this failure_handlers entry has no rules; add them");
  read_entries(f, "rules", h.rules, read_rule);
  f.finish();
  return named;
}

bool read_scheduler(const node& n, core::slurm_scheduler_spec& s, core::complaints& wrong) {
  fields f(n, "slurm_schedulers entry", wrong);
  const bool named = f.optional("name", s.name);
  f.required("account", s.account);
  f.optional("gres", s.gres);
  f.optional("mem", s.mem);
  f.optional("nodes", s.nodes);
  f.optional("ntasks_per_node", s.ntasks_per_node);
  f.optional("partition", s.partition);
  f.optional("qos", s.qos);
  f.optional("tmp", s.tmp);
  f.optional("walltime", s.walltime);
  f.optional("extra", s.extra);
  f.finish();
  return named && f.readable();
}

bool read_action(const node& n, core::action_spec& a, core::complaints& wrong) {
  fields f(n, "action", wrong);
  const bool trigger = f.required("trigger_type", a.trigger_type);
  const bool type = f.required("action_type", a.action_type);
  const bool jobs = f.optional("jobs", a.jobs);
  const bool regexes = f.optional("job_name_regexes", a.job_name_regexes);
  const bool commands = f.optional("commands", a.commands);
  f.optional("scheduler", a.scheduler);
  f.optional("scheduler_type", a.scheduler_type);
  f.optional("num_allocations", a.num_allocations);
  f.optional("start_one_worker_per_node", a.start_one_worker_per_node);
  f.optional("max_parallel_jobs", a.max_parallel_jobs);
  f.optional("persistent", a.persistent);
  f.finish();
  return trigger && type && jobs && regexes && commands;
}

void read_monitor(fields& f, std::optional<core::resource_monitor_spec>& out) {
  const auto* n = f.find("resource_monitor");
  if (!n)
    return;
  fields m(*n, "resource_monitor", f.wrong());
  auto& monitor = out.emplace();
  m.optional("enabled", monitor.enabled);
  m.optional("granularity", monitor.granularity);
  m.optional("sample_interval_seconds", monitor.sample_interval_seconds);
  m.optional("generate_plots", monitor.generate_plots);
  m.finish_leniently(); // torc takes any key here, and its own examples carry a stale one.
}

void read_slurm_defaults(fields& f, std::optional<core::slurm_defaults_spec>& out) {
  const auto* n = f.find("slurm_defaults");
  if (!n || !fields(*n, "slurm_defaults", f.wrong()).readable())
    return;
  auto& defaults = out.emplace();
  for (size_t i = 0; i + 1 < n->items.size(); i += 2)
    defaults.keys.push_back({n->items[i].text, n->items[i].at});
  defaults.map.text = to_json(*n);
}

void read_execution(fields& f, std::optional<core::execution_spec>& out) {
  const auto* n = f.find("execution_config");
  if (!n)
    return;
  fields e(*n, "execution_config", f.wrong());
  auto& config = out.emplace();
  e.optional("mode", config.mode);
  e.optional("sigkill_headroom_seconds", config.sigkill_headroom_seconds);
  e.optional("timeout_exit_code", config.timeout_exit_code);
  e.optional("staggered_start", config.staggered_start);
  e.optional("limit_resources", config.limit_resources);
  e.optional("termination_signal", config.termination_signal);
  e.optional("sigterm_lead_seconds", config.sigterm_lead_seconds);
  e.optional("oom_exit_code", config.oom_exit_code);
  e.optional("srun_termination_signal", config.srun_termination_signal);
  e.optional("enable_cpu_bind", config.enable_cpu_bind);
  read_stdio(e, config.stdio);
  const auto* overrides = e.find("job_stdio_overrides");
  if (overrides && fields(*overrides, "job_stdio_overrides", f.wrong()).readable())
    for (size_t i = 0; i + 1 < overrides->items.size(); i += 2) {
      const auto& key = overrides->items[i];
      core::stdio_spec s;
      if (read_stdio(overrides->items[i + 1], s, f.wrong()))
        config.job_stdio_overrides.push_back({{key.text, key.at}, s});
    }
  e.finish();
}

/// A key of torc's past that its users still have in their files.
void refuse_slurm_config(const node& document, core::complaints& wrong) {
  for (size_t i = 0; i + 1 < document.items.size(); i += 2)
    if (document.items[i].text == "slurm_config")
      wrong.add(document.items[i].at,
                "slurm_config is no more; put its settings into "
                "execution_config, and options of sbatch into slurm_defaults");
}

} // namespace

core::workflow_spec read_fields(const node& document, core::complaints& wrong) {
  core::workflow_spec spec;
  fields f(document, "workflow spec", wrong);
  if (!f.required("name", spec.name))
    spec.name.value = "?"; // Complained about already.
  f.optional("user", spec.user);
  f.optional("description", spec.description);
  spec.missing.parameters = !read_parameters(f, spec.parameters);
  f.optional("compute_node_expiration_buffer_seconds", spec.compute_node_expiration_buffer_seconds);
  f.optional("compute_node_wait_for_new_jobs_seconds", spec.compute_node_wait_for_new_jobs_seconds);
  f.optional("compute_node_ignore_workflow_completion",
             spec.compute_node_ignore_workflow_completion);
  f.optional("compute_node_wait_for_healthy_database_minutes",
             spec.compute_node_wait_for_healthy_database_minutes);
  f.optional("jobs_sort_method", spec.jobs_sort_method);
  if (f.readable() && !f.find("jobs"))
    wrong.add(document.at, "this workflow spec has no jobs; add them");
  spec.missing.jobs = !read_entries(f, "jobs", spec.jobs, read_job);
  spec.missing.files = !read_entries(f, "files", spec.files, read_file);
  spec.missing.user_data = !read_entries(f, "user_data", spec.user_data, read_user_data);
  spec.missing.requirements =
      !read_entries(f, "resource_requirements", spec.resource_requirements, read_requirement);
  spec.missing.handlers = !read_entries(f, "failure_handlers", spec.failure_handlers, read_handler);
  spec.missing.schedulers =
      !read_entries(f, "slurm_schedulers", spec.slurm_schedulers, read_scheduler);
  read_slurm_defaults(f, spec.slurm_defaults);
  read_monitor(f, spec.resource_monitor);
  read_entries(f, "actions", spec.actions, read_action);
  f.optional("use_pending_failed", spec.use_pending_failed);
  f.optional("enable_ro_crate", spec.enable_ro_crate);
  f.optional("project", spec.project);
  f.optional("metadata", spec.metadata);
  read_execution(f, spec.execution_config);
  read_variables(f, spec.env);
  if (f.find("slurm_config"))
    refuse_slurm_config(document, wrong);
  f.finish();
  return spec;
}

} // namespace torc::config
