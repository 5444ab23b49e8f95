#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"

namespace torc::cli {

namespace {

std::string bare(const json::value& id) {
  return cell(id);
}

} // namespace

std::vector<command> file_commands() {
  auto all = commands_of(
      {.one = "file",
       .many = "files",
       .path = "/files",
       .list = "files",
       .list_path = "/files?workflow_id={}",
       .columns = {{"ID", "id"}, {"Name", "name"}, {"Path", "path"}, {"Modified Time", "st_mtime"}},
       .made_of =
           {{.option = "name,n", .member = "name", .about = "what jobs call it", .needed = true},
            {.option = "path,p",
             .member = "path",
             .about = "where it lies on the disk",
             .needed = true}},
       .changed = {{"name,n", "name", "another name"}, {"path,p", "path", "another place"}},
       .filters = {{"produced-by-job-id", "produced_by_job_id", "only those that this job writes",
                    kind::whole}}});
  all.push_back(command_of({.name = "list-required-existing",
                            .summary = "List files that have to be there for the jobs to run",
                            .path = "/workflows/{}/required_existing_files",
                            .words = {the_workflow()},
                            .list = "files",
                            .columns = {{"ID", "", bare}}}));
  return all;
}

std::vector<command> user_data_commands() {
  const field name{
      .option = "name,n", .member = "name", .about = "what jobs call it", .needed = true};
  auto all = commands_of(
      {.one = "user data",
       .many = "user data",
       .path = "/user_data",
       .list = "user_data",
       .list_path = "/user_data?workflow_id={}",
       .columns = {{"ID", "id"}, {"Name", "name"}, {"Ephemeral", "is_ephemeral"}, {"Data", "data"}},
       .made_of = {name,
                   {"data,d", "data", "its value; none where a job is to write it", kind::json},
                   {"ephemeral", "is_ephemeral", "cleared before every run", kind::flag},
                   {.option = "consumer-job-id",
                    .member = "consumer_job_id",
                    .about = "the job that reads it",
                    .what = kind::whole,
                    .in_query = true},
                   {.option = "producer-job-id",
                    .member = "producer_job_id",
                    .about = "the job that writes it",
                    .what = kind::whole,
                    .in_query = true}},
       .changed = {{"name,n", "name", "another name"},
                   {"data,d", "data", "another value", kind::json},
                   {"ephemeral", "is_ephemeral", "cleared before every run or not", kind::yes_no}},
       .filters = {{"name", "name", "only those whose name has this in it"},
                   {"is-ephemeral", "is_ephemeral", "only such, or only others", kind::yes_no},
                   {"consumer-job-id", "consumer_job_id", "only what this job reads", kind::whole},
                   {"producer-job-id", "producer_job_id", "only what this job writes",
                    kind::whole}},
       .limit = 50});
  const word workflow{word::is::id, "workflow_id", "the workflow"};
  all.push_back(command_of({.name = "delete-all",
                            .summary = "Delete all user data of a workflow",
                            .method = "DELETE",
                            .path = "/user_data?workflow_id={}",
                            .words = {workflow},
                            .said = "Deleted {deleted_count} records of user data"}));
  all.push_back(command_of({.name = "list-missing",
                            .summary = "List user data that jobs read and nobody has written",
                            .path = "/workflows/{}/missing_user_data",
                            .words = {workflow},
                            .list = "user_data",
                            .columns = {{"ID", "", bare}}}));
  return all;
}

} // namespace torc::cli
