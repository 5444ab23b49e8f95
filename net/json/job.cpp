#include "net/json/job.hpp"

#include "core/read_model.hpp"
#include "net/json/fields.hpp"

namespace torc::net::json {

namespace {

using lists = std::optional<std::vector<int64_t>>;

void write_list(object& o, std::string_view name, const lists& ids) {
  if (ids && !ids->empty())
    put(o.key(name), *ids);
}

/// Reads field by field and remembers the first thing that is wrong.
class taker {
public:
  explicit taker(members& from) : from_(from) {}

  template <class T>
  void operator()(std::string_view name, T& to, bool required = false) {
    const auto slice = from_.take(name);
    if (!problem_.empty())
      return;
    if (!slice || (kind_of(*slice) == kind::null && !required)) {
      if (required)
        problem_ = "missing field `" + std::string(name) + "`";
      return;
    }
    problem_ = take(*slice, to);
    if (!problem_.empty())
      problem_ = std::string(name) + ": " + problem_;
  }
  void ignore(std::string_view name) { from_.take(name); }
  std::string& problem() { return problem_; }

private:
  members& from_;
  std::string problem_;
};

core::error malformed(std::string message) {
  return core::refuse(core::refusal::malformed, std::move(message));
}

} // namespace

void write_job(std::string& out, const core::job_row& job) {
  object o(out);
  o.add("id", job.id.value).add("workflow_id", job.workflow.value).add("name", job.name);
  o.add("command", job.command);
  if (job.invocation_script)
    o.add("invocation_script", *job.invocation_script);
  o.add("status", core::to_string(job.status));
  o.add("cancel_on_blocking_job_failure", job.cancel_on_blocking_job_failure);
  o.add("supports_termination", job.supports_termination);
  write_list(o, "depends_on_job_ids", job.depends_on_job_ids);
  write_list(o, "input_file_ids", job.input_file_ids);
  write_list(o, "output_file_ids", job.output_file_ids);
  write_list(o, "input_user_data_ids", job.input_user_data_ids);
  write_list(o, "output_user_data_ids", job.output_user_data_ids);
  if (job.requirement)
    o.add("resource_requirements_id", job.requirement.value);
  if (job.scheduler)
    o.add("scheduler_id", job.scheduler.value);
  else
    o.key("scheduler_id") += "null";
  if (job.failure_handler)
    o.add("failure_handler_id", job.failure_handler.value);
  o.add("attempt_id", job.attempt_id);
  if (job.priority != 0)
    o.add("priority", job.priority);
  if (!job.labels.empty())
    put(o.key("labels"), job.labels);
  if (job.env)
    put(o.key("env"), *job.env);
  o.close();
}

core::result<core::job_row> read_job(std::string_view slice, const job_reading& how,
                                     members& scratch) {
  if (auto opened = open(slice, scratch); !opened)
    return opened.why();
  core::job_row job = how.base ? *how.base : core::job_row{};
  taker get(scratch);
  if (how.with_id)
    get("id", job.id, true);
  else
    get.ignore("id");
  get("workflow_id", job.workflow, !how.workflow);
  get("name", job.name, !how.base);
  get("command", job.command, !how.base);
  get("invocation_script", job.invocation_script);
  core::job_status stated{};
  get("status", stated);
  get.ignore("schedule_compute_nodes");
  get("cancel_on_blocking_job_failure", job.cancel_on_blocking_job_failure);
  get("supports_termination", job.supports_termination);
  get("depends_on_job_ids", job.depends_on_job_ids);
  get("input_file_ids", job.input_file_ids);
  get("output_file_ids", job.output_file_ids);
  get("input_user_data_ids", job.input_user_data_ids);
  get("output_user_data_ids", job.output_user_data_ids);
  get("resource_requirements_id", job.requirement);
  get("scheduler_id", job.scheduler);
  get("failure_handler_id", job.failure_handler);
  get.ignore("attempt_id");
  get("priority", job.priority);
  get("labels", job.labels);
  get("env", job.env);
  if (job.env && job.env->empty())
    job.env.reset();
  if (how.workflow && job.workflow && job.workflow != how.workflow && get.problem().empty())
    get.problem() = "workflow_id: the path names another workflow";
  if (!get.problem().empty())
    return malformed(std::move(get.problem()));
  if (how.workflow)
    job.workflow = how.workflow;
  if (how.unknown)
    how.unknown->add(scratch);
  return job;
}

core::result<std::vector<core::job_row>> read_jobs(std::string_view slice, const job_reading& how) {
  members body;
  if (auto opened = open(slice, body); !opened)
    return opened.why();
  const auto list = body.take("jobs");
  if (!list)
    return malformed("missing field `jobs`");
  if (kind_of(*list) != kind::array)
    return malformed("jobs: " + unexpected(*list, "a list"));
  if (how.unknown)
    how.unknown->add(body);
  std::vector<core::job_row> jobs;
  std::optional<core::error> wrong;
  members scratch;
  elements(*list, [&](std::string_view item) {
    if (static_cast<int64_t>(jobs.size()) == core::max_page) {
      wrong =
          core::refuse(core::refusal::unprocessable, "more than " + std::to_string(core::max_page) +
                                                         " jobs in one call; send them in several");
      return false;
    }
    auto job = read_job(item, how, scratch);
    if (!job) {
      wrong = malformed("jobs[" + std::to_string(jobs.size()) + "]: " + job.why().message);
      return false;
    }
    jobs.push_back(std::move(*job));
    return true;
  });
  if (wrong)
    return *wrong;
  return jobs;
}

std::optional<core::job_status> stated_status(std::string_view slice) {
  members body;
  body.assign(slice);
  const auto status = body.take("status");
  core::job_status stated{};
  if (!status || kind_of(*status) == kind::null || !take(*status, stated).empty())
    return std::nullopt;
  return stated;
}

} // namespace torc::net::json
