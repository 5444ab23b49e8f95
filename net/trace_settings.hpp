#pragma once

#include "core/result.hpp"
#include "telemetry/trace.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::net {

/// OTEL_TRACES_SAMPLER: which traces are kept.
struct sampler {
  bool parent_based = true; ///< who comes with a trace of their own has decided
  uint64_t bound = telemetry::keep_all;

  bool keeps(const telemetry::trace_id& id,
             const std::optional<telemetry::trace_context>& parent) const {
    if (parent && parent_based)
      return parent->sampled;
    return id.low >> 1 < bound;
  }
};

/// Where spans go, as OpenTelemetry's environment variables say it.
struct trace_settings {
  using pairs = std::vector<std::pair<std::string, std::string>>;

  std::string url; ///< of the traces themselves; empty: nothing is exported
  pairs headers;   ///< secrets, mostly
  pairs resource;  ///< attributes; the service's name is the first
  sampler keep;
  int64_t timeout_ms = 10'000;       ///< for one export
  int64_t schedule_delay_ms = 5'000; ///< between two exports that are not full
  int64_t first_pause_ms = 1'000;    ///< before an export is tried again; then doubled
  size_t max_queue = 65'536;         ///< spans that wait; a job has seven
  size_t max_batch = 512;            ///< spans in one export
  std::vector<std::string> notes;    ///< worth a line in the log

  bool exports() const { return !url.empty(); }
};

using environment_lookup = std::function<std::optional<std::string>(const char* name)>;

/// Reads OTEL_*. Values that make no sense are ignored and noted, as the specification asks.
/// @param service the name where OTEL_SERVICE_NAME says none
trace_settings read_trace_settings(const environment_lookup& variable, std::string_view service);

/// Of a secret that stays the same for the life of a database.
telemetry::trace_seed trace_seed_of(std::string_view secret, const sampler& keep);

} // namespace torc::net
