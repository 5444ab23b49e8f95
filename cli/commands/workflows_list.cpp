#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/records/workflow_json.hpp"
#include "cli/run/host.hpp"
#include "net/client.hpp"

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  add_paging_options(to);
  to.add_options()("archived-only", po::bool_switch(), "only archived ones")(
      "include-archived", po::bool_switch(), "archived ones too")("all-users", po::bool_switch(),
                                                                  "everybody's, not only yours");
}

int list(call& c) {
  auto server = server_of(c);
  std::string query = "/workflows?";
  const bool everybody = c.get<bool>("all-users");
  if (!everybody)
    query += "&user=" + net::encode(user_name());
  if (c.get<bool>("archived-only"))
    query += "&is_archived=true";
  else if (!c.get<bool>("include-archived"))
    query += "&is_archived=false";
  auto items = listed(c, server, query);
  if (!items)
    return fail(c, items.why().message);
  if (c.global.json())
    for (auto& item : *items)
      item = with_parsed_texts(std::move(item));
  std::vector<column> columns = {plain("ID", "id")};
  if (everybody)
    columns.push_back(plain("User", "user"));
  for (const auto& [header, name] :
       {std::pair{"Name", "name"}, std::pair{"Description", "description"},
        std::pair{"Project", "project"}, std::pair{"Metadata", "metadata"},
        std::pair{"Timestamp", "timestamp"}})
    columns.push_back(plain(header, name));
  print_list(c, "workflows", *items, columns);
  return exit_ok;
}

} // namespace

command workflows_list_command() {
  return {.name = "list", .summary = "List your workflows", .options = options, .run = list};
}

} // namespace torc::cli
