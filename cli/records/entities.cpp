#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"

namespace torc::cli {

namespace {

std::vector<field> entity_fields(bool of_new) {
  return {{.option = "entity-id",
           .member = "entity_id",
           .about = "its @id, such as data/output.parquet",
           .needed = of_new},
          {.option = "entity-type",
           .member = "entity_type",
           .about = "its @type, such as File or Dataset",
           .needed = of_new},
          {.option = "metadata",
           .member = "metadata",
           .about = "its JSON-LD; - reads it from standard input",
           .what = kind::text_or_stdin,
           .needed = of_new},
          {"file-id", "file_id", "the file that it tells of", kind::whole}};
}

endpoint relations(const char* name, const char* summary, const char* path,
                   std::vector<shown> columns) {
  return {.name = name,
          .summary = summary,
          .path = path,
          .words = {the_workflow()},
          .list = "items",
          .columns = std::move(columns),
          .pages = paging::pages,
          .whole_page = true};
}

} // namespace

std::vector<command> entity_commands() {
  return commands_of({.one = "RO-Crate entity",
                      .many = "RO-Crate entities",
                      .path = "/ro_crate_entities",
                      .list = "ro_crate_entities",
                      .list_path = "/workflows/{}/ro_crate_entities",
                      .columns = {{"ID", "id"},
                                  {"Entity ID", "entity_id"},
                                  {"Type", "entity_type"},
                                  {"File ID", "file_id"}},
                      .made_of = entity_fields(true),
                      .changed = entity_fields(false),
                      .pages = paging::pages});
}

std::vector<command> dependency_commands() {
  const auto ends = [](const char* id, const char* id_member, const char* name,
                       const char* name_member) {
    return std::vector<shown>{{id, id_member},
                              {name, name_member},
                              {"Producer Job ID", "producer_job_id"},
                              {"Producer Job Name", "producer_job_name"},
                              {"Consumer Job ID", "consumer_job_id"},
                              {"Consumer Job Name", "consumer_job_name"}};
  };
  return {command_of(relations("job-job", "List which job waits for which",
                               "/workflows/{}/job_dependencies?",
                               {{"Job ID", "job_id"},
                                {"Job Name", "job_name"},
                                {"Blocked By Job ID", "depends_on_job_id"},
                                {"Blocked By Job Name", "depends_on_job_name"}})),
          command_of(relations("job-file", "List which job writes and which reads a file",
                               "/workflows/{}/job_file_relationships?",
                               ends("File ID", "file_id", "File Name", "file_name"))),
          command_of(
              relations("job-user-data", "List which job writes and which reads user data",
                        "/workflows/{}/job_user_data_relationships?",
                        ends("User Data ID", "user_data_id", "User Data Name", "user_data_name")))};
}

} // namespace torc::cli
