-- A run that several processes have measured: what each of them gave, a row a part. The run's own rows are made from them, anew with
-- each part that comes (schema/combine.h); a run without parts was given whole.

CREATE TABLE part (
  part_id    INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  name       TEXT NOT NULL CHECK (length(name) > 0),
  started_at INTEGER NOT NULL,
  host_id    INTEGER NOT NULL REFERENCES host,
  UNIQUE (run_id, name)
) STRICT;

CREATE TABLE part_profile (
  part_id         INTEGER NOT NULL REFERENCES part ON DELETE CASCADE,
  plugin_id       INTEGER NOT NULL REFERENCES plugin,
  calls           INTEGER NOT NULL CHECK (calls >= 0),
  errors          INTEGER CHECK (errors >= 0 AND errors <= calls),
  wall_ns         REAL CHECK (wall_ns >= 0 AND wall_ns < 9e999),
  cpu_ns          REAL CHECK (cpu_ns >= 0 AND cpu_ns < 9e999),
  mem_delta_bytes REAL CHECK (mem_delta_bytes > -9e999 AND mem_delta_bytes < 9e999),
  peak_mem_bytes  REAL CHECK (peak_mem_bytes >= 0 AND peak_mem_bytes < 9e999),
  wall_p50_ns     REAL CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 9e999),
  wall_p95_ns     REAL CHECK (wall_p95_ns >= 0 AND wall_p95_ns < 9e999),
  wall_p99_ns     REAL CHECK (wall_p99_ns >= 0 AND wall_p99_ns < 9e999),
  wall_max_ns     REAL CHECK (wall_max_ns >= 0 AND wall_max_ns < 9e999),
  occupied_ns     REAL CHECK (occupied_ns >= 0 AND occupied_ns < 9e999),
  longest_step_ns REAL CHECK (longest_step_ns >= 0 AND longest_step_ns < 9e999),
  cancelled       INTEGER CHECK (cancelled >= 0),
  timeouts        INTEGER CHECK (timeouts >= 0),
  clock           TEXT,
  plugin_version  TEXT,
  latency         BLOB,
  PRIMARY KEY (part_id, plugin_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE part_reading (
  part_id   INTEGER NOT NULL,
  plugin_id INTEGER NOT NULL,
  metric_id INTEGER NOT NULL REFERENCES metric,
  value     REAL NOT NULL CHECK (value > -9e999 AND value < 9e999),
  PRIMARY KEY (part_id, plugin_id, metric_id),
  FOREIGN KEY (part_id, plugin_id) REFERENCES part_profile ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE part_spike (
  part_id     INTEGER NOT NULL REFERENCES part ON DELETE CASCADE,
  seq         INTEGER NOT NULL CHECK (seq >= 0),
  at_ms       REAL NOT NULL CHECK (at_ms >= 0 AND at_ms < 9e999),
  duration_ms REAL CHECK (duration_ms >= 0 AND duration_ms < 9e999),
  cpu_percent REAL NOT NULL CHECK (cpu_percent >= 0 AND cpu_percent < 9e999),
  plugin_id   INTEGER REFERENCES plugin,
  PRIMARY KEY (part_id, seq)
) STRICT, WITHOUT ROWID;
