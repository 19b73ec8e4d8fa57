-- Plugins of which nothing could be judged for one and the same reason: a row a run and reason instead of one for each of their metrics.
-- plugin_ids is a JSON array of numbers that rise.

CREATE TABLE unjudged (
  run_id     INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  why        TEXT NOT NULL,
  plugins    INTEGER NOT NULL CHECK (plugins > 0),
  plugin_ids TEXT NOT NULL,
  PRIMARY KEY (run_id, why)
) STRICT, WITHOUT ROWID;
