#include "cli/client/file_text.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/transfer/document.hpp"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

namespace torc::cli {

namespace {

size_t count(const json::object& document, const char* section) {
  const auto* list = document.if_contains(section);
  return list != nullptr && list->is_array() ? list->get_array().size() : 0;
}

/// All of it or nothing: a file that is half there would be taken for a workflow.
core::result<core::nothing> write_file(const std::string& path, const json::object& document) {
  const auto part = path + ".part";
  {
    std::ofstream file(part);
    print_json(file, document);
    file.flush();
    if (!file)
      return core::refuse(core::refusal::forbidden, "cannot write " + part);
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    const auto why = std::generic_category().message(errno);
    std::remove(part.c_str());
    return core::refuse(core::refusal::forbidden, "cannot write " + path + ": " + why);
  }
  return core::nothing{};
}

int export_workflow(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto document =
      export_document(server, *id, {c.get<bool>("include-results"), c.get<bool>("include-events")});
  if (!document)
    return fail(c, document.why().message);
  const auto path = c.maybe<std::string>("output");
  if (!path) {
    print_json(c.out, *document);
    return exit_ok;
  }
  if (const auto written = write_file(*path, *document); !written)
    return fail(c, written.why().message);
  const auto name = text_member(document->at("workflow"), "name");
  if (c.global.json()) {
    json::object o{
        {"success", true}, {"workflow_id", *id}, {"workflow_name", name}, {"output_file", *path}};
    for (const auto* section : {"jobs", "files", "user_data", "results", "events"})
      o[section] = count(*document, section);
    print_json(c.out, o);
  } else {
    c.out << "Exported workflow " << *id << " (" << harmless(name) << ", "
          << count(*document, "jobs") << " jobs) to " << harmless(*path) << '\n';
  }
  return exit_ok;
}

core::result<json::value> read_document(const std::string& path) {
  const auto text = path == "-"
                        ? core::result(std::string(std::istreambuf_iterator<char>(std::cin), {}))
                        : read_file(path);
  if (!text)
    return text.why();
  boost::system::error_code failed;
  auto document = json::parse(*text, failed);
  if (failed)
    return core::refuse(core::refusal::malformed, "'" + path + "' is no JSON: " + failed.message());
  return document;
}

int import_workflow(call& c) {
  const auto document = read_document(c.arguments[0]);
  if (!document)
    return fail(c, document.why().message);
  auto server = server_of(c);
  const auto done = import_document(server, *document,
                                    {c.maybe<std::string>("name").value_or(""),
                                     !c.get<bool>("skip-results"), !c.get<bool>("skip-events")});
  if (!done)
    return fail(c, done.why().message);
  for (const auto& note : done->notes)
    c.err << "note: " << harmless(note) << '\n';
  if (c.global.json())
    print_json(c.out, json::object{{"success", true},
                                   {"workflow_id", done->workflow},
                                   {"workflow_name", done->name},
                                   {"jobs", done->jobs},
                                   {"files", done->files},
                                   {"user_data", done->user_data},
                                   {"results", done->results},
                                   {"compute_nodes", done->compute_nodes},
                                   {"events", done->events}});
  else
    c.out << "Imported workflow " << done->workflow << " (" << harmless(done->name) << ") with "
          << done->jobs << " jobs, " << done->results << " results and " << done->events
          << " events\n";
  return exit_ok;
}

} // namespace

command workflows_export_command() {
  return {.name = "export",
          .summary = "Write a workflow down as a document that can be imported anywhere",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                to.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                                 "where to; standard output without it")(
                    "include-results", po::bool_switch(), "results of all runs, too")(
                    "include-events", po::bool_switch(), "what was noted down, too");
              },
          .run = export_workflow};
}

command workflows_import_command() {
  return {.name = "import",
          .summary = "Create a workflow from an exported document",
          .about = "Its jobs have not begun; results and events that the document has are kept.\n"
                   "Documents of torc 0.21 are understood.",
          .arguments = {{"file", "the document; - reads it from standard input"}},
          .options =
              [](po::options_description& to) {
                to.add_options()("name", po::value<std::string>()->value_name("TEXT"),
                                 "another name")("skip-results", po::bool_switch(),
                                                 "leave out results")(
                    "skip-events", po::bool_switch(), "leave out events");
              },
          .run = import_workflow};
}

} // namespace torc::cli
