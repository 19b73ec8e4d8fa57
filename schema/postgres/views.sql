-- The views of schema/views.sql, and the functions that PostgreSQL lacks and our statements, and those of people, call. Made anew by every
-- migration.

-- Ids that are free, made from the name so that all who write agree; where another one has it, the next.
CREATE OR REPLACE FUNCTION tm_free_project(wanted text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT project_id FROM project WHERE name = wanted),
                   (SELECT id FROM (SELECT generate_series(0, 1000) + 1 + ('x' || substr(md5(wanted), 1, 8))::bit(32)::bigint % 4194304 AS id) AS ids
                    WHERE NOT EXISTS (SELECT 1 FROM project WHERE project_id = id) ORDER BY id LIMIT 1)) $$;

CREATE OR REPLACE FUNCTION tm_free_host(wanted text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT host_id FROM host WHERE key = wanted),
                   (SELECT id FROM (SELECT generate_series(0, 1000) + 1 + ('x' || substr(md5(wanted), 1, 12))::bit(48)::bigint AS id) AS ids
                    WHERE NOT EXISTS (SELECT 1 FROM host WHERE host_id = id) ORDER BY id LIMIT 1)) $$;

-- The next id of a table in a project, whose row the writer has locked.
CREATE OR REPLACE FUNCTION tm_next_id(project bigint, highest bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(highest, project << 40) + 1 $$;

CREATE OR REPLACE FUNCTION tm_time(seconds bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;

CREATE OR REPLACE FUNCTION tm_day(seconds bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD') $$;

-- NULL stays NULL, unlike with greatest().
CREATE OR REPLACE FUNCTION tm_at_least_zero(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN x > 0 THEN x WHEN x <= 0 THEN 0 END $$;

-- Half away from zero, as SQLite rounds; PostgreSQL's round() of a double goes to the even one.
CREATE OR REPLACE FUNCTION tm_round(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN abs(x) >= 4503599627370496 THEN x WHEN x < 0 THEN -floor(0.5 - x) ELSE floor(x + 0.5) END $$;

-- Held within the range, as a CAST of SQLite's holds it.
CREATE OR REPLACE FUNCTION tm_integer(x double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN x >= 9223372036854775807 THEN 9223372036854775807 ELSE trunc(x)::bigint END $$;

DROP VIEW IF EXISTS profiles, latest, history, spikes, parts, part_profiles, weekly, alarms, verdicts, levels, decisions CASCADE;

CREATE VIEW profiles AS
SELECT project.name AS project,
       run.key AS run,
       tm_time(run.started_at) AS ts,
       run.started_at,
       host.key AS host,
       run.branch,
       run.commit_id,
       run.version,
       plugin.name AS plugin,
       profile.calls,
       profile.errors,
       profile.wall_ns / 1e6 AS wall_ms,
       profile.cpu_ns / 1e6 AS cpu_ms,
       profile.mem_delta_bytes / 1024 AS mem_delta_kb,
       profile.peak_mem_bytes / 1024 AS peak_mem_kb,
       profile.wall_p50_ns / 1e6 AS wall_p50_ms,
       profile.wall_p95_ns / 1e6 AS wall_p95_ms,
       profile.wall_p99_ns / 1e6 AS wall_p99_ms,
       profile.wall_max_ns / 1e6 AS wall_max_ms,
       profile.wall_ns / 1e6 / nullif(profile.calls, 0) AS wall_per_call_ms,
       profile.cpu_ns / 1e6 / nullif(profile.calls, 0) AS cpu_per_call_ms,
       profile.mem_delta_bytes / 1024 / nullif(profile.calls, 0) AS mem_delta_per_call_kb,
       profile.errors::double precision / nullif(profile.calls, 0) AS error_rate,
       (SELECT plugin_version FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS plugin_version,
       (SELECT clock FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS clock,
       (SELECT occupied_ns / 1e6 FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS occupied_ms,
       (SELECT longest_step_ns / 1e6 FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS longest_step_ms,
       (SELECT tm_at_least_zero(occupied_ns - profile.cpu_ns) / 1e6 / nullif(profile.calls, 0) FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS blocked_per_call_ms,
       (SELECT cancelled FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS cancelled,
       (SELECT timeouts FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS timeouts,
       (SELECT latency FROM recording AS r
        WHERE r.project_id = profile.project_id AND r.run_id = profile.run_id AND r.plugin_id = profile.plugin_id) AS latency,
       run.run_id,
       plugin.plugin_id
FROM project
JOIN run ON run.project_id = project.project_id
JOIN host ON host.host_id = run.host_id
JOIN profile ON profile.project_id = run.project_id AND profile.run_id = run.run_id
JOIN plugin ON plugin.plugin_id = profile.plugin_id AND plugin.project_id = project.project_id;

CREATE VIEW latest AS
SELECT profiles.*
FROM profiles
WHERE run_id IN (
  SELECT run_id FROM run
  WHERE NOT EXISTS (
    SELECT 1 FROM run AS later
    WHERE later.project_id = run.project_id AND later.branch = run.branch AND later.host_id = run.host_id
      AND (later.started_at, later.run_id) > (run.started_at, run.run_id)));

CREATE VIEW history AS
          SELECT project, plugin, 'wall_per_call_ms' AS metric, ts, wall_per_call_ms AS value, run, branch, host, started_at
            FROM profiles WHERE wall_per_call_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'cpu_per_call_ms', ts, cpu_per_call_ms, run, branch, host, started_at
            FROM profiles WHERE cpu_per_call_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'wall_p50_ms', ts, wall_p50_ms, run, branch, host, started_at
            FROM profiles WHERE wall_p50_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'wall_p95_ms', ts, wall_p95_ms, run, branch, host, started_at
            FROM profiles WHERE wall_p95_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'wall_p99_ms', ts, wall_p99_ms, run, branch, host, started_at
            FROM profiles WHERE wall_p99_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'wall_max_ms', ts, wall_max_ms, run, branch, host, started_at
            FROM profiles WHERE wall_max_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'blocked_per_call_ms', ts, blocked_per_call_ms, run, branch, host, started_at
            FROM profiles WHERE blocked_per_call_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'longest_step_ms', ts, longest_step_ms, run, branch, host, started_at
            FROM profiles WHERE longest_step_ms IS NOT NULL
UNION ALL SELECT project, plugin, 'peak_mem_kb', ts, peak_mem_kb, run, branch, host, started_at
            FROM profiles WHERE peak_mem_kb IS NOT NULL
UNION ALL SELECT project, plugin, 'mem_delta_per_call_kb', ts, mem_delta_per_call_kb, run, branch, host, started_at
            FROM profiles WHERE mem_delta_per_call_kb IS NOT NULL
UNION ALL SELECT project, plugin, 'error_rate', ts, error_rate, run, branch, host, started_at
            FROM profiles WHERE error_rate IS NOT NULL
UNION ALL SELECT project, plugin, 'calls', ts, calls::double precision, run, branch, host, started_at
            FROM profiles
UNION ALL SELECT profiles.project, profiles.plugin, metric.name, profiles.ts, reading.value, profiles.run, profiles.branch,
                 profiles.host, profiles.started_at
            FROM profiles
            JOIN reading ON reading.project_id = tm_project_of(profiles.run_id) AND reading.run_id = profiles.run_id AND reading.plugin_id = profiles.plugin_id
            JOIN metric ON metric.project_id = reading.project_id AND metric.metric_id = reading.metric_id;

CREATE VIEW spikes AS
SELECT project.name AS project,
       run.key AS run,
       tm_time(run.started_at) AS ts,
       host.key AS host,
       run.branch,
       plugin.name AS plugin,
       spike.at_ms,
       spike.duration_ms,
       spike.cpu_percent,
       run.started_at,
       run.run_id,
       spike.plugin_id
FROM spike
JOIN run ON run.project_id = spike.project_id AND run.run_id = spike.run_id
JOIN project ON project.project_id = run.project_id
JOIN host ON host.host_id = run.host_id
LEFT JOIN plugin ON plugin.project_id = spike.project_id AND plugin.plugin_id = spike.plugin_id;

-- What each process of a run gave; the run's own figures are made of them.
CREATE VIEW parts AS
SELECT project.name AS project,
       run.key AS run,
       part.name AS part,
       tm_time(part.started_at) AS ts,
       host.key AS host,
       (SELECT count(*) FROM part_profile WHERE part_profile.project_id = part.project_id AND part_profile.part_id = part.part_id) AS plugins,
       (SELECT coalesce(sum(calls), 0)::bigint FROM part_profile WHERE part_profile.project_id = part.project_id AND part_profile.part_id = part.part_id) AS calls,
       part.started_at,
       run.run_id,
       part.part_id
FROM part
JOIN run ON run.project_id = part.project_id AND run.run_id = part.run_id
JOIN project ON project.project_id = run.project_id
JOIN host ON host.host_id = part.host_id;

CREATE VIEW part_profiles AS
SELECT project.name AS project,
       run.key AS run,
       part.name AS part,
       plugin.name AS plugin,
       p.calls,
       p.errors,
       p.wall_ns / 1e6 AS wall_ms,
       p.cpu_ns / 1e6 AS cpu_ms,
       p.mem_delta_bytes / 1024 AS mem_delta_kb,
       p.peak_mem_bytes / 1024 AS peak_mem_kb,
       p.wall_p50_ns / 1e6 AS wall_p50_ms,
       p.wall_p95_ns / 1e6 AS wall_p95_ms,
       p.wall_p99_ns / 1e6 AS wall_p99_ms,
       p.wall_max_ns / 1e6 AS wall_max_ms,
       p.wall_ns / 1e6 / nullif(p.calls, 0) AS wall_per_call_ms,
       p.cpu_ns / 1e6 / nullif(p.calls, 0) AS cpu_per_call_ms,
       p.errors::double precision / nullif(p.calls, 0) AS error_rate,
       p.plugin_version,
       p.clock,
       p.occupied_ns / 1e6 AS occupied_ms,
       p.longest_step_ns / 1e6 AS longest_step_ms,
       p.cancelled,
       p.timeouts,
       p.latency,
       run.run_id,
       part.part_id,
       plugin.plugin_id
FROM part
JOIN run ON run.project_id = part.project_id AND run.run_id = part.run_id
JOIN project ON project.project_id = run.project_id
JOIN part_profile AS p ON p.project_id = part.project_id AND p.part_id = part.part_id
JOIN plugin ON plugin.project_id = p.project_id AND plugin.plugin_id = p.plugin_id;

-- Runs that were rolled up: a row a week, plugin and metric. calls, errors and the percentiles are of the plugin, whatever the metric.
CREATE VIEW weekly AS
SELECT project.name AS project,
       plugin.name AS plugin,
       value.metric,
       tm_day(week.begins_at) AS week,
       value.n,
       value.mean,
       CASE WHEN value.n > 1 THEN sqrt(value.m2 / (value.n - 1)) END AS stdev,
       value.least AS min,
       value.most AS max,
       total.calls,
       total.errors,
       total.wall_ns / 1e6 AS wall_ms,
       total.cpu_ns / 1e6 AS cpu_ms,
       total.wall_p50_ns / 1e6 AS wall_p50_ms,
       total.wall_p95_ns / 1e6 AS wall_p95_ms,
       week.branch,
       host.key AS host,
       (SELECT count(*) FROM week_run WHERE week_run.project_id = week.project_id AND week_run.week_id = week.week_id) AS runs,
       week.begins_at,
       week.week_id,
       plugin.plugin_id
FROM week
JOIN project ON project.project_id = week.project_id
JOIN host ON host.host_id = week.host_id
JOIN week_total AS total ON total.project_id = week.project_id AND total.week_id = week.week_id
JOIN week_value AS value ON value.project_id = week.project_id AND value.week_id = week.week_id AND value.plugin_id = total.plugin_id
JOIN plugin ON plugin.project_id = total.project_id AND plugin.plugin_id = total.plugin_id;

-- An alarm is a verdict 'regressed'. It ends with the first end of its series after it; runs_open counts the runs from the alarm up to that,
-- or up to the newest judged run.
CREATE VIEW alarms AS
SELECT project.name AS project,
       coalesce(plugin.name, '*') AS plugin,
       alarm.metric,
       raised.key AS raised,
       tm_time(raised.started_at) AS raised_at,
       since.key AS since,
       closed.key AS closed,
       tm_time(closed.started_at) AS closed_at,
       CASE WHEN closed.run_id IS NOT NULL
            THEN (SELECT ended FROM alarm_end AS e
                  WHERE e.project_id = closed.project_id AND e.run_id = closed.run_id AND e.plugin_id = alarm.plugin_id
                    AND e.metric = CASE WHEN alarm.plugin_id = 0 THEN '' ELSE alarm.metric END)
            ELSE coalesce((SELECT v.class FROM verdict AS v
                           WHERE v.project_id = alarm.project_id AND v.run_id = alarm.newest_run AND v.plugin_id = alarm.plugin_id
                             AND (v.metric = '' AND v.class = 'retired' OR v.metric = alarm.metric AND v.class = 'waived')), 'open')
       END AS ended,
       (SELECT count(*) FROM run AS r JOIN judgement AS j ON j.project_id = r.project_id AND j.run_id = r.run_id
        WHERE r.project_id = raised.project_id AND r.branch = raised.branch AND r.host_id = raised.host_id AND r.repeat_of IS NULL
          AND (r.started_at, r.run_id) > (raised.started_at, raised.run_id)
          AND (closed.run_id IS NULL OR (r.started_at, r.run_id) <= (closed.started_at, closed.run_id))) AS runs_open,
       raised.branch,
       host.key AS host,
       alarm.kind,
       alarm.baseline,
       alarm.effect,
       alarm.evidence,
       raised.run_id AS raised_run,
       closed.run_id AS closed_run,
       alarm.plugin_id
FROM (SELECT verdict.*,
             (SELECT r.run_id FROM alarm_end AS e JOIN run AS r ON r.project_id = e.project_id AND r.run_id = e.run_id
              WHERE e.project_id = verdict.project_id AND e.plugin_id = verdict.plugin_id AND e.metric = CASE WHEN verdict.plugin_id = 0 THEN '' ELSE verdict.metric END
                AND r.project_id = told.project_id AND r.branch = told.branch AND r.host_id = told.host_id
                AND (r.started_at, r.run_id) > (told.started_at, told.run_id)
              ORDER BY r.started_at, r.run_id LIMIT 1) AS closed_run,
             (SELECT r.run_id FROM run AS r JOIN judgement AS j ON j.project_id = r.project_id AND j.run_id = r.run_id
              WHERE r.project_id = told.project_id AND r.branch = told.branch AND r.host_id = told.host_id AND r.repeat_of IS NULL
              ORDER BY r.started_at DESC, r.run_id DESC LIMIT 1) AS newest_run
      FROM verdict JOIN run AS told ON told.project_id = verdict.project_id AND told.run_id = verdict.run_id
      WHERE verdict.class = 'regressed') AS alarm
JOIN run AS raised ON raised.project_id = alarm.project_id AND raised.run_id = alarm.run_id
JOIN project ON project.project_id = raised.project_id
JOIN host ON host.host_id = raised.host_id
LEFT JOIN plugin ON plugin.project_id = alarm.project_id AND plugin.plugin_id = alarm.plugin_id
LEFT JOIN run AS since ON since.project_id = alarm.project_id AND since.run_id = alarm.since_run
LEFT JOIN run AS closed ON closed.project_id = alarm.project_id AND closed.run_id = alarm.closed_run;

-- What the gate has said, with names, dates and commits: every verdict that is no pass, and each plugin that had too few runs to compare with.
CREATE VIEW verdicts AS
SELECT project.name AS project,
       run.key AS run,
       tm_time(run.started_at) AS ts,
       run.branch,
       host.key AS host,
       run.commit_id,
       coalesce(plugin.name, '*') AS plugin,
       verdict.metric,
       verdict.class,
       verdict.leads,
       verdict.kind,
       verdict.value,
       verdict.baseline,
       verdict.effect,
       verdict.evidence,
       verdict.needed,
       verdict.z_history,
       verdict.pct_history,
       verdict.allowed,
       since.key AS since,
       tm_time(since.started_at) AS since_ts,
       since.commit_id AS since_commit,
       good.key AS last_good,
       good.commit_id AS good_commit,
       verdict.signal,
       verdict.why,
       verdict.decision_id AS decision,
       run.run_id,
       verdict.plugin_id
FROM verdict
JOIN run ON run.project_id = verdict.project_id AND run.run_id = verdict.run_id
JOIN project ON project.project_id = run.project_id
JOIN host ON host.host_id = run.host_id
LEFT JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = verdict.project_id AND good.run_id = verdict.good_run
UNION ALL
SELECT project.name, run.key, tm_time(run.started_at), run.branch, host.key, run.commit_id, plugin.name, '', 'not judged', 1,
       NULL::text, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, unjudged.why, NULL::bigint, run.run_id, plugin.plugin_id
FROM unjudged
CROSS JOIN LATERAL jsonb_array_elements_text(unjudged.plugin_ids::jsonb) AS listed (value)
JOIN run ON run.project_id = unjudged.project_id AND run.run_id = unjudged.run_id
JOIN project ON project.project_id = run.project_id
JOIN host ON host.host_id = run.host_id
JOIN plugin ON plugin.project_id = unjudged.project_id AND plugin.plugin_id = listed.value::bigint;

-- Every change of level that the gate has found, the worse and the better: from before to after, since which run and commit, told by which run.
CREATE VIEW levels AS
SELECT project.name AS project,
       run.branch,
       host.key AS host,
       coalesce(plugin.name, '*') AS plugin,
       verdict.metric,
       verdict.class,
       verdict.kind,
       verdict.baseline AS before,
       verdict.effect,
       since.key AS since,
       tm_time(since.started_at) AS since_ts,
       since.commit_id AS since_commit,
       good.key AS last_good,
       good.commit_id AS good_commit,
       earliest.key AS earliest,
       latest.key AS latest,
       run.key AS told,
       tm_time(run.started_at) AS told_ts,
       verdict.evidence,
       run.run_id AS told_run,
       verdict.plugin_id
FROM verdict
JOIN run ON run.project_id = verdict.project_id AND run.run_id = verdict.run_id
JOIN project ON project.project_id = run.project_id
JOIN host ON host.host_id = run.host_id
LEFT JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = verdict.project_id AND good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.project_id = verdict.project_id AND earliest.run_id = verdict.earliest_run
LEFT JOIN run AS latest ON latest.project_id = verdict.project_id AND latest.run_id = verdict.latest_run
WHERE verdict.metric <> '' AND (verdict.class IN ('regressed', 'improved') OR (verdict.class = 'open' AND verdict.kind <> ''));

-- What people decided; source: it stands in a file of the repository.
CREATE VIEW decisions AS
SELECT project.name AS project,
       coalesce(decision.adoption, decision.decision_id) AS number,
       CASE WHEN decision.adoption IS NULL THEN decision.kind ELSE 'adopt' END AS kind,
       coalesce(plugin.name, '*') AS plugin,
       decision.metric,
       decision.branch,
       host.key AS host,
       origin.key AS from_run,
       made.key AS made_on,
       tm_time(decision.made_run_at) AS counts_from,
       decision.ceiling,
       left(tm_time(decision.until), 10) AS until,
       decision.reason,
       decision.issue,
       decision.made_by,
       tm_time(decision.made_at) AS made_at,
       decision.source,
       decision.decision_id,
       decision.plugin_id
FROM decision
JOIN project ON project.project_id = decision.project_id
LEFT JOIN plugin ON plugin.project_id = decision.project_id AND plugin.plugin_id = decision.plugin_id
LEFT JOIN host ON host.host_id = decision.host_id
LEFT JOIN run AS origin ON origin.project_id = decision.project_id AND origin.run_id = decision.from_run
LEFT JOIN run AS made ON made.project_id = decision.project_id AND made.run_id = decision.made_run;
