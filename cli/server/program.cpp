#include "cli/server/program.hpp"

#include "cli/server/embedded_server.hpp"
#include "cli/server/logging.hpp"
#include "cli/server/settings.hpp"
#include "storage/store.hpp"
#include "storage/torc_file.hpp"
#include "telemetry/deeds.hpp"
#include "telemetry/lines.hpp"

#include <semaphore.h>
#include <unistd.h>

#include <csignal>
#include <ostream>

namespace torc::cli {

namespace {

sem_t asked_to_end; // handlers can reach nothing but globals

/// The first signal ends the server in order, the second one at once.
void on_signal(int number) {
  static volatile std::sig_atomic_t heard = 0;
  if (heard != 0)
    ::_exit(128 + number);
  heard = 1;
  ::sem_post(&asked_to_end);
}

void catch_signals() {
  ::sem_init(&asked_to_end, 0, 0);
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int number : {SIGINT, SIGTERM})
    ::sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void wait_for_signal() {
  while (::sem_wait(&asked_to_end) != 0) {
  }
}

/// TORC_TIMING_ENABLED: a line for each span that ends, where the filter lets `debug` pass.
void print_spans_if_asked() {
  const auto wanted = environment("TORC_TIMING_ENABLED");
  if ((wanted == "1" || wanted == "true") && is_logged(log_level::debug, log_target::timing))
    telemetry::print_lines(
        [](std::string_view line) { log(log_level::debug, log_target::timing, line); });
}

/// A line for each request and each commit, where the filter lets `debug` pass.
void print_deeds() {
  using telemetry::deed;
  if (is_logged(log_level::debug, log_target::http))
    telemetry::print_deeds(deed::request, [](std::string_view line) {
      log(log_level::debug, log_target::http, line);
    });
  if (is_logged(log_level::debug, log_target::writer))
    telemetry::print_deeds(deed::commit, [](std::string_view line) {
      log(log_level::debug, log_target::writer, line);
    });
}

int complain(call& c, const std::string& what) {
  c.err << "error: " << what << '\n';
  return exit_error;
}

int serve(call& c) {
  const auto settings = read_server_settings(c);
  if (!settings) {
    c.err << "error: " << settings.why().message << '\n';
    return settings.why().why == core::refusal::malformed ? exit_usage : exit_error;
  }
  if (auto open = open_log(*settings); !open) {
    c.err << "error: " << open.why().message << '\n';
    return exit_error;
  }
  print_spans_if_asked();
  print_deeds();
  catch_signals();
  log_line("database " + settings->database +
           (settings->full_sync ? "" : ", synchronous=NORMAL as asked for"));
  for (const auto& note : settings->notes)
    log_line(note);
  if (settings->allow_anonymous && !is_loopback(settings->host))
    log(log_level::warn, log_target::server,
        "everybody who can reach " + settings->host +
            " may run commands as this user (--allow-anonymous)");
  auto server = embedded_server::start(
      *settings, [](const std::string& text) { log(log_level::info, log_target::house, text); });
  if (!server) {
    c.err << "error: " << server.why().message << '\n';
    return exit_error;
  }
  c.out << "TORC_SERVER_PORT=" << (*server)->port() << std::endl;
  log_line("listening on " + (*server)->url() + ", runners on port " +
           std::to_string((*server)->runner_port()));
  wait_for_signal();
  log_line("ending: no more requests, last commit");
  (*server)->stop();
  log_line("ended");
  return exit_ok;
}

int take_over(call& c) {
  auto named = c.maybe<std::string>("database");
  if (!named)
    named = environment("DATABASE_URL");
  const auto database = named ? database_file(*named) : core::result(default_database());
  if (!database)
    return complain(c, database.why().message);
  auto store = storage::store::open(*database, {});
  if (!store)
    return complain(c, store.why().message);
  const auto done = (*store)->take_over(c.arguments[0]);
  if (!done)
    return complain(c, done.why().message);
  c.out << "Took " << done->workflows << " workflows with " << done->jobs << " jobs, "
        << done->results << " results and " << done->events << " events into " << *database << "; "
        << (done->same_ids ? "ids are the same" : "ids are new ones") << '\n';
  return exit_ok;
}

int no_service(call& c) {
  c.err << "error: service is not there yet; start 'torc-server run' from a unit of your own\n";
  return exit_error;
}

void global_options(po::options_description& to) {
  to.add_options()(
      "log-level,l", po::value<std::string>()->value_name("LEVEL"),
      "trace, debug, info, warn, error or off; for parts: info,torc_server::house=debug\n"
      "[env RUST_LOG]");
}

} // namespace

program server_program() {
  program p;
  p.version = TORC_VERSION;
  p.global_options = global_options;
  p.default_child = "run";
  p.root.name = "torc-server";
  p.root.summary = "Keeps workflows and hands their jobs to runners";
  p.root.children = {
      {.name = "run",
       .summary = "Serve until told to end (the default)",
       .about =
           "A file .env in the current folder is read first. The first line on standard output is\n"
           "TORC_SERVER_PORT=<port>; the log goes to standard error.",
       .options = add_server_options,
       .run = serve},
      {.name = "import",
       .summary =
           "Take the workflows of a torc 0.21 database into this server's, with their history",
       .about =
           "The file is only read. Jobs that were running are ready to run again. In an empty\n"
           "database everything keeps its id. No server may run on the database meanwhile.",
       .arguments = {{"file", "the database of torc 0.21"}},
       .options =
           [](po::options_description& to) {
             to.add_options()("database,d", po::value<std::string>()->value_name("FILE"),
                              "this server's, made where missing [env DATABASE_URL=sqlite:FILE]");
           },
       .run = take_over},
      {.name = "service",
       .summary = "Install or control a system service",
       .arguments = {{"words", "", argument::count::many}},
       .run = no_service},
      backup_command(),
  };
  return p;
}

} // namespace torc::cli
