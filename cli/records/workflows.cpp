#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"
#include "cli/records/workflow_json.hpp"
#include "cli/run/host.hpp"

namespace torc::cli {

namespace {

std::string progress(const json::value& action) {
  return cell(member(action, "trigger_count")) + "/" + cell(member(action, "required_triggers"));
}

std::string state(const json::value& action) {
  if (bool_member(action, "executed"))
    return "Executed";
  return integer_member(action, "trigger_count") < integer_member(action, "required_triggers")
             ? "Waiting"
             : "Pending";
}

std::string jobs(const json::value& action) {
  const auto& ids = list_member(action, "job_ids");
  std::string text;
  for (const auto& id : ids)
    text += (text.empty() ? "" : ", ") + cell(id);
  return ids.empty() ? "(all jobs)" : text;
}

command listed_actions() {
  return command_of({.name = "list-actions",
                     .summary = "List what a workflow does besides its jobs",
                     .path = "/workflows/{}/actions",
                     .words = {the_workflow()},
                     .list = "actions",
                     .columns = {{"ID", "id"},
                                 {"Trigger", "trigger_type"},
                                 {"Action", "action_type"},
                                 {"Progress", "", progress},
                                 {"Status", "", state},
                                 {"Executed At", "executed_at"},
                                 {"Job IDs", "", jobs}}});
}

} // namespace

std::vector<command> workflow_commands() {
  return {
      command_of(
          {.name = "new",
           .summary = "Create a workflow without jobs",
           .method = "POST",
           .path = "/workflows",
           .fields = {{.option = "name,n", .member = "name", .about = "its name", .needed = true},
                      {"description,d", "description", "what it is for"}},
           .said = "Created workflow {id}",
           .filled = [](json::object& body) { body["user"] = user_name(); },
           .adorned = with_parsed_texts}),
      command_of({.name = "update",
                  .summary = "Change a workflow's own members; what is not named stays",
                  .method = "PUT",
                  .path = "/workflows/{}",
                  .words = {the_workflow()},
                  .fields = {{"name,n", "name", "another name"},
                             {"description,d", "description", "another description"},
                             {"owner-user", "user", "another owner"},
                             {"project", "project", "the project that it is part of"},
                             {"metadata", "metadata", "more about it, as JSON"}},
                  .changes = true,
                  .keeps = {"name", "user"},
                  .said = "Updated workflow {id}",
                  .adorned = with_parsed_texts}),
      command_of({.name = "is-complete",
                  .summary = "Say whether a workflow has nothing left to do",
                  .path = "/workflows/{}/is_complete",
                  .words = {the_workflow()}}),
      listed_actions(),
  };
}

} // namespace torc::cli
