-- Ids are drawn from `counter`, never reused. Rows that belong together are deleted together by
-- storage/removal.cpp: there are no foreign keys, because their checks cost every completion.

-- What outlives the server but belongs to no workflow. One row.
CREATE TABLE server (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL            -- raised at every start
) STRICT;
INSERT INTO server (id, epoch) VALUES (1, 0);

CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  user TEXT NOT NULL,
  description TEXT,
  timestamp TEXT,
  compute_node_expiration_buffer_seconds INTEGER,
  compute_node_wait_for_new_jobs_seconds INTEGER,
  compute_node_ignore_workflow_completion INTEGER,
  compute_node_wait_for_healthy_database_minutes INTEGER,
  compute_node_min_time_for_new_jobs_seconds INTEGER,
  jobs_sort_method TEXT,
  resource_monitor_config TEXT,
  slurm_defaults TEXT,
  use_pending_failed INTEGER,
  enable_ro_crate INTEGER,
  project TEXT,
  metadata TEXT,
  slurm_config TEXT,
  execution_config TEXT
) STRICT;

CREATE TABLE workflow_status (
  id INTEGER PRIMARY KEY,           -- the workflow's
  is_canceled INTEGER NOT NULL DEFAULT 0,
  is_archived INTEGER NOT NULL DEFAULT 0,
  run_id INTEGER NOT NULL DEFAULT 0,
  has_detected_need_to_run_completion_script INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A workflow that is still arriving. Nobody sees it while it has a row here.
CREATE TABLE submission (
  workflow_id INTEGER PRIMARY KEY,
  first_job INTEGER NOT NULL,
  job_count INTEGER NOT NULL
) STRICT;

-- Which job ids are a workflow's, as runs of neighbours: one row for a whole submission, where an
-- index on the workflow would have one entry a job. Within a run every id that exists is its own.
CREATE TABLE job_run (
  workflow_id INTEGER NOT NULL,
  first_job INTEGER NOT NULL,
  last_job INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, first_job)
) STRICT, WITHOUT ROWID;

-- What does not change while a job runs.
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  command TEXT NOT NULL,
  invocation_script TEXT,
  cancel_on_blocking_job_failure INTEGER NOT NULL,
  supports_termination INTEGER NOT NULL,
  resource_requirements_id INTEGER NOT NULL,
  scheduler_id INTEGER,
  failure_handler_id INTEGER,
  priority INTEGER NOT NULL
) STRICT;

-- What every turn of the ring writes. Narrow, and without an index: the rooms know who is ready.
CREATE TABLE job_state (
  job_id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  status INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  stage INTEGER NOT NULL,           -- longest path from a root; 0 before the first admission
  grant_id INTEGER,                 -- of the open attempt
  run_id INTEGER,                   -- the same attempt's
  runner_id INTEGER,                -- who holds it; null: an HTTP runner
  node_id INTEGER,                  -- where it runs
  result_id INTEGER                 -- the latest result
) STRICT;

CREATE TABLE job_depends_on (
  job_id INTEGER NOT NULL,
  depends_on_job_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, depends_on_job_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_input_file (
  job_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, file_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_output_file (
  job_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, file_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_input_user_data (
  job_id INTEGER NOT NULL,
  user_data_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, user_data_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_output_user_data (
  job_id INTEGER NOT NULL,
  user_data_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, user_data_id)
) STRICT, WITHOUT ROWID;

-- When a stage of a workflow first started and last ended, in microseconds since 1970.
CREATE TABLE stage_time (
  workflow_id INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  first_start_us INTEGER NOT NULL,
  last_end_us INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE result (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL,
  workflow_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  compute_node_id INTEGER,
  return_code INTEGER NOT NULL,
  exec_time_minutes REAL NOT NULL,
  completion_time TEXT NOT NULL,
  peak_memory_bytes INTEGER,
  avg_memory_bytes INTEGER,
  peak_cpu_percent REAL,
  avg_cpu_percent REAL,
  status INTEGER NOT NULL,
  UNIQUE (job_id, run_id, attempt_id)
) STRICT;

CREATE TABLE compute_node (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  hostname TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start_time TEXT NOT NULL,
  duration_seconds REAL,
  is_active INTEGER,
  num_cpus INTEGER NOT NULL,
  memory_gb REAL NOT NULL,
  num_gpus INTEGER NOT NULL,
  num_nodes INTEGER NOT NULL,
  time_limit TEXT,
  scheduler_config_id INTEGER,
  compute_node_type TEXT NOT NULL,
  scheduler TEXT
) STRICT;
CREATE INDEX compute_node_by_workflow ON compute_node (workflow_id);

-- A runner that holds, or may come back for, open attempts.
CREATE TABLE runner (
  id INTEGER PRIMARY KEY,
  instance INTEGER NOT NULL,        -- the same for the life of the runner's process; 0: unknown
  hostname TEXT NOT NULL,
  pid INTEGER NOT NULL,
  num_cpus INTEGER NOT NULL,
  num_gpus INTEGER NOT NULL,
  num_nodes INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  time_limit_s INTEGER,
  since_us INTEGER NOT NULL
) STRICT;

-- As which compute node a runner shows in a workflow.
CREATE TABLE runner_node (
  runner_id INTEGER NOT NULL,
  workflow_id INTEGER NOT NULL,
  node_id INTEGER NOT NULL,
  PRIMARY KEY (runner_id, workflow_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scheduled_compute_node (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  scheduler_id INTEGER NOT NULL,
  scheduler_config_id INTEGER NOT NULL,
  scheduler_type TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;
CREATE INDEX scheduled_compute_node_by_workflow ON scheduled_compute_node (workflow_id);

CREATE TABLE resource_requirements (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  num_cpus INTEGER NOT NULL,
  num_gpus INTEGER NOT NULL,
  num_nodes INTEGER NOT NULL,
  memory TEXT NOT NULL,
  runtime TEXT NOT NULL,
  memory_bytes INTEGER NOT NULL DEFAULT 0, -- what `memory` says
  runtime_s INTEGER NOT NULL DEFAULT 0     -- what `runtime` says
) STRICT;
CREATE INDEX resource_requirements_by_workflow ON resource_requirements (workflow_id);

CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  st_mtime REAL
) STRICT;
CREATE INDEX file_by_workflow ON file (workflow_id);

CREATE TABLE user_data (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  is_ephemeral INTEGER,
  name TEXT NOT NULL,
  data TEXT
) STRICT;
CREATE INDEX user_data_by_workflow ON user_data (workflow_id);

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_workflow ON event (workflow_id, timestamp);

CREATE TABLE failure_handler (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  rules TEXT NOT NULL
) STRICT;
CREATE INDEX failure_handler_by_workflow ON failure_handler (workflow_id);

CREATE TABLE slurm_scheduler (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT,
  account TEXT NOT NULL,
  gres TEXT,
  mem TEXT,
  nodes INTEGER NOT NULL,
  ntasks_per_node INTEGER,
  partition TEXT,
  qos TEXT,
  tmp TEXT,
  walltime TEXT NOT NULL,
  extra TEXT
) STRICT;
CREATE INDEX slurm_scheduler_by_workflow ON slurm_scheduler (workflow_id);

CREATE TABLE local_scheduler (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT,
  memory TEXT,
  num_cpus INTEGER
) STRICT;
CREATE INDEX local_scheduler_by_workflow ON local_scheduler (workflow_id);

-- How often its trigger fired is not here: it is counted from the statuses at each read.
CREATE TABLE workflow_action (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  trigger_type TEXT NOT NULL,
  action_type TEXT NOT NULL,
  action_config TEXT NOT NULL,
  job_ids TEXT,                     -- a JSON list
  required_triggers INTEGER NOT NULL,
  executed INTEGER NOT NULL,
  executed_at TEXT,
  executed_by INTEGER,
  persistent INTEGER NOT NULL,
  is_recovery INTEGER NOT NULL
) STRICT;
CREATE INDEX workflow_action_by_workflow ON workflow_action (workflow_id);

CREATE TABLE ro_crate_entity (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  file_id INTEGER,
  entity_id TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  metadata TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX ro_crate_entity_by_name ON ro_crate_entity (workflow_id, entity_id);
