#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <fstream>

namespace torc::cli {

namespace {

json::object reference(const std::string& id) {
  return {{"@id", id}};
}

/// The entity's own metadata, with what every entity must have.
json::object described(const json::value& entity) {
  boost::system::error_code wrong;
  const auto& stored = member(entity, "metadata");
  const auto parsed = stored.is_string() ? json::parse(stored.get_string(), wrong) : stored;
  json::object node{{"@id", text_member(entity, "entity_id")},
                    {"@type", text_member(entity, "entity_type")}};
  if (const auto* members = wrong ? nullptr : parsed.if_object())
    for (const auto& [name, v] : *members)
      if (name != "@id" && name != "@type")
        node[name] = v;
  return node;
}

/// ro-crate-metadata.json of RO-Crate 1.1, https://w3id.org/ro/crate/1.1
json::object crate_of(const std::string& name, const json::array& entities) {
  json::array parts;
  json::array nodes;
  for (const auto& entity : entities) {
    const auto type = text_member(entity, "entity_type");
    if (type == "File" || type == "Dataset")
      parts.push_back(reference(text_member(entity, "entity_id")));
    nodes.push_back(described(entity));
  }
  json::array graph{
      json::object{{"@id", "ro-crate-metadata.json"},
                   {"@type", "CreativeWork"},
                   {"about", reference("./")},
                   {"conformsTo", reference("https://w3id.org/ro/crate/1.1")}},
      json::object{{"@id", "./"}, {"@type", "Dataset"}, {"name", name}, {"hasPart", parts}}};
  for (auto& node : nodes)
    graph.push_back(std::move(node));
  return {{"@context",
           json::array{"https://w3id.org/ro/crate/1.1/context",
                       json::object{{"torc", "https://github.com/NatLabRockies/torc/terms/"}}}},
          {"@graph", std::move(graph)}};
}

int write(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto workflow = server.get(workflow_path(*id));
  if (!workflow)
    return fail(c, workflow.why().message);
  json::array entities;
  auto read =
      server.each(workflow_path(*id, "/ro_crate_entities?"), [&](const json::value& entity) {
        entities.push_back(entity);
        return true;
      });
  if (!read)
    return fail(c, read.why().message);
  const auto path = c.maybe<std::string>("output");
  if (!path && c.global.json()) {
    print_json(c.out, entities); // as torc does: the records, not the crate
    return exit_ok;
  }
  const auto crate = crate_of(text_member(*workflow, "name"), entities);
  if (!path) {
    print_json(c.out, crate);
    return exit_ok;
  }
  std::ofstream file(*path);
  print_json(file, crate);
  file.flush();
  if (!file)
    return fail(c, "cannot write " + *path);
  c.err << "wrote " << entities.size() << " entities to " << harmless(*path) << '\n';
  return exit_ok;
}

} // namespace

command ro_crate_export_command() {
  return {.name = "export",
          .summary = "Write the entities of a workflow down as an RO-Crate",
          .arguments = {workflow_id_argument()},
          .options =
              [](po::options_description& to) {
                to.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                                 "where to; standard output without it");
              },
          .run = write};
}

} // namespace torc::cli
