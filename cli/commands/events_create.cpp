#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("data,d", po::value<std::string>()->value_name("JSON"),
                   "what happened; any JSON, an object with \"category\" at best");
}

int create(call& c) {
  if (!c.has("data")) {
    c.err << "error: --data says what happened, and it is missing\n";
    return exit_usage;
  }
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  boost::system::error_code wrong;
  const auto data = json::parse(c.get<std::string>("data"), wrong);
  if (wrong)
    return fail(c, "--data is no JSON: " + wrong.message());
  const auto made = server.post("/events", json::object{{"workflow_id", *id}, {"data", data}});
  if (!made)
    return fail(c, made.why().message);
  if (c.global.json())
    print_json(c.out, *made);
  else
    c.out << "Created event " << integer_member(*made, "id") << '\n';
  return exit_ok;
}

} // namespace

command events_create_command() {
  return {.name = "create",
          .summary = "Note down an event of your own",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = create};
}

} // namespace torc::cli
