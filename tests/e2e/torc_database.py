"""A database file such as torc 0.21 leaves behind: its tables, a workflow with a past, one that
never began, and rows of one that was deleted."""
import sqlite3

TABLES = {
    "workflow": "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT, user TEXT, "
                "timestamp TEXT, is_archived INTEGER DEFAULT 0, "
                "compute_node_expiration_buffer_seconds INTEGER, "
                "compute_node_wait_for_new_jobs_seconds INTEGER DEFAULT 0, "
                "compute_node_ignore_workflow_completion INTEGER DEFAULT 0, "
                "compute_node_wait_for_healthy_database_minutes INTEGER DEFAULT 20, "
                "compute_node_min_time_for_new_jobs_seconds INTEGER DEFAULT 300, "
                "jobs_sort_method TEXT DEFAULT 'gpus_runtime_memory', status_id INTEGER, "
                "resource_monitor_config TEXT, slurm_defaults TEXT, use_pending_failed INTEGER, "
                "enable_ro_crate INTEGER, project TEXT, metadata TEXT, slurm_config TEXT, "
                "execution_config TEXT",
    "workflow_status": "id INTEGER PRIMARY KEY, run_id INTGEGER DEFAULT 1, "
                       "has_detected_need_to_run_completion_script INTEGER DEFAULT 0, "
                       "is_canceled INTEGER DEFAULT 0, is_archived INTEGER DEFAULT 0, "
                       "workflow_id INTEGER",
    "resource_requirements": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, "
                             "num_cpus INTEGER DEFAULT 1, num_gpus INTEGER DEFAULT 0, "
                             "num_nodes INTEGER DEFAULT 1, memory TEXT DEFAULT '1m', "
                             "runtime TEXT DEFAULT 'P0DT1M', memory_bytes INTEGER, "
                             "runtime_s INTEGER",
    "file": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, path TEXT, st_mtime REAL",
    "user_data": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, is_ephemeral INTEGER, "
                 "data JSON",
    "slurm_scheduler": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, account TEXT, "
                       "gres TEXT, mem TEXT, nodes INTEGER, ntasks_per_node INTEGER, "
                       "partition TEXT, qos TEXT, tmp TEXT, walltime TEXT, extra TEXT",
    "local_scheduler": "id INTEGER PRIMARY KEY, workflow_id INTEGER, memory TEXT, "
                       "num_cpus INTEGER",
    "failure_handler": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, rules TEXT",
    "compute_node": "id INTEGER PRIMARY KEY, workflow_id INTEGER, hostname TEXT, pid INTEGER, "
                    "start_time TEXT, duration_seconds REAL, is_active INTEGER, "
                    "num_cpus INTEGER, memory_gb REAL, num_gpus INTEGER, num_nodes INTEGER, "
                    "time_limit TEXT, scheduler_config_id INTEGER, compute_node_type TEXT, "
                    "scheduler TEXT",
    "scheduled_compute_node": "id INTEGER PRIMARY KEY, workflow_id INTEGER, "
                              "scheduler_config_id INTEGER, scheduler_id INTEGER, "
                              "scheduler_type TEXT, status TEXT",
    "job": "id INTEGER PRIMARY KEY, workflow_id INTEGER, name TEXT, command TEXT, "
           "cancel_on_blocking_job_failure DEFAULT true, supports_termination DEFAULT false, "
           "resource_requirements_id INTEGER, invocation_script TEXT, status INTEGER, "
           "scheduler_id INTEGER, scheduler_type TEXT, schedule_compute_nodes JSON, "
           "unblocking_processed INTEGER DEFAULT 0, failure_handler_id INTEGER, "
           "attempt_id INTEGER DEFAULT 1",
    "job_depends_on": "job_id INTEGER, depends_on_job_id INTEGER, workflow_id INTEGER",
    "job_input_file": "job_id INTEGER, file_id INTEGER, workflow_id INTEGER",
    "job_output_file": "job_id INTEGER, file_id INTEGER, workflow_id INTEGER",
    "job_input_user_data": "job_id INTEGER, user_data_id INTEGER",
    "job_output_user_data": "job_id INTEGER, user_data_id INTEGER",
    "job_internal": "job_id INTEGER PRIMARY KEY, input_hash TEXT, active_compute_node_id INTEGER",
    "result": "id INTEGER PRIMARY KEY, workflow_id INTEGER, job_id INTEGER, run_id INTEGER, "
              "attempt_id INTEGER DEFAULT 1, compute_node_id INTEGER, return_code INTEGER, "
              "exec_time_minutes REAL, completion_time TEXT, status INTEGER, "
              "peak_memory_bytes INTEGER, avg_memory_bytes INTEGER, peak_cpu_percent REAL, "
              "avg_cpu_percent REAL",
    "workflow_result": "workflow_id INTEGER, job_id INTEGER, result_id INTEGER",
    "event": "id INTEGER PRIMARY KEY, workflow_id INTEGER, timestamp INTEGER, data TEXT",
    "workflow_action": "id INTEGER PRIMARY KEY, workflow_id INTEGER, trigger_type TEXT, "
                       "action_type TEXT, action_config TEXT, job_ids TEXT, "
                       "trigger_count INTEGER DEFAULT 0, required_triggers INTEGER DEFAULT 1, "
                       "executed INTEGER DEFAULT 0, executed_at TEXT, executed_by INTEGER, "
                       "persistent INTEGER DEFAULT 0, is_recovery INTEGER DEFAULT 0",
    "ro_crate_entity": "id INTEGER PRIMARY KEY, workflow_id INTEGER, file_id INTEGER, "
                       "entity_id TEXT, entity_type TEXT, metadata TEXT",
    "slurm_stats": "id INTEGER PRIMARY KEY, workflow_id INTEGER, job_id INTEGER, "
                   "run_id INTEGER, attempt_id INTEGER DEFAULT 1, slurm_job_id TEXT, "
                   "max_rss_bytes INTEGER, max_vm_size_bytes INTEGER, "
                   "max_disk_read_bytes INTEGER, max_disk_write_bytes INTEGER, "
                   "ave_cpu_seconds REAL, node_list TEXT",
    "remote_worker": "worker TEXT, workflow_id INTEGER",
    "access_group": "id INTEGER PRIMARY KEY, name TEXT UNIQUE, description TEXT, "
                    "created_at TEXT, is_system INTEGER DEFAULT 0",
    "user_group_membership": "id INTEGER PRIMARY KEY, user_name TEXT, group_id INTEGER, "
                             "role TEXT DEFAULT 'member', created_at TEXT",
    "workflow_access_group": "workflow_id INTEGER, group_id INTEGER, created_at TEXT",
}

RESULTS = [  # id, job, run, attempt, node, return code, status
    (61, 21, 1, 1, 41, 0, 5), (62, 22, 1, 1, 41, 3, 6), (63, 22, 1, 2, 41, 3, 6),
    (64, 21, 2, 1, 42, 0, 5), (65, 22, 2, 1, 42, 4, 6)]
STATUSES = {5: "completed", 6: "failed"}


def fill(db):
    def put(table, **row):
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                   list(row.values()))

    for workflow, name, run in ((11, "old", 2), (12, "unborn", 0)):
        put("workflow", id=workflow, name=name, user="somebody", timestamp="2025-01-01T00:00:00Z",
            status_id=workflow, is_archived=0, metadata='{"k":1}')
        put("workflow_status", id=workflow, run_id=run)
        put("resource_requirements", id=workflow, workflow_id=workflow, name="default",
            memory_bytes=1 << 20, runtime_s=60)
    put("failure_handler", id=3, workflow_id=11, name="again", rules="[]")
    put("slurm_scheduler", id=4, workflow_id=11, name="s", account="me", nodes=2,
        walltime="01:00:00")
    put("local_scheduler", id=4, workflow_id=11, memory="2g", num_cpus=2)
    put("file", id=31, workflow_id=11, name="out", path="/data/out", st_mtime=1700000000.25)
    put("user_data", id=5, workflow_id=11, name="number", is_ephemeral=0, data="7")
    put("user_data", id=6, workflow_id=11, name="empty", is_ephemeral=1, data=None)
    for job, name, command, status in ((21, "made", "true", 5), (22, "broken", "exit 3", 6),
                                       (23, "after", "true", 7), (24, "on its way", "true", 4)):
        put("job", id=job, workflow_id=11, name=name, command=command, status=status,
            resource_requirements_id=11, invocation_script="",
            failure_handler_id=3 if job == 22 else None, attempt_id=2 if job == 22 else 1)
    put("job", id=25, workflow_id=12, name="first", command="true", status=0,
        cancel_on_blocking_job_failure=0)
    put("job_depends_on", job_id=23, depends_on_job_id=22, workflow_id=11)
    put("job_output_file", job_id=21, file_id=31, workflow_id=11)
    put("job_input_file", job_id=22, file_id=31, workflow_id=11)
    put("job_input_user_data", job_id=22, user_data_id=5)
    put("job_output_user_data", job_id=21, user_data_id=6)
    for node in (41, 42):
        put("compute_node", id=node, workflow_id=11, hostname="h", pid=node,
            start_time="2025-01-01T00:00:00Z", is_active=1 if node == 42 else 0, num_cpus=4,
            memory_gb=8, num_gpus=0, num_nodes=1, compute_node_type="local")
    put("scheduled_compute_node", id=8, workflow_id=11, scheduler_config_id=4, scheduler_id=900,
        scheduler_type="slurm", status="complete")
    for number, job, run, attempt, node, code, status in RESULTS:
        put("result", id=number, workflow_id=11, job_id=job, run_id=run, attempt_id=attempt,
            compute_node_id=node, return_code=code, exec_time_minutes=0.5,
            completion_time="2025-01-01T00:01:00.000Z", status=status, peak_memory_bytes=1000)
    put("workflow_result", workflow_id=11, job_id=21, result_id=64)
    put("workflow_result", workflow_id=11, job_id=22, result_id=65)
    put("event", id=71, workflow_id=11, timestamp=1735689600123, data='{"category":"note"}')
    put("event", id=72, workflow_id=11, timestamp=1735689600124, data="[1]")
    put("workflow_action", id=9, workflow_id=11, trigger_type="on_jobs_complete",
        action_type="run_commands", action_config='{"commands":["true"]}', job_ids="[21]",
        executed=1, executed_at="2025-01-01T00:02:00Z", executed_by=41)
    put("ro_crate_entity", id=81, workflow_id=11, entity_id="#job-21-attempt-1",
        entity_type="CreateAction", metadata='{"@id":"#job-21-attempt-1"}')
    put("slurm_stats", id=91, workflow_id=11, job_id=21, run_id=1, max_rss_bytes=5)
    put("remote_worker", worker="me@host", workflow_id=11)
    put("access_group", id=1, name="admin", created_at="2025-01-01 00:00:00", is_system=1)
    put("access_group", id=2, name="crew", created_at="2025-01-01 00:00:00")
    put("user_group_membership", id=1, user_name="root", group_id=1, created_at="x")
    put("user_group_membership", id=2, user_name="bob", group_id=2, created_at="x")
    put("workflow_access_group", workflow_id=11, group_id=2, created_at="x")
    # What torc leaves of a workflow that it deletes.
    put("slurm_stats", id=90, workflow_id=10, job_id=1, run_id=1)
    put("ro_crate_entity", id=80, workflow_id=10, entity_id="x", entity_type="File", metadata="{}")


def write(path, odd=False):
    """`odd`: a file whose values no server could have written."""
    with sqlite3.connect(path) as db:
        for table, columns in TABLES.items():
            db.execute(f"CREATE TABLE {table} ({columns})")
        fill(db)
        if odd:
            db.execute("UPDATE job SET name = NULL WHERE id = 23")
    db.close()


def answers():
    """What the API has to say of it: paths and the items there."""
    def result(number, job, run, attempt, node, code, status):
        return {"id": number, "job_id": job, "workflow_id": 11, "run_id": run,
                "attempt_id": attempt, "compute_node_id": node, "return_code": code,
                "exec_time_minutes": 0.5, "completion_time": "2025-01-01T00:01:00.000Z",
                "peak_memory_bytes": 1000, "status": STATUSES[status]}

    requirement = {"id": 12, "workflow_id": 12, "name": "default", "num_cpus": 1, "num_gpus": 0,
                   "num_nodes": 1, "memory": "1m", "runtime": "P0DT1M"}
    return [
        ("/results?workflow_id=11&all_runs=true", [result(*r) for r in RESULTS]),
        ("/results?workflow_id=11", [result(*r) for r in RESULTS[3:]]),
        ("/events?workflow_id=11",
         [{"id": 71, "workflow_id": 11, "timestamp": 1735689600123, "data": {"category": "note"}},
          {"id": 72, "workflow_id": 11, "timestamp": 1735689600124, "data": [1]}]),
        ("/user_data?workflow_id=11",
         [{"id": 5, "workflow_id": 11, "is_ephemeral": False, "name": "number", "data": 7},
          {"id": 6, "workflow_id": 11, "is_ephemeral": True, "name": "empty"}]),
        ("/files?workflow_id=11",
         [{"id": 31, "workflow_id": 11, "name": "out", "path": "/data/out",
           "st_mtime": 1700000000.25}]),
        ("/resource_requirements?workflow_id=12", [requirement]),
        ("/slurm_schedulers?workflow_id=11",
         [{"id": 4, "workflow_id": 11, "name": "s", "account": "me", "nodes": 2,
           "walltime": "01:00:00"}]),
        ("/workflows/11/failure_handlers",
         [{"id": 3, "workflow_id": 11, "name": "again", "rules": "[]"}]),
        ("/slurm_stats?workflow_id=11",
         [{"id": 91, "workflow_id": 11, "job_id": 21, "run_id": 1, "attempt_id": 1,
           "max_rss_bytes": 5}]),
        ("/workflows/11/ro_crate_entities",
         [{"id": 81, "workflow_id": 11, "entity_id": "#job-21-attempt-1",
           "entity_type": "CreateAction", "metadata": '{"@id":"#job-21-attempt-1"}'}]),
        ("/scheduled_compute_nodes?workflow_id=11",
         [{"id": 8, "workflow_id": 11, "scheduler_id": 900, "scheduler_config_id": 4,
           "scheduler_type": "slurm", "status": "complete"}]),
        ("/workflows/11/remote_workers", [{"worker": "me@host", "workflow_id": 11}]),
        ("/access_groups", [{"id": 2, "name": "crew", "created_at": "2025-01-01 00:00:00"}]),
        ("/workflows/11/access_groups",
         [{"id": 2, "name": "crew", "created_at": "2025-01-01 00:00:00"}]),
        ("/compute_nodes?workflow_id=11&is_active=true", []),
    ]
