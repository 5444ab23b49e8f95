#include "cli/create/bodies.hpp"

#include "cli/client/file_time.hpp"
#include "net/json/text.hpp"

#include <span>

namespace torc::cli {

namespace {

using net::json::object;
using net::json::put;

void add_ids(object& o, std::string_view name, std::span<const uint32_t> indices,
             const std::vector<int64_t>& ids) {
  if (indices.empty())
    return;
  auto& out = o.key(name);
  net::json::put_list(out, indices, [&](uint32_t i) { put(out, ids[i]); });
}

void add_id(object& o, std::string_view name, uint32_t index, const std::vector<int64_t>& ids) {
  if (index != core::no_index)
    o.add(name, ids[index]);
}

void append_job(std::string& out, const core::expanded_workflow& w, const created_ids& ids,
                size_t index, bool with_id) {
  const auto& job = w.jobs[index];
  object o(out);
  if (with_id)
    o.add("id", ids.jobs[index]);
  o.add("workflow_id", ids.workflow).add("name", job.name).add("command", job.command);
  if (job.invocation_script != core::no_index)
    o.add("invocation_script", w.scripts[job.invocation_script]);
  if (!job.cancel_on_blocking_job_failure)
    o.add("cancel_on_blocking_job_failure", false);
  if (job.supports_termination)
    o.add("supports_termination", true);
  if (job.priority != 0)
    o.add("priority", int64_t{job.priority});
  if (job.labels != core::no_index)
    net::json::put_list(o.key("labels"), w.label_sets[job.labels].names,
                        [&](const std::string& label) { put(out, std::string_view(label)); });
  if (job.env != core::no_index)
    o.key("env") += w.environments[job.env].text;
  add_ids(o, "depends_on_job_ids", w.depends_on(job), ids.jobs);
  add_ids(o, "input_file_ids", w.links(job.input_files), ids.files);
  add_ids(o, "output_file_ids", w.links(job.output_files), ids.files);
  add_ids(o, "input_user_data_ids", w.links(job.input_user_data), ids.user_data);
  add_ids(o, "output_user_data_ids", w.links(job.output_user_data), ids.user_data);
  add_id(o, "resource_requirements_id", job.requirement, ids.requirements);
  add_id(o, "failure_handler_id", job.handler, ids.handlers);
  add_id(o, "scheduler_id", job.scheduler, ids.schedulers);
  o.close();
}

} // namespace

void append_jobs(std::string& out, const core::expanded_workflow& w, const created_ids& ids,
                 size_t first, size_t last, bool with_id) {
  object o(out);
  o.key("jobs") += '[';
  for (size_t i = first; i < last; ++i) {
    if (i > first)
      out += ',';
    append_job(out, w, ids, i, with_id);
  }
  out += ']';
  o.close();
}

std::string action_body(const core::expanded_action& a, const created_ids& ids) {
  std::string out;
  object o(out);
  o.add("workflow_id", ids.workflow);
  o.add("trigger_type", a.trigger_type).add("action_type", a.action_type);
  const auto scheduler = a.scheduler == core::no_index ? 0 : ids.schedulers[a.scheduler];
  o.key("action_config") += core::action_config(a, scheduler).text;
  if (a.jobs)
    net::json::put_list(o.key("job_ids"), *a.jobs, [&](uint32_t i) { put(out, ids.jobs[i]); });
  o.add("persistent", a.persistent);
  o.close();
  return out;
}

void stamp_files(core::expanded_workflow& w) {
  for (auto& file : w.files)
    if (!file.mtime)
      file.mtime = file_time(file.path);
}

} // namespace torc::cli
