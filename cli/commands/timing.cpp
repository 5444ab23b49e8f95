#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ostream>
#include <thread>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("watch,w", po::bool_switch(), "again every second, until interrupted")(
      "reset", po::bool_switch(), "begin at zero after this")("all,a", po::bool_switch(),
                                                              "also what was never called");
}

std::string ms(const json::value& times, const char* name) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", number(member(times, name)).value_or(0));
  return text;
}

/// A line a span, the one that cost most first.
void print_table(call& c, const json::value& report) {
  auto spans = list_member(report, "spans");
  const auto total = [](const json::value& span) {
    return number(member(member(span, "busy_ms"), "total")).value_or(0);
  };
  std::stable_sort(spans.begin(), spans.end(),
                   [&](const json::value& a, const json::value& b) { return total(a) > total(b); });
  table t({"Span", "Count", "Busy p50", "p90", "p99", "Max", "Total", "Idle p50", "p99", "Total"});
  for (const auto& span : spans) {
    if (integer_member(span, "count") == 0 && !c.get<bool>("all"))
      continue;
    const auto& busy = member(span, "busy_ms");
    const auto& idle = member(span, "idle_ms");
    t.add({text_member(span, "name"), cell(member(span, "count")), ms(busy, "p50"), ms(busy, "p90"),
           ms(busy, "p99"), ms(busy, "max"), ms(busy, "total"), ms(idle, "p50"), ms(idle, "p99"),
           ms(idle, "total")});
  }
  t.print(c.out);
  c.out << "Times in milliseconds. Busy: in handlers and in the database. Idle: waiting.\n"
        << std::flush;
}

int timing(call& c) {
  constexpr auto pause = std::chrono::seconds{1};
  constexpr const char* clear_screen = "\x1b[H\x1b[2J";
  auto server = server_of(c);
  const bool watch = c.get<bool>("watch");
  for (;;) {
    const auto report = server.get("/timing");
    if (!report)
      return fail(c, report.why().message);
    if (watch && ::isatty(STDOUT_FILENO) == 1)
      c.out << clear_screen;
    if (c.global.json())
      print_json(c.out, *report);
    else
      print_table(c, *report);
    if (!watch)
      break;
    c.out.flush();
    std::this_thread::sleep_for(pause);
  }
  if (!c.get<bool>("reset"))
    return exit_ok;
  const auto done = server.call("POST", "/timing/reset", {});
  return done ? int{exit_ok} : fail(c, done.why().message);
}

} // namespace

command timing_command() {
  return {.name = "timing",
          .summary = "Show how long the server's calls and turns take",
          .about = "Counted since the server started or was told to --reset. The spans are those\n"
                   "that TORC_TIMING_ENABLED=1 with RUST_LOG=debug prints one by one.",
          .options = options,
          .run = timing};
}

} // namespace torc::cli
