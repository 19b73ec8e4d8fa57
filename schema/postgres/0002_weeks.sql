-- The tables of schema/0012_weeks.sql. A metric stands with its name in each row: a number for it would save little of a row here.

CREATE TABLE week (
  project_id bigint NOT NULL,
  week_id    bigint NOT NULL,
  host_id    bigint NOT NULL,
  branch     text COLLATE "C" NOT NULL CHECK (length(branch) > 0),
  begins_at  bigint NOT NULL CHECK ((begins_at + 259200) % 604800 = 0),
  PRIMARY KEY (project_id, week_id),
  UNIQUE (project_id, branch, host_id, begins_at)
) /* partitions */;

CREATE TABLE week_run (
  project_id bigint NOT NULL,
  week_id    bigint NOT NULL,
  key        text COLLATE "C" NOT NULL CHECK (length(key) > 0),
  PRIMARY KEY (project_id, week_id, key),
  FOREIGN KEY (project_id, week_id) REFERENCES week ON DELETE CASCADE
) /* partitions */;

CREATE TABLE week_total (
  project_id  bigint NOT NULL,
  week_id     bigint NOT NULL,
  plugin_id   bigint NOT NULL,
  calls       bigint NOT NULL CHECK (calls >= 0),
  errors      bigint CHECK (errors >= 0 AND errors <= calls),
  wall_ns     double precision CHECK (wall_ns >= 0 AND wall_ns < 'infinity'),
  cpu_ns      double precision CHECK (cpu_ns >= 0 AND cpu_ns < 'infinity'),
  wall_p50_ns double precision CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 'infinity'),
  wall_p95_ns double precision CHECK (wall_p95_ns >= wall_p50_ns AND wall_p95_ns < 'infinity'),
  latency     bytea,
  PRIMARY KEY (project_id, week_id, plugin_id),
  FOREIGN KEY (project_id, week_id) REFERENCES week ON DELETE CASCADE
) /* partitions */;

CREATE TABLE week_value (
  project_id bigint NOT NULL,
  week_id    bigint NOT NULL,
  plugin_id  bigint NOT NULL,
  metric     text COLLATE "C" NOT NULL CHECK (length(metric) > 0),
  n          bigint NOT NULL CHECK (n > 0),
  mean       double precision NOT NULL CHECK (mean > '-infinity' AND mean < 'infinity'),
  m2         double precision NOT NULL CHECK (m2 >= 0 AND m2 < 'infinity'),
  least      double precision NOT NULL CHECK (least > '-infinity'),
  most       double precision NOT NULL CHECK (most >= least AND most < 'infinity'),
  PRIMARY KEY (project_id, week_id, plugin_id, metric),
  FOREIGN KEY (project_id, week_id, plugin_id) REFERENCES week_total ON DELETE CASCADE
) /* partitions */;
