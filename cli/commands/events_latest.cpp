#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/records/workflow_json.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int latest(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto page = server.get("/events?workflow_id=" + std::to_string(*id) +
                               "&sort_by=timestamp&reverse_sort=true&limit=1");
  if (!page)
    return fail(c, page.why().message);
  const auto& items = list_member(*page, "items");
  if (items.empty())
    return fail(c, "workflow " + std::to_string(*id) + " has no events");
  const auto event = with_time_in_words(items[0]);
  if (c.global.json())
    print_json(c.out, event);
  else
    c.out << "Event " << integer_member(event, "id") << " at "
          << text_member(event, "timestamp_formatted") << ": "
          << harmless(cell(member(event, "data"))) << '\n';
  return exit_ok;
}

} // namespace

command events_latest_command() {
  return {.name = "get-latest-event",
          .summary = "Show the newest event of a workflow",
          .arguments = {workflow_id_argument()},
          .run = latest};
}

} // namespace torc::cli
