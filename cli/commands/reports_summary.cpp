#include "cli/client/workflow.hpp"
#include "cli/commands/common.hpp"
#include "cli/commands/tree.hpp"
#include "cli/run/live_view.hpp"
#include "cli/run/summary.hpp"
#include "core/job.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

namespace torc::cli {

namespace {

/// What the results of the latest run add up to.
struct execution {
  double minutes = 0;
  double first_start_s = 0, last_end_s = 0;
};

core::result<execution> execution_of(api& server, int64_t workflow) {
  execution sum;
  auto read =
      server.each("/results?workflow_id=" + std::to_string(workflow), [&](const json::value& r) {
        const double minutes = number(member(r, "exec_time_minutes")).value_or(0);
        sum.minutes += minutes;
        if (const auto end = core::from_iso8601(text_member(r, "completion_time"))) {
          const double end_s = static_cast<double>(end->us) / 1e6;
          const double start_s = end_s - minutes * 60;
          sum.last_end_s = std::max(sum.last_end_s, end_s);
          if (sum.first_start_s == 0 || start_s < sum.first_start_s)
            sum.first_start_s = start_s;
        }
        return true;
      });
  if (!read)
    return read.why();
  return sum;
}

core::result<int64_t> count_at(api& server, const std::string& path) {
  const auto page = server.get(path);
  if (!page)
    return page.why();
  // Original servers count active nodes wrongly, but list them rightly.
  return static_cast<int64_t>(list_member(*page, "items").size());
}

core::result<json::object> gather(api& server, int64_t id) {
  const auto workflow = server.get(workflow_path(id));
  if (!workflow)
    return workflow.why();
  const auto counts = job_counts(server, id);
  if (!counts)
    return counts.why();
  const auto executed = execution_of(server, id);
  if (!executed)
    return executed.why();
  const auto complete = server.get(workflow_path(id, "/is_complete"));
  if (!complete)
    return complete.why();
  json::object by_status;
  int64_t total = 0;
  for (int i = 0; i < core::job_status_count; ++i) {
    const auto name = std::string(core::to_string(*core::job_status_from(int64_t{i})));
    const auto it = counts->find(name);
    by_status[name] = it == counts->end() ? 0 : it->second;
    total += it == counts->end() ? 0 : it->second;
  }
  json::object o;
  o["workflow_id"] = id;
  o["workflow_name"] = text_member(*workflow, "name");
  o["workflow_user"] = text_member(*workflow, "user");
  o["total_jobs"] = total;
  o["jobs_by_status"] = std::move(by_status);
  o["total_exec_time_minutes"] = executed->minutes;
  o["total_exec_time_formatted"] = duration_text(executed->minutes * 60);
  const std::string of_workflow = "workflow_id=" + std::to_string(id);
  for (const auto& [name, path] :
       {std::pair{"active_compute_nodes", "/compute_nodes?is_active=true&"},
        std::pair{"pending_scheduled_nodes", "/scheduled_compute_nodes?status=pending&"},
        std::pair{"active_scheduled_nodes", "/scheduled_compute_nodes?status=active&"}}) {
    const auto n = count_at(server, path + of_workflow);
    if (!n)
      return n.why();
    o[name] = *n;
  }
  o["is_complete"] = bool_member(*complete, "is_complete");
  o["is_canceled"] = bool_member(*complete, "is_canceled");
  if (executed->last_end_s > 0) {
    o["walltime_seconds"] = executed->last_end_s - executed->first_start_s;
    o["walltime_formatted"] = duration_text(executed->last_end_s - executed->first_start_s);
  }
  return o;
}

int summary(call& c) {
  auto server = server_of(c);
  const auto id = workflow_argument(c, server);
  if (!id)
    return fail(c, id.why().message);
  const auto report = gather(server, *id);
  if (!report)
    return fail(c, report.why().message);
  const json::value all = *report;
  if (c.global.json()) {
    print_json(c.out, all);
    return exit_ok;
  }
  c.out << "Workflow " << *id << " (" << harmless(text_member(all, "workflow_name")) << ") of "
        << harmless(text_member(all, "workflow_user")) << ": "
        << (bool_member(all, "is_canceled")   ? "canceled"
            : bool_member(all, "is_complete") ? "complete"
                                              : "not complete")
        << '\n';
  table t({"Status", "Jobs"});
  for (const auto& [name, n] : member(all, "jobs_by_status").as_object())
    if (n.as_int64() > 0)
      t.add({std::string(name), grouped(n.as_int64())});
  t.print(c.out);
  c.out << "Total: " << grouped(integer_member(all, "total_jobs")) << " jobs, execution time "
        << text_member(all, "total_exec_time_formatted");
  if (const auto wall = text_member(all, "walltime_formatted"); !wall.empty())
    c.out << ", wall time " << wall;
  c.out << '\n';
  return exit_ok;
}

} // namespace

command reports_summary_command() {
  return {.name = "summary",
          .summary = "Count a workflow's jobs by status and add up their times",
          .arguments = {workflow_id_argument()},
          .run = summary};
}

} // namespace torc::cli
