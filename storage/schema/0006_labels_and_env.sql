-- What a job asks of its runner, and what a runner has: labels, sorted and joined by commas. NULL:
-- a job for runners without labels, and such a runner.
ALTER TABLE job ADD COLUMN labels TEXT;
ALTER TABLE compute_node ADD COLUMN labels TEXT;
ALTER TABLE runner ADD COLUMN labels TEXT;
-- Holds only jobs with labels: the others cost nothing.
CREATE INDEX job_by_labels ON job (workflow_id, labels) WHERE labels IS NOT NULL;

-- What goes into the environment of processes: JSON objects of texts. A job's has its workflow's in
-- it, as that was when the job was created.
ALTER TABLE workflow ADD COLUMN env TEXT;
ALTER TABLE job ADD COLUMN env TEXT;
