-- The tables of schema/*.sql for PostgreSQL, and engines that speak its language. Every key begins with the project, by which a
-- distributed engine shards; hosts are few and the same for all. Ids are made by those who write, under a lock on the project's row:
-- the project's number, and a number within it (store/postgres/db.h), so an id alone says in which shard it is. Texts are in the order of
-- bytes. Where a table may be cut into partitions by project, a comment stands at its end (store/postgres/partitions.c).

CREATE TABLE tidemark_schema (version integer PRIMARY KEY);

CREATE FUNCTION tm_project_of(id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT id >> 40';

-- An id that is free, for a project and for a host: made from the name, so that all who write agree. Another one of that number: the next.
CREATE TABLE project (
  project_id bigint PRIMARY KEY,
  name       text COLLATE "C" NOT NULL UNIQUE CHECK (length(name) > 0)
);

CREATE TABLE host (
  host_id    bigint PRIMARY KEY,
  key        text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) > 0),
  cpu_model  text COLLATE "C",
  cores      bigint CHECK (cores > 0),
  memory_gib bigint CHECK (memory_gib >= 0),
  os         text COLLATE "C"
);

CREATE TABLE plugin (
  project_id bigint NOT NULL,
  plugin_id  bigint NOT NULL,
  name       text COLLATE "C" NOT NULL CHECK (length(name) > 0),
  PRIMARY KEY (project_id, plugin_id),
  UNIQUE (project_id, name)
) /* partitions */;

CREATE TABLE run (
  project_id bigint NOT NULL,
  run_id     bigint NOT NULL,
  key        text COLLATE "C" NOT NULL CHECK (length(key) > 0),
  started_at bigint NOT NULL,
  host_id    bigint NOT NULL,
  branch     text COLLATE "C" NOT NULL CHECK (length(branch) > 0),
  commit_id  text COLLATE "C",
  version    text COLLATE "C",
  repeat_of  bigint,
  tool       text COLLATE "C",
  PRIMARY KEY (project_id, run_id),
  UNIQUE (project_id, key)
) /* partitions */;

CREATE INDEX run_series ON run (project_id, branch, host_id, started_at);
CREATE INDEX run_repeats ON run (project_id, repeat_of) WHERE repeat_of IS NOT NULL;

CREATE TABLE profile (
  project_id      bigint NOT NULL,
  run_id          bigint NOT NULL,
  plugin_id       bigint NOT NULL,
  calls           bigint NOT NULL CHECK (calls >= 0),
  errors          bigint CHECK (errors >= 0 AND errors <= calls),
  wall_ns         double precision CHECK (wall_ns >= 0 AND wall_ns < 'infinity'),
  cpu_ns          double precision CHECK (cpu_ns >= 0 AND cpu_ns < 'infinity'),
  mem_delta_bytes double precision CHECK (mem_delta_bytes > '-infinity' AND mem_delta_bytes < 'infinity'),
  peak_mem_bytes  double precision CHECK (peak_mem_bytes >= 0 AND peak_mem_bytes < 'infinity'),
  wall_p50_ns     double precision CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 'infinity'),
  wall_p95_ns     double precision CHECK (wall_p95_ns >= 0 AND wall_p95_ns < 'infinity'),
  wall_p99_ns     double precision CHECK (wall_p99_ns >= 0 AND wall_p99_ns < 'infinity'),
  wall_max_ns     double precision CHECK (wall_max_ns >= 0 AND wall_max_ns < 'infinity'),
  PRIMARY KEY (project_id, run_id, plugin_id),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE recording (
  project_id      bigint NOT NULL,
  run_id          bigint NOT NULL,
  plugin_id       bigint NOT NULL,
  plugin_version  text COLLATE "C",
  clock           text COLLATE "C",
  occupied_ns     double precision CHECK (occupied_ns >= 0 AND occupied_ns < 'infinity'),
  longest_step_ns double precision CHECK (longest_step_ns >= 0 AND longest_step_ns < 'infinity'),
  cancelled       bigint CHECK (cancelled >= 0),
  timeouts        bigint CHECK (timeouts >= 0),
  latency         bytea,
  PRIMARY KEY (project_id, run_id, plugin_id),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE spike (
  project_id  bigint NOT NULL,
  run_id      bigint NOT NULL,
  seq         bigint NOT NULL CHECK (seq >= 0),
  at_ms       double precision NOT NULL CHECK (at_ms >= 0 AND at_ms < 'infinity'),
  duration_ms double precision CHECK (duration_ms >= 0 AND duration_ms < 'infinity'),
  cpu_percent double precision NOT NULL CHECK (cpu_percent >= 0 AND cpu_percent < 'infinity'),
  plugin_id   bigint,
  PRIMARY KEY (project_id, run_id, seq),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE metric (
  project_id bigint NOT NULL,
  metric_id  bigint NOT NULL,
  name       text COLLATE "C" NOT NULL CHECK (length(name) > 0),
  unit       text COLLATE "C",
  better     text COLLATE "C" CHECK (better IN ('lower', 'higher')),
  PRIMARY KEY (project_id, metric_id),
  UNIQUE (project_id, name)
) /* partitions */;

CREATE TABLE reading (
  project_id bigint NOT NULL,
  run_id     bigint NOT NULL,
  plugin_id  bigint NOT NULL,
  metric_id  bigint NOT NULL,
  value      double precision NOT NULL CHECK (value > '-infinity' AND value < 'infinity'),
  PRIMARY KEY (project_id, run_id, plugin_id, metric_id),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE part (
  project_id bigint NOT NULL,
  part_id    bigint NOT NULL,
  run_id     bigint NOT NULL,
  name       text COLLATE "C" NOT NULL CHECK (length(name) > 0),
  started_at bigint NOT NULL,
  host_id    bigint NOT NULL,
  PRIMARY KEY (project_id, part_id),
  UNIQUE (project_id, run_id, name),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE part_profile (
  project_id      bigint NOT NULL,
  part_id         bigint NOT NULL,
  plugin_id       bigint NOT NULL,
  calls           bigint NOT NULL CHECK (calls >= 0),
  errors          bigint CHECK (errors >= 0 AND errors <= calls),
  wall_ns         double precision CHECK (wall_ns >= 0 AND wall_ns < 'infinity'),
  cpu_ns          double precision CHECK (cpu_ns >= 0 AND cpu_ns < 'infinity'),
  mem_delta_bytes double precision CHECK (mem_delta_bytes > '-infinity' AND mem_delta_bytes < 'infinity'),
  peak_mem_bytes  double precision CHECK (peak_mem_bytes >= 0 AND peak_mem_bytes < 'infinity'),
  wall_p50_ns     double precision CHECK (wall_p50_ns >= 0 AND wall_p50_ns < 'infinity'),
  wall_p95_ns     double precision CHECK (wall_p95_ns >= 0 AND wall_p95_ns < 'infinity'),
  wall_p99_ns     double precision CHECK (wall_p99_ns >= 0 AND wall_p99_ns < 'infinity'),
  wall_max_ns     double precision CHECK (wall_max_ns >= 0 AND wall_max_ns < 'infinity'),
  occupied_ns     double precision CHECK (occupied_ns >= 0 AND occupied_ns < 'infinity'),
  longest_step_ns double precision CHECK (longest_step_ns >= 0 AND longest_step_ns < 'infinity'),
  cancelled       bigint CHECK (cancelled >= 0),
  timeouts        bigint CHECK (timeouts >= 0),
  clock           text COLLATE "C",
  plugin_version  text COLLATE "C",
  latency         bytea,
  PRIMARY KEY (project_id, part_id, plugin_id),
  FOREIGN KEY (project_id, part_id) REFERENCES part ON DELETE CASCADE
) /* partitions */;

CREATE TABLE part_reading (
  project_id bigint NOT NULL,
  part_id    bigint NOT NULL,
  plugin_id  bigint NOT NULL,
  metric_id  bigint NOT NULL,
  value      double precision NOT NULL CHECK (value > '-infinity' AND value < 'infinity'),
  PRIMARY KEY (project_id, part_id, plugin_id, metric_id),
  FOREIGN KEY (project_id, part_id) REFERENCES part ON DELETE CASCADE
) /* partitions */;

CREATE TABLE part_spike (
  project_id  bigint NOT NULL,
  part_id     bigint NOT NULL,
  seq         bigint NOT NULL CHECK (seq >= 0),
  at_ms       double precision NOT NULL CHECK (at_ms >= 0 AND at_ms < 'infinity'),
  duration_ms double precision CHECK (duration_ms >= 0 AND duration_ms < 'infinity'),
  cpu_percent double precision NOT NULL CHECK (cpu_percent >= 0 AND cpu_percent < 'infinity'),
  plugin_id   bigint,
  PRIMARY KEY (project_id, part_id, seq),
  FOREIGN KEY (project_id, part_id) REFERENCES part ON DELETE CASCADE
) /* partitions */;

-- last: the highest number that a decision has ever had; people take decisions back by it. One row: decisions are few, and people make them.
CREATE TABLE decision_number (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  last bigint NOT NULL
);

CREATE TABLE decision (
  project_id  bigint NOT NULL,
  decision_id bigint NOT NULL,
  plugin_id   bigint,
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('accept', 'waive', 'retire')),
  metric      text COLLATE "C",
  host_id     bigint,
  branch      text COLLATE "C",
  from_run    bigint,
  from_at     bigint,
  made_run    bigint NOT NULL,
  made_run_at bigint NOT NULL,
  ceiling     double precision CHECK (ceiling > 0 AND ceiling < 'infinity'),
  until       bigint,
  reason      text COLLATE "C" NOT NULL CHECK (length(reason) > 0),
  issue       text COLLATE "C",
  made_by     text COLLATE "C",
  made_at     bigint NOT NULL,
  adoption    bigint CHECK (adoption > 0),
  PRIMARY KEY (project_id, decision_id),
  CHECK (kind <> 'waive' OR (metric IS NOT NULL AND ceiling IS NOT NULL AND until IS NOT NULL)),
  CHECK (plugin_id IS NOT NULL OR kind = 'accept')
) /* partitions */;

CREATE TABLE lineage (
  project_id bigint NOT NULL,
  lineage_id bigint NOT NULL,
  host_id    bigint NOT NULL,
  branch     text COLLATE "C" NOT NULL,
  base       text COLLATE "C" NOT NULL,
  settings   text COLLATE "C" NOT NULL,
  judged_run bigint,
  judged_at  bigint,
  stale      bigint NOT NULL DEFAULT 0 CHECK (stale IN (0, 1, 2)),
  state      bytea,
  seal       bigint,
  PRIMARY KEY (project_id, lineage_id),
  UNIQUE (project_id, host_id, branch)
) /* partitions */;

CREATE TABLE lineage_settings (
  project_id bigint NOT NULL,
  lineage_id bigint NOT NULL,
  settings   text COLLATE "C" NOT NULL,
  PRIMARY KEY (project_id, lineage_id),
  FOREIGN KEY (project_id, lineage_id) REFERENCES lineage ON DELETE CASCADE
) /* partitions */;

CREATE TABLE series (
  project_id bigint NOT NULL,
  lineage_id bigint NOT NULL,
  plugin_id  bigint NOT NULL,
  metric     text COLLATE "C" NOT NULL,
  state      bytea NOT NULL,
  seal       bigint,
  PRIMARY KEY (project_id, lineage_id, plugin_id, metric),
  FOREIGN KEY (project_id, lineage_id) REFERENCES lineage ON DELETE CASCADE
) /* partitions */;

CREATE TABLE judgement (
  project_id   bigint NOT NULL,
  run_id       bigint NOT NULL,
  plugins      bigint NOT NULL,
  judged       bigint NOT NULL,
  passed       bigint NOT NULL,
  comparable   bigint NOT NULL,
  factor       double precision,
  factor_share double precision,
  held         bigint NOT NULL DEFAULT 0,
  seal         bigint,
  PRIMARY KEY (project_id, run_id),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE run_factor (
  project_id bigint NOT NULL,
  run_id     bigint NOT NULL,
  metric     text COLLATE "C" NOT NULL,
  factor     double precision NOT NULL CHECK (factor > -1 AND factor < 'infinity'),
  share      double precision NOT NULL CHECK (share >= 0 AND share <= 1),
  PRIMARY KEY (project_id, run_id, metric),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE unjudged (
  project_id bigint NOT NULL,
  run_id     bigint NOT NULL,
  why        text COLLATE "C" NOT NULL,
  plugins    bigint NOT NULL CHECK (plugins > 0),
  plugin_ids text COLLATE "C" NOT NULL,
  PRIMARY KEY (project_id, run_id, why),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE verdict (
  project_id     bigint NOT NULL,
  run_id         bigint NOT NULL,
  plugin_id      bigint NOT NULL,
  metric         text COLLATE "C" NOT NULL,
  class          text COLLATE "C" NOT NULL CHECK (class IN ('regressed', 'open', 'suspect', 'improved', 'not judged', 'missing', 'waived', 'retired')),
  leads          bigint NOT NULL CHECK (leads IN (0, 1)),
  kind           text COLLATE "C",
  value          double precision,
  corrected      double precision,
  baseline       double precision,
  effect         double precision,
  evidence       double precision,
  needed         double precision,
  runs           bigint,
  baseline_runs  bigint,
  z_history      double precision,
  pct_history    double precision,
  z_population   double precision,
  pct_population double precision,
  since_run      bigint,
  good_run       bigint,
  signal         text COLLATE "C",
  why            text COLLATE "C",
  decision_id    bigint,
  earliest_run   bigint,
  latest_run     bigint,
  sure_good_run  bigint,
  PRIMARY KEY (project_id, run_id, plugin_id, metric),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE TABLE alarm_end (
  project_id  bigint NOT NULL,
  run_id      bigint NOT NULL,
  plugin_id   bigint NOT NULL,
  metric      text COLLATE "C" NOT NULL,
  ended       text COLLATE "C" NOT NULL CHECK (ended IN ('returned', 'accepted', 'begun anew')),
  raised_run  bigint,
  decision_id bigint,
  PRIMARY KEY (project_id, run_id, plugin_id, metric),
  FOREIGN KEY (project_id, run_id) REFERENCES run ON DELETE CASCADE
) /* partitions */;

CREATE INDEX alarm_end_series ON alarm_end (project_id, plugin_id, metric);
