#pragma once

#include "core/ids.hpp"
#include "core/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Which rows a list is to show.
namespace torc::core {

inline constexpr int64_t max_page = 100000;

struct page {
  int64_t offset = 0;
  int64_t limit = max_page; ///< <= max_page
  std::string sort_by;      ///< a column of the table's white list; anything else: id
  bool reverse = false;
};

template <class Row>
struct page_of {
  std::vector<Row> items;
  int64_t total = 0;
};

/// Equality filters by column name, for the tables without a filter of their own. A value is
/// compared as the column's type says. Unknown columns are a bug of the caller.
struct filter {
  workflow_id workflow;
  std::vector<std::pair<std::string, std::string>> equals;
  page at;
};

struct workflow_filter {
  std::optional<std::string> name, user, description; ///< description: contained in
  std::optional<bool> is_archived;
  std::optional<std::string> visible_to; ///< only what this user may access
  page at;
};

struct job_filter {
  workflow_id workflow;
  std::optional<job_status> status;
  std::optional<int64_t> needs_file_id, upstream_job_id, active_compute_node_id;
  bool include_relationships = false;
  std::optional<label_set> labels = {}; ///< what a runner with just these would take
  std::optional<int64_t> total = {};    ///< where the caller knows it: nobody counts then
  page at;
};

struct result_filter {
  workflow_id workflow;
  std::optional<int64_t> job_id, run_id, return_code, compute_node_id;
  std::optional<job_status> status;
  bool all_runs = false;             ///< false: only the latest result of each job
  std::optional<int64_t> total = {}; ///< where the caller knows it: nobody counts then
  page at;
};

} // namespace torc::core
