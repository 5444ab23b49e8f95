#include "net/openapi/operation.hpp"

namespace torc::net::openapi {

void add_job_operations(operations& to) {
  to.push_back({"POST", "/jobs", "create_job", "Adds a job", "", "NewJob", "Job"});
  to.push_back({"POST", "/bulk_jobs", "create_jobs", "Adds jobs of one workflow, all or none", "",
                "NewJobs", "Jobs"});
  to.push_back({"POST", "/workflows/{id}/batch_complete_jobs", "batch_complete_jobs",
                "Jobs have ended; what cannot be recorded is told beside the others", "",
                "BatchCompletion", "BatchCompleted"});
  to.push_back({"GET", "/jobs", "list_jobs", "Jobs of a workflow",
                "@workflow status:JobStatus needs_file_id upstream_job_id active_compute_node_id "
                "include_relationships:bool labels:str",
                "", "page Job"});
  to.push_back({"DELETE", "/jobs", "delete_jobs", "Deletes all jobs of a workflow", "workflow_id!",
                "", "Count"});
  to.push_back({"GET", "/jobs/{id}", "get_job", "One job", "", "", "Job"});
  to.push_back({"PUT", "/jobs/{id}", "update_job",
                "Changes what differs from the job; most of it only while it is uninitialized", "",
                "ChangedJob", "Job"});
  to.push_back({"GET", "/jobs/{id}/explain", "explain_job",
                "Why a job does not run, failed or was slow", "", "", "object"});
  to.push_back({"DELETE", "/jobs/{id}", "delete_job", "Deletes a job", "", "", "Job"});
  to.push_back({"PUT", "/jobs/{id}/manage_status_change/{=status}/{run_id}", "manage_status_change",
                "Sets a status by hand", "", "any?", "Job"});
  to.push_back({"PUT", "/jobs/{id}/start_job/{run_id}/{compute_node_id}", "start_job",
                "A claimed job runs", "", "any?", "Job"});
  to.push_back({"POST", "/jobs/{id}/complete_job/{=status}/{run_id}", "complete_job",
                "A job has ended, with this result", "", "JobEnd", "Job"});
  to.push_back({"POST", "/jobs/{id}/retry/{run_id}", "retry_job",
                "A failed job is to run again as its next attempt", "max_retries!", "any?", "Job"});
}

} // namespace torc::net::openapi
