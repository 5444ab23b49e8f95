#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Traces as OpenTelemetry and W3C Trace Context (level 1) have them.
namespace torc::telemetry {

struct trace_id {
  uint64_t high = 0, low = 0;
  bool operator==(const trace_id&) const = default;
};

/// Where in a trace somebody is.
struct trace_context {
  trace_id trace;
  uint64_t span = 0;
  bool sampled = false;
  bool operator==(const trace_context&) const = default;
};

/// 16 digits, and 32.
std::string hex(uint64_t id);
std::string hex(const trace_id& id);

/// "00-<trace>-<span>-01". nullopt for what the specification tells to ignore: capitals, zeros,
/// version ff. A later version is read as far as it is known.
std::optional<trace_context> parse_traceparent(std::string_view text);
std::string to_traceparent(const trace_context& at);

/// A new trace with a new span; random. Any thread.
trace_context new_trace();
uint64_t new_span_id();

/// From this every trace and span id of a job follows, so that nothing but the seed need be passed
/// on. Secret enough not to be guessed, the same for the life of a database.
struct trace_seed {
  uint64_t high = 0, low = 0;
  /// Of 2^63: a trace is kept where half of its lower part is below; 0: jobs are not traced at all.
  uint64_t bound = 0;

  bool traces() const { return bound != 0; }
  /// As OpenTelemetry's TraceIdRatioBased decides.
  bool keeps(const trace_id& id) const { return id.low >> 1 < bound; }
  bool operator==(const trace_seed&) const = default;
};
inline constexpr uint64_t keep_all = uint64_t{1} << 63;

/// One run of a job is one trace.
struct job_run {
  int64_t workflow = 0, job = 0, run = 0;
};
trace_id trace_of(const trace_seed& seed, const job_run& what);

/// The parts of a job's trace. The first is the root, `attempt` is the parent of the rest of one.
enum class job_part : uint8_t { job, blocked, queued, commit, attempt, dispatch, run, record };
uint64_t span_of(const trace_seed& seed, const job_run& what, job_part part, int32_t attempt);

/// "torc.job.id" and 7. The key is a literal.
struct attribute {
  std::string_view key;
  std::variant<int64_t, std::string> value;
};

/// A span that is over, as it is exported.
struct finished_span {
  /// The numbers are OTLP's.
  enum class kind : uint8_t { internal = 1, server = 2, consumer = 5 };

  trace_id trace;
  uint64_t id = 0;
  uint64_t parent = 0;        ///< 0: none
  std::string_view name;      ///< a literal: a span outlives who made it
  std::string more_name = {}; ///< behind the name, where that is no literal
  kind what = kind::internal;
  int64_t start_us = 0, end_us = 0; ///< since 1970
  std::vector<attribute> attributes = {};
  std::optional<trace_context> link = {};
  bool failed = false;
  std::string why = {}; ///< of a failed one
};

} // namespace torc::telemetry
