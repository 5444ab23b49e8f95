#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int ping(call& c) {
  auto server = server_of(c);
  auto reply = server.get("/ping");
  if (!reply)
    return fail(c, reply.why().message);
  if (c.global.json())
    print_json(c.out, *reply);
  else
    c.out << "Server at " << server.url() << " is up: " << text_member(*reply, "status") << '\n';
  return exit_ok;
}

} // namespace

command ping_command() {
  return {.name = "ping", .summary = "Ask whether the server answers", .run = ping};
}

} // namespace torc::cli
