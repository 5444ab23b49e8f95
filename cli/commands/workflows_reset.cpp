#include "cli/client/reinitialize.hpp"
#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <unistd.h>

#include <iostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("failed-only", po::bool_switch(),
                   "only jobs that failed, and what follows them")(
      "reinitialize,r", po::bool_switch(), "and make the workflow ready to run")(
      "force", po::bool_switch(), "though jobs are running")("no-prompts", po::bool_switch(),
                                                             "do not ask");
}

/// What has been done so far, as torc reports it.
struct report {
  std::vector<std::string> messages;
  std::vector<std::string> errors;
  json::object operations{
      {"workflow_reset", nullptr}, {"job_reset", nullptr}, {"reinitialize", nullptr}};

  template <class Result>
  bool take(const char* operation, const Result& done, const std::string& message) {
    operations[operation] = bool(done);
    if (done)
      messages.push_back(message);
    else
      errors.push_back(done.why().message);
    return bool(done);
  }
};

bool agreed(call& c, int64_t id) {
  if (c.get<bool>("no-prompts") || c.global.json() || ::isatty(STDIN_FILENO) != 1)
    return true;
  c.err << "Put the jobs of workflow " << id << " back to their beginning? [y/N] ";
  std::string reply;
  std::getline(std::cin, reply);
  return reply == "y" || reply == "Y" || reply == "yes";
}

void reset_step_by_step(call& c, api& server, int64_t id, report& r) {
  const bool failed_only = c.get<bool>("failed-only");
  const auto number = std::to_string(id);
  const auto reset = server.post(
      workflow_path(id, c.get<bool>("force") ? "/reset_status?force=true" : "/reset_status"),
      json::object());
  if (!r.take("workflow_reset", reset, "Reset the status of workflow " + number))
    return;
  const auto jobs = server.post(
      workflow_path(id, failed_only ? "/reset_job_status?failed_only=true" : "/reset_job_status"),
      json::object());
  if (!r.take("job_reset", jobs,
              (failed_only ? "Reset the failed jobs of workflow " : "Reset all jobs of workflow ") +
                  number))
    return;
  if (c.get<bool>("reinitialize"))
    r.take("reinitialize", reinitialize(server, id), "Reinitialized workflow " + number);
}

int reset(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  if (!agreed(c, *id))
    return fail(c, "nothing was reset");
  report r;
  reset_step_by_step(c, server, *id, r);
  for (const auto& error : r.errors)
    c.err << "error: " << error << '\n';
  if (c.global.json()) {
    json::object o{{"status", r.errors.empty() ? "success" : "error"},
                   {"workflow_id", *id},
                   {"operations", r.operations},
                   {"failed_only", c.get<bool>("failed-only")},
                   {"messages", json::value_from(r.messages)}};
    if (!r.errors.empty())
      o["errors"] = json::value_from(r.errors);
    print_json(c.out, o);
  } else {
    for (const auto& message : r.messages)
      c.out << message << '\n';
  }
  return r.errors.empty() ? exit_ok : exit_error;
}

} // namespace

command workflows_reset_command() {
  return {.name = "reset-status",
          .summary = "Put jobs back to their beginning, without starting them",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = reset};
}

} // namespace torc::cli
