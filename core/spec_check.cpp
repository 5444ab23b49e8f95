#include "core/spec_check.hpp"

#include "core/resources.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace torc::core {

namespace {

constexpr int64_t int32_max = std::numeric_limits<int32_t>::max();
constexpr int64_t int32_min = std::numeric_limits<int32_t>::min();

class checker {
public:
  checker(const workflow_spec& spec, complaints& wrong) : spec_(spec), wrong_(wrong) {}

  void run() {
    text("name", spec_.name);
    at_least(spec_.compute_node_wait_for_new_jobs_seconds, "compute_node_wait_for_new_jobs_seconds",
             0);
    at_least(spec_.compute_node_wait_for_healthy_database_minutes,
             "compute_node_wait_for_healthy_database_minutes", 0);
    choice(spec_.jobs_sort_method, "jobs_sort_method",
           {"gpus_runtime_memory", "gpus_memory_runtime", "none"});
    for (const auto& job : spec_.jobs) {
      text("name", job.name);
      if (job.stdio)
        stdio(*job.stdio);
      if (job.priority)
        within(*job.priority, "priority", int32_min, int32_max);
      variables(job.env);
      if (!job.labels.empty() && job.scheduler)
        wrong_.add(job.labels.front().at,
                   "a job with a scheduler has no labels, since the scheduler's runners have none; "
                   "remove one of the two");
    }
    variables(spec_.env);
    for (const auto& file : spec_.files) {
      text("name", file.name);
      text("path", file.path);
    }
    unique_names();
    for (const auto& r : spec_.resource_requirements)
      requirement(r);
    for (const auto& h : spec_.failure_handlers)
      handler(h);
    for (const auto& s : spec_.slurm_schedulers) {
      within(s.nodes, "nodes", 1, int32_max);
      at_least(s.ntasks_per_node, "ntasks_per_node", 1);
    }
    if (spec_.resource_monitor) {
      choice(spec_.resource_monitor->granularity, "granularity", {"summary", "time_series"});
      within(spec_.resource_monitor->sample_interval_seconds, "sample_interval_seconds", 1,
             int32_max);
    }
    for (const auto& a : spec_.actions)
      action(a);
    slurm_defaults();
    execution();
  }

private:
  using choices = std::initializer_list<std::string_view>;

  void text(std::string_view key, const placed_text& t) {
    if (t.value.empty())
      wrong_.add(t.at, std::string(key) + " is empty; give it a text");
  }

  void within(const placed_number& n, std::string_view key, int64_t low, int64_t high) {
    if (n.value < low || n.value > high)
      wrong_.add(n.at, std::string(key) + " is " + std::to_string(n.value) + "; it must be " +
                           (high == int32_max && low >= 0
                                ? "at least " + std::to_string(low)
                                : "from " + std::to_string(low) + " to " + std::to_string(high)));
  }

  void at_least(const std::optional<placed_number>& n, std::string_view key, int64_t low) {
    if (n)
      within(*n, key, low, int32_max);
  }

  bool choice(const std::optional<placed_text>& t, std::string_view key, choices allowed) {
    if (!t || std::find(allowed.begin(), allowed.end(), t->value) != allowed.end())
      return true;
    std::string all;
    for (const auto a : allowed)
      all += (all.empty() ? "" : a == *(allowed.end() - 1) ? " or " : ", ") + quoted(a);
    wrong_.add(t->at, std::string(key) + " is " + quoted(t->value) + "; it can be " + all);
    return false;
  }

  void variables(const variable_list& all) {
    for (const auto& [name, value] : all)
      if (!is_env_name(name.value))
        wrong_.add(name.at, quoted(name.value) + " is no name of an environment variable; it may "
                                                 "have letters, digits and _, no digit first");
  }

  void stdio(const stdio_spec& s) {
    choice(s.mode, "mode", {"separate", "combined", "no_stdout", "no_stderr", "none"});
  }

  template <class List>
  void unique(const List& list, std::string_view kind) {
    std::unordered_map<std::string_view, place> seen;
    for (const auto& entry : list) {
      const placed_text* name = nullptr;
      if constexpr (requires { entry.name->value; })
        name = entry.name ? &*entry.name : nullptr;
      else
        name = &entry.name;
      if (!name)
        continue;
      text("name", *name);
      const auto [first, fresh] = seen.emplace(name->value, name->at);
      if (!fresh)
        wrong_.add(name->at, std::string(kind) + ' ' + quoted(name->value) +
                                 " is there twice, first on line " +
                                 std::to_string(first->second.line) + "; rename one of them");
    }
  }

  void unique_names() {
    unique(spec_.resource_requirements, "resource_requirements entry");
    unique(spec_.failure_handlers, "failure_handlers entry");
    unique(spec_.slurm_schedulers, "slurm_schedulers entry");
    unique(spec_.user_data, "user_data entry");
  }

  void requirement(const requirement_spec& r) {
    if (r.name.value == "default")
      wrong_.add(r.name.at, "the name \"default\" belongs to the requirement of jobs that name "
                            "none; choose another");
    within(r.num_cpus, "num_cpus", 1, int32_max);
    within(r.num_gpus, "num_gpus", 0, int32_max);
    within(r.num_nodes, "num_nodes", 1, int32_max);
    if (const auto memory = parse_memory(r.memory.value); !memory)
      wrong_.add(r.memory.at, memory.why().message);
    if (const auto runtime = parse_duration(r.runtime.value); !runtime)
      wrong_.add(r.runtime.at, "runtime: " + runtime.why().message);
  }

  void handler(const failure_handler_spec& h) {
    for (const auto& rule : h.rules) {
      if (rule.exit_codes.empty() && !rule.match_all_exit_codes)
        wrong_.add(rule.at, "this rule matches no exit code; list exit_codes, or set "
                            "match_all_exit_codes to true");
      for (const auto& code : rule.exit_codes)
        within(code, "exit code", int32_min, int32_max);
      within(rule.max_retries, "max_retries", 0, int32_max);
    }
  }

  void action(const action_spec& a) {
    const bool known_trigger =
        choice(a.trigger_type, "trigger_type",
               {"on_workflow_start", "on_workflow_complete", "on_jobs_ready", "on_jobs_complete",
                "on_worker_start", "on_worker_complete"});
    if (known_trigger && a.trigger_type.value.starts_with("on_jobs_") && !a.jobs &&
        !a.job_name_regexes)
      wrong_.add(a.at,
                 "an action with " + a.trigger_type.value + " needs jobs or job_name_regexes");
    if (!choice(a.action_type, "action_type", {"run_commands", "schedule_nodes"}))
      return;
    if (a.action_type.value == "run_commands") {
      if (!a.commands || a.commands->empty())
        wrong_.add(a.at, "an action of type run_commands needs commands");
      for (const auto& command : a.commands.value_or(text_list{}))
        text("command", command);
      return;
    }
    if (!a.scheduler)
      wrong_.add(a.at, "an action of type schedule_nodes needs scheduler");
    else if (!a.scheduler_type)
      wrong_.add(a.at, "an action of type schedule_nodes needs scheduler_type");
    within(a.num_allocations, "num_allocations", 1, int32_max);
    at_least(a.max_parallel_jobs, "max_parallel_jobs", 1);
    if (a.start_one_worker_per_node && a.start_one_worker_per_node->value &&
        (!spec_.execution_config || spec_.execution_config->mode.value != "direct"))
      wrong_.add(a.start_one_worker_per_node->at,
                 "start_one_worker_per_node needs execution_config with mode: direct");
  }

  void slurm_defaults() {
    if (!spec_.slurm_defaults)
      return;
    constexpr std::string_view managed[] = {"partition", "nodes", "walltime", "time",
                                            "mem",       "gres",  "name",     "job-name"};
    for (const auto& key : spec_.slurm_defaults->keys) {
      auto lower = key.value;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (std::find(std::begin(managed), std::end(managed), lower) != std::end(managed))
        wrong_.add(key.at, "slurm_defaults cannot set " + quoted(key.value) +
                               "; each of slurm_schedulers sets its own");
    }
  }

  /// Complains about a setting that has no meaning in this mode.
  template <class T>
  void misplaced(const std::optional<placed<T>>& setting, std::string_view key, bool here,
                 std::string_view advice) {
    if (here && setting)
      wrong_.add(setting->at, std::string(key) + " " + std::string(advice));
  }

  void execution() {
    if (!spec_.execution_config)
      return;
    const auto& e = *spec_.execution_config;
    choice(e.mode, "mode", {"direct", "slurm", "auto"});
    at_least(e.sigkill_headroom_seconds, "sigkill_headroom_seconds", 0);
    at_least(e.sigterm_lead_seconds, "sigterm_lead_seconds", 0);
    if (e.timeout_exit_code)
      within(*e.timeout_exit_code, "timeout_exit_code", int32_min, int32_max);
    if (e.oom_exit_code)
      within(*e.oom_exit_code, "oom_exit_code", int32_min, int32_max);
    if (e.stdio)
      stdio(*e.stdio);
    for (const auto& [job, s] : e.job_stdio_overrides)
      stdio(s);
    // Where the runner decides, the spec goes by whether it brings Slurm schedulers, as torc does.
    const bool slurm =
        e.mode.value == "slurm" || (e.mode.value == "auto" && !spec_.slurm_schedulers.empty());
    const bool direct = e.mode.value == "direct" || (e.mode.value == "auto" && !slurm);
    constexpr std::string_view not_in_slurm =
        "is for mode direct; under Slurm set srun_termination_signal, or leave it to Slurm";
    misplaced(e.termination_signal, "termination_signal", slurm, not_in_slurm);
    misplaced(e.sigterm_lead_seconds, "sigterm_lead_seconds", slurm, not_in_slurm);
    misplaced(e.oom_exit_code, "oom_exit_code", slurm, not_in_slurm);
    if (e.limit_resources && !e.limit_resources->value)
      misplaced(e.limit_resources, "limit_resources: false", slurm,
                "is for mode direct; Slurm always limits resources");
    misplaced(e.srun_termination_signal, "srun_termination_signal", direct,
              "is for mode slurm; in mode direct set termination_signal");
    if (e.enable_cpu_bind && e.enable_cpu_bind->value)
      misplaced(e.enable_cpu_bind, "enable_cpu_bind: true", direct, "is for mode slurm; remove it");
  }

  const workflow_spec& spec_;
  complaints& wrong_;
};

} // namespace

void check(const workflow_spec& spec, complaints& wrong) {
  checker(spec, wrong).run();
}

} // namespace torc::core
