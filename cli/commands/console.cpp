#include "cli/commands/console.hpp"

#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
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
  const auto full = static_cast<int>(std::clamp(share, 0.0, 1.0) * width + 0.5);
  return std::string(static_cast<size_t>(full), '#') +
         std::string(static_cast<size_t>(width - full), '.');
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
  return {.name = "console",
          .summary = "Watch the server's rooms at work",
          .about =
              "Each room's mailbox, messages a second and share of its time, then the handlers\n"
              "that take most. Rates are of the last second, percentiles since the start.",
          .options = options,
          .run = console};
}

} // namespace torc::cli
