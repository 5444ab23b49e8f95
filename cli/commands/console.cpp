#include "cli/commands/console.hpp"

#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <sstream>
#include <thread>

namespace torc::cli {

namespace {

struct handled {
  std::string room, message;
  double count = 0, busy_ms = 0; ///< since the earlier answer
  double p50 = 0, p99 = 0, max = 0;
};

std::string fixed(double value, int decimals) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

const json::value& named(const json::array& list, const std::string& name) {
  static const json::value none;
  const auto at = std::find_if(list.begin(), list.end(), [&](const json::value& v) {
    return text_member(v, "name") == name;
  });
  return at == list.end() ? none : *at;
}

/// What the handlers of a room did since the earlier answer.
std::vector<handled> since(const json::value& earlier, const json::value& room) {
  std::vector<handled> all;
  const auto name = text_member(room, "name");
  const auto& before = named(list_member(earlier, "rooms"), name);
  for (const auto& m : list_member(room, "messages")) {
    const auto& was = named(list_member(before, "messages"), text_member(m, "name"));
    const auto& times = member(m, "busy_ms");
    const auto get = [](const json::value& v, const char* key) {
      return number(member(v, key)).value_or(0);
    };
    all.push_back({name, text_member(m, "name"), get(m, "count") - get(was, "count"),
                   get(times, "total") - get(member(was, "busy_ms"), "total"), get(times, "p50"),
                   get(times, "p99"), get(times, "max")});
  }
  return all;
}

/// Whatever takes a room's whole time is what holds the server up.
std::string bar(double share) {
  constexpr int width = 20;
  const auto full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width));
  return std::string(static_cast<size_t>(full), '#') +
         std::string(static_cast<size_t>(width - full), '.');
}

} // namespace

namespace {

/// "16", or as many CPUs as there are for jobs that ask for them.
std::string slots_of(const json::value& runner) {
  const auto slots = integer_member(runner, "slots");
  return slots > 0 ? std::to_string(slots) : cell(member(runner, "num_cpus")) + " CPUs";
}

void print_runners(std::ostream& out, const json::array& runners) {
  if (runners.empty())
    return;
  table all({"Runner", "Host", "PID", "User", "Workflow", "Slots", "Running", "Waiting",
             "Unacked reports", "Round trip ms"});
  for (const auto& r : runners) {
    const auto round_trip = number(member(r, "round_trip_ms")).value_or(0);
    const auto workflow = integer_member(r, "workflow_id");
    all.add({cell(member(r, "id")) + (bool_member(r, "connected") ? "" : " (gone)"),
             text_member(r, "hostname"), cell(member(r, "pid")), text_member(r, "user"),
             workflow > 0 ? std::to_string(workflow) : "all", slots_of(r),
             cell(member(r, "running")), cell(member(r, "waiting")),
             cell(member(r, "unacked_reports")), round_trip > 0 ? fixed(round_trip, 1) : "-"});
  }
  all.print(out);
}

} // namespace

std::string console_screen(const json::value& earlier, const json::value& now) {
  std::ostringstream out;
  const auto ms =
      std::max<int64_t>(integer_member(now, "uptime_ms") - integer_member(earlier, "uptime_ms"), 1);
  const auto interval = static_cast<double>(ms);
  out << "Runners: " << integer_member(now, "runners")
      << "   open grants: " << integer_member(now, "open_grants") << "\n";
  table rooms({"Room", "Mailbox", "Messages/s", "Busy %", ""});
  std::vector<handled> handlers;
  for (const auto& room : list_member(now, "rooms")) {
    const auto did = since(earlier, room);
    double count = 0, busy = 0;
    for (const auto& h : did) {
      count += h.count;
      busy += h.busy_ms;
    }
    rooms.add({text_member(room, "name"), cell(member(room, "mailbox")),
               fixed(count * 1000 / interval, 0), fixed(busy * 100 / interval, 1),
               bar(busy / interval)});
    handlers.insert(handlers.end(), did.begin(), did.end());
  }
  rooms.print(out);
  std::stable_sort(handlers.begin(), handlers.end(),
                   [](const handled& a, const handled& b) { return a.busy_ms > b.busy_ms; });
  table slowest({"Handler", "Messages/s", "Busy %", "p50 ms", "p99 ms", "Max ms"});
  for (const auto& h : handlers)
    if (h.count > 0)
      slowest.add({h.room + " " + h.message, fixed(h.count * 1000 / interval, 0),
                   fixed(h.busy_ms * 100 / interval, 1), fixed(h.p50, 3), fixed(h.p99, 3),
                   fixed(h.max, 3)});
  slowest.print(out);
  print_runners(out, list_member(now, "runner_list"));
  return out.str();
}

namespace {

void options(po::options_description& to) {
  to.add_options()("once", po::bool_switch(), "one screen since the server's start, then end");
}

int console(call& c) {
  constexpr auto pause = std::chrono::seconds{1};
  constexpr const char* clear_screen = "\x1b[H\x1b[2J";
  auto server = server_of(c);
  const bool once = c.get<bool>("once");
  json::value earlier;
  for (;;) {
    auto now = server.get("/rooms");
    if (!now)
      return fail(c, now.why().message);
    if (!once && ::isatty(STDOUT_FILENO) == 1)
      c.out << clear_screen;
    if (c.global.json())
      print_json(c.out, *now);
    else
      c.out << console_screen(earlier, *now);
    c.out.flush();
    if (once)
      return exit_ok;
    earlier = std::move(*now);
    std::this_thread::sleep_for(pause);
  }
}

} // namespace

command console_command() {
  return {
      .name = "console",
      .summary = "Watch the server's rooms at work",
      .about =
          "Each room's mailbox, messages a second and share of its time, then the handlers\n"
          "that take most, then the runners. Rates are of the last second, percentiles since the\n"
          "start.",
      .options = options,
      .run = console};
}

} // namespace torc::cli
