-- Everything derived, once more in tables of the connection alone, which stand before the store's by their names: who only reads
-- can judge here without writing.

CREATE TEMP TABLE lineage (
  lineage_id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  host_id    INTEGER NOT NULL,
  branch     TEXT NOT NULL,
  base       TEXT NOT NULL,
  settings   TEXT NOT NULL,
  judged_run INTEGER,
  judged_at  INTEGER,
  stale      INTEGER NOT NULL DEFAULT 0,
  state      BLOB,
  seal       INTEGER,
  UNIQUE (project_id, host_id, branch)
);
INSERT INTO temp.lineage SELECT lineage_id, project_id, host_id, branch, base, settings, judged_run, judged_at, stale, state, seal FROM main.lineage;

CREATE TEMP TABLE lineage_settings (lineage_id INTEGER PRIMARY KEY, settings TEXT NOT NULL);
INSERT INTO temp.lineage_settings SELECT * FROM main.lineage_settings;

CREATE TEMP TABLE series (
  lineage_id INTEGER NOT NULL,
  plugin_id  INTEGER NOT NULL,
  metric     TEXT NOT NULL,
  state      BLOB NOT NULL,
  seal       INTEGER,
  PRIMARY KEY (lineage_id, plugin_id, metric)
) WITHOUT ROWID;
INSERT INTO temp.series SELECT * FROM main.series;

CREATE TEMP TABLE judgement (
  run_id       INTEGER PRIMARY KEY,
  plugins      INTEGER NOT NULL,
  judged       INTEGER NOT NULL,
  passed       INTEGER NOT NULL,
  comparable   INTEGER NOT NULL,
  factor       REAL,
  factor_share REAL,
  held         INTEGER NOT NULL DEFAULT 0,
  seal         INTEGER
);
INSERT INTO temp.judgement SELECT * FROM main.judgement;

CREATE TEMP TABLE run_factor (
  run_id INTEGER NOT NULL,
  metric TEXT NOT NULL,
  factor REAL NOT NULL,
  share  REAL NOT NULL,
  PRIMARY KEY (run_id, metric)
) WITHOUT ROWID;
INSERT INTO temp.run_factor SELECT * FROM main.run_factor;

CREATE TEMP TABLE unjudged (
  run_id     INTEGER NOT NULL,
  why        TEXT NOT NULL,
  plugins    INTEGER NOT NULL,
  plugin_ids TEXT NOT NULL,
  PRIMARY KEY (run_id, why)
) WITHOUT ROWID;
INSERT INTO temp.unjudged SELECT * FROM main.unjudged;

CREATE TEMP TABLE verdict (
  run_id         INTEGER NOT NULL,
  plugin_id      INTEGER NOT NULL,
  metric         TEXT NOT NULL,
  class          TEXT NOT NULL,
  leads          INTEGER NOT NULL,
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
) WITHOUT ROWID;
INSERT INTO temp.verdict SELECT * FROM main.verdict;


CREATE TEMP TABLE alarm_end (
  run_id      INTEGER NOT NULL,
  plugin_id   INTEGER NOT NULL,
  metric      TEXT NOT NULL,
  ended       TEXT NOT NULL,
  raised_run  INTEGER,
  decision_id INTEGER,
  PRIMARY KEY (run_id, plugin_id, metric)
) WITHOUT ROWID;
INSERT INTO temp.alarm_end SELECT * FROM main.alarm_end;
