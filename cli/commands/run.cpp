#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/create/create.hpp"
#include "cli/run/session.hpp"
#include "cli/server/embedded_server.hpp"
#include "exec/job_process.hpp"

#include <chrono>
#include <filesystem>
#include <ostream>

namespace torc::cli {

namespace {

/// A spec file or the id of a workflow.
struct target {
  std::string spec;
  int64_t workflow = 0;
};

bool is_url(const std::string& word) {
  return word.starts_with("http://") || word.starts_with("https://");
}

/// `torc run <url> run <id>` is how one of the founding documents writes it.
void take_url_from_arguments(call& c) {
  if (c.arguments.size() < 2 || !is_url(c.arguments[0]))
    return;
  c.global.url = c.arguments[0];
  while (c.global.url->ends_with('/'))
    c.global.url->pop_back();
  c.arguments.erase(c.arguments.begin());
  if (c.arguments.size() > 1 && c.arguments[0] == "run")
    c.arguments.erase(c.arguments.begin());
}

core::result<target> read_target(const std::string& word) {
  std::error_code ignored;
  const auto extension = std::filesystem::path(word).extension().string();
  const bool looks_like_spec = extension == ".yaml" || extension == ".yml" ||
                               extension == ".json" || extension == ".json5" || extension == ".kdl";
  if (looks_like_spec || std::filesystem::exists(word, ignored))
    return target{word, 0};
  const auto id = parse_id(word, "workflow id");
  if (!id)
    return core::refuse(core::refusal::malformed,
                        "'" + word + "' is neither a file nor a workflow id");
  return target{{}, *id};
}

/// The server that was asked for, or one in this process where none was and none answers.
class chosen_server {
public:
  core::result<core::nothing> choose(call& c, const std::string& output_dir, bool may_be_new) {
    server_ = std::make_unique<api>(server_of(c));
    if (c.global.url || server_->reachable())
      return core::nothing{};
    server_settings s;
    s.port = 0;
    s.database = output_dir + "/torc.db";
    s.traces = net::read_trace_settings(environment, "torc-server");
    std::error_code ignored;
    if (!may_be_new && !std::filesystem::exists(s.database, ignored))
      return core::refuse(core::refusal::unavailable,
                          "no server answers at " + server_->url() + ", and there is no database " +
                              s.database + " of an earlier run; name the server with --url");
    auto started = embedded_server::start(s, [](const std::string&) {});
    if (!started)
      return started.why();
    own_ = std::move(*started);
    (c.global.json() ? c.err : c.out)
        << "No server at " << server_->url() << "; using one of my own, database " << s.database
        << std::endl;
    server_ = std::make_unique<api>(own_->url());
    return core::nothing{};
  }
  api& server() { return *server_; }

private:
  std::unique_ptr<embedded_server> own_; ///< outlives what talks to it
  std::unique_ptr<api> server_;
};

int run(call& c) {
  take_url_from_arguments(c);
  if (c.arguments.size() > 1)
    return fail(c, "one spec file or workflow id at a time, not also '" + c.arguments[1] + "'");
  const auto options = read_run_options(c, true);
  if (!options)
    return fail(c, options.why().message);
  const auto what = read_target(c.arguments[0]);
  if (!what)
    return fail(c, what.why().message);
  const auto began = std::chrono::steady_clock::now();
  loaded_spec spec;
  if (!what->spec.empty()) {
    spec = config::load_spec(what->spec);
    if (!spec)
      return fail_spec(c, spec.errors);
    add_default_monitor(*spec.value);
  }
  const std::chrono::duration<double> reading = std::chrono::steady_clock::now() - began;
  // A workflow whose output has no place must not be left behind.
  if (spec)
    if (const auto made = exec::prepare_output_dir(options->output_dir); !made)
      return fail(c, made.why().message);
  chosen_server chosen;
  if (auto ok = chosen.choose(c, options->output_dir, bool(spec)); !ok)
    return fail(c, ok.why().message);
  session s;
  s.workflow = what->workflow;
  s.options = *options;
  if (spec) {
    const auto creating = std::chrono::steady_clock::now();
    const auto id = create_workflow(chosen.server(), *spec.value);
    if (!id)
      return fail(c, id.why().message);
    const std::chrono::duration<double> sending = std::chrono::steady_clock::now() - creating;
    s.workflow = *id;
    s.creation_seconds = (reading + sending).count();
    spec.value.reset();
    if (!c.global.json())
      c.out << "Created workflow " << *id << std::endl;
  }
  return run_session(c, chosen.server(), s);
}

} // namespace

command run_command() {
  return {
      .name = "run",
      .summary = "Create a workflow and run it here, or run one that exists",
      .about =
          "With a spec file, creates the workflow first. Without a server and without --url, one\n"
          "is started in this process, with its database in the output folder. A workflow that\n"
          "was stopped goes on with: torc run <id>. Ctrl-C waits for the running jobs, a second\n"
          "one kills them; they run again then. The exit code is 0 only if every job succeeded.",
      .arguments = {{"spec-or-id", "a spec file (YAML or JSON) or the id of a workflow"},
                    {"more", "", argument::count::many}},
      .options = [](po::options_description& to) { add_run_options(to, true); },
      .run = run,
      .starts_jobs = true};
}

} // namespace torc::cli
