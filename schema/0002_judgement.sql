-- What people decided, and what the gate said. All but decision is derived: 'tidemark rebuild' makes it anew.
-- A decision counts from the run made_run on, the newest one when it was made; an accepted level is one host's and branch's.

CREATE TABLE decision (
  decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id  INTEGER NOT NULL REFERENCES project,
  plugin_id   INTEGER REFERENCES plugin,
  kind        TEXT NOT NULL CHECK (kind IN ('accept', 'waive', 'retire')),
  metric      TEXT,
  host_id     INTEGER REFERENCES host,
  branch      TEXT,
  from_run    INTEGER REFERENCES run ON DELETE SET NULL,
  from_at     INTEGER,
  made_run    INTEGER NOT NULL,
  made_run_at INTEGER NOT NULL,
  ceiling     REAL CHECK (ceiling > 0 AND ceiling < 9e999),
  until       INTEGER,
  reason      TEXT NOT NULL CHECK (length(reason) > 0),
  issue       TEXT,
  made_by     TEXT,
  made_at     INTEGER NOT NULL,
  CHECK (kind <> 'waive' OR (metric IS NOT NULL AND ceiling IS NOT NULL AND until IS NOT NULL)),
  CHECK (plugin_id IS NOT NULL OR kind = 'accept')
) STRICT;

CREATE INDEX decision_from ON decision (from_run) WHERE from_run IS NOT NULL;

-- Runs that compare with one another: of one project, host and branch. `state` is what the detector knew before the newest judged run, so
-- that this one can be judged again when more of it arrives.
CREATE TABLE lineage (
  lineage_id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project,
  host_id    INTEGER NOT NULL REFERENCES host,
  branch     TEXT NOT NULL,
  base       TEXT NOT NULL,
  settings   TEXT NOT NULL,
  judged_run INTEGER REFERENCES run ON DELETE SET NULL,
  judged_at  INTEGER,
  stale      INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1, 2)),
  state      BLOB,
  UNIQUE (project_id, host_id, branch)
) STRICT;

CREATE INDEX lineage_judged ON lineage (judged_run) WHERE judged_run IS NOT NULL;

CREATE TABLE series (
  lineage_id INTEGER NOT NULL REFERENCES lineage ON DELETE CASCADE,
  plugin_id  INTEGER NOT NULL,
  metric     TEXT NOT NULL,
  state      BLOB NOT NULL,
  PRIMARY KEY (lineage_id, plugin_id, metric)
) STRICT, WITHOUT ROWID;

-- One row per judged run. factor: how much slower than usual the whole run was; NULL: not significantly.
CREATE TABLE judgement (
  run_id       INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  plugins      INTEGER NOT NULL,
  judged       INTEGER NOT NULL,
  passed       INTEGER NOT NULL,
  comparable   INTEGER NOT NULL,
  factor       REAL,
  factor_share REAL,
  held         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A row for each plugin and metric that did not simply pass; plugin_id 0 is the whole run.
CREATE TABLE verdict (
  run_id         INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  plugin_id      INTEGER NOT NULL,
  metric         TEXT NOT NULL,
  class          TEXT NOT NULL CHECK (class IN ('regressed', 'open', 'suspect', 'improved', 'not judged', 'missing', 'waived', 'retired')),
  leads          INTEGER NOT NULL CHECK (leads IN (0, 1)),
  kind           TEXT,
  value          REAL,
  corrected      REAL,
  baseline       REAL,
  effect         REAL,
  evidence       REAL,
  needed         REAL,
  runs           INTEGER,
  baseline_runs  INTEGER,
  z_history      REAL,
  pct_history    REAL,
  z_population   REAL,
  pct_population REAL,
  since_run      INTEGER,
  good_run       INTEGER,
  signal         TEXT,
  why            TEXT,
  decision_id    INTEGER,
  PRIMARY KEY (run_id, plugin_id, metric)
) STRICT, WITHOUT ROWID;
