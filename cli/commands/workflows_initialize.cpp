#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

int dry_run(call& c, int64_t id, const std::vector<std::string>& missing) {
  if (c.global.json()) {
    json::array paths;
    for (const auto& path : missing)
      paths.emplace_back(path);
    print_json(c.out, json::object{{"workflow_id", id},
                                   {"safe", missing.empty()},
                                   {"missing_input_files", paths},
                                   {"missing_input_file_count", missing.size()},
                                   {"existing_output_files", json::array()},
                                   {"existing_output_file_count", 0}});
  } else {
    c.out << "Workflow " << id << " could " << (missing.empty() ? "" : "not ")
          << "be initialized\n";
    for (const auto& path : missing)
      c.out << "  missing input file: " << harmless(path) << '\n';
  }
  return exit_ok;
}

/// Everything back to its beginning, and ready to run: what `initialize` and `start` have in
/// common.
int initialize_workflow(call& c, bool again) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto missing = missing_input_files(server, *id);
  if (!missing)
    return fail(c, missing.why().message);
  if (c.has("dry-run") && c.get<bool>("dry-run"))
    return dry_run(c, *id, *missing);
  if (!missing->empty() && !c.get<bool>("force")) {
    for (const auto& path : *missing)
      c.err << "missing input file: " << harmless(path) << '\n';
    return fail(c, "workflow " + std::to_string(*id) + " needs " + std::to_string(missing->size()) +
                       " input file(s) that do not exist; --force starts it all the same");
  }
  const auto started = initialize(server, *id, again);
  if (!started)
    return fail(c, started.why().message);
  const std::string message = *started
                                  ? "Initialized workflow " + std::to_string(*id)
                                  : "Workflow " + std::to_string(*id) + " was initialized already";
  if (c.global.json())
    print_json(c.out,
               json::object{{"status", "success"}, {"message", message}, {"workflow_id", *id}});
  else
    c.out << message << '\n';
  return exit_ok;
}

} // namespace

command workflows_initialize_command() {
  return {.name = "initialize",
          .summary = "Put all jobs of a workflow back to their beginning, for a new run",
          .about =
              "Jobs that wait for nothing become ready, the others blocked. Results of earlier "
              "runs stay.",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                to.add_options()("force", po::bool_switch(), "even if input files are missing")(
                    "no-prompts", po::bool_switch(), "accepted; nothing is asked")(
                    "dry-run", po::bool_switch(), "only say whether it could be done");
              },
          .run = [](call& c) { return initialize_workflow(c, true); }};
}

command workflows_start_command() {
  return {.name = "start",
          .summary = "Make a workflow ready to run, unless it is already",
          .about = "Runners that are started afterwards, or wait already, find its jobs.",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                to.add_options()("force", po::bool_switch(), "even if input files are missing");
              },
          .run = [](call& c) { return initialize_workflow(c, false); }};
}

} // namespace torc::cli
