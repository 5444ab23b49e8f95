#include "cli/client/event_stream.hpp"
#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "core/time.hpp"

#include <chrono>
#include <fstream>
#include <ostream>
#include <thread>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("duration,d", po::value<double>()->value_name("MINUTES"),
                   "end after so long; until interrupted unless told")(
      "level", po::value<std::string>()->default_value("info")->value_name("LEVEL"),
      "debug, info, warning or error: nothing less severe is shown")(
      "filename", po::value<std::string>()->value_name("FILE"),
      "append the events there too, one JSON object a line");
}

/// "12:00:01.234 error   job_failed  job_id=3 job_name=a ..."
void print_event(std::ostream& out, const event_reader::event& e) {
  boost::system::error_code wrong;
  const auto parsed = json::parse(e.data, wrong);
  if (wrong)
    return;
  if (e.type == "warning" && parsed.is_object() && parsed.as_object().contains("dropped")) {
    const auto count = cell(member(parsed, "dropped"));
    out << "... " << (count.empty() ? "some" : count) << " events were missed\n";
    return;
  }
  const auto when = core::to_iso8601(core::instant_of_ms(integer_member(parsed, "timestamp")));
  out << when << ' ' << harmless(text_member(parsed, "severity")) << ' ' << harmless(e.type);
  const auto& data = member(parsed, "data");
  if (data.is_object())
    for (const auto& [name, value] : data.as_object())
      out << ' ' << harmless(std::string_view(name.data(), name.size())) << '='
          << harmless(cell(value));
  out << '\n';
}

/// Follows the stream, and comes back to it where the connection breaks.
class monitor {
public:
  monitor(call& c, int64_t workflow) : c_(c), server_(server_of(c)) {
    path_ = workflow_path(workflow, "/events/stream?level=" + c.get<std::string>("level"));
    if (const auto minutes = c.maybe<double>("duration"))
      end_ = clock::now() + std::chrono::milliseconds(static_cast<int64_t>(*minutes * 60'000));
    if (const auto name = c.maybe<std::string>("filename"))
      file_.open(*name, std::ios::app);
  }

  int run() {
    constexpr int most_failures = 30;
    if (c_.has("filename") && !file_.is_open())
      return fail(c_, "cannot write to " + c_.get<std::string>("filename"));
    for (int failures = 0; failures < most_failures;) {
      const auto left =
          end_ ? std::chrono::duration_cast<std::chrono::milliseconds>(*end_ - clock::now()).count()
               : 0;
      if (end_ && left <= 0)
        return exit_ok;
      const auto ended = server_.follow(path_, reader_.last_id(), left, [&](std::string_view text) {
        failures = 0;
        connected_ = true;
        show(text);
        return true;
      });
      if (ended && !ended->ok())
        return fail(c_, error_of(*ended).message);
      if (!ended && !connected_)
        return fail(c_, ended.why().message);
      ++failures;
      std::this_thread::sleep_for(std::chrono::seconds{1});
    }
    return fail(c_, "the server does not come back");
  }

private:
  using clock = std::chrono::steady_clock;

  void show(std::string_view text) {
    for (const auto& e : reader_.read(text)) {
      if (c_.global.json())
        c_.out << e.data << '\n';
      else
        print_event(c_.out, e);
      if (file_.is_open())
        file_ << e.data << std::endl;
    }
    c_.out.flush();
  }

  call& c_;
  api server_;
  std::string path_;
  std::optional<clock::time_point> end_;
  std::ofstream file_;
  event_reader reader_;
  bool connected_ = false;
};

int run(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto& level = c.get<std::string>("level");
  if (level != "debug" && level != "info" && level != "warning" && level != "error") {
    c.err << "error: --level knows debug, info, warning and error, not '" << level << "'\n";
    return exit_usage;
  }
  return monitor(c, *id).run();
}

} // namespace

command events_monitor_command() {
  return {.name = "monitor",
          .summary = "Show events as they happen",
          .about = "Jobs that start and end, compute nodes that come and go, and the workflow's\n"
                   "start. With --format json each event is one line.",
          .arguments = {workflow_id_argument()},
          .options = options,
          .run = run};
}

} // namespace torc::cli
