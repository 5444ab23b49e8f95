#include "cli/client/workflow.hpp"
#include "cli/commands/archive_files.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <algorithm>
#include <ostream>

namespace torc::cli {

namespace {

/// In one call where the server can do that; torc 0.21 has to be told the whole status.
core::result<core::nothing> set_archived(api& server, int64_t id, bool archived) {
  const auto told = server.send("POST", workflow_path(id, "/archive"),
                                json::serialize(json::object{{"is_archived", archived}}));
  if (!told)
    return told.why();
  if (told->ok())
    return core::nothing{};
  if (!lacks_endpoint(*told))
    return error_of(*told);
  const auto path = workflow_path(id, "/status");
  auto status = server.get(path);
  if (!status)
    return status.why();
  if (!status->is_object())
    return core::refuse(core::refusal::malformed, "the server's workflow status is no object");
  status->as_object()["is_archived"] = archived;
  if (auto put = server.put(path, *status); !put)
    return put.why();
  return core::nothing{};
}

int archive_one(call& c) {
  const auto id = parse_id(c.arguments[0], "workflow id");
  if (!id)
    return fail(c, id.why().message);
  if (c.arguments.size() > 1) {
    c.err << "error: --to takes one workflow\n";
    return exit_usage;
  }
  return archive_to_file(c, *id, c.get<std::string>("to"));
}

int archive(call& c) {
  if (c.has("to"))
    return archive_one(c);
  const auto& word = c.arguments[0];
  if (word != "true" && word != "false") {
    c.err << "error: true archives, false brings back; '" << word << "' does neither\n";
    return exit_usage;
  }
  const bool archived = word == "true";
  auto server = server_of(c);
  std::vector<int64_t> ids;
  for (size_t i = 1; i < std::max<size_t>(2, c.arguments.size()); ++i) {
    const auto id = workflow_argument(c, server, i);
    if (!id)
      return fail(c, id.why().message);
    ids.push_back(*id);
  }
  json::array updated;
  json::array errors;
  for (const auto id : ids) {
    if (const auto done = set_archived(server, id, archived); !done) {
      errors.emplace_back("workflow " + std::to_string(id) + ": " + done.why().message);
      c.err << "error: " << errors.back().as_string().c_str() << '\n';
      continue;
    }
    updated.emplace_back(id);
    if (!c.global.json())
      c.out << (archived ? "Archived workflow " : "Brought back workflow ") << id << '\n';
  }
  if (c.global.json()) {
    json::object o{{"status", errors.empty()    ? "success"
                              : updated.empty() ? "error"
                                                : "partial_success"},
                   {"updated_workflows", updated},
                   {"is_archived", archived}};
    if (!errors.empty())
      o["errors"] = errors;
    print_json(c.out, o);
  }
  return errors.empty() ? exit_ok : exit_error;
}

} // namespace

command workflows_archive_command() {
  return {.name = "archive",
          .summary = "Put workflows out of sight, or bring them back",
          .about =
              "An archived workflow is left out of lists, and cannot be initialized. With --to "
              "the words\nare the id of one workflow, which is written to a file whole: "
              "`restore` puts it back.",
          .arguments = {{"is_archived", "true archives, false brings back"},
                        {"workflow_ids", "the workflows; may be left out where you have just one",
                         argument::count::many}},
          .options =
              [](po::options_description& to) {
                to.add_options()("to", po::value<std::string>()->value_name("FILE"),
                                 "write the workflow with all its history to this new file");
              },
          .run = archive};
}

} // namespace torc::cli
