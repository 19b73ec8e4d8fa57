-- What people decided, and what the gate said. Verdicts are derived and can be rebuilt; decisions cannot.

CREATE TABLE decision (
  decision_id INTEGER PRIMARY KEY,
  project_id  INTEGER NOT NULL REFERENCES project,
  plugin_id   INTEGER NOT NULL REFERENCES plugin,
  kind        TEXT NOT NULL CHECK (kind IN ('accept', 'waive', 'retire')),
  metric      TEXT,
  from_run    INTEGER REFERENCES run ON DELETE SET NULL,
  ceiling     REAL CHECK (ceiling > 0 AND ceiling < 9e999),
  until       INTEGER,
  reason      TEXT NOT NULL CHECK (length(reason) > 0),
  issue       TEXT,
  made_by     TEXT,
  made_at     INTEGER NOT NULL,
  CHECK (kind <> 'waive' OR (metric IS NOT NULL AND ceiling IS NOT NULL AND until IS NOT NULL))
) STRICT;

CREATE TABLE verdict (
  run_id         INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  plugin_id      INTEGER NOT NULL REFERENCES plugin,
  metric         TEXT NOT NULL,
  class          TEXT NOT NULL CHECK (class IN ('regressed', 'open', 'suspect', 'improved', 'not judged', 'missing', 'waived', 'retired')),
  effect         REAL,
  evidence       REAL,
  z_history      REAL,
  pct_history    REAL,
  z_population   REAL,
  pct_population REAL,
  since_run      INTEGER REFERENCES run ON DELETE SET NULL,
  why            TEXT,
  PRIMARY KEY (run_id, plugin_id, metric)
) STRICT, WITHOUT ROWID;

CREATE INDEX verdict_since ON verdict (since_run) WHERE since_run IS NOT NULL;
CREATE INDEX decision_from ON decision (from_run) WHERE from_run IS NOT NULL;
