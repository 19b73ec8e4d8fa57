-- What is left of runs that were rolled up: rows a week, plugin and metric. The runs are gone, so this is as much the truth as they were.

-- A week of a host and branch, in which runs were rolled up. It begins on a Monday, 00:00 UTC; 1969-12-29 was one.
CREATE TABLE week (
  week_id    INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project,
  host_id    INTEGER NOT NULL REFERENCES host,
  branch     TEXT NOT NULL CHECK (length(branch) > 0),
  begins_at  INTEGER NOT NULL CHECK ((begins_at + 259200) % 604800 = 0),
  UNIQUE (project_id, branch, host_id, begins_at)
) STRICT;

-- Which runs are in it, so that one which is stored again is not counted twice.
CREATE TABLE week_run (
  week_id INTEGER NOT NULL REFERENCES week ON DELETE CASCADE,
  key     TEXT NOT NULL CHECK (length(key) > 0),
  PRIMARY KEY (week_id, key)
) STRICT, WITHOUT ROWID;

-- Sums over the week's runs and their repeats, as far as they are known. latency: all sketches as one; p50 and p95 are read from it.
CREATE TABLE week_total (
  week_id     INTEGER NOT NULL REFERENCES week ON DELETE CASCADE,
  plugin_id   INTEGER NOT NULL REFERENCES plugin,
  calls       INTEGER NOT NULL CHECK (calls >= 0),
  errors      INTEGER CHECK (errors >= 0 AND errors <= calls),
  wall_ns     REAL CHECK (wall_ns >= 0 AND wall_ns < 9e999),
  cpu_ns      REAL CHECK (cpu_ns >= 0 AND cpu_ns < 9e999),
  wall_p50_ns REAL CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 9e999),
  wall_p95_ns REAL CHECK (wall_p95_ns >= wall_p50_ns AND wall_p95_ns < 9e999),
  latency     BLOB,
  PRIMARY KEY (week_id, plugin_id)
) STRICT, WITHOUT ROWID;

-- Names of metrics, once: a row of week_value is half as long with a number for its metric.
CREATE TABLE week_metric (
  week_metric_id INTEGER PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
) STRICT;

-- The runs' values, as they are judged. m2: the sum of the squares of their distances from the mean.
CREATE TABLE week_value (
  week_id        INTEGER NOT NULL,
  plugin_id      INTEGER NOT NULL,
  week_metric_id INTEGER NOT NULL REFERENCES week_metric,
  n              INTEGER NOT NULL CHECK (n > 0),
  mean           REAL NOT NULL CHECK (mean > -9e999 AND mean < 9e999),
  m2             REAL NOT NULL CHECK (m2 >= 0 AND m2 < 9e999),
  least          REAL NOT NULL CHECK (least > -9e999),
  most           REAL NOT NULL CHECK (most >= least AND most < 9e999),
  PRIMARY KEY (week_id, plugin_id, week_metric_id),
  FOREIGN KEY (week_id, plugin_id) REFERENCES week_total ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
