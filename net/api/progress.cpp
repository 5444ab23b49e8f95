#include "net/api/all.hpp"
#include "net/process_use.hpp"

#include <unistd.h>

namespace torc::net::api {

namespace {

void write_stage(std::string& out, const core::stage_progress& stage) {
  json::object o(out);
  json::object counts(o.key("by_status"));
  int64_t total = 0;
  for (int i = 0; i < core::job_status_count; ++i) {
    const auto count = stage.by_status[static_cast<size_t>(i)];
    counts.add(core::to_string(static_cast<core::job_status>(i)), count);
    total += count;
  }
  counts.close();
  o.add("total", total).add("first_start_us", stage.first_start.us);
  o.add("last_end_us", stage.last_end.us).close();
}

reply show(const core::workflow_progress& p) {
  std::string body;
  json::object o(body);
  o.add("workflow_id", p.workflow.value).add("run_id", p.run).add("is_canceled", p.canceled);
  json::put_list(o.key("stages"), p.stages, [&](const auto& stage) { write_stage(body, stage); });
  o.close();
  return json_reply(std::move(body));
}

/// Workflows that are not in memory are one stage.
reply count_on_disk(core::read_model& r, core::workflow_id id) {
  const auto status = r.workflow_status(id);
  if (!status)
    return refusal_reply(no_workflow(id));
  core::workflow_progress p;
  p.workflow = id;
  p.run = status->run_id;
  p.canceled = status->is_canceled;
  p.stages.emplace_back();
  for (const auto& [s, count] : r.job_counts(id))
    p.stages.front().by_status[static_cast<size_t>(s)] = count;
  return show(p);
}

reply show_stats(core::read_model& r, const core::progress& p, core::instant started) {
  const auto used = process_use_now();
  const auto file = r.database();
  std::string body;
  json::object o(body);
  o.add("pid", static_cast<int64_t>(getpid()));
  o.add("cpu_seconds", used.cpu_seconds);
  o.add("rss_bytes", used.resident_bytes);
  o.add("peak_rss_bytes", used.peak_resident_bytes);
  o.add("database_bytes", file.bytes).add("wal_bytes", file.wal_bytes);
  o.add("database_path", file.path);
  o.add("commits", p.commits).add("completions", p.completions);
  o.add("busy_retries", p.busy_retries);
  o.add("uptime_seconds", static_cast<double>(now().us - started.us) / 1e6).close();
  return json_reply(std::move(body));
}

} // namespace

void add_progress(router& to, const services& s) {
  to.on("GET", "/workflows/{id}/progress", [&s](const call& c) {
    const core::workflow_id id{c->number(0)};
    const auto all = s.house.progress();
    if (const auto p = all->workflows.find(id); p != all->workflows.end())
      return c->answer(show(*p->second));
    reply_by_reading(s, c, [id](core::read_model& r) { return count_on_disk(r, id); });
  });
  to.on("GET", "/server_stats", [&s](const call& c) {
    reply_by_reading(s, c, [all = s.house.progress(), started = s.started](core::read_model& r) {
      return show_stats(r, *all, started);
    });
  });
}

} // namespace torc::net::api
