-- Whether initialize_jobs has ever run: a workflow without jobs has no status that could tell.
ALTER TABLE workflow_status ADD COLUMN initialized INTEGER NOT NULL DEFAULT 0;
UPDATE workflow_status SET initialized = 1 WHERE EXISTS (
  SELECT 1 FROM job_run AS r JOIN job_state AS s ON s.job_id BETWEEN r.first_job AND r.last_job
  WHERE r.workflow_id = workflow_status.id AND s.status <> 0);

-- Hashes of what jobs and user data said when their workflow was last initialized, kept for those
-- that were edited since: what differs from it now has to run again.
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

-- Groups belong to no workflow; workflows are shared with them.
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
CREATE INDEX user_group_membership_by_user ON user_group_membership (user_name);

CREATE TABLE workflow_access_group (
  workflow_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workflow_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX workflow_access_group_by_group ON workflow_access_group (group_id);
