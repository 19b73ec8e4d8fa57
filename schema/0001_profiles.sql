-- What was measured: raw data, the only truth. Everything else can be rebuilt from it.

CREATE TABLE project (
  project_id INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
) STRICT;

CREATE TABLE host (
  host_id    INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE CHECK (length(key) > 0),
  cpu_model  TEXT,
  cores      INTEGER CHECK (cores > 0),
  memory_gib INTEGER CHECK (memory_gib >= 0),
  os         TEXT
) STRICT;

-- WITHOUT ROWID keeps the planner from building an automatic index on it in the middle of a scan of profile.
CREATE TABLE plugin (
  plugin_id  INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project,
  name       TEXT NOT NULL CHECK (length(name) > 0),
  UNIQUE (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  run_id     INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project,
  key        TEXT NOT NULL CHECK (length(key) > 0),
  started_at INTEGER NOT NULL,
  host_id    INTEGER NOT NULL REFERENCES host,
  branch     TEXT NOT NULL CHECK (length(branch) > 0),
  commit_id  TEXT,
  version    TEXT,
  repeat_of  INTEGER REFERENCES run ON DELETE SET NULL,
  UNIQUE (project_id, key)
) STRICT;

CREATE INDEX run_series ON run (project_id, branch, host_id, started_at);
CREATE INDEX run_repeats ON run (repeat_of) WHERE repeat_of IS NOT NULL;

-- Nanoseconds and bytes: what a clock and an allocator count is then a whole number, which SQLite keeps in 1 to 6 bytes instead of 8
-- (a third less in all). The views have the same figures in ms and KiB; generated columns here would be computed at every insert.
-- No second index: the planner would walk it for GROUP BY plugin and lose by a factor of six.
CREATE TABLE profile (
  run_id          INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  plugin_id       INTEGER NOT NULL REFERENCES plugin,
  calls           INTEGER NOT NULL CHECK (calls >= 0),
  errors          INTEGER CHECK (errors >= 0 AND errors <= calls),
  wall_ns         REAL NOT NULL CHECK (wall_ns >= 0 AND wall_ns < 9e999),
  cpu_ns          REAL CHECK (cpu_ns >= 0 AND cpu_ns < 9e999),
  mem_delta_bytes REAL CHECK (mem_delta_bytes > -9e999 AND mem_delta_bytes < 9e999),
  peak_mem_bytes  REAL CHECK (peak_mem_bytes >= 0 AND peak_mem_bytes < 9e999),
  wall_p50_ns     REAL CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 9e999),
  wall_p95_ns     REAL CHECK (wall_p95_ns >= 0 AND wall_p95_ns < 9e999),
  wall_p99_ns     REAL CHECK (wall_p99_ns >= 0 AND wall_p99_ns < 9e999),
  wall_max_ns     REAL CHECK (wall_max_ns >= 0 AND wall_max_ns < 9e999),
  PRIMARY KEY (run_id, plugin_id)
) STRICT, WITHOUT ROWID;

-- What only a recorder knows of a profile; kept apart so that scans of profile stay short.
CREATE TABLE recording (
  run_id          INTEGER NOT NULL,
  plugin_id       INTEGER NOT NULL,
  plugin_version  TEXT,
  clock           TEXT,
  occupied_ns     REAL CHECK (occupied_ns >= 0 AND occupied_ns < 9e999),
  longest_step_ns REAL CHECK (longest_step_ns >= 0 AND longest_step_ns < 9e999),
  cancelled       INTEGER CHECK (cancelled >= 0),
  timeouts        INTEGER CHECK (timeouts >= 0),
  latency         BLOB,
  PRIMARY KEY (run_id, plugin_id),
  FOREIGN KEY (run_id, plugin_id) REFERENCES profile ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE spike (
  run_id      INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  seq         INTEGER NOT NULL CHECK (seq >= 0),
  at_ms       REAL NOT NULL CHECK (at_ms >= 0 AND at_ms < 9e999),
  duration_ms REAL CHECK (duration_ms >= 0 AND duration_ms < 9e999),
  cpu_percent REAL NOT NULL CHECK (cpu_percent >= 0 AND cpu_percent < 9e999),
  plugin_id   INTEGER REFERENCES plugin,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
  metric_id INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  unit      TEXT,
  better    TEXT NOT NULL DEFAULT 'lower' CHECK (better IN ('lower', 'higher'))
) STRICT;

CREATE TABLE reading (
  run_id    INTEGER NOT NULL,
  plugin_id INTEGER NOT NULL,
  metric_id INTEGER NOT NULL REFERENCES metric,
  value     REAL NOT NULL CHECK (value > -9e999 AND value < 9e999),
  PRIMARY KEY (run_id, plugin_id, metric_id),
  FOREIGN KEY (run_id, plugin_id) REFERENCES profile ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
