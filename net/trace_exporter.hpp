#pragma once

#include "net/trace_settings.hpp"
#include "telemetry/job_traces.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace torc::net {

/// Sends spans to a collector, from a thread of its own. Whoever has something to tell leaves it in
/// a queue and goes on; what does not fit is dropped and counted.
class trace_exporter final : public telemetry::trace_sink {
public:
  static constexpr size_t most_notes = size_t{1} << 18; ///< that wait to become spans
  static constexpr int most_tries = 5;                  ///< for one export
  static constexpr int64_t longest_pause_ms = 30'000;
  static constexpr int64_t farewell_ms = 2'000; ///< for what is left when the program ends

  struct counts {
    uint64_t exported = 0; ///< spans that a collector took
    uint64_t dropped = 0;  ///< spans that did not fit, were given up or refused
    uint64_t lost_notes = 0;
    uint64_t failures = 0; ///< exports that failed, each try counted
  };

  /// @pre settings.exports()
  /// @param log any thread
  trace_exporter(trace_settings settings, const telemetry::trace_seed& seed,
                 const std::string& version, std::function<void(const std::string& line)> log);
  /// Sends what is left, but not for longer than farewell_ms.
  ~trace_exporter() override;

  // Any thread; nothing of it waits for the collector.
  const telemetry::trace_seed& seed() const override;
  const sampler& keep() const;
  void hear(std::vector<telemetry::job_note> notes) override;
  void offer(telemetry::finished_span s);
  counts so_far() const;

  trace_exporter(const trace_exporter&) = delete;
  trace_exporter& operator=(const trace_exporter&) = delete;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace torc::net
