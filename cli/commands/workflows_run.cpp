#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/serve_all.hpp"
#include "cli/run/session.hpp"

namespace torc::cli {

namespace {

int run(call& c) {
  const auto options = read_run_options(c, false);
  if (!options)
    return fail(c, options.why().message);
  auto server = server_of(c);
  if (c.get<bool>("all")) {
    if (!c.arguments.empty())
      return fail(c, "--all is every workflow of yours; leave out " + c.arguments.front());
    return serve_all(c, server, *options);
  }
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  session s;
  s.workflow = *id;
  s.options = *options;
  return run_session(c, server, s);
}

} // namespace

command workflows_run_command() {
  return {.name = "run",
          .summary = "Run jobs of a workflow on this machine until it is finished",
          .about =
              "Start it as often and on as many machines as you like; the jobs are shared out.\n"
              "The workflow is initialized where nobody has done it. Ctrl-C waits for the running\n"
              "jobs, a second one kills them.",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                add_run_options(to, false);
                to.add_options()("all", po::bool_switch(),
                                 "serve all workflows of yours that are initialized, also those to "
                                 "come, until there has been nothing to do for 90 s");
              },
          .run = run,
          .starts_jobs = true};
}

} // namespace torc::cli
