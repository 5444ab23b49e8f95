#include "cli/records/endpoint.hpp"

#include <deque>

namespace torc::cli {

namespace {

/// Sentences made here live as long as the program, as those in the tables do.
const char* kept(std::string text) {
  static std::deque<std::string> all;
  return all.emplace_back(std::move(text)).c_str();
}

} // namespace

std::vector<command> commands_of(const record& r) {
  const std::string one = r.one;
  const std::string many = r.many;
  const auto* by_id = kept(std::string(r.path) + "/{}");
  const std::vector<word> id{{word::is::id, "id", kept("the " + one)}};
  std::vector<command> all;
  if (!r.made_of.empty())
    all.push_back(command_of({.name = "create",
                              .summary = kept("Add " + many + " to a workflow"),
                              .method = "POST",
                              .path = r.path,
                              .words = {the_workflow("workflow_id")},
                              .fields = r.made_of,
                              .said = kept("Created " + one + " {id}"),
                              .adorned = r.adorned}));
  if (r.listed)
    all.push_back(command_of({.name = "list",
                              .summary = kept("List the " + many + " of a workflow"),
                              .path = r.list_path,
                              .words = {the_workflow()},
                              .fields = r.filters,
                              .list = r.list,
                              .columns = r.columns,
                              .pages = r.pages,
                              .limit = r.limit,
                              .adorned = r.adorned}));
  all.push_back(command_of({.name = "get",
                            .summary = kept("Show everything about one " + one),
                            .path = by_id,
                            .words = id,
                            .adorned = r.adorned}));
  if (!r.changed.empty())
    all.push_back(command_of({.name = "update",
                              .summary = kept("Change one " + one + "; what is not named stays"),
                              .method = "PUT",
                              .path = by_id,
                              .words = id,
                              .fields = r.changed,
                              .changes = true,
                              .keeps = r.keeps,
                              .said = kept("Updated " + one + " {id}"),
                              .adorned = r.adorned}));
  if (r.deleted)
    all.push_back(command_of({.name = "delete",
                              .summary = kept("Delete one " + one),
                              .method = "DELETE",
                              .path = by_id,
                              .words = id,
                              .said = kept("Deleted " + one + " {id}"),
                              .adorned = r.adorned}));
  return all;
}

} // namespace torc::cli
