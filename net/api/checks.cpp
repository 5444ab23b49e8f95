#include "net/api/checks.hpp"

#include "core/resources.hpp"
#include "net/json/document.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace torc::net::api {

namespace {

using core::refusal;
using core::refuse;

core::error bad_config(const std::string& why) {
  return refuse(refusal::unprocessable, "Invalid action_config: " + why);
}

core::result<core::nothing> check_commands(json::members& config) {
  const auto list = config.take("commands");
  if (!list || json::kind_of(*list) != json::kind::array)
    return bad_config("run_commands needs `commands`, a list of strings");
  bool all_good = true, any = false;
  json::elements(*list, [&](std::string_view item) {
    any = true;
    const auto command = json::as_string(item);
    all_good = command && !command->empty();
    return all_good;
  });
  if (!all_good)
    return bad_config("every one of `commands` must be a string that is not empty");
  if (!any)
    return bad_config("`commands` is empty; name at least one");
  return core::nothing{};
}

core::result<core::nothing> check_nodes(json::members& config) {
  for (const auto key : {"scheduler_id", "num_allocations", "max_parallel_jobs"})
    if (const auto value = config.take(key);
        value && json::kind_of(*value) != json::kind::null && !json::as_integer(*value))
      return bad_config("`" + std::string(key) + "` must be an integer");
  config.take("scheduler_type");
  config.take("start_one_worker_per_node");
  return core::nothing{};
}

} // namespace

core::result<core::nothing> check_requirement(const core::requirement_row& row) {
  for (const auto& parsed : {core::parse_memory(row.memory), core::parse_duration(row.runtime)})
    if (!parsed)
      return refuse(refusal::unprocessable, parsed.why().message);
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (row.num_nodes < 1 || row.num_nodes > most)
    return refuse(refusal::unprocessable, "num_nodes must be 1 or more");
  if (row.num_cpus < 0 || row.num_cpus > most || row.num_gpus < 0 || row.num_gpus > most)
    return refuse(refusal::unprocessable, "num_cpus and num_gpus must not be negative");
  return core::nothing{};
}

core::result<core::nothing> check_action(const core::action_row& row) {
  if (json::kind_of(row.action_config.text) != json::kind::object)
    return bad_config("it must be an object");
  json::members config;
  config.assign(row.action_config.text);
  core::result<core::nothing> checked = core::nothing{};
  if (row.action_type == "run_commands")
    checked = check_commands(config);
  else if (row.action_type == "schedule_nodes")
    checked = check_nodes(config);
  else
    return checked;
  if (checked && !config.left().empty())
    return bad_config(row.action_type + " has no `" + config.left().front() + "`");
  return checked;
}

int64_t required_triggers(const core::action_row& row) {
  const bool counts_jobs = row.trigger_type.starts_with("on_jobs_") && row.job_ids;
  return counts_jobs ? static_cast<int64_t>(row.job_ids->size()) : 1;
}

core::result<core::nothing> check_workflow(const core::workflow_row& row) {
  constexpr std::array<std::string_view, 3> methods{"gpus_runtime_memory", "gpus_memory_runtime",
                                                    "none"};
  if (row.jobs_sort_method &&
      std::find(methods.begin(), methods.end(), *row.jobs_sort_method) == methods.end())
    return refuse(refusal::malformed,
                  "jobs_sort_method: expected gpus_runtime_memory, gpus_memory_runtime or none");
  return core::nothing{};
}

} // namespace torc::net::api
