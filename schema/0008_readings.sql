-- What other programs measure: profiles without a wall time, and metrics that belong to a project and know their direction.

-- Views that people made read `profile`, which is not there for a moment: the old rule does not look at them.
PRAGMA legacy_alter_table = ON;

CREATE TABLE profile_new (
  run_id          INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
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
  PRIMARY KEY (run_id, plugin_id)
) STRICT, WITHOUT ROWID;
INSERT INTO profile_new SELECT * FROM profile;
DROP TABLE profile;
ALTER TABLE profile_new RENAME TO profile;

-- better NULL: nobody has said, both directions are judged. A metric that two projects share becomes one of each.
CREATE TABLE metric_new (
  metric_id  INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project,
  name       TEXT NOT NULL CHECK (length(name) > 0),
  unit       TEXT,
  better     TEXT CHECK (better IN ('lower', 'higher')),
  UNIQUE (project_id, name)
) STRICT;
INSERT INTO metric_new
SELECT metric_id, (SELECT min(project_id) FROM project), name, unit, better FROM metric WHERE EXISTS (SELECT 1 FROM project);
INSERT INTO metric_new (project_id, name, unit, better)
SELECT project.project_id, metric.name, metric.unit, metric.better
FROM project CROSS JOIN metric
WHERE project.project_id > (SELECT min(project_id) FROM project)
  AND EXISTS (SELECT 1 FROM run CROSS JOIN reading USING (run_id)
              WHERE run.project_id = project.project_id AND reading.metric_id = metric.metric_id);
UPDATE reading SET metric_id = (SELECT own.metric_id FROM metric CROSS JOIN metric_new AS own
                                WHERE metric.metric_id = reading.metric_id AND own.name = metric.name
                                  AND own.project_id = (SELECT project_id FROM run WHERE run.run_id = reading.run_id))
WHERE run_id IN (SELECT run_id FROM run WHERE project_id > (SELECT min(project_id) FROM project));
DROP TABLE metric;
ALTER TABLE metric_new RENAME TO metric;

PRAGMA legacy_alter_table = OFF;

-- Which program measured, where it is not Tidemark's recorder or a host that writes our CSV: its clock is finer than a host's, so the
-- built-in floors are not for it.
ALTER TABLE run ADD COLUMN tool TEXT;
