#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

namespace torc::cli {

namespace {

/// Any answer below 500 will do: a server that knows of no such runner has nothing to requeue.
int bury(call& c) {
  const auto instance = parse_id(c.arguments.front(), "runner's instance");
  if (!instance)
    return fail(c, instance.why().message);
  auto server = server_of(c);
  const auto reply =
      server.send("POST", "/runner_deaths", json::serialize(json::object{{"instance", *instance}}));
  if (!reply)
    return fail(c, reply.why().message);
  return reply->status < 500 ? exit_ok : exit_error;
}

} // namespace

command runner_death_command() {
  return {.name = "runner-death",
          .summary = "Tell the server that a runner was killed; its guardian says so by itself",
          .arguments = {{"instance", "as the runner said it when it attached"}},
          .run = bury};
}

} // namespace torc::cli
