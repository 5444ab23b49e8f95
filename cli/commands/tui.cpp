#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/host.hpp"
#include "cli/server/embedded_server.hpp"
#include "cli/tui/app.hpp"
#include "cli/tui/terminal.hpp"

#include <limits>
#include <ostream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("output-dir,o",
                   po::value<std::string>()->default_value("torc_output")->value_name("FOLDER"),
                   "where runners of this machine put the jobs' output")(
      "standalone", po::bool_switch(), "with a server of its own, which ends with it")(
      "port", po::value<int64_t>()->default_value(8080)->value_name("N"),
      "of that server; 0: any free one")("database", po::value<std::string>()->value_name("FILE"),
                                         "of that server [default: torc.db in the output folder]");
}

core::result<std::unique_ptr<embedded_server>> start_server(const call& c) {
  server_settings s;
  const auto port = c.get<int64_t>("port");
  if (port < 0 || port > std::numeric_limits<uint16_t>::max())
    return core::refuse(core::refusal::malformed, "--port must be from 0 to 65535");
  s.port = static_cast<uint16_t>(port);
  s.database = c.get<std::string>("output-dir") + "/torc.db";
  if (const auto named = c.maybe<std::string>("database")) {
    const auto file = database_file(*named);
    if (!file)
      return file.why();
    s.database = *file;
  }
  return embedded_server::start(s, [](const std::string&) {});
}

std::string no_server(const std::string& url) {
  return "no server answers at " + url +
         "\n  start one:           torc-server run"
         "\n  or name another:     torc --url http://HOST:8080/torc-service/v1 tui"
         "\n  or bring one along:  torc tui --standalone";
}

int run(call& c) {
  if (const auto why = tui::terminal::why_not(); !why.empty())
    return fail(c, why);
  tui::terminal::hold_size_changes();
  int64_t workflow = 0;
  if (!c.arguments.empty()) {
    const auto id = parse_id(c.arguments[0], "workflow id");
    if (!id)
      return fail(c, id.why().message);
    workflow = *id;
  }
  std::unique_ptr<embedded_server> own;
  if (c.get<bool>("standalone")) {
    auto started = start_server(c);
    if (!started)
      return fail(c, started.why().message);
    own = std::move(*started);
    c.global.url = own->url();
  }
  auto server = server_of(c);
  if (!server.reachable())
    return fail(c, no_server(server.url()));
  std::string name;
  if (workflow > 0) {
    const auto found = server.get("/workflows/" + std::to_string(workflow));
    if (!found)
      return fail(c, found.why().message);
    name = text_member(*found, "name");
  }
  const auto folder = c.get<std::string>("output-dir");
  tui::child_runner::settings runners{{"--url", server.url()}, {}, folder};
  if (c.global.password)
    runners.environment.push_back("TORC_PASSWORD=" + *c.global.password);
  tui::run_app(
      server,
      {server.url(), folder, detect_host().hostname, workflow, own != nullptr, user_name(), name},
      std::move(runners), !environment("NO_COLOR"));
  return exit_ok;
}

} // namespace

command tui_command() {
  return {.name = "tui",
          .summary = "Browse workflows, jobs and results on a full screen",
          .about =
              "Follows what happens while it happens; filters, searches and sorts any number of\n"
              "jobs; starts, cancels and resets. Press ? inside for the keys.",
          .arguments = {{"workflow_id", "the workflow to open", argument::count::maybe}},
          .options = options,
          .run = run};
}

} // namespace torc::cli
