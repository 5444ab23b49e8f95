-- A database of schema 4: that of schema 2, brought forward by the steps of these versions.
BEGIN TRANSACTION;
CREATE TABLE server (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL            -- raised at every start
) STRICT;
INSERT INTO server VALUES(1,1);
CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES('compute_node',3);
INSERT INTO counter VALUES('file',2);
INSERT INTO counter VALUES('job',8);
INSERT INTO counter VALUES('resource_requirements',3);
INSERT INTO counter VALUES('result',5);
INSERT INTO counter VALUES('workflow',3);
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
INSERT INTO workflow VALUES(1,'from an earlier version','ada',NULL,'2026-11-24T21:23:06.437Z',NULL,90,0,20,300,'gpus_runtime_memory','{"enabled":true,"granularity":"summary","sample_interval_seconds":10}',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO workflow VALUES(2,'half done','ada',NULL,'2026-11-24T21:23:06.520Z',NULL,90,0,20,300,'gpus_runtime_memory','{"enabled":true,"granularity":"summary","sample_interval_seconds":10}',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE workflow_status (
  id INTEGER PRIMARY KEY,           -- the workflow's
  is_canceled INTEGER NOT NULL DEFAULT 0,
  is_archived INTEGER NOT NULL DEFAULT 0,
  run_id INTEGER NOT NULL DEFAULT 0,
  has_detected_need_to_run_completion_script INTEGER NOT NULL DEFAULT 0
, initialized INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO workflow_status VALUES(1,0,0,1,0,1);
INSERT INTO workflow_status VALUES(2,0,0,1,0,1);
CREATE TABLE submission (
  workflow_id INTEGER PRIMARY KEY,
  first_job INTEGER NOT NULL,
  job_count INTEGER NOT NULL
) STRICT;
CREATE TABLE job_run (
  workflow_id INTEGER NOT NULL,
  first_job INTEGER NOT NULL,
  last_job INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, first_job)
) STRICT, WITHOUT ROWID;
INSERT INTO job_run VALUES(1,1,4);
INSERT INTO job_run VALUES(2,5,7);
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
INSERT INTO job VALUES(1,1,'make','echo 1 > made.txt',NULL,1,0,1,NULL,NULL,0);
INSERT INTO job VALUES(2,1,'use','cat made.txt',NULL,1,0,1,NULL,NULL,0);
INSERT INTO job VALUES(3,1,'fail','exit 3',NULL,1,0,1,NULL,NULL,0);
INSERT INTO job VALUES(4,1,'after','true',NULL,1,0,1,NULL,NULL,0);
INSERT INTO job VALUES(5,2,'first','true',NULL,1,0,2,NULL,NULL,0);
INSERT INTO job VALUES(6,2,'long','sleep 60',NULL,1,0,2,NULL,NULL,0);
INSERT INTO job VALUES(7,2,'last','true',NULL,1,0,2,NULL,NULL,0);
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
INSERT INTO job_state VALUES(1,1,5,1,0,NULL,NULL,NULL,NULL,1);
INSERT INTO job_state VALUES(2,1,5,1,1,NULL,NULL,NULL,NULL,2);
INSERT INTO job_state VALUES(3,1,6,1,2,NULL,NULL,NULL,NULL,3);
INSERT INTO job_state VALUES(4,1,7,1,3,NULL,NULL,NULL,NULL,NULL);
INSERT INTO job_state VALUES(5,2,5,1,0,NULL,NULL,NULL,NULL,4);
INSERT INTO job_state VALUES(6,2,4,1,1,68719476741,1,68719476738,2,NULL);
INSERT INTO job_state VALUES(7,2,1,1,2,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE job_depends_on (
  job_id INTEGER NOT NULL,
  depends_on_job_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, depends_on_job_id)
) STRICT, WITHOUT ROWID;
INSERT INTO job_depends_on VALUES(3,2);
INSERT INTO job_depends_on VALUES(4,3);
INSERT INTO job_depends_on VALUES(6,5);
INSERT INTO job_depends_on VALUES(7,6);
CREATE TABLE job_input_file (
  job_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, file_id)
) STRICT, WITHOUT ROWID;
INSERT INTO job_input_file VALUES(2,1);
CREATE TABLE job_output_file (
  job_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, file_id)
) STRICT, WITHOUT ROWID;
INSERT INTO job_output_file VALUES(1,1);
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
CREATE TABLE stage_time (
  workflow_id INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  first_start_us INTEGER NOT NULL,
  last_end_us INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, stage)
) STRICT, WITHOUT ROWID;
INSERT INTO stage_time VALUES(1,0,1795555386489608,1795555386490840);
INSERT INTO stage_time VALUES(1,1,1795555386495977,1795555386497105);
INSERT INTO stage_time VALUES(1,2,1795555386499583,1795555386500216);
INSERT INTO stage_time VALUES(2,0,1795555386579822,1795555386580731);
INSERT INTO stage_time VALUES(2,1,1795555386581916,0);
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
INSERT INTO result VALUES(1,1,1,1,1,1,0,2.0533333333333332122e-05,'2026-11-24T21:23:06.490Z',4681728,NULL,NULL,100.16233766233766289,5);
INSERT INTO result VALUES(2,2,1,1,1,1,0,1.8799999999999999572e-05,'2026-11-24T21:23:06.497Z',5005312,NULL,NULL,69.326241134751768412,5);
INSERT INTO result VALUES(3,3,1,1,1,1,3,1.0550000000000000633e-05,'2026-11-24T21:23:06.500Z',2576384,NULL,NULL,85.624012638230652784,6);
INSERT INTO result VALUES(4,5,2,1,1,2,0,1.5150000000000000638e-05,'2026-11-24T21:23:06.580Z',5042176,NULL,NULL,77.007700770077008199,5);
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
INSERT INTO compute_node VALUES(1,1,'node1',814,'2026-11-24T21:23:06.481Z',0.018782000000000000083,0,2,23.540584564208984375,0,1,NULL,NULL,'local',NULL);
INSERT INTO compute_node VALUES(2,2,'node1',1059,'2026-11-24T21:23:06.564Z',NULL,1,2,23.540584564208984375,0,1,NULL,NULL,'local',NULL);
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
INSERT INTO runner VALUES(68719476738,4659144761286232790,'node1',1059,2,0,1,25276510208,NULL,1795555386564173);
CREATE TABLE runner_node (
  runner_id INTEGER NOT NULL,
  workflow_id INTEGER NOT NULL,
  node_id INTEGER NOT NULL,
  PRIMARY KEY (runner_id, workflow_id)
) STRICT, WITHOUT ROWID;
INSERT INTO runner_node VALUES(68719476738,2,2);
CREATE TABLE scheduled_compute_node (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  scheduler_id INTEGER NOT NULL,
  scheduler_config_id INTEGER NOT NULL,
  scheduler_type TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;
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
INSERT INTO resource_requirements VALUES(1,1,'default',1,0,1,'1m','P0DT1M',1048576,60);
INSERT INTO resource_requirements VALUES(2,2,'default',1,0,1,'1m','P0DT1M',1048576,60);
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  st_mtime REAL
) STRICT;
INSERT INTO file VALUES(1,1,'made','made.txt',NULL);
CREATE TABLE user_data (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  is_ephemeral INTEGER,
  name TEXT NOT NULL,
  data TEXT
) STRICT;
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE TABLE failure_handler (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  rules TEXT NOT NULL
) STRICT;
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
CREATE TABLE local_scheduler (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  name TEXT,
  memory TEXT,
  num_cpus INTEGER
) STRICT;
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
CREATE TABLE ro_crate_entity (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  file_id INTEGER,
  entity_id TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  metadata TEXT NOT NULL
) STRICT;
CREATE TABLE edited_job (
  job_id INTEGER PRIMARY KEY,
  before INTEGER NOT NULL
) STRICT;
CREATE TABLE edited_user_data (
  user_data_id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  before INTEGER NOT NULL
) STRICT;
CREATE TABLE slurm_stats (
  id INTEGER PRIMARY KEY,
  workflow_id INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  slurm_job_id TEXT,
  max_rss_bytes INTEGER,
  max_vm_size_bytes INTEGER,
  max_disk_read_bytes INTEGER,
  max_disk_write_bytes INTEGER,
  ave_cpu_seconds REAL,
  node_list TEXT,
  UNIQUE (workflow_id, job_id, run_id, attempt_id)
) STRICT;
CREATE TABLE remote_worker (
  workflow_id INTEGER NOT NULL,
  worker TEXT NOT NULL,
  PRIMARY KEY (workflow_id, worker)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_group (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE user_group_membership (
  id INTEGER PRIMARY KEY,
  user_name TEXT NOT NULL,
  group_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (group_id, user_name)
) STRICT;
CREATE TABLE workflow_access_group (
  workflow_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workflow_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX compute_node_by_workflow ON compute_node (workflow_id);
CREATE INDEX scheduled_compute_node_by_workflow ON scheduled_compute_node (workflow_id);
CREATE INDEX resource_requirements_by_workflow ON resource_requirements (workflow_id);
CREATE INDEX file_by_workflow ON file (workflow_id);
CREATE INDEX user_data_by_workflow ON user_data (workflow_id);
CREATE INDEX event_by_workflow ON event (workflow_id, timestamp);
CREATE INDEX failure_handler_by_workflow ON failure_handler (workflow_id);
CREATE INDEX slurm_scheduler_by_workflow ON slurm_scheduler (workflow_id);
CREATE INDEX local_scheduler_by_workflow ON local_scheduler (workflow_id);
CREATE INDEX workflow_action_by_workflow ON workflow_action (workflow_id);
CREATE UNIQUE INDEX ro_crate_entity_by_name ON ro_crate_entity (workflow_id, entity_id);
CREATE INDEX user_group_membership_by_user ON user_group_membership (user_name);
CREATE INDEX workflow_access_group_by_group ON workflow_access_group (group_id);
-- Calls that were made under a key, and what they did: written with the effect itself. `status` is
-- NULL until the answer is known, and where it was too long to be kept.
CREATE TABLE kept_call (
  seq INTEGER PRIMARY KEY,
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  effects TEXT NOT NULL,
  status INTEGER,
  type TEXT,
  body TEXT,
  UNIQUE (caller, key)
) STRICT;
-- The longest lease that a runner may have been told which has not come back since. Servers before
-- this one told 15 minutes, unless somebody asked for another. 0: none was to end.
ALTER TABLE server ADD COLUMN lease_ms INTEGER NOT NULL DEFAULT 900000;
COMMIT;
PRAGMA application_id=1953460835;
PRAGMA user_version=4;
