#pragma once

#include "core/cell.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A workflow as rows that can be taken out of one database and put into another: which tables have
/// them, and which of their columns name rows by ids that are others there (archive_columns.hpp).
namespace torc::core {

/// What has ids of its own: rows of one space never share an id.
enum class id_space : uint8_t {
  none,
  workflow,
  job,
  file,
  user_data,
  requirement,
  scheduler,
  handler,
  node,
  scheduled_node,
  event,
  action,
  entity,
  result,
  statistics,
};
inline constexpr size_t id_spaces = 15;
/// The name of the counter that its ids are drawn from.
std::string_view counter_of(id_space s);

struct archived_table {
  enum class found : uint8_t { by_id, by_workflow, by_job, by_job_id };
  std::string_view name;
  found how;         ///< `by_id`: the workflow's is its row's; `by_job_id`: the job's is
  id_space own = {}; ///< of its column "id"
};
/// In the order in which they are archived.
std::span<const archived_table> archived_tables();
const archived_table* find_archived_table(std::string_view name);
/// What belongs to a workflow and is not archived: it says who may do what here, or can be
/// computed.
std::span<const std::string_view> unarchived_tables();

/// What a column of such a table names, and what becomes of an id that the archive has no row for:
/// torc's clients may name rows of other workflows in some columns, and anything in others.
struct reference {
  enum class form : uint8_t { number, list, member }; ///< `member`: somewhere in a text
  enum class unknown : uint8_t { refused, forgotten, kept };
  id_space to = id_space::none;
  form how = form::number;
  unknown if_unknown = unknown::refused;
};
reference reference_of(const archived_table& table, std::string_view column);

/// From the ids of an archive to new ones, in the same order.
class id_map {
public:
  void note(id_space s, int64_t old) { of(s).old.push_back(old); }
  /// After the last note. unprocessable where an id comes twice.
  result<nothing> settle();
  int64_t count(id_space s) const { return static_cast<int64_t>(of(s).old.size()); }
  /// The new ids of a space are those from `first` on.
  void begin(id_space s, int64_t first) { of(s).first = first; }
  std::optional<int64_t> find(id_space s, int64_t old) const;

private:
  struct space {
    std::vector<int64_t> old;
    int64_t first = 1;
  };
  space& of(id_space s) { return all_[static_cast<size_t>(s)]; }
  const space& of(id_space s) const { return all_[static_cast<size_t>(s)]; }
  std::array<space, id_spaces> all_;
};

/// Names the new rows instead of the old ones. `columns` has one for each cell.
/// @returns unprocessable where what must name a row of the archive does not
result<nothing> renumber(const archived_table& table, const std::vector<std::string>& columns,
                         const std::vector<reference>& references, const id_map& ids,
                         std::vector<cell>& row);

/// An attempt that was open is nobody's after a restore, and no room holds what was ready: jobs
/// that had not ended have not begun. @returns whether the row is of such a job
bool close_attempt(const std::vector<std::string>& columns, std::vector<cell>& row);

/// Hears a workflow's rows, table by table.
struct archive_listener {
  std::function<void(const archived_table&, const std::vector<std::string>& columns)> table;
  std::function<void(const std::vector<cell>& row)> row;
};

// How a workflow is put back: hidden like a submission until it is whole. A restart of the server
// deletes one that is not.

/// Draws so many ids of each space; `edited.ids` has the first of each. counts[workflow] must be 1.
struct open_restore {
  std::array<int64_t, id_spaces> counts{};
};
struct restore_rows {
  workflow_id workflow;
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::vector<cell>> rows;
};
/// Checks what rows alone cannot promise, and shows the workflow; or deletes it.
struct close_restore {
  workflow_id workflow;
  bool keep = true;
};

} // namespace torc::core
