#pragma once

#include "cli/run/progress_view.hpp"

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace torc::cli {

/// What is said when a run has ended. A measurement that this run or this server cannot give is
/// absent.
struct run_summary {
  int64_t workflow_id = 0;
  std::string workflow_name;
  int64_t run_id = 0;
  bool canceled = false;
  bool stopped = false;                ///< by Ctrl-C
  bool ran = true;                     ///< false: no job was left, and no runner was there
  std::map<std::string, int64_t> jobs; ///< by status, the statuses that occur

  std::optional<double> creation_seconds;
  transitions rounds;
  double wall_seconds = 0;
  std::optional<double> server_cpu_seconds;
  std::optional<int64_t> database_bytes, journal_bytes; ///< the file, and its write-ahead log
  std::optional<double> runner_idle_seconds;
  std::vector<int64_t> hops_us; ///< see actors::runner_report

  int64_t total() const;
  /// Every job is completed, or disabled on purpose.
  bool succeeded() const;
  /// "completed", "canceled", "stopped", "failed" or "unfinished".
  std::string outcome() const;
};

void print_summary(std::ostream& out, const run_summary& s);
json::value summary_json(const run_summary& s);

/// "850 us", "12.3 ms", "1.24 s", "2:05".
std::string duration_text(double seconds);
/// "512 B", "48.2 MiB".
std::string size_text(int64_t bytes);

} // namespace torc::cli
