#include "net/openapi/operation.hpp"

#include <algorithm>

namespace torc::net::openapi {

namespace {

/// A kind of record: its path, the nouns that operations and sentences have for it, its component.
struct kind {
  std::string path, one, many, noun, component;
};

void add_one(operations& to, const kind& k) {
  to.push_back({"POST", k.path, "create_" + k.one, "Adds one " + k.noun, "", "New" + k.component,
                k.component});
  to.push_back({"GET", k.path + "/{id}", "get_" + k.one, "One " + k.noun, "", "", k.component});
  to.push_back({"DELETE", k.path + "/{id}", "delete_" + k.one, "Deletes one " + k.noun, "", "",
                k.component});
}

void add_update(operations& to, const kind& k, const std::string& body = {}) {
  to.push_back({"PUT", k.path + "/{id}", "update_" + k.one, "Changes one " + k.noun, "",
                body.empty() ? "New" + k.component : body, k.component});
}

void add_list(operations& to, const kind& k, const std::string& filters) {
  to.push_back({"GET", k.path, "list_" + k.many, "The records of a workflow: " + k.noun,
                "@workflow" + filters, "", "page " + k.component});
}

void add_bulk_delete(operations& to, const kind& k, const std::string& reply = "Count") {
  to.push_back({"DELETE", k.path, "delete_" + k.many, "Deletes all of a workflow: " + k.noun,
                "workflow_id!", "", reply});
}

void add_all(operations& to, const kind& k, const std::string& filters,
             const std::string& deleted = "Count") {
  add_one(to, k);
  add_update(to, k);
  add_list(to, k, filters);
  add_bulk_delete(to, k, deleted);
}

void add_user_data(operations& to) {
  const kind k{"/user_data", "user_data", "all_user_data", "user data record", "UserData"};
  add_all(to, k, " consumer_job_id producer_job_id name:str is_ephemeral:bool",
          "DeletedCountMessage");
  for (auto& o : to)
    if (o.name == "create_user_data")
      o.query = "consumer_job_id producer_job_id";
}

void add_groups(operations& to) {
  add_one(to, {"/access_groups", "access_group", "access_groups", "access group", "AccessGroup"});
  to.push_back({"GET", "/access_groups", "list_access_groups", "All access groups", "@page", "",
                "access AccessGroup"});
  to.push_back({"POST", "/access_groups/{id}/members", "add_member", "Adds a user to a group", "",
                "NewMembership", "Membership"});
  to.push_back({"GET", "/access_groups/{id}/members", "list_members", "The users of a group",
                "@page", "", "access Membership"});
  to.push_back({"DELETE", "/access_groups/{id}/members/{=user_name}", "remove_member",
                "Takes a user out of a group", "", "", "Membership"});
  to.push_back({"GET", "/users/{=user_name}/groups", "list_groups_of_user", "The groups of a user",
                "@page", "", "access AccessGroup"});
  to.push_back({"GET", "/access_check/{workflow_id}/{=user_name}", "check_access",
                "Whether a user may see a workflow", "", "", "Access"});
}

void add_bulks(operations& to) {
  to.push_back({"POST", "/bulk_files", "create_files", "Adds files of one workflow, all or none",
                "", "NewFiles", "Files"});
  to.push_back({"POST", "/bulk_user_data", "create_many_user_data",
                "Adds records of one workflow, all or none", "", "NewUserDataList",
                "UserDataList"});
}

} // namespace

void add_record_operations(operations& to) {
  add_bulks(to);
  add_all(to, {"/files", "file", "files", "file", "File"},
          " produced_by_job_id name:str path:str is_output:bool", "DeletedCount");
  add_user_data(to);
  const kind event{"/events", "event", "events", "event", "Event"};
  add_one(to, event);
  std::find_if(to.begin(), to.end(), [](const operation& o) {
    return o.name == "create_event";
  })->query = "keep_timestamp:bool";
  add_update(to, event, "any");
  add_list(to, event, " category:str after_timestamp");
  add_bulk_delete(to, event);
  add_all(to, {"/results", "result", "results", "result", "Result"},
          " job_id run_id return_code status:JobStatus compute_node_id all_runs:bool");
  add_all(to,
          {"/resource_requirements", "resource_requirements", "all_resource_requirements",
           "requirement", "ResourceRequirements"},
          " job_id name:str memory:str num_cpus num_gpus num_nodes runtime");
  add_all(to, {"/compute_nodes", "compute_node", "compute_nodes", "compute node", "ComputeNode"},
          " hostname:str is_active:bool scheduled_compute_node_id");
  add_all(to,
          {"/scheduled_compute_nodes", "scheduled_compute_node", "scheduled_compute_nodes",
           "scheduled compute node", "ScheduledComputeNode"},
          " scheduler_id scheduler_config_id status:str");
  add_all(to,
          {"/slurm_schedulers", "slurm_scheduler", "slurm_schedulers", "Slurm scheduler",
           "SlurmScheduler"},
          " name:str account:str gres:str mem:str nodes partition:str qos:str tmp:str "
          "walltime:str");
  add_all(to,
          {"/local_schedulers", "local_scheduler", "local_schedulers", "local scheduler",
           "LocalScheduler"},
          " memory:str num_cpus");
  const kind stats{"/slurm_stats", "slurm_stats", "slurm_stats", "statistics of Slurm",
                   "SlurmStats"};
  to.push_back({"POST", stats.path, "create_slurm_stats", "Adds what Slurm said of an attempt", "",
                "NewSlurmStats", "SlurmStats"});
  add_list(to, stats, " job_id run_id attempt_id");
  const kind handler{"/failure_handlers", "failure_handler", "failure_handlers", "failure handler",
                     "FailureHandler"};
  add_one(to, handler);
  to.back().reply = "Message";
  const kind entity{"/ro_crate_entities", "ro_crate_entity", "ro_crate_entities", "RO-Crate entity",
                    "RoCrateEntity"};
  add_one(to, entity);
  to.back().reply = "Message";
  add_update(to, entity);
  add_groups(to);
}

} // namespace torc::net::openapi
