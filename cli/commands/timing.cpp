#include "cli/commands/timing.hpp"

#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/commands/watch.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <sstream>

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

} // namespace

std::string timing_screen(const json::value& report, bool with_unused, size_t columns) {
  auto spans = list_member(report, "spans");
  const auto total = [](const json::value& span) {
    return number(member(member(span, "busy_ms"), "total")).value_or(0);
  };
  std::stable_sort(spans.begin(), spans.end(),
                   [&](const json::value& a, const json::value& b) { return total(a) > total(b); });
  table t({"Span", "Count", "Busy p50", "p90", "p99", "max", "total", "Idle p50", "p99", "total"});
  t.numbers_from(1);
  bool is_empty = true;
  for (const auto& span : spans) {
    if (integer_member(span, "count") == 0 && !with_unused)
      continue;
    is_empty = false;
    const auto& busy = member(span, "busy_ms");
    const auto& idle = member(span, "idle_ms");
    t.add({text_member(span, "name"), cell(member(span, "count")), ms(busy, "p50"), ms(busy, "p90"),
           ms(busy, "p99"), ms(busy, "max"), ms(busy, "total"), ms(idle, "p50"), ms(idle, "p99"),
           ms(idle, "total")});
  }
  std::ostringstream out;
  if (is_empty)
    return "No span has been counted yet.\n";
  if (columns == 0 || t.width() <= columns)
    t.print(out);
  else
    t.print_bare(out);
  out << "Times in milliseconds. Busy: in handlers and in the database. Idle: waiting.\n";
  return out.str();
}

namespace {

int timing(call& c) {
  auto server = server_of(c);
  const bool all = c.get<bool>("all");
  const auto show = [&c, all](const json::value& now, const json::value&, const live_screen& on) {
    return c.global.json() ? std::string()
                           : timing_screen(now, all, on.on_terminal() ? on.size().columns : 0);
  };
  const auto code = watch(c, server, "/timing", !c.get<bool>("watch"), show);
  if (code != exit_ok || !c.get<bool>("reset"))
    return code;
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
