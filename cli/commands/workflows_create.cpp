#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/create/create.hpp"
#include "cli/run/summary.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("no-resource-monitoring", po::bool_switch(), "do not watch what the jobs use")(
      "skip-checks", po::bool_switch(), "accepted; there is nothing to skip yet")(
      "dry-run", po::bool_switch(), "check the file and count, create nothing");
}

json::object summary_of(const core::expanded_workflow& w) {
  json::object s;
  s["workflow_name"] = w.workflow.name;
  s["workflow_description"] =
      w.workflow.description ? json::value(*w.workflow.description) : json::value();
  s["job_count"] = w.jobs.size();
  size_t entries = 0;
  for (const auto& job : w.jobs)
    entries = std::max<size_t>(entries, job.spec + 1);
  s["job_count_before_expansion"] = entries;
  s["file_count"] = w.files.size();
  s["user_data_count"] = w.user_data.size();
  s["resource_requirements_count"] = w.requirements.size();
  s["slurm_scheduler_count"] = w.schedulers.size();
  s["action_count"] = w.actions.size();
  s["has_schedule_nodes_action"] =
      std::any_of(w.actions.begin(), w.actions.end(),
                  [](const auto& a) { return a.action_type == "schedule_nodes"; });
  s["dependency_count"] = w.dependencies;
  s["stage_count"] = w.stages;
  json::array names;
  for (const auto& job : w.jobs)
    names.emplace_back(job.name);
  s["job_names"] = std::move(names);
  json::array schedulers;
  for (const auto& scheduler : w.schedulers)
    schedulers.emplace_back(scheduler.name.value_or(""));
  s["scheduler_names"] = std::move(schedulers);
  return s;
}

int dry_run(call& c, const std::string& path, const loaded_spec& spec) {
  if (!c.global.json()) {
    if (!spec)
      return fail_spec(c, spec.errors);
    c.out << path << " is fine: " << spec.value->jobs.size() << " jobs in " << spec.value->stages
          << " stages, " << spec.value->dependencies << " dependencies\n";
    return exit_ok;
  }
  json::object o{{"valid", bool(spec)},
                 {"errors", json::value_from(spec.errors)},
                 {"warnings", json::array()}};
  if (spec)
    o["summary"] = summary_of(*spec.value);
  print_json(c.out, o);
  return spec ? exit_ok : exit_error;
}

int create(call& c) {
  const auto began = std::chrono::steady_clock::now();
  const auto& path = c.arguments[0];
  auto spec = config::load_spec(path);
  if (c.get<bool>("dry-run"))
    return dry_run(c, path, spec);
  if (!spec)
    return fail_spec(c, spec.errors);
  if (!c.get<bool>("no-resource-monitoring"))
    add_default_monitor(*spec.value);
  auto server = server_of(c);
  const auto id = create_workflow(server, *spec.value);
  if (!id)
    return fail(c, id.why().message);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto message = "Created workflow " + std::to_string(*id);
  if (c.global.json()) {
    print_json(c.out, json::object{{"workflow_id", *id},
                                   {"status", "success"},
                                   {"message", message},
                                   {"creation_seconds", took.count()}});
  } else {
    c.out << message << std::endl; // scripts read this line; the time is for people
    c.err << "Workflow creation time: " << duration_text(took.count()) << '\n';
  }
  return exit_ok;
}

} // namespace

command workflows_create_command() {
  return {.name = "create",
          .summary = "Create a workflow from a spec file",
          .arguments = {{"file", "the spec, YAML or JSON"}},
          .options = options,
          .run = create};
}

} // namespace torc::cli
