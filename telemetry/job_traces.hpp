#pragma once

#include "telemetry/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace torc::telemetry {

/// Something that a job went through, as the DB writer saw it. Times in microseconds since 1970.
struct job_note {
  enum class kind : uint8_t {
    linked,   ///< a workflow's start was asked for by `link`
    admitted, ///< the rooms hold the workflow: its jobs are submitted
    ready,
    granted,
    started,
    returned, ///< never started, and ready again
    retried,  ///< this attempt is over without a result
    ended,
  };
  kind what = kind::ready;
  job_run of;
  int32_t attempt = 1;
  int64_t at_us = 0;
  int64_t disk_us = 0;  ///< when it was on disk
  int64_t start_us = 0; ///< of an ended one; 0: unknown
  int64_t runner = 0;   ///< 0: an HTTP runner
  int32_t return_code = 0;
  std::string text = {}; ///< a granted job's name, an ended one's status
  std::optional<trace_context> link = {};
};

/// Who is told what jobs go through. Any thread; never waits.
class trace_sink {
public:
  virtual ~trace_sink() = default;
  virtual const trace_seed& seed() const = 0;
  virtual void hear(std::vector<job_note> notes) = 0;
};

/// Makes spans of notes. A job's spans come all together, at its end: who drops some drops the
/// whole job.
class job_traces {
public:
  static constexpr size_t most_jobs = 1'000'000; ///< between ready and ended
  static constexpr size_t most_workflows = 4096;

  explicit job_traces(const trace_seed& seed) : seed_(seed) {}

  /// Appends what is over by it to `out`.
  void hear(const job_note& n, std::vector<finished_span>& out);
  /// Notes were lost: what is known of jobs under way is not believed any more.
  void forget();
  size_t open() const { return jobs_.size(); }

private:
  struct workflow {
    int64_t submitted_us = 0;
    std::optional<trace_context> link;
  };
  /// What is known of a job between ready and ended; 0: not known.
  struct journey {
    int64_t first_ready_us = 0, ready_us = 0, granted_us = 0, committed_us = 0, started_us = 0;
    int64_t runner = 0;
    std::string name;
    std::vector<finished_span> earlier; ///< of attempts that were retried
  };
  void attempt_over(const job_note& n, const journey& j, std::vector<finished_span>& out) const;
  void job_over(const job_note& n, journey j, std::vector<finished_span>& out) const;
  workflow& workflow_of(int64_t id);
  finished_span part(const job_note& n, job_part what, int64_t start_us, int64_t end_us) const;

  trace_seed seed_;
  std::unordered_map<int64_t, journey> jobs_;
  std::unordered_map<int64_t, workflow> workflows_;
};

} // namespace torc::telemetry
