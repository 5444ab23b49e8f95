#include "net/openapi/schema.hpp"

#include "core/access_rows.hpp"
#include "core/rows.hpp"
#include "core/rows_more.hpp"

#include <array>
#include <optional>
#include <vector>

namespace torc::net::openapi {

namespace {

template <class Tag>
std::string_view type_of(const core::id<Tag>&) {
  return "int";
}
std::string_view type_of(int64_t) {
  return "int";
}
std::string_view type_of(double) {
  return "num";
}
std::string_view type_of(bool) {
  return "bool";
}
std::string_view type_of(const std::string&) {
  return "str";
}
std::string_view type_of(core::job_status) {
  return "JobStatus";
}
std::string_view type_of(const core::json_text&) {
  return "any";
}
std::string_view type_of(const std::vector<int64_t>&) {
  return "ids";
}
std::string_view type_of(const core::label_set&) {
  return "labels";
}
std::string_view type_of(const core::env_object&) {
  return "env";
}
template <class T>
std::string_view type_of(const std::optional<T>&) {
  return type_of(T{});
}

template <class T>
constexpr bool may_be_missing(const std::optional<T>&) {
  return true;
}
template <class T>
constexpr bool may_be_missing(const T&) {
  return false;
}

/// What a column's type does not say of its grammar.
struct narrowing {
  std::string_view table, column, type;
};
constexpr std::array narrower{
    narrowing{"resource_requirements", "num_cpus", "small"},
    narrowing{"resource_requirements", "num_gpus", "small"},
    narrowing{"resource_requirements", "num_nodes", "positive"},
    narrowing{"resource_requirements", "memory", "memory"},
    narrowing{"resource_requirements", "runtime", "duration"},
    narrowing{"workflow", "jobs_sort_method", "SortMethod"},
    narrowing{"workflow_action", "action_config", "object"},
    narrowing{"workflow", "metadata", "TextOrJson"},
    narrowing{"workflow", "resource_monitor_config", "TextOrJson"},
    narrowing{"workflow", "slurm_defaults", "TextOrJson"},
    narrowing{"workflow", "execution_config", "TextOrJson"},
    narrowing{"ro_crate_entity", "metadata", "TextOrJson"},
};

std::string_view narrowed(std::string_view table, std::string_view column, std::string_view type) {
  for (const auto& n : narrower)
    if (n.table == table && n.column == column)
      return n.type;
  return type;
}

enum class shape {
  shown,
  sent,                ///< in a body; the server fills in the rest
  sent_in_its_workflow ///< the same where something else says of which workflow
};

template <class Row>
std::string row_schema(shape as, std::string_view more = {}) {
  std::string members;
  const Row row{};
  Row::fields(row, [&](std::string_view name, const auto& member, core::field kind) {
    const bool is_sent = as != shape::shown;
    if (is_sent && kind == core::field::assigned)
      return;
    bool optional = is_sent ? kind != core::field::required : may_be_missing(member);
    optional |= as == shape::sent_in_its_workflow && name == "workflow_id";
    const auto type = is_sent ? narrowed(Row::table, name, type_of(member)) : type_of(member);
    members += (members.empty() ? "" : " ") + std::string(name) + ':' + std::string(type);
    if (is_sent && optional && type != "any")
      members += "|null";
    if (optional)
      members += '?';
  });
  return object_schema(members.append(more));
}

template <class Row>
void add_row(json::object& to, const std::string& name) {
  to.key(name) += row_schema<Row>(shape::shown);
  to.key("New" + name) += row_schema<Row>(shape::sent);
}

template <class... Names>
std::string enumeration(Names... names) {
  std::string out = R"({"type":"string","enum":[)";
  bool first = true;
  ((out += (first ? "\"" : ",\"") + std::string(names) + '"', first = false), ...);
  return out + "]}";
}

std::string job_statuses() {
  std::string out = R"({"type":"string","enum":)";
  std::vector<std::string> names;
  names.reserve(core::job_status_count);
  for (int i = 0; i < core::job_status_count; ++i)
    names.emplace_back(core::to_string(static_cast<core::job_status>(i)));
  json::put_list(out, names);
  return out + "}";
}

void add_rows(json::object& to) {
  add_row<core::workflow_row>(to, "Workflow");
  add_row<core::workflow_status_row>(to, "WorkflowStatus");
  add_row<core::requirement_row>(to, "ResourceRequirements");
  add_row<core::result_row>(to, "Result");
  to.key("JobEnd") += row_schema<core::result_row>(shape::sent, " user:str|null?");
  add_row<core::compute_node_row>(to, "ComputeNode");
  add_row<core::scheduled_compute_node_row>(to, "ScheduledComputeNode");
  add_row<core::file_row>(to, "File");
  add_row<core::user_data_row>(to, "UserData");
  add_row<core::event_row>(to, "Event");
  add_row<core::failure_handler_row>(to, "FailureHandler");
  add_row<core::slurm_scheduler_row>(to, "SlurmScheduler");
  add_row<core::local_scheduler_row>(to, "LocalScheduler");
  add_row<core::action_row>(to, "Action");
  add_row<core::ro_crate_entity_row>(to, "RoCrateEntity");
  add_row<core::slurm_stats_row>(to, "SlurmStats");
  add_row<core::access_group_row>(to, "AccessGroup");
  add_row<core::membership_row>(to, "Membership");
  add_row<core::share_row>(to, "Share");
  to.key("NewShareOfWorkflow") += row_schema<core::share_row>(shape::sent_in_its_workflow);
  to.key("WorkflowOfSubmission") += row_schema<core::workflow_row>(shape::sent_in_its_workflow);
  to.key("FileOfSubmission") += row_schema<core::file_row>(shape::sent_in_its_workflow);
  to.key("UserDataOfSubmission") += row_schema<core::user_data_row>(shape::sent_in_its_workflow);
  to.key("RequirementsOfSubmission") +=
      row_schema<core::requirement_row>(shape::sent_in_its_workflow);
  to.key("SchedulerOfSubmission") +=
      row_schema<core::slurm_scheduler_row>(shape::sent_in_its_workflow);
  to.key("HandlerOfSubmission") +=
      row_schema<core::failure_handler_row>(shape::sent_in_its_workflow);
}

struct named_object {
  std::string_view name;
  words members;
};

constexpr std::array objects{
    named_object{
        "Job",
        "id workflow_id name:str command:str invocation_script:str? status:JobStatus "
        "cancel_on_blocking_job_failure:bool supports_termination:bool "
        "depends_on_job_ids:ids? input_file_ids:ids? output_file_ids:ids? "
        "input_user_data_ids:ids? output_user_data_ids:ids? resource_requirements_id? "
        "scheduler_id:int|null failure_handler_id? attempt_id priority? labels:labels? env:env?"},
    named_object{"NewJob", "workflow_id name:str command:str invocation_script:str|null? "
                           "status:JobStatus|null? cancel_on_blocking_job_failure:bool|null? "
                           "supports_termination:bool|null? depends_on_job_ids:ids|null? "
                           "input_file_ids:ids|null? output_file_ids:ids|null? "
                           "input_user_data_ids:ids|null? output_user_data_ids:ids|null? "
                           "resource_requirements_id:int|null? scheduler_id:int|null? "
                           "failure_handler_id:int|null? priority:int|null? labels:labels|null? "
                           "env:env|null?"},
    named_object{"ChangedJob",
                 "workflow_id name:str|null? command:str|null? invocation_script:str|null? "
                 "status:JobStatus|null? cancel_on_blocking_job_failure:bool|null? "
                 "supports_termination:bool|null? depends_on_job_ids:ids|null? "
                 "resource_requirements_id:int|null? scheduler_id:int|null? "
                 "priority:int|null? labels:labels|null?"},
    named_object{"JobOfSubmission", "id name:str command:str priority:int|null? "
                                    "labels:labels|null? env:env|null? "
                                    "depends_on_job_ids:ids|null? input_file_ids:ids|null? "
                                    "output_file_ids:ids|null? input_user_data_ids:ids|null? "
                                    "output_user_data_ids:ids|null?"},
    named_object{"Jobs", "jobs:[Job]"},
    named_object{"NewJobs", "jobs:[NewJob]"},
    named_object{"JobsOfSubmission", "jobs:[JobOfSubmission]"},
    named_object{"ClaimedJobs", "jobs:[Job] reason:str?"},
    named_object{"NodeResources", "num_cpus:count memory_gb:size num_gpus:count num_nodes:count "
                                  "time_limit:duration|null? scheduler_config_id:int|null? "
                                  "labels:labels|null?"},
    named_object{"Count", "count:count"},
    named_object{"DeletedCount", "deleted_count:count"},
    named_object{"DeletedCountMessage", "message:str deleted_count:count"},
    named_object{"Message", "message:str"},
    named_object{"IsComplete",
                 "is_canceled:bool is_complete:bool needs_to_run_completion_script:bool"},
    named_object{"IsUninitialized", "is_uninitialized:bool"},
    named_object{"JobIds", "job_ids:ids count:count"},
    named_object{"UserDataIds", "user_data:ids"},
    named_object{"FileIds", "files:ids"},
    named_object{"ChangedInputs", "reinitialized_jobs:[str]"},
    named_object{"JobReset", "workflow_id updated_count:count status:str reset_type:str?"},
    named_object{"Dependency",
                 "job_id job_name:str depends_on_job_id depends_on_job_name:str workflow_id"},
    named_object{"RunningJob", "job_id job_name:str compute_node_name:str scheduler_type:str "
                               "scheduler_job_id:str?"},
    named_object{"FileRelationship",
                 "file_id file_name:str file_path:str producer_job_id? producer_job_name:str? "
                 "consumer_job_id? consumer_job_name:str? workflow_id"},
    named_object{"UserDataRelationship",
                 "user_data_id user_data_name:str producer_job_id? producer_job_name:str? "
                 "consumer_job_id? consumer_job_name:str? workflow_id"},
    named_object{"ReadyNeeds", "num_jobs:count num_cpus:count num_gpus:count memory_gb:num "
                               "max_num_nodes:count max_runtime:str"},
    named_object{"Dot", "graph:str"},
    named_object{"LatestEvent", "latest_timestamp:int|null"},
    named_object{"Started", "initialized:bool run_id"},
    named_object{"StageProgress", "by_status:object total:count first_start_us last_end_us"},
    named_object{"Progress", "workflow_id run_id is_canceled:bool stages:[StageProgress]"},
    named_object{"ActionClaim", "compute_node_id:int|null?"},
    named_object{"ClaimedAction", "claimed:bool success:bool action_id"},
    named_object{"RemoteWorker", "worker:str workflow_id"},
    named_object{"Access", "has_access:bool user_name:str workflow_id"},
    named_object{"Reloaded", "message:str user_count:count"},
    named_object{"Ping", "status:str"},
    named_object{"Version", "api_version:str server:str version:str"},
    named_object{"ServerStats",
                 "pid cpu_seconds:num rss_bytes peak_rss_bytes database_bytes wal_bytes "
                 "database_path:str commits completions busy_retries uptime_seconds:num"},
    named_object{"Times", "p50:num p90:num p99:num max:num total:num"},
    named_object{"SpanTimes", "name:str count busy_ms:Times idle_ms:Times"},
    named_object{"Timing", "spans:[SpanTimes]"},
    named_object{"MessageTimes", "name:str count busy_ms:Times"},
    named_object{"RoomTimes", "name:str mailbox messages:[MessageTimes]"},
    named_object{"Rooms",
                 "uptime_ms runners open_grants turns_in_flight turn_window rooms:[RoomTimes]"},
    named_object{"RunnerDoor",
                 "host:str port authority_pem:str secret_path:str? needs_secret:bool"},
    named_object{"CertificateRequest", "csr_pem:name secret:str|null?"},
    named_object{"Certificate", "certificate_pem:str token:str"},
    named_object{"RunnerDeath", "instance:positive"},
    named_object{"NewSubmission",
                 "workflow:WorkflowOfSubmission files:[FileOfSubmission]|null? "
                 "user_data:[UserDataOfSubmission]|null? "
                 "resource_requirements:[RequirementsOfSubmission]|null? "
                 "slurm_schedulers:[SchedulerOfSubmission]|null? "
                 "failure_handlers:[HandlerOfSubmission]|null? job_count:small|null?"},
    named_object{"Submission", "workflow_id first_file_id first_user_data_id "
                               "first_resource_requirements_id first_slurm_scheduler_id "
                               "first_failure_handler_id first_job_id"},
    named_object{"ClosingSubmission", "actions:[NewAction]|null?"},
    named_object{"ClosedSubmission", "workflow_id"},
    named_object{"Refusal", "error:any"},
    named_object{"WorkflowSummary",
                 "id is_canceled:bool is_archived:bool? run_id "
                 "has_detected_need_to_run_completion_script:bool? workflow_id workflow_name:str "
                 "workflow_user:str total_jobs:count jobs_by_status:object "
                 "total_exec_time_minutes:num walltime_seconds:num? active_compute_nodes:count "
                 "pending_scheduled_nodes:count active_scheduled_nodes:count is_complete:bool "
                 "unserved_ready_labels:object"},
    named_object{"Archiving", "is_archived:bool"},
    named_object{"Restored", "workflow_id rows:count unfinished_jobs:count"},
    named_object{"Task", "id workflow_id operation:str status:TaskStatus created_at_ms "
                         "started_at_ms? finished_at_ms? error:str?"},
    named_object{"ActiveTask", "task:Task|null"},
    named_object{"NewFiles", "files:[NewFile]"},
    named_object{"Files", "files:[File]"},
    named_object{"NewUserDataList", "user_data:[NewUserData]"},
    named_object{"UserDataList", "user_data:[UserData]"},
    named_object{"Completion", "job_id:positive run_id:count status:JobStatus result:NewResult"},
    named_object{"BatchCompletion", "completions:[Completion]"},
    named_object{"CompletionError", "job_id message:str"},
    named_object{"BatchCompleted", "completed:ids errors:[CompletionError]"},
};

} // namespace

void add_components(json::object& schemas) {
  schemas.key("JobStatus") += job_statuses();
  schemas.key("SortMethod") += enumeration("gpus_runtime_memory", "gpus_memory_runtime", "none");
  schemas.key("TextOrJson") += R"({"type":["string","object","array"]})";
  schemas.key("TaskStatus") += enumeration("queued", "running", "succeeded", "failed");
  add_rows(schemas);
  for (const auto& o : objects)
    schemas.key(o.name) += object_schema(o.members);
}

} // namespace torc::net::openapi
