#include "cli/run/polling_job.hpp"

#include "cli/client/file_time.hpp"
#include "cli/client/workflow.hpp"
#include "core/time.hpp"
#include "net/client.hpp"

#include <algorithm>

namespace torc::cli {

namespace {

/// Tells the server when the job's output files were written. @returns whether all of them are
/// there
bool outputs_are_there(api& server, const polled_job& job) {
  bool all = true;
  for (const auto id : job.output_files) {
    const auto path = "/files/" + std::to_string(id);
    auto file = server.get(path);
    if (!file || !file->is_object())
      continue; // nobody knows where it should be
    const auto written = file_time(text_member(*file, "path"));
    if (!written) {
      all = false;
      continue;
    }
    file->as_object()["st_mtime"] = *written;
    (void)server.put(path, *file); // only `workflows reinitialize` would miss it
  }
  return all;
}

} // namespace

json::array to_array(const core::label_set& labels) {
  json::array all;
  for (const auto& label : labels.names)
    all.emplace_back(label);
  return all;
}

double in_gib(int64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0);
}

polled_job read_polled_job(const json::value& v) {
  polled_job job;
  job.id = integer_member(v, "id");
  job.attempt = integer_member(v, "attempt_id", 1);
  job.requirement = integer_member(v, "resource_requirements_id");
  job.name = text_member(v, "name");
  job.command = text_member(v, "command");
  if (const auto script = text_member(v, "invocation_script"); !script.empty())
    job.command = script + " " + job.command;
  for (const auto& id : list_member(v, "output_file_ids"))
    job.output_files.push_back(integer(id).value_or(0));
  if (const auto& env = member(v, "env"); env.is_object())
    for (const auto& [name, value] : env.as_object())
      if (value.is_string())
        job.env.push_back(std::string(name) + "=" + std::string(value.as_string()));
  return job;
}

core::result<core::needs> read_needs(const json::value& requirement) {
  const auto memory = core::parse_memory(text_member(requirement, "memory"));
  if (!memory)
    return memory.why();
  const auto runtime = core::parse_duration(text_member(requirement, "runtime"));
  if (!runtime)
    return runtime.why();
  core::needs n;
  n.num_cpus = static_cast<int32_t>(integer_member(requirement, "num_cpus", 1));
  n.num_gpus = static_cast<int32_t>(integer_member(requirement, "num_gpus", 0));
  n.num_nodes = static_cast<int32_t>(integer_member(requirement, "num_nodes", 1));
  n.memory_bytes = *memory;
  n.runtime_s = *runtime;
  return n;
}

claim_call claim_request(const runner_job& what, const core::capacity& free, size_t running) {
  constexpr int64_t least_memory = 100 << 20;
  claim_call c;
  if (what.options.slots > 0) {
    c.limit = what.options.slots - static_cast<int64_t>(running);
    c.path = workflow_path(what.workflow, "/claim_next_jobs?limit=" + std::to_string(c.limit));
    if (!free.labels.empty())
      c.path += "&labels=" + net::encode(core::joined(free.labels));
    c.body = "{}";
    return c;
  }
  if (free.memory_bytes < least_memory)
    return c;
  c.limit = free.num_cpus;
  c.path =
      workflow_path(what.workflow, "/claim_jobs_based_on_resources/" + std::to_string(c.limit));
  if (!what.sort_method.empty())
    c.path += "?sort_method=" + net::encode(what.sort_method);
  json::object body;
  body["num_cpus"] = free.num_cpus;
  body["memory_gb"] = in_gib(free.memory_bytes);
  body["num_gpus"] = free.num_gpus;
  body["num_nodes"] = free.num_nodes;
  if (free.time_limit_s)
    body["time_limit"] = "PT" + std::to_string(*free.time_limit_s) + "S";
  if (!free.labels.empty())
    body["labels"] = to_array(free.labels);
  c.body = json::serialize(body);
  return c;
}

exec::job_command command_of(const polled_job& job, const runner_job& what,
                             const std::string& api_url) {
  const auto& dir = what.options.output_dir;
  const auto stdio = exec::stdio_paths_of(dir, core::workflow_id(what.workflow),
                                          core::job_id(job.id), what.run_id, job.attempt);
  exec::job_command c;
  c.tag = job.id;
  c.command = job.command;
  c.stdout_path = stdio.out;
  c.stderr_path = stdio.err;
  c.env_add = {"TORC_WORKFLOW_ID=" + std::to_string(what.workflow),
               "TORC_JOB_ID=" + std::to_string(job.id),
               "TORC_JOB_NAME=" + job.name,
               "TORC_ATTEMPT_ID=" + std::to_string(job.attempt),
               "TORC_OUTPUT_DIR=" + dir,
               "TORC_API_URL=" + api_url};
  exec::add_unless_there(c.env_add, job.env);
  return c;
}

judged_end judge(api& server, const polled_job& job, const exec::job_exit& e, bool killed) {
  judged_end end;
  end.return_code = e.return_code;
  if (e.spawn_failed || e.return_code != 0)
    end.status = killed && e.signaled ? core::job_status::terminated : core::job_status::failed;
  else if (!outputs_are_there(server, job))
    end = {core::job_status::failed, 1};
  if (e.spawn_failed && end.return_code == 0)
    end.return_code = 1;
  return end;
}

std::string result_body(const polled_job& job, const exec::job_exit& e, const judged_end& end,
                        int64_t workflow, int64_t run, int64_t node) {
  json::object r;
  r["job_id"] = job.id;
  r["workflow_id"] = workflow;
  r["run_id"] = run;
  r["attempt_id"] = job.attempt;
  r["compute_node_id"] = node;
  r["return_code"] = end.return_code;
  r["exec_time_minutes"] = static_cast<double>(std::max<int64_t>(e.end_us - e.start_us, 0)) / 60e6;
  r["completion_time"] = core::to_iso8601({e.end_us});
  r["status"] = core::to_string(end.status);
  if (e.max_rss_bytes > 0)
    r["peak_memory_bytes"] = e.max_rss_bytes;
  return json::serialize(r);
}

} // namespace torc::cli
