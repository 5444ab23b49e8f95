#include "cli/client/file_text.hpp"
#include "cli/run/host.hpp"
#include "cli/run/private_folder.hpp"
#include "cli/run/runner.hpp"
#include "exec/last_will.hpp"
#include "net/authority.hpp"
#include "net/client.hpp"
#include "net/trace_exporter.hpp"

#include <filesystem>
#include <memory>

namespace torc::cli {

namespace {

/// What a runner must have to be let in.
struct entry {
  std::string host;
  uint16_t port = 0;
  std::string token;
  private_folder files;
  std::string certificate, key, authority;
};

/// A server that listens everywhere is found where its API was found.
std::string host_of(const std::string& door, const std::string& url) {
  if (!door.empty() && door != "0.0.0.0" && door != "::")
    return door;
  const auto where = net::parse_url(url);
  return where ? where->host : door;
}

core::result<std::string> secret_for(const json::value& door) {
  if (!bool_member(door, "needs_secret"))
    return std::string();
  const auto path = text_member(door, "secret_path");
  auto secret = read_file(path);
  if (!secret)
    return core::refuse(
        core::refusal::forbidden,
        "cannot read " + path +
            ": runners must be started by the user who runs the server, on its host");
  return secret;
}

/// Has a key of our own signed. The key never leaves this host.
core::result<entry> knock(api& server) {
  const auto reply = server.send("GET", "/runner_door");
  if (!reply)
    return reply.why();
  if (lacks_endpoint(*reply))
    return core::refuse(core::refusal::not_found, "the server has no port for runners");
  if (!reply->ok())
    return error_of(*reply);
  const auto door = parse_reply(*reply);
  if (!door)
    return door.why();
  const auto secret = secret_for(*door);
  if (!secret)
    return secret.why();
  const auto made = net::make_key_and_request();
  if (!made)
    return made.why();
  json::object request{{"csr_pem", made->csr_pem}};
  if (!secret->empty())
    request["secret"] = *secret;
  const auto granted = server.post("/runner_certificates", request);
  if (!granted)
    return core::refuse(core::refusal::forbidden, granted.why().message);

  auto folder = private_folder::make();
  if (!folder)
    return folder.why();
  entry e{host_of(text_member(*door, "host"), server.url()),
          static_cast<uint16_t>(integer_member(*door, "port")),
          text_member(*granted, "token"),
          std::move(*folder),
          {},
          {},
          {}};
  for (const auto& [name, content, path] :
       {std::tuple{"runner.crt", text_member(*granted, "certificate_pem"), &e.certificate},
        std::tuple{"runner.key", made->key_pem, &e.key},
        std::tuple{"authority.crt", text_member(*door, "authority_pem"), &e.authority}}) {
    auto written = e.files.write(name, content);
    if (!written)
      return written.why();
    *path = *written;
  }
  return e;
}

/// What the guardian tells the server for a runner that was killed. It speaks plain HTTP itself;
/// for more than that it starts this program.
exec::last_will will_of(const std::string& url, const std::string& authorization,
                        const net::trust& whom, int64_t instance) {
  const auto where = net::parse_url(url);
  if (!where)
    return {};
  if (where->is_secure || !authorization.empty()) {
    std::error_code none;
    exec::last_will will;
    will.command = {std::filesystem::read_symlink("/proc/self/exe", none), "--url", url,
                    "runner-death", std::to_string(instance)};
    will.environment = {"TORC_AUTHORIZATION=" + authorization,
                        "TORC_TLS_CA_CERT=" + whom.authority_file,
                        std::string("TORC_TLS_INSECURE=") + (whom.insecure ? "1" : "")};
    return will;
  }
  const auto body = json::serialize(json::object{{"instance", instance}});
  return {where->host, where->port,
          "POST " + where->base + "/runner_deaths HTTP/1.1\r\nHost: " + where->host +
              "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body};
}

/// Where the environment asks for it, else nothing. Which jobs are traced, the server decides.
std::shared_ptr<net::trace_exporter> export_spans(run_log& log) {
  auto settings = net::read_trace_settings(environment, "torc-runner");
  for (const auto& note : settings.notes)
    log.line(note);
  if (!settings.exports())
    return nullptr;
  return std::make_shared<net::trace_exporter>(std::move(settings), telemetry::trace_seed{},
                                               TORC_VERSION,
                                               [&log](const std::string& line) { log.warn(line); });
}

} // namespace

core::result<actors::runner_report> run_attached(api& server, const runner_job& what,
                                                 exec::guardian_handle& guardian) {
  auto e = knock(server);
  if (!e)
    return e.why();
  actors::runner_settings s;
  s.host = e->host;
  s.port = e->port;
  s.certificate = e->certificate;
  s.key = e->key;
  s.authority = e->authority;
  s.token = e->token;
  s.user = user_name();
  s.version = TORC_VERSION;
  s.workflow = what.workflow;
  s.hostname = detect_host().hostname;
  s.slots = what.options.slots;
  s.room = what.options.room;
  s.output_dir = what.options.output_dir;
  s.api_url = server.url();
  // Its own connection: the question is asked from a thread of the runner's.
  auto asking = std::make_shared<api>(server.again());
  s.find_door = [asking]() -> core::result<actors::runner_door> {
    auto again = knock(*asking);
    if (!again)
      return again.why();
    return actors::runner_door{again->port, again->token};
  };
  s.last_will = [url = server.url(), authorization = server.authorization(),
                 whom = server.trusts()](int64_t instance) {
    return will_of(url, authorization, whom, instance);
  };
  s.idle_exit_s = what.idle_exit_s;
  s.log = [log = what.log](const std::string& line) { log->line(line); };
  const auto spans = export_spans(*what.log);
  if (spans)
    s.on_span = [spans](telemetry::finished_span span) { spans->offer(std::move(span)); };
  if (const auto here = environment("TRACEPARENT"))
    s.started_by = telemetry::parse_traceparent(*here);
  auto report = actors::run_runner(std::move(s), guardian, *what.stop);
  if (!report && report.why().why == core::refusal::not_found)
    return core::refuse(core::refusal::unavailable, report.why().message); // it has a door
  return report;
}

} // namespace torc::cli
