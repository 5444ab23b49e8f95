#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int remove(call& c) {
  const auto id = parse_id(c.arguments[0], "event id");
  if (!id)
    return fail(c, id.why().message);
  const auto gone = server_of(c).remove("/events/" + std::to_string(*id));
  if (!gone)
    return fail(c, gone.why().message);
  if (c.global.json())
    print_json(c.out, *gone);
  else
    c.out << "Deleted event " << *id << '\n';
  return exit_ok;
}

} // namespace

command events_delete_command() {
  return {.name = "delete",
          .summary = "Delete one event",
          .arguments = {{"id", "the event"}},
          .run = remove};
}

} // namespace torc::cli
