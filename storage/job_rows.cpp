#include "storage/job_rows.hpp"

namespace torc::storage {

namespace {

job_rows::state read_state(const statement::rows& r) {
  job_rows::state s;
  s.workflow = r.get<core::workflow_id>(0);
  s.status = r.get<core::job_status>(1);
  s.stage = r.get<uint32_t>(2);
  s.job = r.get<core::job_id>(3);
  s.attempt = r.get<int32_t>(4);
  s.open = r.get<core::grant_id>(5);
  s.run = r.get<int64_t>(6);
  s.runner = r.get<core::runner_id>(7);
  s.node = r.get<core::node_id>(8);
  s.has_result = r.get<bool>(9);
  return s;
}

} // namespace

job_rows::job_rows(database& db, tally& counts)
    : counts_(counts),
      find_(db, "SELECT workflow_id, status, stage, job_id, attempt_id, grant_id, run_id, "
                "runner_id, node_id, result_id IS NOT NULL FROM job_state WHERE job_id = ?1"),
      find_order_(db, "SELECT s.workflow_id, s.status, s.stage, s.job_id, s.attempt_id, "
                      "s.grant_id, s.run_id, s.runner_id, s.node_id, s.result_id IS NOT NULL, "
                      "j.name, j.command, "
                      "j.invocation_script, j.failure_handler_id, j.env FROM job_state AS s "
                      "JOIN job AS j ON j.id = s.job_id WHERE s.job_id = ?1"),
      variables_(db, "SELECT key || '=' || value FROM json_each(?1)"),
      set_status_(db, "UPDATE job_state SET status = ?2 WHERE job_id = ?1"),
      close_(db, "UPDATE job_state SET status = ?2, attempt_id = ?3, grant_id = NULL, "
                 "run_id = NULL, runner_id = NULL, node_id = NULL WHERE job_id = ?1"),
      open_(db, "UPDATE job_state SET status = 3, attempt_id = ?2, grant_id = ?3, run_id = ?4, "
                "runner_id = ?5, node_id = ?6 WHERE job_id = ?1"),
      start_(db, "UPDATE job_state SET status = 4, node_id = ?2 WHERE job_id = ?1"),
      end_(db, "UPDATE job_state SET status = ?2, result_id = ?3, grant_id = NULL, "
               "run_id = NULL, runner_id = NULL, node_id = NULL WHERE job_id = ?1"),
      adopt_(db, "UPDATE job_state SET runner_id = ?3 WHERE job_id = ?1 AND grant_id = ?2"),
      insert_result_(db, "INSERT INTO result (id, job_id, workflow_id, run_id, attempt_id, "
                         "compute_node_id, return_code, exec_time_minutes, completion_time, "
                         "peak_memory_bytes, avg_memory_bytes, peak_cpu_percent, "
                         "avg_cpu_percent, status) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"),
      replace_result_(db, "UPDATE result SET compute_node_id = ?4, return_code = ?5, "
                          "exec_time_minutes = ?6, completion_time = ?7, "
                          "peak_memory_bytes = ?8, avg_memory_bytes = ?9, "
                          "peak_cpu_percent = ?10, avg_cpu_percent = ?11, status = ?12 "
                          "WHERE job_id = ?1 AND run_id = ?2 AND attempt_id = ?3 "
                          "RETURNING id"),
      release_(db, "UPDATE job_state SET status = 2 WHERE job_id BETWEEN ?1 AND ?2 "
                   "AND status = 1 AND grant_id IS NULL AND workflow_id = ?3 AND stage = ?4") {}

std::optional<job_rows::state> job_rows::find(core::job_id j) {
  auto r = find_.query(j);
  if (!r.next())
    return std::nullopt;
  return read_state(r);
}

std::optional<job_rows::ordered> job_rows::find_with_order(core::job_id j) {
  auto r = find_order_.query(j);
  if (!r.next())
    return std::nullopt;
  ordered o{{read_state(r)}, {}};
  o.text.name = r.get<std::string>(10);
  o.text.command = r.get<std::string>(11);
  if (auto script = r.get<std::optional<std::string>>(12); script && !script->empty())
    o.text.command = *script + " " + o.text.command;
  o.text.failure_handler = r.get<core::handler_id>(13);
  if (const auto env = r.get<std::optional<std::string>>(14))
    for (auto v = variables_.query(*env); v.next();)
      o.text.env.push_back(v.get<std::string>(0));
  return o;
}

void job_rows::set_status(const state& s, core::job_status to) {
  counts_.moved(s, to);
  set_status_.run(s.job, to);
}

void job_rows::close(const state& s, core::job_status to, int32_t attempt) {
  counts_.moved(s, to);
  close_.run(s.job, to, attempt);
}

void job_rows::open(const state& s, const core::grant& g, core::node_id node) {
  counts_.moved(s, core::job_status::pending);
  open_.run(s.job, g.attempt, g.id, g.run, or_null(g.runner), or_null(node));
}

void job_rows::start(const state& s, core::node_id node) {
  counts_.moved(s, core::job_status::running);
  start_.run(s.job, or_null(node));
}

void job_rows::end(const state& s, core::job_status to, core::result_id result) {
  counts_.moved(s, to);
  if (!s.has_result)
    counts_.gained_results(s.workflow, 1);
  end_.run(s.job, to, result);
}

void job_rows::adopt(const core::grant& g) {
  adopt_.run(g.job, g.id, or_null(g.runner));
}

int64_t job_rows::release(core::job_id first, core::job_id last) {
  const auto like = find(first);
  if (!like || like->status != core::job_status::blocked)
    return 0;
  counts_.watch(like->workflow);
  const auto released = release_.run(first, last, like->workflow, like->stage);
  counts_.moved(*like, core::job_status::ready, released);
  return released;
}

core::result_id job_rows::put_result(core::result_id fresh, const core::attempt_ended& e,
                                     core::node_id node, std::string_view completion_time) {
  const auto& g = e.open;
  if (insert_result_.try_run(fresh, g.job, g.workflow, g.run, g.attempt, or_null(node),
                             e.return_code, e.exec_time_minutes, completion_time,
                             e.used.peak_memory_bytes, e.used.avg_memory_bytes,
                             e.used.peak_cpu_percent, e.used.avg_cpu_percent, e.status))
    return fresh;
  // A reset keeps the attempt number, and not every reset raises the run.
  auto r = replace_result_.query(g.job, g.run, g.attempt, or_null(node), e.return_code,
                                 e.exec_time_minutes, completion_time, e.used.peak_memory_bytes,
                                 e.used.avg_memory_bytes, e.used.peak_cpu_percent,
                                 e.used.avg_cpu_percent, e.status);
  core::result_id id;
  while (r.next())
    id = r.get<core::result_id>(0);
  return id;
}

} // namespace torc::storage
