#include "net/openapi/operation.hpp"

namespace torc::net::openapi {

namespace {

void add_lists(operations& to) {
  const std::string w = "/workflows/{id}";
  to.push_back({"GET", w + "/is_complete", "is_workflow_complete",
                "Whether no job of the workflow is unfinished", "", "", "IsComplete"});
  to.push_back({"GET", w + "/is_uninitialized", "is_workflow_uninitialized",
                "Whether no job of the workflow is initialized", "", "", "IsUninitialized"});
  to.push_back({"GET", w + "/job_ids", "list_job_ids", "The ids of all jobs", "", "", "JobIds"});
  to.push_back({"GET", w + "/missing_user_data", "list_missing_user_data",
                "Records that jobs read and nobody wrote", "", "", "UserDataIds"});
  to.push_back({"GET", w + "/required_existing_files", "list_required_existing_files",
                "Files that must be there for jobs to run", "", "", "FileIds"});
  to.push_back({"GET", w + "/job_dependencies", "list_job_dependencies", "Who waits for whom",
                "@page", "", "page Dependency"});
  to.push_back({"GET", w + "/running_jobs", "get_running_jobs", "Which jobs run, and where",
                "@page", "", "page RunningJob"});
  to.push_back({"GET", w + "/job_file_relationships", "list_job_file_relationships",
                "Which jobs write and read which files", "@page", "", "page FileRelationship"});
  to.push_back({"GET", w + "/job_user_data_relationships", "list_job_user_data_relationships",
                "Which jobs write and read which records", "@page", "",
                "page UserDataRelationship"});
  to.push_back({"GET", w + "/ready_job_requirements", "get_ready_job_requirements",
                "What the ready jobs ask for, added up", "scheduler_config_id", "", "ReadyNeeds"});
  to.push_back({"GET", w + "/dot_graph/{=name}", "get_dot_graph",
                "The dependencies in the language of Graphviz", "", "", "Dot"});
  to.push_back({"GET", w + "/progress", "get_progress",
                "Jobs by status and stage, without a look at the disk", "", "", "Progress"});
  to.push_back({"GET", w + "/progress/stream", "stream_progress",
                "The same after each change, as server-sent events", "", "", "text/event-stream"});
  to.push_back({"GET", w + "/job_window", "get_job_window",
                "A few of very many jobs, from some place on",
                "status:[JobStatus] stage search:str sort_by:str reverse_sort:bool after "
                "limit:few",
                "", "object"});
  to.push_back({"GET", w + "/explain", "explain_workflow",
                "What a workflow waits for, and what went wrong", "", "", "object"});
  to.push_back({"GET", w + "/latest_event_timestamp", "get_latest_event_timestamp",
                "When the last event was", "", "", "LatestEvent"});
  to.push_back({"GET", w + "/events/stream", "stream_events",
                "What happens from now on, as server-sent events", "level:str", "",
                "text/event-stream"});
}

void add_changes(operations& to) {
  const std::string w = "/workflows/{id}";
  to.push_back({"GET", w + "/status", "get_workflow_status",
                "The part that changes in a run, and its jobs by status", "", "",
                "WorkflowSummary"});
  to.push_back({"PUT", w + "/status", "update_workflow_status", "Overwrites that part", "",
                "NewWorkflowStatus", "WorkflowStatus"});
  to.push_back({"PUT", w + "/cancel", "cancel_workflow", "Ends what runs, and grants no job more",
                "", "any?", "WorkflowStatus"});
  to.push_back({"POST", w + "/reset_status", "reset_workflow_status",
                "Takes a cancellation back; with force also while jobs run", "force:bool", "any?",
                "WorkflowStatus"});
  to.push_back({"POST", w + "/reset_job_status", "reset_job_status",
                "Makes all jobs uninitialized, or the failed ones and what comes after them",
                "failed_only:bool", "any?", "JobReset"});
  to.push_back({"POST", w + "/process_changed_job_inputs", "process_changed_job_inputs",
                "Makes those jobs uninitialized whose inputs have changed", "dry_run:bool", "any?",
                "ChangedInputs"});
  to.push_back({"POST", w + "/initialize_jobs", "initialize_jobs",
                "Makes jobs ready or blocked, by what they wait for",
                "only_uninitialized:bool clear_ephemeral_user_data:bool async:bool", "any?",
                "Message"});
  to.back().later = "Task";
  to.push_back({"POST", w + "/start", "start_workflow",
                "Initializes a workflow unless that has been done", "", "any?", "Started"});
  to.push_back({"POST", w + "/claim_next_jobs", "claim_next_jobs", "Takes so many ready jobs",
                "limit:count labels:str", "any?", "ClaimedJobs"});
  to.push_back({"POST", w + "/claim_jobs_based_on_resources/{limit}",
                "claim_jobs_based_on_resources", "Takes the ready jobs that fit on a node",
                "sort_method:SortMethod strict_scheduler_match:bool", "NodeResources",
                "ClaimedJobs"});
}

void add_hangers(operations& to) {
  const std::string w = "/workflows/{id}";
  to.push_back({"POST", w + "/archive", "archive_workflow", "Sets or clears the flag", "",
                "Archiving", "Workflow"});
  to.push_back({"GET", w + "/archive_file", "get_archive_file",
                "All rows of the workflow, to be put back elsewhere", "", "", "application/jsonl"});
  to.push_back({"POST", "/archive_files", "restore_archive_file",
                "Puts a workflow back under new ids", "", "text/plain", "Restored"});
  to.push_back({"GET", w + "/active_task", "get_active_task", "What is being done, if anything", "",
                "", "ActiveTask"});
  to.push_back(
      {"POST", w + "/actions", "create_action", "Adds an action", "", "NewAction", "Action"});
  to.push_back({"GET", w + "/actions", "list_actions", "All actions", "", "", "[Action]"});
  to.push_back({"GET", w + "/actions/pending", "list_pending_actions",
                "Actions that are due, by trigger", "trigger_type:[str]", "", "[Action]"});
  to.push_back({"POST", w + "/actions/{action_id}/claim", "claim_action",
                "Takes an action, which one caller can", "", "ActionClaim?", "ClaimedAction"});
  to.push_back({"POST", w + "/remote_workers", "create_remote_workers",
                "Adds hosts that the workflow may use", "", "[str]", "[RemoteWorker]", 201});
  to.push_back({"GET", w + "/remote_workers", "list_remote_workers", "These hosts", "", "",
                "[RemoteWorker]"});
  to.push_back({"DELETE", w + "/remote_workers/{=worker}", "delete_remote_worker",
                "Takes one of them away", "", "", "RemoteWorker"});
  to.push_back({"GET", w + "/failure_handlers", "list_failure_handlers", "All failure handlers",
                "@page", "", "page FailureHandler"});
  to.push_back({"GET", w + "/ro_crate_entities", "list_ro_crate_entities", "All RO-Crate entities",
                "@page", "", "page RoCrateEntity"});
  to.push_back({"DELETE", w + "/ro_crate_entities", "delete_ro_crate_entities",
                "Deletes all RO-Crate entities", "", "", "DeletedCountMessage"});
  to.push_back({"POST", w + "/access_groups", "share_workflow", "Shares it with a group", "",
                "NewShareOfWorkflow", "Share"});
  to.push_back({"GET", w + "/access_groups", "list_groups_of_workflow",
                "The groups that it is shared with", "@page", "", "access AccessGroup"});
  to.push_back({"POST", w + "/access_groups/{group_id}", "add_workflow_to_group",
                "Shares it with a group", "", "any?", "Share"});
  to.push_back({"DELETE", w + "/access_groups/{group_id}", "remove_workflow_from_group",
                "Shares it no more", "", "", "Share"});
}

} // namespace

void add_workflow_operations(operations& to) {
  to.push_back(
      {"POST", "/workflows", "create_workflow", "Adds a workflow", "", "NewWorkflow", "Workflow"});
  to.push_back({"GET", "/workflows", "list_workflows", "Workflows that the caller may see",
                "@page name:str user:str description:str is_archived:bool", "", "page Workflow"});
  to.push_back({"GET", "/workflows/{id}", "get_workflow", "One workflow", "", "", "Workflow"});
  to.push_back({"PUT", "/workflows/{id}", "update_workflow", "Changes what the body has", "",
                "NewWorkflow", "Workflow"});
  to.push_back({"DELETE", "/workflows/{id}", "delete_workflow",
                "Deletes a workflow and all that hangs on it", "", "", "Workflow"});
  add_changes(to);
  add_lists(to);
  add_hangers(to);
}

} // namespace torc::net::openapi
