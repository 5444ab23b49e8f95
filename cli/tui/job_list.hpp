#pragma once

#include "cli/print/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace torc::cli::tui {

/// A cursor in a list of which `rows` lines are seen.
struct cursor {
  size_t selected = 0, top = 0;

  /// Moves by so many of `count` items, and scrolls so that it is seen.
  void move(int64_t by, size_t count, int rows);
};

/// A long list of jobs of which a stretch is here: the server filters, sorts and cuts it out. The
/// cursor walks in the stretch, and near its edge the next one is asked for.
class job_list {
public:
  static constexpr size_t window = 200;

  struct row {
    int64_t id = 0, stage = 0, attempt = 0, run = 0, node = 0;
    std::string name, status, completion_time;
    std::optional<int64_t> return_code, memory_bytes;
    std::optional<double> minutes;
  };
  /// A filter or an order that can be chosen.
  struct choice {
    std::string label, value; ///< value: statuses with commas between, or a column
  };

  choice filter{"all", ""};
  choice order{"id", "id"};
  bool reverse = false;
  std::optional<int64_t> stage;
  std::string search;

  /// What to ask the server for, below the workflow's path.
  std::string query() const;
  /// The answer to query().
  void came(const json::value& page);
  /// There will be no answer.
  void failed() { asked_ = false; }
  /// Forgets the stretch and begins at the first job, or at the last.
  void begin(bool at_end = false);
  /// @returns whether another stretch is to be asked for
  bool move(int64_t by, int rows);
  bool home(int rows);
  bool end(int rows);

  const std::vector<row>& rows() const { return rows_; }
  const cursor& where() const { return where_; }
  const row* chosen() const;
  bool has_before() const { return has_before_; }
  bool has_after() const { return has_after_; }
  /// The server has answered since begin().
  bool is_known() const { return known_; }
  bool is_filtered() const { return !filter.value.empty() || stage || !search.empty(); }

private:
  bool reach();

  std::vector<row> rows_;
  cursor where_;
  bool has_before_ = false, has_after_ = false;
  int64_t anchor_ = 0;     ///< the stretch begins behind this job; 0: at the edge of the list
  bool backwards_ = false; ///< ... and goes up from it
  bool asked_ = false;     ///< another stretch is on its way
  bool known_ = false;
};

} // namespace torc::cli::tui
