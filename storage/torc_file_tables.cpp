#include "storage/torc_file_tables.hpp"

namespace torc::storage {

namespace {

constexpr torc_ids id_spaces[] = {
    {"workflow", "workflow"},
    {"job", "job"},
    {"file", "file"},
    {"user_data", "user_data"},
    {"resource_requirements", "resource_requirements"},
    {"slurm_scheduler", "scheduler"},
    {"local_scheduler", "scheduler"},
    {"failure_handler", "failure_handler"},
    {"compute_node", "compute_node"},
    {"scheduled_compute_node", "scheduled_compute_node"},
    {"event", "event"},
    {"workflow_action", "workflow_action"},
    {"ro_crate_entity", "ro_crate_entity"},
    {"result", "result"},
    {"slurm_stats", "slurm_stats"},
    {"access_group", "access_group"},
    {"user_group_membership", "user_group_membership"},
};

constexpr std::string_view marks[] = {
    "workflow.execution_config",       "workflow.status_id",
    "workflow_status.run_id",          "job.attempt_id",
    "job.failure_handler_id",          "result.attempt_id",
    "resource_requirements.runtime_s", "workflow_action.is_recovery",
    "workflow_result.result_id",       "ro_crate_entity.metadata",
    "slurm_stats.node_list",           "remote_worker.worker",
    "access_group.is_system",
};

constexpr std::string_view copies[] = {
    R"(INSERT INTO workflow (id, name, user, description, timestamp,
  compute_node_expiration_buffer_seconds, compute_node_wait_for_new_jobs_seconds,
  compute_node_ignore_workflow_completion, compute_node_wait_for_healthy_database_minutes,
  compute_node_min_time_for_new_jobs_seconds, jobs_sort_method, resource_monitor_config,
  slurm_defaults, use_pending_failed, enable_ro_crate, project, metadata, slurm_config,
  execution_config)
SELECT id + @workflow, name, user, description, timestamp,
  compute_node_expiration_buffer_seconds, compute_node_wait_for_new_jobs_seconds,
  compute_node_ignore_workflow_completion, compute_node_wait_for_healthy_database_minutes,
  compute_node_min_time_for_new_jobs_seconds, jobs_sort_method, resource_monitor_config,
  slurm_defaults, use_pending_failed, enable_ro_crate, project, metadata, slurm_config,
  execution_config FROM torc.workflow)",

    R"(INSERT INTO workflow_status (id, is_canceled, is_archived, run_id,
  has_detected_need_to_run_completion_script, initialized)
SELECT w.id + @workflow, coalesce(s.is_canceled, 0), max(coalesce(s.is_archived, 0), w.is_archived),
  coalesce(s.run_id, 0), coalesce(s.has_detected_need_to_run_completion_script, 0),
  coalesce(s.run_id, 0) > 0 OR
    EXISTS (SELECT 1 FROM torc.job AS j WHERE j.workflow_id = w.id AND j.status <> 0)
FROM torc.workflow AS w LEFT JOIN torc.workflow_status AS s ON s.id = w.status_id)",

    R"(INSERT INTO resource_requirements (id, workflow_id, name, num_cpus, num_gpus, num_nodes,
  memory, runtime, memory_bytes, runtime_s)
SELECT id + @resource_requirements, workflow_id + @workflow, name, num_cpus, num_gpus, num_nodes,
  memory, runtime, memory_bytes, runtime_s
FROM torc.resource_requirements WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO file (id, workflow_id, name, path, st_mtime)
SELECT id + @file, workflow_id + @workflow, name, path, st_mtime
FROM torc.file WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO user_data (id, workflow_id, is_ephemeral, name, data)
SELECT id + @user_data, workflow_id + @workflow, is_ephemeral, name, CAST(data AS TEXT)
FROM torc.user_data WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO slurm_scheduler (id, workflow_id, name, account, gres, mem, nodes,
  ntasks_per_node, partition, qos, tmp, walltime, extra)
SELECT id + @slurm_scheduler, workflow_id + @workflow, name, account, gres, mem, coalesce(nodes, 1),
  ntasks_per_node, partition, qos, tmp, walltime, extra
FROM torc.slurm_scheduler WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO local_scheduler (id, workflow_id, memory, num_cpus)
SELECT id + @local_scheduler, workflow_id + @workflow, memory, num_cpus
FROM torc.local_scheduler WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO failure_handler (id, workflow_id, name, rules)
SELECT id + @failure_handler, workflow_id + @workflow, name, rules
FROM torc.failure_handler WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO compute_node (id, workflow_id, hostname, pid, start_time, duration_seconds,
  is_active, num_cpus, memory_gb, num_gpus, num_nodes, time_limit, scheduler_config_id,
  compute_node_type, scheduler)
SELECT id + @compute_node, workflow_id + @workflow, hostname, pid, start_time, duration_seconds,
  0, num_cpus, memory_gb, num_gpus, num_nodes, time_limit,
  scheduler_config_id + @slurm_scheduler, compute_node_type, scheduler
FROM torc.compute_node WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO scheduled_compute_node (id, workflow_id, scheduler_id, scheduler_config_id,
  scheduler_type, status)
SELECT id + @scheduled_compute_node, workflow_id + @workflow, scheduler_id,
  scheduler_config_id + @slurm_scheduler, scheduler_type, status
FROM torc.scheduled_compute_node WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    // A job without requirements has those that are called "default".
    R"(INSERT INTO job (id, workflow_id, name, command, invocation_script,
  cancel_on_blocking_job_failure, supports_termination, resource_requirements_id, scheduler_id,
  failure_handler_id, priority)
SELECT j.id + @job, j.workflow_id + @workflow, j.name, j.command, nullif(j.invocation_script, ''),
  j.cancel_on_blocking_job_failure IN (1, '1', 'true'),
  j.supports_termination IN (1, '1', 'true'),
  coalesce(j.resource_requirements_id, (SELECT min(r.id) FROM torc.resource_requirements AS r
    WHERE r.workflow_id = j.workflow_id AND r.name = 'default'), 0) + @resource_requirements,
  nullif(j.scheduler_id, 0) + @slurm_scheduler,
  nullif(j.failure_handler_id, 0) + @failure_handler, 0
FROM torc.job AS j WHERE j.workflow_id IN (SELECT id FROM torc.workflow))",

    // Pending and running ones are ready again.
    R"(INSERT INTO job_state (job_id, workflow_id, status, attempt_id, stage, result_id)
SELECT j.id + @job, j.workflow_id + @workflow,
  CASE WHEN j.status IN (3, 4) THEN 2 WHEN j.status BETWEEN 0 AND 10 THEN j.status ELSE 0 END,
  j.attempt_id, 0,
  (SELECT max(r.result_id) FROM torc.workflow_result AS r
   WHERE r.workflow_id = j.workflow_id AND r.job_id = j.id) + @result
FROM torc.job AS j WHERE j.workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO job_run (workflow_id, first_job, last_job)
SELECT workflow_id + @workflow, min(id) + @job, max(id) + @job FROM (
  SELECT workflow_id, id, id - row_number() OVER (PARTITION BY workflow_id ORDER BY id) AS run
  FROM torc.job WHERE workflow_id IN (SELECT id FROM torc.workflow))
GROUP BY workflow_id, run)",

    R"(INSERT OR IGNORE INTO job_depends_on (job_id, depends_on_job_id)
SELECT d.job_id + @job, d.depends_on_job_id + @job FROM torc.job_depends_on AS d
JOIN torc.job AS j ON j.id = d.job_id JOIN torc.job AS b ON b.id = d.depends_on_job_id)",

    R"(INSERT OR IGNORE INTO job_input_file (job_id, file_id)
SELECT l.job_id + @job, l.file_id + @file FROM torc.job_input_file AS l
JOIN torc.job AS j ON j.id = l.job_id JOIN torc.file AS f ON f.id = l.file_id)",

    R"(INSERT OR IGNORE INTO job_output_file (job_id, file_id)
SELECT l.job_id + @job, l.file_id + @file FROM torc.job_output_file AS l
JOIN torc.job AS j ON j.id = l.job_id JOIN torc.file AS f ON f.id = l.file_id)",

    R"(INSERT OR IGNORE INTO job_input_user_data (job_id, user_data_id)
SELECT l.job_id + @job, l.user_data_id + @user_data FROM torc.job_input_user_data AS l
JOIN torc.job AS j ON j.id = l.job_id JOIN torc.user_data AS u ON u.id = l.user_data_id)",

    R"(INSERT OR IGNORE INTO job_output_user_data (job_id, user_data_id)
SELECT l.job_id + @job, l.user_data_id + @user_data FROM torc.job_output_user_data AS l
JOIN torc.job AS j ON j.id = l.job_id JOIN torc.user_data AS u ON u.id = l.user_data_id)",

    R"(INSERT INTO result (id, job_id, workflow_id, run_id, attempt_id, compute_node_id,
  return_code, exec_time_minutes, completion_time, peak_memory_bytes, avg_memory_bytes,
  peak_cpu_percent, avg_cpu_percent, status)
SELECT r.id + @result, r.job_id + @job, r.workflow_id + @workflow, r.run_id, r.attempt_id,
  r.compute_node_id + @compute_node, r.return_code, r.exec_time_minutes, r.completion_time,
  r.peak_memory_bytes, r.avg_memory_bytes, r.peak_cpu_percent, r.avg_cpu_percent, r.status
FROM torc.result AS r JOIN torc.job AS j ON j.id = r.job_id
WHERE r.workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO event (id, workflow_id, timestamp, data)
SELECT id + @event, workflow_id + @workflow, timestamp, data
FROM torc.event WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO workflow_action (id, workflow_id, trigger_type, action_type, action_config,
  job_ids, required_triggers, executed, executed_at, executed_by, persistent, is_recovery)
SELECT id + @workflow_action, workflow_id + @workflow, trigger_type, action_type,
  CASE WHEN json_type(action_config, '$.scheduler_id') = 'integer' THEN
    json_set(action_config, '$.scheduler_id',
      json_extract(action_config, '$.scheduler_id') + @slurm_scheduler) ELSE action_config END,
  CASE WHEN job_ids IS NULL THEN NULL ELSE
    (SELECT json_group_array(value + @job) FROM json_each(job_ids)) END,
  required_triggers, executed, executed_at, executed_by + @compute_node, persistent, is_recovery
FROM torc.workflow_action WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO ro_crate_entity (id, workflow_id, file_id, entity_id, entity_type, metadata)
SELECT id + @ro_crate_entity, workflow_id + @workflow, file_id + @file, entity_id, entity_type,
  metadata FROM torc.ro_crate_entity WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    R"(INSERT INTO slurm_stats (id, workflow_id, job_id, run_id, attempt_id, slurm_job_id,
  max_rss_bytes, max_vm_size_bytes, max_disk_read_bytes, max_disk_write_bytes, ave_cpu_seconds,
  node_list)
SELECT id + @slurm_stats, workflow_id + @workflow, job_id + @job, run_id, attempt_id, slurm_job_id,
  max_rss_bytes, max_vm_size_bytes, max_disk_read_bytes, max_disk_write_bytes, ave_cpu_seconds,
  node_list FROM torc.slurm_stats WHERE workflow_id IN (SELECT id FROM torc.workflow)
  AND job_id IN (SELECT id FROM torc.job))",

    R"(INSERT INTO remote_worker (workflow_id, worker)
SELECT workflow_id + @workflow, worker
FROM torc.remote_worker WHERE workflow_id IN (SELECT id FROM torc.workflow))",

    // Groups are known by their names. Admins are named to this server in another way.
    R"(INSERT OR IGNORE INTO access_group (id, name, description, created_at)
SELECT id + @access_group, name, description, created_at FROM torc.access_group
WHERE is_system = 0)",

    R"(INSERT OR IGNORE INTO user_group_membership (id, user_name, group_id, role, created_at)
SELECT m.id + @user_group_membership, m.user_name, here.id, m.role, m.created_at
FROM torc.user_group_membership AS m JOIN torc.access_group AS there ON there.id = m.group_id
JOIN main.access_group AS here ON here.name = there.name WHERE there.is_system = 0)",

    R"(INSERT INTO workflow_access_group (workflow_id, group_id, created_at)
SELECT g.workflow_id + @workflow, here.id, g.created_at
FROM torc.workflow_access_group AS g JOIN torc.access_group AS there ON there.id = g.group_id
JOIN main.access_group AS here ON here.name = there.name
WHERE there.is_system = 0 AND g.workflow_id IN (SELECT id FROM torc.workflow))",
};

} // namespace

std::span<const torc_ids> torc_id_spaces() {
  return id_spaces;
}

std::span<const std::string_view> torc_copies() {
  return copies;
}

std::span<const std::string_view> torc_marks() {
  return marks;
}

} // namespace torc::storage
