#include "cli/records/endpoint.hpp"
#include "cli/records/tables.hpp"
#include "cli/records/workflow_json.hpp"

namespace torc::cli {

namespace {

std::string time_of(const json::value& event) {
  return text_member(with_time_in_words(event), "timestamp_formatted");
}

/// What an event says of itself, or a dash.
std::string said(const json::value& event, const char* name, const char* otherwise) {
  const auto text = text_member(member(event, "data"), name);
  return text.empty() ? otherwise : text;
}

} // namespace

std::vector<command> event_commands() {
  const word id{word::is::id, "id", "the event"};
  return {
      command_of(
          {.name = "create",
           .summary = "Note down an event of your own",
           .method = "POST",
           .path = "/events",
           .words = {the_workflow("workflow_id")},
           .fields = {{.option = "data,d",
                       .member = "data",
                       .about = "what happened; any JSON, an object with \"category\" at best",
                       .what = kind::json,
                       .needed = true}},
           .said = "Created event {id}",
           .adorned = with_time_in_words}),
      command_of(
          {.name = "list",
           .summary = "List what was noted down of a workflow",
           .path = "/events?workflow_id={}",
           .words = {the_workflow()},
           .fields = {{"type,t", "category", "only those whose data say this category"},
                      {"category", "category", "the same"}},
           .list = "events",
           .columns = {{"ID", "id"},
                       {"Time", "", time_of},
                       {"Level", "", [](const json::value& e) { return said(e, "level", "info"); }},
                       {"Type", "", [](const json::value& e) { return said(e, "category", "-"); }},
                       {"Data", "data"}},
           .pages = paging::sorted,
           .adorned = with_time_in_words}),
      command_of({.name = "delete",
                  .summary = "Delete one event",
                  .method = "DELETE",
                  .path = "/events/{}",
                  .words = {id},
                  .said = "Deleted event {id}",
                  .adorned = with_time_in_words})};
}

std::vector<command> result_commands() {
  const word id{word::is::id, "id", "the result"};
  return {command_of({.name = "get",
                      .summary = "Show how one job ended",
                      .path = "/results/{}",
                      .words = {id}}),
          command_of({.name = "delete",
                      .summary = "Delete one result",
                      .method = "DELETE",
                      .path = "/results/{}",
                      .words = {id},
                      .said = "Deleted result {id}"})};
}

} // namespace torc::cli
