#include "cli/client/file_time.hpp"
#include "cli/client/reinitialize.hpp"
#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>
#include <set>

namespace torc::cli {

namespace {

/// Files that jobs write and that are there already, by path.
core::result<std::vector<std::string>> existing_outputs(api& server, int64_t id) {
  std::set<std::string> paths;
  auto read =
      server.each(workflow_path(id, "/job_file_relationships?"), [&](const json::value& relation) {
        const auto path = text_member(relation, "file_path");
        if (!member(relation, "producer_job_id").is_null() && file_time(path))
          paths.insert(path);
        return true;
      });
  if (!read)
    return read.why();
  return std::vector<std::string>(paths.begin(), paths.end());
}

int dry_run(call& c, api& server, int64_t id, const std::vector<std::string>& missing) {
  const auto existing = existing_outputs(server, id);
  if (!existing)
    return fail(c, existing.why().message);
  if (c.global.json()) {
    print_json(c.out, json::object{{"workflow_id", id},
                                   {"safe", missing.empty()},
                                   {"missing_input_files", json::value_from(missing)},
                                   {"missing_input_file_count", missing.size()},
                                   {"existing_output_files", json::value_from(*existing)},
                                   {"existing_output_file_count", existing->size()}});
    return exit_ok;
  }
  c.out << "Workflow " << id << " could " << (missing.empty() ? "" : "not ") << "be initialized\n";
  for (const auto& path : missing)
    c.out << "  missing input file: " << harmless(path) << '\n';
  for (const auto& path : *existing)
    c.out << "  output file is there already: " << harmless(path) << '\n';
  return exit_ok;
}

enum class how { once, again, what_changed };

int prepare(call& c, api& server, int64_t id, how mode) {
  const auto number = std::to_string(id);
  std::string message = "Reinitialized workflow " + number;
  if (mode == how::what_changed) {
    if (const auto done = reinitialize(server, id); !done)
      return fail(c, done.why().message);
  } else {
    const auto started = initialize(server, id, mode == how::again);
    if (!started)
      return fail(c, started.why().message);
    message = *started ? "Initialized workflow " + number
                       : "Workflow " + number + " was initialized already";
  }
  if (c.global.json())
    print_json(c.out,
               json::object{{"status", "success"}, {"message", message}, {"workflow_id", id}});
  else
    c.out << message << '\n';
  return exit_ok;
}

/// What `initialize`, `start` and `reinitialize` have in common.
int initialize_workflow(call& c, how mode) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto missing = missing_input_files(server, *id, mode == how::what_changed);
  if (!missing)
    return fail(c, missing.why().message);
  if (c.has("dry-run") && c.get<bool>("dry-run"))
    return dry_run(c, server, *id, *missing);
  if (!missing->empty() && !c.get<bool>("force")) {
    for (const auto& path : *missing)
      c.err << "missing input file: " << harmless(path) << '\n';
    return fail(c, "workflow " + std::to_string(*id) + " needs " + std::to_string(missing->size()) +
                       " input file(s) that do not exist; --force starts it all the same");
  }
  return prepare(c, server, *id, mode);
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
          .run = [](call& c) { return initialize_workflow(c, how::again); }};
}

command workflows_reinitialize_command() {
  return {.name = "reinitialize",
          .summary = "Make ready to run what failed or reads something that changed",
          .about =
              "Jobs that completed stay so, unless a file or user data that they read changed, "
              "or a file that they wrote is gone.",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                to.add_options()("force", po::bool_switch(), "even if input files are missing")(
                    "dry-run", po::bool_switch(), "only say whether it could be done");
              },
          .run = [](call& c) { return initialize_workflow(c, how::what_changed); }};
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
          .run = [](call& c) { return initialize_workflow(c, how::once); }};
}

} // namespace torc::cli
