#include "storage/job_reads.hpp"
#include "storage/table_reader.hpp"

namespace torc::storage {

namespace {

constexpr auto of_workflow = "FROM job_run AS r JOIN job_state AS s "
                             "ON s.job_id BETWEEN r.first_job AND r.last_job";

core::result_row read_columns(const statement::rows& r) {
  return read_row<core::result_row>(r);
}

const std::string& columns() {
  static const std::string list = column_list<core::result_row>("t.");
  return list;
}

bool is_filtered(const core::result_filter& f) {
  return f.job_id || f.run_id || f.return_code || f.compute_node_id || f.status;
}

/// Whether a page is quicker found by walking all results by id than by sorting the workflow's own:
/// where it is among the first, and at most every other result is another workflow's or outdated.
bool is_near(connection& c, const core::page& at, int64_t total) {
  auto& last = c.prepare("SELECT max(id) FROM result");
  return at.offset < total && at.limit < total && 2 * (at.offset + at.limit) < total &&
         last.first<int64_t>().value_or(0) <= 2 * total;
}

/// The latest results in the order of their ids: a join over the jobs has to sort all of them for
/// each page, which a page of a large workflow that is among the first need not wait for.
core::page_of<core::result_row> read_latest(connection& c, const core::result_filter& f) {
  condition mine;
  mine.add("r.workflow_id = ?", f.workflow.value)
      .add(std::string{"r."} + arrived)
      .add("s.result_id IS NOT NULL");
  const selection joined{columns(),
                         std::string{of_workflow} + " JOIN result AS t ON t.id = s.result_id",
                         "t.id%", "", of_workflow};
  const auto total = f.total ? *f.total : count_rows(c, joined, mine);
  if (!is_near(c, f.at, total))
    return read_page<core::result_row>(c, joined, mine, f.at, read_columns, total);
  condition latest;
  latest.add("t.workflow_id = ?", f.workflow.value)
      .add(std::string{"t."} + arrived)
      .add("t.id = (SELECT s.result_id FROM job_state AS s WHERE s.job_id = t.job_id)");
  core::page_of<core::result_row> page;
  page.items = read_items<core::result_row>(c, {columns(), "FROM result AS t", "t.id%", ""}, latest,
                                            f.at, read_columns);
  page.total = total;
  return page;
}

} // namespace

core::page_of<core::result_row> read_results(connection& c, const core::result_filter& f) {
  const auto sort = sort_column<core::result_row>(f.at.sort_by);
  if (!f.all_runs && !is_filtered(f) && (sort.empty() || sort == "id"))
    return read_latest(c, f);
  condition where;
  where.add("r.workflow_id = ?", f.workflow.value)
      .add(std::string{"r."} + arrived)
      .add_if(f.job_id, "t.job_id = ?")
      .add_if(f.run_id, "t.run_id = ?")
      .add_if(f.return_code, "t.return_code = ?")
      .add_if(f.compute_node_id, "t.compute_node_id = ?");
  if (f.status)
    where.add("t.status = ?", static_cast<int64_t>(*f.status));
  const selection what{columns(),
                       f.all_runs
                           ? "FROM job_run AS r JOIN result AS t "
                             "ON t.job_id BETWEEN r.first_job AND r.last_job"
                           : std::string{of_workflow} + " JOIN result AS t ON t.id = s.result_id",
                       "t.id%", sort.empty() ? "" : "t." + sort};
  return read_page<core::result_row>(c, what, where, f.at, read_columns);
}

std::optional<core::result_row> read_result(connection& c, core::result_id id) {
  return get_row<core::result_row>(c, id.value);
}

} // namespace torc::storage
