-- Limits that people set, and decisions that stand in a file of the repository: a class of verdict, the limit it went by, and the line
-- that a decision came from.

PRAGMA legacy_alter_table = ON;

CREATE TABLE verdict_new (
  run_id         INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  plugin_id      INTEGER NOT NULL,
  metric         TEXT NOT NULL,
  class          TEXT NOT NULL CHECK (class IN ('over limit', 'regressed', 'open', 'suspect', 'improved', 'not judged', 'missing', 'waived', 'retired')),
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
  earliest_run   INTEGER,
  latest_run     INTEGER,
  sure_good_run  INTEGER,
  allowed        REAL,
  PRIMARY KEY (run_id, plugin_id, metric)
) STRICT, WITHOUT ROWID;
INSERT INTO verdict_new SELECT *, NULL FROM verdict;
DROP TABLE verdict;
ALTER TABLE verdict_new RENAME TO verdict;

PRAGMA legacy_alter_table = OFF;

-- What a line of the file says, as a hash; NULL: a command has made the decision.
ALTER TABLE decision ADD COLUMN source TEXT CHECK (length(source) > 0);
