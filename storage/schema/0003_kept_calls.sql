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
