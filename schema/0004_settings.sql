-- With which settings a lineage was judged, line by line as tidemark.ini has them (section, name and value between tabs), so
-- that whoever reads the verdicts reads them by the same rules; and what was taken off each metric of a run as the whole run's.

CREATE TABLE lineage_settings (
  lineage_id INTEGER PRIMARY KEY REFERENCES lineage ON DELETE CASCADE,
  settings   TEXT NOT NULL
) STRICT;

-- factor 0.18: everything took 18 % more; share: of the plugins judged, how many moved with it.
CREATE TABLE run_factor (
  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  metric TEXT NOT NULL,
  factor REAL NOT NULL CHECK (factor > -1 AND factor < 9e999),
  share  REAL NOT NULL CHECK (share >= 0 AND share <= 1),
  PRIMARY KEY (run_id, metric)
) STRICT, WITHOUT ROWID;
