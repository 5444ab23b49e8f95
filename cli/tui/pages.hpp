#pragma once

#include "cli/run/progress_view.hpp"
#include "cli/tui/job_list.hpp"
#include "cli/tui/talk.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

/// What the single views remember.
namespace torc::cli::tui {

enum class view : uint8_t { workflows, jobs, graph, runners, events, results, output, job };
/// Those that have a number; a job's page lies above the list that it was opened from.
inline constexpr int view_count = 7;

struct workflow_page {
  /// So many of the newest; more would be no list that anybody reads.
  static constexpr size_t most = 200;
  struct line {
    int64_t id = 0;
    std::string name, user, created;
    std::optional<progress_view> progress;
  };
  std::vector<line> all;
  int64_t total = 0;
  bool known = false; ///< the server has answered
  std::string search;
  cursor where;

  /// Those that the search is for.
  std::vector<const line*> shown() const;
  const line* chosen() const;
};

struct runner_page {
  json::value rooms, nodes;
  cursor where;

  struct line {
    std::string host, state, slots, running, waiting, unacked, round_trip, started, duration;
    int64_t node = 0, pid = 0;
    bool active = false;
  };
  /// The workflow's compute nodes with what the server knows of their runners, and runners that
  /// serve it and have run nothing yet.
  std::vector<line> lines(int64_t workflow) const;
};

struct event_page {
  static constexpr size_t most = 2000;
  struct line {
    std::string when, severity, type, what;
  };
  std::deque<line> all;
  size_t up = 0;       ///< lines between the last one and the last one seen; 0: follows
  size_t level = 0;    ///< of levels()
  bool wanted = false; ///< has been looked at since the workflow was opened
  bool asked = false;  ///< for what is stored, which comes before what happens

  /// What the server keeps of severities that are shown: all of it is information.
  bool shows_stored() const { return levels()[level] == "info" || levels()[level] == "debug"; }
  /// @param newest_first items of GET /events
  void put_before(const json::array& newest_first);
  static const std::vector<std::string>& levels();
};

/// The end of a file.
struct log_page {
  std::string path;
  std::vector<std::string> lines;
  std::string trouble;
  size_t up = 0;   ///< as in event_page
  size_t left = 0; ///< columns that are scrolled away

  void take(const log_text& text);
};

struct job_page {
  int64_t id = 0;
  json::value job, attempts;
  size_t attempt = 0;  ///< of attempts, which are the newest first
  bool errors = false; ///< its stderr is shown, not its stdout
  log_page log;

  const json::value* shown() const;
};

} // namespace torc::cli::tui
