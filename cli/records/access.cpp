#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"

namespace torc::cli {

namespace {

const word group{word::is::id, "group_id", "the group"};
const word workflow{word::is::id, "workflow_id", "the workflow"};
const word user{word::is::text, "user_name", "the user"};
constexpr int64_t most_groups = 100;

std::vector<shown> group_columns() {
  return {
      {"ID", "id"}, {"Name", "name"}, {"Description", "description"}, {"Created", "created_at"}};
}

command list_of(const char* name, const char* summary, const char* path, std::vector<word> words,
                const char* list, std::vector<shown> columns) {
  return command_of({.name = name,
                     .summary = summary,
                     .path = path,
                     .words = std::move(words),
                     .list = list,
                     .columns = std::move(columns),
                     .pages = paging::pages,
                     .limit = most_groups});
}

/// What is done to a group, and answered with no more than that it is done.
command change(const char* name, const char* summary, const char* path, std::vector<word> words,
               const char* said) {
  return command_of({.name = name,
                     .summary = summary,
                     .method = "DELETE",
                     .path = path,
                     .words = std::move(words),
                     .said = said,
                     .without_answer = R"({"success": true})"});
}

std::vector<command> membership_commands() {
  return {command_of({.name = "add-user",
                      .summary = "Take a user into a group",
                      .method = "POST",
                      .path = "/access_groups/{0}/members",
                      .words = {{word::is::id, "group_id", "the group", "group_id"},
                                {word::is::text, "user_name", "the user", "user_name"}},
                      .fields = {{"role,r", "role", "member, or admin of the group", kind::text,
                                  "member"}},
                      .said = "{user_name} is in group {group_id} as {role}"}),
          change("remove-user", "Put a user out of a group", "/access_groups/{}/members/{}",
                 {group, user}, "Removed the user from the group"),
          list_of("list-members", "List who is in a group", "/access_groups/{}/members", {group},
                  "members", {{"User", "user_name"}, {"Role", "role"}, {"Added", "created_at"}}),
          list_of("list-user-groups", "List the groups that a user is in", "/users/{}/groups",
                  {user}, "groups", group_columns()),
          command_of({.name = "add-workflow",
                      .summary = "Let a group use a workflow",
                      .method = "POST",
                      .path = "/workflows/{}/access_groups/{}",
                      .words = {workflow, group},
                      .said = "Group {group_id} may use workflow {workflow_id}"}),
          change("remove-workflow", "Take a workflow away from a group",
                 "/workflows/{}/access_groups/{}", {workflow, group},
                 "The group may no longer use the workflow"),
          list_of("list-workflow-groups", "List the groups that may use a workflow",
                  "/workflows/{}/access_groups", {workflow}, "groups", group_columns())};
}

} // namespace

std::vector<command> access_group_commands() {
  const word id{word::is::id, "id", "the group"};
  std::vector<command> all{
      command_of({.name = "create",
                  .summary = "Add a group of users",
                  .method = "POST",
                  .path = "/access_groups",
                  .words = {{word::is::text, "name", "its name", "name"}},
                  .fields = {{"description,d", "description", "what it is for"}},
                  .said = "Created group {id}"}),
      command_of({.name = "get",
                  .summary = "Show everything about one group",
                  .path = "/access_groups/{}",
                  .words = {id}}),
      list_of("list", "List the groups", "/access_groups", {}, "groups", group_columns()),
      command_of({.name = "delete",
                  .summary = "Delete a group",
                  .method = "DELETE",
                  .path = "/access_groups/{}",
                  .words = {id},
                  .said = "Deleted group {id}"})};
  for (auto& c : membership_commands())
    all.push_back(std::move(c));
  return all;
}

std::vector<command> admin_commands() {
  return {command_of({.name = "reload-auth",
                      .summary = "Let the server read its password file again",
                      .method = "POST",
                      .path = "/admin/reload-auth",
                      .said = "Read {user_count} users"})};
}

} // namespace torc::cli
