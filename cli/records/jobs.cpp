#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"

namespace torc::cli {

std::vector<command> job_commands() {
  return {
      command_of(
          {.name = "create",
           .summary = "Add a job to a workflow",
           .method = "POST",
           .path = "/jobs",
           .words = {the_workflow("workflow_id")},
           .fields = {{.option = "name,n", .member = "name", .about = "its name", .needed = true},
                      {.option = "command,c",
                       .member = "command",
                       .about = "what a shell is to run",
                       .needed = true},
                      {"resource-requirements-id,r", "resource_requirements_id",
                       "what it needs of a machine", kind::whole},
                      {"blocking-job-ids,b", "depends_on_job_ids", "jobs that it waits for",
                       kind::wholes},
                      {"input-file-ids,i", "input_file_ids", "files that it reads", kind::wholes},
                      {"output-file-ids,o", "output_file_ids", "files that it writes",
                       kind::wholes},
                      {"priority", "priority", "higher ones run first", kind::whole},
                      {"label", "labels", "labels that its runner must have, with commas between",
                       kind::texts}},
           .said = "Created job {id}"}),
      command_of({.name = "get",
                  .summary = "Show everything about one job",
                  .path = "/jobs/{}",
                  .words = {{word::is::id, "id", "the job"}}}),
      command_of({.name = "running",
                  .summary = "List the jobs that run, and where",
                  .path = "/workflows/{}/running_jobs?",
                  .words = {the_workflow()},
                  .list = "jobs",
                  .columns = {{"ID", "job_id"},
                              {"Name", "job_name"},
                              {"Node", "compute_node_name"},
                              {"Type", "scheduler_type"},
                              {"Allocation", "scheduler_job_id"}},
                  .pages = paging::pages}),
      command_of({.name = "delete-all",
                  .summary = "Delete all jobs of a workflow",
                  .method = "DELETE",
                  .path = "/jobs?workflow_id={}",
                  .words = {the_workflow()},
                  .said = "Deleted {count} jobs"}),
  };
}

} // namespace torc::cli
