#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <unistd.h>

#include <iostream>

namespace torc::cli {

namespace {

/// True where the user says yes, or has said so on the command line.
bool agreed(call& c) {
  if (c.get<bool>("no-prompts") || c.global.json() || ::isatty(STDIN_FILENO) != 1)
    return true;
  c.err << "Delete " << c.arguments.size()
        << " workflow(s) with all their jobs and results? [y/N] ";
  std::string reply;
  std::getline(std::cin, reply);
  return reply == "y" || reply == "Y" || reply == "yes";
}

int remove(call& c) {
  std::vector<int64_t> ids;
  for (const auto& word : c.arguments) {
    const auto id = parse_id(word, "workflow id");
    if (!id)
      return fail(c, id.why().message);
    ids.push_back(*id);
  }
  if (!agreed(c))
    return fail(c, "nothing was deleted");
  auto server = server_of(c);
  json::array deleted;
  int exit = exit_ok;
  for (const auto id : ids) {
    auto gone = server.remove(workflow_path(id));
    if (!gone) {
      c.err << "error: workflow " << id << ": " << gone.why().message << '\n';
      exit = exit_error;
      continue;
    }
    if (!c.global.json())
      c.out << "Deleted workflow " << id << '\n';
    deleted.push_back(std::move(*gone));
  }
  if (c.global.json())
    print_json(c.out, ids.size() == 1 && deleted.size() == 1 ? deleted[0] : json::value(deleted));
  return exit;
}

} // namespace

command workflows_delete_command() {
  return {.name = "delete",
          .summary = "Delete workflows with all that belongs to them",
          .arguments = {{"ids", "the workflows", argument::count::some}},
          .options =
              [](po::options_description& to) {
                to.add_options()("no-prompts", po::bool_switch(), "do not ask");
              },
          .run = remove};
}

} // namespace torc::cli
