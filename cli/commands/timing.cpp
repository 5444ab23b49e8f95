#include "cli/commands/timing.hpp"

#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/commands/watch.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <ostream>
#include <sstream>

namespace torc::cli {

namespace {

void options(po::options_description& to) {
  to.add_options()("watch,w", po::bool_switch(), "again every second, until interrupted")(
      "reset", po::bool_switch(), "begin at zero after this")("all,a", po::bool_switch(),
                                                              "also what was never called");
}

/// A time of a span, and whether a narrow terminal may do without it.
struct time_column {
  const char* header;
  const char* part;
  const char* name;
  bool is_dispensable = false;
};
constexpr std::array times{time_column{"Busy p50", "busy_ms", "p50"},
                           time_column{"p90", "busy_ms", "p90", true},
                           time_column{"p99", "busy_ms", "p99"},
                           time_column{"max", "busy_ms", "max"},
                           time_column{"total", "busy_ms", "total"},
                           time_column{"Idle p50", "idle_ms", "p50", true},
                           time_column{"Idle p99", "idle_ms", "p99", true},
                           time_column{"Idle total", "idle_ms", "total"}};

table table_of(const json::array& spans, bool whole) {
  std::vector<std::string> headers{"Span", "Count"};
  for (const auto& t : times)
    if (whole || !t.is_dispensable)
      headers.emplace_back(t.header);
  table all(std::move(headers));
  all.numbers_from(1);
  for (const auto& span : spans) {
    std::vector<std::string> cells{text_member(span, "name"), cell(member(span, "count"))};
    for (const auto& t : times) {
      char text[32];
      std::snprintf(text, sizeof text, "%.3f",
                    number(member(member(span, t.part), t.name)).value_or(0));
      if (whole || !t.is_dispensable)
        cells.emplace_back(text);
    }
    all.add(std::move(cells));
  }
  return all;
}

} // namespace

std::string timing_screen(const json::value& report, bool with_unused, size_t columns) {
  auto spans = list_member(report, "spans");
  const auto total = [](const json::value& span) {
    return number(member(member(span, "busy_ms"), "total")).value_or(0);
  };
  std::stable_sort(spans.begin(), spans.end(),
                   [&](const json::value& a, const json::value& b) { return total(a) > total(b); });
  json::array shown;
  std::copy_if(spans.begin(), spans.end(), std::back_inserter(shown), [&](const json::value& span) {
    return with_unused || integer_member(span, "count") > 0;
  });
  if (shown.empty())
    return "No span has been counted yet.\n";
  const auto whole = table_of(shown, true);
  std::ostringstream out;
  if (columns == 0 || whole.width() <= columns)
    whole.print(out);
  else if (whole.bare_width() <= columns)
    whole.print_bare(out);
  else
    table_of(shown, false).print_bare(out);
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
