#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "core/time.hpp"
#include "net/client.hpp"

#include <ostream>

namespace torc::cli {

namespace {

std::string time_of(const json::value& event) {
  return core::to_iso8601({integer_member(event, "timestamp") * 1000});
}

void options(po::options_description& to) {
  add_paging_options(to);
  to.add_options()("category,t", po::value<std::string>()->value_name("CATEGORY"),
                   "only those whose data say this category")(
      "type", po::value<std::string>()->value_name("CATEGORY"), "the same");
}

int list(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  auto query = "/events?workflow_id=" + std::to_string(*id) + paging_query(c);
  for (const auto* option : {"category", "type"})
    if (const auto wanted = c.maybe<std::string>(option)) {
      query += "&category=" + net::encode(*wanted);
      break;
    }
  const auto page = server.get(query);
  if (!page)
    return fail(c, page.why().message);
  print_list(c, "events", list_member(*page, "items"),
             {plain("ID", "id"), {"Time", time_of}, plain("Data", "data")});
  return exit_ok;
}

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
  if (c.global.json())
    print_json(c.out, items[0]);
  else
    c.out << "Event " << integer_member(items[0], "id") << " at " << time_of(items[0]) << ": "
          << harmless(cell(member(items[0], "data"))) << '\n';
  return exit_ok;
}

} // namespace

command events_list_command() {
  return {.name = "list",
          .summary = "List what was noted down of a workflow",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = list};
}

command events_latest_command() {
  return {.name = "get-latest-event",
          .summary = "Show the newest event of a workflow",
          .arguments = {workflow_id_argument()},
          .run = latest};
}

} // namespace torc::cli
