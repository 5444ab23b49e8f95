-- The longest lease that a runner may have been told which has not come back since. Servers before
-- this one told 15 minutes, unless somebody asked for another. 0: none was to end.
ALTER TABLE server ADD COLUMN lease_ms INTEGER NOT NULL DEFAULT 900000;
