#include "cli/client/file_text.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("skip-ssh-check", po::bool_switch(), "accepted; nobody is called");
}

int add(call& c, api& server, int64_t workflow, const std::vector<std::string>& workers) {
  json::array names;
  for (const auto& worker : workers) {
    const bool odd = worker.find_first_of(" \t\r\n") != std::string::npos;
    const auto host =
        worker.substr(worker.find('@') == std::string::npos ? 0 : worker.find('@') + 1);
    if (odd || host.empty() || host[0] == ':' || worker[0] == '@')
      return fail(c, "'" + worker + "' is no [user@]host[:port]; nothing was added");
    names.emplace_back(worker);
  }
  const auto added =
      server.post("/workflows/" + std::to_string(workflow) + "/remote_workers", names);
  if (!added)
    return fail(c, added.why().message);
  if (c.global.json())
    print_json(c.out, json::object{{"remote_workers", *added}});
  else
    c.out << "Added " << workers.size() << " worker(s) to workflow " << workflow << '\n';
  return exit_ok;
}

int add_named(call& c) {
  const auto id = parse_id(c.arguments[0], "workflow id");
  if (!id)
    return fail(c, id.why().message);
  auto server = server_of(c);
  return add(c, server, *id, {c.arguments.begin() + 1, c.arguments.end()});
}

int add_listed(call& c) {
  const auto workers = read_lines(c.arguments[0]);
  if (!workers)
    return fail(c, workers.why().message);
  if (workers->empty())
    return fail(c, "there is no worker in '" + c.arguments[0] + "'");
  auto server = server_of(c);
  const auto id = workflow_argument(c, server, 1);
  return id ? add(c, server, *id, *workers) : fail(c, id.why().message);
}

} // namespace

command remote_add_command() {
  return {.name = "add-workers",
          .summary = "Note down machines for a workflow",
          .arguments = {{"workflow_id", "the workflow"},
                        {"workers", "each as [user@]host[:port]", argument::count::some}},
          .options = options,
          .run = add_named};
}

command remote_add_from_file_command() {
  return {.name = "add-workers-from-file",
          .summary = "Note down machines for a workflow, from a file",
          .about = "Empty lines and lines that begin with # are left out.",
          .arguments = {{"worker_file", "a [user@]host[:port] a line"}, workflow_id_argument()},
          .options = options,
          .run = add_listed};
}

} // namespace torc::cli
