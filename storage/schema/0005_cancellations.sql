-- Who canceled a job by hand, and the last time a whole workflow, in milliseconds since 1970. The
-- events say it, too, but events are of anybody's making.
CREATE TABLE job_cancellation (
  job_id INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
ALTER TABLE workflow_status ADD COLUMN canceled_by TEXT;
ALTER TABLE workflow_status ADD COLUMN canceled_at_ms INTEGER;
UPDATE workflow_status SET (canceled_by, canceled_at_ms) =
  (SELECT CAST(coalesce(json_extract(e.data, '$.user'), '') AS TEXT), e.timestamp FROM event AS e
   WHERE e.workflow_id = workflow_status.id AND CASE WHEN json_valid(e.data)
   THEN json_extract(e.data, '$.category') END = 'workflow_canceled'
   ORDER BY e.timestamp DESC, e.id DESC LIMIT 1)
WHERE is_canceled = 1;
