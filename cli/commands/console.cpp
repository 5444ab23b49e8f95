#include "cli/commands/console.hpp"

#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/commands/watch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <sstream>

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

constexpr size_t rooms_there_are = 5;

/// Whatever takes a room's whole time is what holds the server up.
std::string bar(double share) {
  constexpr int width = 20;
  const auto full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width));
  return std::string(static_cast<size_t>(full), '#') +
         std::string(static_cast<size_t>(width - full), '.');
}

/// "16", or as many CPUs as there are for jobs that ask for them.
std::string slots_of(const json::value& runner) {
  const auto slots = integer_member(runner, "slots");
  return slots > 0 ? std::to_string(slots) : cell(member(runner, "num_cpus")) + " CPUs";
}

table runner_table(const json::array& runners) {
  table all({"Runner", "Host", "User", "PID", "Workflow", "Slots", "Running", "Waiting", "Unacked",
             "Trip ms"});
  all.numbers_from(3);
  for (const auto& r : runners) {
    const auto round_trip = number(member(r, "round_trip_ms")).value_or(0);
    const auto workflow = integer_member(r, "workflow_id");
    all.add({cell(member(r, "id")) + (bool_member(r, "connected") ? "" : " (gone)"),
             text_member(r, "hostname"), text_member(r, "user"), cell(member(r, "pid")),
             workflow > 0 ? std::to_string(workflow) : "all", slots_of(r),
             cell(member(r, "running")), cell(member(r, "waiting")),
             cell(member(r, "unacked_reports")), round_trip > 0 ? fixed(round_trip, 1) : "-"});
  }
  return all;
}

/// All handlers that had something to do, and a line for each room.
struct work {
  table rooms{{"Room", "", "Mailbox", "Messages/s", "Busy %"}};
  std::vector<handled> handlers; ///< the busiest first
};

work work_between(const json::value& earlier, const json::value& now, double interval_ms) {
  work w;
  w.rooms.numbers_from(2);
  for (const auto& room : list_member(now, "rooms")) {
    const auto did = since(earlier, room);
    double count = 0, busy = 0;
    for (const auto& h : did) {
      count += h.count;
      busy += h.busy_ms;
    }
    w.rooms.add({text_member(room, "name"), bar(busy / interval_ms), cell(member(room, "mailbox")),
                 fixed(count * 1000 / interval_ms, 0), fixed(busy * 100 / interval_ms, 1)});
    std::copy_if(did.begin(), did.end(), std::back_inserter(w.handlers),
                 [](const handled& h) { return h.count > 0; });
  }
  std::stable_sort(w.handlers.begin(), w.handlers.end(),
                   [](const handled& a, const handled& b) { return a.busy_ms > b.busy_ms; });
  return w;
}

table handler_table(const std::vector<handled>& handlers, double interval_ms) {
  table t({"Handler", "Messages/s", "Busy %", "p50 ms", "p99 ms", "max ms"});
  t.numbers_from(1);
  for (const auto& h : handlers)
    t.add({h.room + " " + h.message, fixed(h.count * 1000 / interval_ms, 0),
           fixed(h.busy_ms * 100 / interval_ms, 1), fixed(h.p50, 3), fixed(h.p99, 3),
           fixed(h.max, 3)});
  return t;
}

} // namespace

std::string console_screen(const json::value& earlier, const json::value& now, size_t rows) {
  const auto ms =
      std::max<int64_t>(integer_member(now, "uptime_ms") - integer_member(earlier, "uptime_ms"), 1);
  const auto interval = static_cast<double>(ms);
  std::ostringstream out;
  out << "Runners: " << integer_member(now, "runners")
      << "   open grants: " << integer_member(now, "open_grants")
      << "   turns under way: " << integer_member(now, "turns_in_flight") << " of "
      << integer_member(now, "turn_window") << "\n";
  const auto did = work_between(earlier, now, interval);
  const auto handlers = handler_table(did.handlers, interval);
  const auto& list = list_member(now, "runner_list");
  const auto runners = runner_table(list);
  if (rows == 0) {
    did.rooms.print(out);
    handlers.print(out);
    if (!list.empty())
      runners.print(out);
    return out.str();
  }
  // Around the rows of the two lists: the line above, the rooms and all headings.
  constexpr size_t around = 2 + rooms_there_are + 3, least = 2;
  const auto room = rows > around + 2 * least ? rows - around : 2 * least;
  const auto for_runners =
      std::min(list.size(), std::max(room / 2, room - std::min(room, did.handlers.size())));
  did.rooms.print_bare(out);
  handlers.print_bare(out, room - for_runners);
  if (!list.empty())
    runners.print_bare(out, for_runners);
  return out.str();
}

namespace {

void options(po::options_description& to) {
  to.add_options()("once", po::bool_switch(), "one screen since the server's start, then end");
}

int console(call& c) {
  auto server = server_of(c);
  const auto show = [&c](const json::value& now, const json::value& earlier,
                         const live_screen& on) {
    const bool fits = on.on_terminal() && !c.get<bool>("once");
    return console_screen(earlier, now, fits ? on.size().rows : 0);
  };
  return watch(c, server, "/rooms", c.get<bool>("once"), show);
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
