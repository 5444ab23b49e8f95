#include "net/api/all.hpp"
#include "net/event_hub.hpp"
#include "net/exposition.hpp"
#include "net/process_use.hpp"
#include "telemetry/snapshot.hpp"

namespace torc::net::api {

namespace {

using kind = exposition::kind;
constexpr double second = 1e9; ///< in nanoseconds
constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

int64_t signed_of(uint64_t n) {
  return static_cast<int64_t>(n);
}

/// Every status of every workflow that the writer has in memory: all that are at work, and others.
void write_jobs(exposition& to, const core::progress& p) {
  to.family("torc_jobs", kind::gauge, "Jobs of the workflows in memory, by status.");
  for (const auto& [id, workflow] : p.workflows) {
    const auto name = std::to_string(id.value);
    for (size_t status = 0; status < core::job_status_count; ++status) {
      int64_t count = 0;
      for (const auto& stage : workflow->stages)
        count += stage.by_status[status];
      to.add(count, {{"workflow", name},
                     {"status", core::to_string(static_cast<core::job_status>(status))}});
    }
  }
  to.family("torc_completions_total", kind::counter, "Attempts that ended.");
  to.add(p.completions);
}

void write_writer(exposition& to, const core::progress& p, const telemetry::snapshot& s) {
  using telemetry::quantity;
  to.family("torc_commits_total", kind::counter, "Commits of the writer.");
  to.add(p.commits);
  to.family("torc_database_busy_total", kind::counter, "SQLITE_BUSY answers.");
  to.add(p.busy_retries);
  to.family("torc_commit_seconds", kind::histogram, "How long a commit took.");
  to.add_histogram(s.of(quantity::commit_ns), second);
  to.family("torc_group_commit_writes", kind::histogram, "Turns and edits in one commit.");
  to.add_histogram(s.of(quantity::group_writes), 1);
  to.family("torc_group_commit_rows", kind::histogram, "Rows in one commit.");
  to.add_histogram(s.of(quantity::group_rows), 1);
}

void write_rooms(exposition& to, const telemetry::snapshot& s) {
  using telemetry::level;
  to.family("torc_claim_seconds", kind::histogram,
            "From the matching of an offer to its orders' leave.");
  to.add_histogram(s.of(telemetry::quantity::claim_ns), second);
  to.family("torc_runners", kind::gauge, "Runners that are attached.");
  to.add(signed_of(level_of(level::runners)));
  to.family("torc_open_grants", kind::gauge, "Attempts that runners hold.");
  to.add(signed_of(level_of(level::open_grants)));
  to.family("torc_turns_in_flight", kind::gauge, "Turns that are not on disk yet.");
  to.add(signed_of(level_of(level::turns_in_flight)));
  to.family("torc_turn_window", kind::gauge, "Turns that may be under way at a time.");
  to.add(signed_of(level_of(level::turn_window)));
  to.family("torc_room_mailbox_messages", kind::gauge, "Messages that wait in a room's mailbox.");
  for (size_t i = 0; i < telemetry::room_count; ++i) {
    const auto room = static_cast<telemetry::room>(i);
    to.add(signed_of(depth(room)), {{"room", to_string(room)}});
  }
  to.family("torc_room_handler_seconds", kind::summary, "How long rooms took for a message.");
  for (size_t i = 0; i < telemetry::message_count; ++i) {
    const auto m = static_cast<telemetry::message>(i);
    to.add_summary(s.of(m), second, {{"room", to_string(room_of(m))}, {"message", to_string(m)}});
  }
}

void write_spans(exposition& to, const telemetry::snapshot& s) {
  const auto write_all = [&](auto part) {
    for (size_t i = 0; i < telemetry::span_count; ++i) {
      const auto span = static_cast<telemetry::span>(i);
      to.add_summary(s.of(span).*part, second, {{"span", telemetry::to_string(span)}});
    }
  };
  to.family("torc_span_busy_seconds", kind::summary, "A span's time in handlers and the database.");
  write_all(&telemetry::span_times::busy);
  to.family("torc_span_idle_seconds", kind::summary, "A span's time of waiting.");
  write_all(&telemetry::span_times::idle);
}

void write_http(exposition& to, const std::deque<route_count>& counts, size_t watchers,
                const telemetry::snapshot& s) {
  to.family("torc_http_requests_total", kind::counter, "Answered requests.");
  for (const auto& route : counts)
    for (const auto& [status, count] : route.by_status)
      to.add(
          signed_of(count),
          {{"method", route.method}, {"route", route.pattern}, {"status", std::to_string(status)}});
  to.family("torc_http_request_seconds", kind::histogram, "From a request to its answer.");
  to.add_histogram(s.of(telemetry::quantity::http_ns), second);
  to.family("torc_event_watchers", kind::gauge, "Open event streams.");
  to.add(signed_of(watchers));
}

void write_traces(exposition& to, const trace_exporter* from) {
  const auto n = from ? from->so_far() : trace_exporter::counts{};
  to.family("torc_trace_spans_exported_total", kind::counter, "Spans that a collector took.");
  to.add(signed_of(n.exported));
  to.family("torc_trace_spans_dropped_total", kind::counter,
            "Spans that did not fit into the queue, were given up or refused.");
  to.add(signed_of(n.dropped));
  to.family("torc_trace_notes_dropped_total", kind::counter,
            "Steps of jobs that did not fit into the queue.");
  to.add(signed_of(n.lost_notes));
  to.family("torc_trace_export_failures_total", kind::counter, "Exports that failed, each try.");
  to.add(signed_of(n.failures));
}

void write_process(exposition& to, const core::database_facts& file, core::instant started,
                   const std::string& version) {
  to.family("torc_database_bytes", kind::gauge, "Size of the database.");
  to.add(file.bytes);
  to.family("torc_database_wal_bytes", kind::gauge, "Size of its write-ahead log.");
  to.add(file.wal_bytes);
  const auto used = process_use_now();
  to.family("process_cpu_seconds_total", kind::counter, "Time on the CPU, user and system.");
  to.add(used.cpu_seconds);
  to.family("process_resident_memory_bytes", kind::gauge, "Resident memory.");
  to.add(used.resident_bytes);
  to.family("process_start_time_seconds", kind::gauge, "When it started, since 1970.");
  to.add(static_cast<double>(started.us) / 1e6);
  to.family("torc_build_info", kind::gauge, "Always 1; the label says the version.");
  to.add(int64_t{1}, {{"version", version}});
}

} // namespace

void add_metrics(router& to, const services& s) {
  to.on("GET", metrics_path, [&s, &to](const call& c) {
    // The counts belong to the socket thread: copied here, written there.
    reply_by_reading(s, c,
                     [&s, all = s.house.progress(), counts = to.counts(),
                      watchers = s.events->watchers()](core::read_model& r) {
                       const auto taken = telemetry::take_snapshot();
                       exposition text;
                       write_jobs(text, *all);
                       write_writer(text, *all, *taken);
                       write_rooms(text, *taken);
                       write_spans(text, *taken);
                       write_http(text, counts, watchers, *taken);
                       write_traces(text, s.settings.traces.get());
                       write_process(text, r.database(), s.started, s.settings.version);
                       return reply{200, exposition_type, text.take(), {}};
                     });
  });
}

} // namespace torc::net::api
