#include "cli/run/summary.hpp"

#include "cli/print/table.hpp"
#include "cli/run/live_view.hpp"
#include "core/job.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace torc::cli {

namespace {

double seconds(int64_t us) {
  return static_cast<double>(us) / 1e6;
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[64];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

int64_t count_of(const run_summary& s, core::job_status status) {
  const auto it = s.jobs.find(std::string(core::to_string(status)));
  return it == s.jobs.end() ? 0 : it->second;
}

transitions sorted(std::vector<int64_t> us) {
  std::sort(us.begin(), us.end());
  return {std::move(us)};
}

json::value in_ms(const transitions& t) {
  json::object o;
  o["count"] = t.us.size();
  if (!t.us.empty()) {
    const auto ms = [](int64_t us) { return static_cast<double>(us) / 1e3; };
    o["p50"] = ms(t.percentile(0.5));
    o["p99"] = ms(t.percentile(0.99));
    o["max"] = ms(t.us.back());
  }
  return o;
}

std::string percentiles_text(const transitions& t) {
  if (t.us.empty())
    return "none";
  return "p50 " + duration_text(seconds(t.percentile(0.5))) + ", p99 " +
         duration_text(seconds(t.percentile(0.99))) + ", max " +
         duration_text(seconds(t.us.back())) + " (" + std::to_string(t.us.size()) + " measured)";
}

/// A share of a moment would be noise: what the server did before and after would be most of it.
std::string cpu_text(const run_summary& s) {
  constexpr double moment_s = 0.1;
  auto text = duration_text(*s.server_cpu_seconds);
  if (s.wall_seconds >= moment_s)
    text += formatted(", %.0f %% of one core", 100 * *s.server_cpu_seconds / s.wall_seconds);
  return text;
}

} // namespace

int64_t run_summary::total() const {
  int64_t n = 0;
  for (const auto& [status, count] : jobs)
    n += count;
  return n;
}

bool run_summary::succeeded() const {
  return !canceled && count_of(*this, core::job_status::completed) +
                              count_of(*this, core::job_status::disabled) ==
                          total();
}

std::string run_summary::outcome() const {
  if (canceled)
    return "canceled";
  if (succeeded())
    return "completed";
  int64_t ended = 0;
  for (const auto& [status, count] : jobs)
    if (const auto known = core::job_status_from(std::string_view(status)))
      ended += core::is_done(*known) ? count : 0;
  if (ended == total())
    return "failed";
  return stopped ? "stopped" : "unfinished";
}

void print_summary(std::ostream& out, const run_summary& s) {
  out << "Workflow " << s.workflow_id;
  if (!s.workflow_name.empty())
    out << " (" << harmless(s.workflow_name) << ")";
  out << " " << s.outcome() << ": ";
  bool first = true;
  for (const auto& [status, count] : s.jobs) {
    out << (first ? "" : ", ") << grouped(count) << " " << status;
    first = false;
  }
  out << (first ? "no jobs" : "") << " of " << grouped(s.total()) << "\n";
  const auto row = [&](const char* name, const std::string& value) {
    out << "  " << name << std::string(24 - std::char_traits<char>::length(name), ' ') << value
        << '\n';
  };
  const auto unknown = std::string("not measured");
  row("Workflow creation time",
      s.creation_seconds ? duration_text(*s.creation_seconds) : std::string("created earlier"));
  row("Round transition time", percentiles_text(s.rounds));
  if (s.ran) {
    row("Total wall time", duration_text(s.wall_seconds));
    row("Server CPU usage", s.server_cpu_seconds ? cpu_text(s) : unknown);
  }
  row("Database size",
      s.database_bytes
          ? size_text(*s.database_bytes) +
                (s.journal_bytes ? ", and " + size_text(*s.journal_bytes) + " of write-ahead log"
                                 : "")
          : unknown);
  if (s.ran)
    row("Runner idle time",
        s.runner_idle_seconds ? duration_text(*s.runner_idle_seconds) : unknown);
  else
    out << "No job was left to run\n";
  if (s.outcome() == "stopped")
    out << "Go on with: torc run " << s.workflow_id << '\n';
}

json::value summary_json(const run_summary& s) {
  const auto or_null = [](const auto& v) { return v ? json::value(*v) : json::value(); };
  json::object jobs;
  for (const auto& [status, count] : s.jobs)
    jobs[status] = count;
  json::object metrics;
  metrics["creation_seconds"] = or_null(s.creation_seconds);
  metrics["round_transition_ms"] = in_ms(s.rounds);
  metrics["wall_seconds"] = s.ran ? json::value(s.wall_seconds) : json::value();
  metrics["server_cpu_seconds"] = or_null(s.server_cpu_seconds);
  metrics["database_bytes"] = or_null(s.database_bytes);
  metrics["database_log_bytes"] = or_null(s.journal_bytes);
  metrics["runner_idle_seconds"] = or_null(s.runner_idle_seconds);
  metrics["hop_ms"] = in_ms(sorted(s.hops_us));
  json::object o;
  o["workflow_id"] = s.workflow_id;
  o["workflow_name"] = s.workflow_name;
  o["run_id"] = s.run_id;
  o["status"] = s.outcome();
  o["total_jobs"] = s.total();
  o["jobs_by_status"] = std::move(jobs);
  o["metrics"] = std::move(metrics);
  return o;
}

std::string duration_text(double s) {
  if (s < 1e-3)
    return formatted("%.0f us", s * 1e6);
  if (s < 1)
    return formatted("%.1f ms", s * 1e3);
  if (s < 60)
    return formatted("%.2f s", s);
  return clock_text(std::llround(s));
}

std::string size_text(int64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < std::size(units)) {
    size /= 1024;
    ++unit;
  }
  return unit == 0 ? std::to_string(bytes) + " B" : formatted("%.1f ", size) + units[unit];
}

} // namespace torc::cli
