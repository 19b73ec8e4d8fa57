-- The statements of schema/queries.sql as PostgreSQL takes them.

-- name: project_find
SELECT project_id FROM project WHERE name = $1::text;

-- name: project_add
INSERT INTO project (project_id, name)
SELECT tm_free_project($1::text), $1::text
ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING project_id;

-- name: host_find
SELECT host_id FROM host WHERE key = $1::text;

-- name: host_add
INSERT INTO host (host_id, key, cpu_model, cores, memory_gib, os)
SELECT tm_free_host($1::text), $1::text, $2::text, $3::bigint, $4::bigint, $5::text
ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING host_id;

-- name: plugin_find
SELECT plugin_id FROM plugin WHERE project_id = $1::bigint AND name = $2::text;

-- name: plugin_next
SELECT tm_next_id($1::bigint, (SELECT max(plugin_id) FROM plugin WHERE project_id = $1::bigint));

-- name: plugin_add
INSERT INTO plugin (project_id, plugin_id, name) VALUES ($2::bigint, $1::bigint, $3::text);

-- name: plugin_rename
UPDATE plugin SET name = $2::text WHERE project_id = tm_project_of($1::bigint) AND plugin_id = $1::bigint;

-- name: run_find
SELECT run.run_id, run.started_at, host.key AS host, run.branch, run.commit_id, run.version, run.tool, first.key AS repeat_of
FROM run JOIN host USING (host_id) LEFT JOIN run AS first ON first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE run.project_id = $1::bigint AND run.key = $2::text;

-- name: runs_of_commit
SELECT run_id, key FROM run
WHERE project_id = $1::bigint AND branch = $2::text AND host_id = (SELECT host_id FROM host WHERE key = $3::text)
  AND (SELECT key FROM run AS first WHERE first.project_id = run.project_id AND first.run_id = run.repeat_of) IS NOT DISTINCT FROM $4::text
  AND commit_id IS NOT DISTINCT FROM $5::text AND ($5::text IS NOT NULL OR right(key, 8) = $6::text)
ORDER BY started_at DESC, run_id DESC;

-- name: runs_of_start
SELECT run_id, key FROM run
WHERE project_id = $1::bigint AND branch = $2::text AND host_id = (SELECT host_id FROM host WHERE key = $3::text)
  AND (SELECT key FROM run AS first WHERE first.project_id = run.project_id AND first.run_id = run.repeat_of) IS NOT DISTINCT FROM $4::text
  AND started_at = $5::bigint AND right(key, 8) = $6::text
ORDER BY run_id DESC;

-- name: run_add
INSERT INTO run (project_id, run_id, key, started_at, host_id, branch, commit_id, version, repeat_of, tool)
SELECT $1::bigint, tm_next_id($1::bigint, (SELECT max(run_id) FROM run WHERE project_id = $1::bigint)), $2::text, $3::bigint, $4::bigint,
       $5::text, $6::text, $7::text, $8::bigint, $9::text RETURNING run_id;

-- name: run_update
UPDATE run SET started_at = CASE WHEN $8::bigint <> 0 THEN started_at ELSE $2::bigint END, host_id = coalesce($3::bigint, host_id),
  branch = coalesce($4::text, branch),
               commit_id = coalesce($5::text, commit_id), version = coalesce($6::text, version), repeat_of = coalesce($7::bigint, repeat_of),
               tool = coalesce($9::text, tool)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: run_remove
WITH repeats AS (UPDATE run SET repeat_of = NULL WHERE project_id = tm_project_of($1::bigint) AND repeat_of = $1::bigint),
     judged AS (UPDATE lineage SET judged_run = NULL WHERE project_id = tm_project_of($1::bigint) AND judged_run = $1::bigint),
     decided AS (UPDATE decision SET from_run = NULL WHERE project_id = tm_project_of($1::bigint) AND from_run = $1::bigint)
DELETE FROM run WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: profiles_add
-- By COPY.
SELECT 1;

-- name: profiles_of_run
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency,
       (SELECT count(*) FROM reading WHERE reading.project_id = profile.project_id AND reading.run_id = profile.run_id
         AND reading.plugin_id = profile.plugin_id) AS readings
FROM profile JOIN plugin USING (project_id, plugin_id)
LEFT JOIN recording ON recording.project_id = profile.project_id AND recording.run_id = profile.run_id AND recording.plugin_id = profile.plugin_id
WHERE profile.project_id = tm_project_of($1::bigint) AND profile.run_id = $1::bigint
ORDER BY profile.plugin_id;

-- name: profiles_clear
DELETE FROM profile WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: recordings_clear
DELETE FROM recording WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: recording_add
INSERT INTO recording (project_id, run_id, plugin_id, occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: profile_find
SELECT 1 FROM profile WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND plugin_id = $2::bigint;

-- name: spike_add
INSERT INTO spike (project_id, run_id, seq, at_ms, duration_ms, cpu_percent, plugin_id)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6);

-- name: spikes_count
SELECT count(*) FROM spike WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: spikes_clear
DELETE FROM spike WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: metric_find
SELECT metric_id, unit, better FROM metric WHERE project_id = $1::bigint AND name = $2::text;

-- name: metric_add
INSERT INTO metric (project_id, metric_id, name, unit, better)
SELECT $1::bigint, tm_next_id($1::bigint, (SELECT max(metric_id) FROM metric WHERE project_id = $1::bigint)), $2::text, $3::text, $4::text
RETURNING metric_id;

-- name: metric_describe
UPDATE metric SET better = coalesce($3::text, better), unit = coalesce($4::text, unit) WHERE project_id = $1::bigint AND name = $2::text;

-- name: metric_anywhere
SELECT metric_id FROM metric
WHERE name = $2::text AND ($1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = $1::text)) LIMIT 1;

-- name: metric_turns
SELECT metric_id FROM metric
WHERE name = $2::text AND ($1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = $1::text))
  AND better IS DISTINCT FROM $3::text
LIMIT 1;

-- name: metric_describe_named
UPDATE metric SET better = coalesce($3::text, better), unit = coalesce($4::text, unit)
WHERE name = $2::text AND ($1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = $1::text));

-- name: reading_add
INSERT INTO reading (project_id, run_id, plugin_id, metric_id, value)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4);

-- name: reading_find
SELECT value FROM reading WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND plugin_id = $2 AND metric_id = $3;

-- name: readings_clear
DELETE FROM reading WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: part_any
SELECT part_id FROM part WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint LIMIT 1;

-- name: part_find
SELECT part_id, started_at FROM part WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND name = $2::text;

-- name: part_add
INSERT INTO part (project_id, part_id, run_id, name, started_at, host_id)
SELECT tm_project_of($1::bigint),
       tm_next_id(tm_project_of($1::bigint), (SELECT max(part_id) FROM part WHERE project_id = tm_project_of($1::bigint))),
       $1::bigint, $2::text, $3::bigint, $4::bigint RETURNING part_id;

-- name: part_update
UPDATE part SET started_at = $2::bigint, host_id = $3::bigint WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: parts_of_run
SELECT part_id, part.name AS part, started_at, part.host_id, host.key AS host
FROM part LEFT JOIN host USING (host_id)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint
ORDER BY part.name;

-- name: parts_count
SELECT count(*) FROM part WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: run_place
UPDATE run SET started_at = $2::bigint, host_id = $3::bigint WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: part_profile_add
INSERT INTO part_profile (project_id, part_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes, wall_p50_ns,
  wall_p95_ns, wall_p99_ns, wall_max_ns, occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- name: profiles_of_part
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency,
       (SELECT count(*) FROM part_reading AS r
        WHERE r.project_id = part_profile.project_id AND r.part_id = part_profile.part_id AND r.plugin_id = part_profile.plugin_id) AS readings
FROM part_profile JOIN plugin USING (project_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint
ORDER BY plugin_id;

-- name: part_profile_find
SELECT 1 FROM part_profile WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint AND plugin_id = $2;

-- name: part_profiles_clear
DELETE FROM part_profile WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: part_reading_add
INSERT INTO part_reading (project_id, part_id, plugin_id, metric_id, value)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4);

-- name: part_reading_find
SELECT value FROM part_reading WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint AND plugin_id = $2 AND metric_id = $3;

-- name: part_readings_clear
DELETE FROM part_reading WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: part_spike_add
INSERT INTO part_spike (project_id, part_id, seq, at_ms, duration_ms, cpu_percent, plugin_id)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6);

-- name: part_spikes_count
SELECT count(*) FROM part_spike WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: part_spikes_clear
DELETE FROM part_spike WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: part_remove
DELETE FROM part WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint;

-- name: part_profiles_told
SELECT plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM part_profile JOIN plugin USING (project_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint
ORDER BY plugin.name;

-- name: part_readings_told
SELECT plugin.name AS plugin, metric.name AS metric, metric.unit, value
FROM part_reading JOIN plugin USING (project_id, plugin_id) JOIN metric USING (project_id, metric_id)
WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint
ORDER BY plugin.name, metric.name;

-- name: part_spikes_told
SELECT at_ms, duration_ms, cpu_percent, plugin.name AS plugin
FROM part_spike LEFT JOIN plugin USING (project_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND part_id = $1::bigint
ORDER BY seq;

-- name: prune_list
SELECT project.name AS project, run.key AS run, tm_time(run.started_at) AS ts,
       (SELECT count(*) FROM profile WHERE profile.project_id = run.project_id AND profile.run_id = run.run_id) AS profiles
FROM (SELECT l.project_id, l.branch, l.host_id,
             least(coalesce($1::bigint, 253402300800),
                   CASE WHEN $3::bigint IS NULL THEN 253402300800
                        ELSE coalesce((SELECT started_at FROM run AS r
                                       WHERE r.project_id = l.project_id AND r.branch = l.branch AND r.host_id = l.host_id AND r.repeat_of IS NULL
                                       ORDER BY started_at DESC LIMIT 1 OFFSET $3::bigint - 1), 0) END,
                   CASE WHEN $4::bigint IS NULL THEN 253402300800
                        ELSE coalesce((SELECT started_at FROM run AS r
                                       WHERE r.project_id = l.project_id AND r.branch = l.branch AND r.host_id = l.host_id AND r.repeat_of IS NULL
                                         AND started_at <= coalesce(l.open_from, 253402300800)
                                       ORDER BY started_at DESC LIMIT 1 OFFSET $4::bigint - 1), 0) END) AS bound
      FROM (SELECT project_id, branch, host_id,
                   (SELECT min(begun.started_at)
                    FROM lineage JOIN verdict ON verdict.project_id = lineage.project_id AND verdict.run_id = lineage.judged_run
                    JOIN run AS begun ON begun.project_id = lineage.project_id
                      AND begun.run_id IN (verdict.since_run, verdict.good_run, verdict.earliest_run, verdict.sure_good_run)
                    WHERE lineage.project_id = found.project_id AND lineage.branch = found.branch AND lineage.host_id = found.host_id
                      AND class IN ('regressed', 'open', 'suspect', 'waived', 'missing')) AS open_from
            FROM (SELECT DISTINCT project_id, branch, host_id FROM run
                  WHERE $2::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $2::text)) AS found) AS l) AS kept
JOIN run ON run.project_id = kept.project_id AND run.branch = kept.branch AND run.host_id = kept.host_id
JOIN project ON project.project_id = run.project_id
LEFT JOIN run AS first ON $4::bigint IS NOT NULL AND first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE ($2::text IS NULL OR project.name = $2::text)
  AND ($6::text IS NULL OR run.branch IN (SELECT jsonb_array_elements_text($6::text::jsonb)))
  AND coalesce(first.started_at, run.started_at) < bound - CASE WHEN $5::bigint <> 0 THEN (bound + 259200) % 604800 ELSE 0 END
  AND ($4::bigint IS NULL OR NOT EXISTS (SELECT 1 FROM decision
                                         WHERE decision.project_id = run.project_id
                                           AND coalesce(run.repeat_of, run.run_id) IN (decision.from_run, decision.made_run)))
ORDER BY run.started_at, project.name, run.run_id;

-- name: pruned_run
SELECT run_id, project_id, host_id, branch, started_at, repeat_of
FROM run
WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND key = $2::text;

-- name: branches
SELECT branch, (EXISTS (SELECT 1 FROM lineage WHERE lineage.base = known.branch AND ($1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text))
                        AND EXISTS (SELECT 1 FROM run WHERE run.project_id = lineage.project_id AND run.branch = lineage.branch)))::int AS is_base
FROM (SELECT branch FROM run WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text)
      UNION SELECT branch FROM week WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text)) AS known
ORDER BY branch;

-- name: branch_weeks_remove
DELETE FROM week WHERE ($1::bigint IS NULL OR project_id = $1::bigint) AND branch IN (SELECT jsonb_array_elements_text($2::text::jsonb));

-- name: runs_before
SELECT count(*) FROM run
WHERE started_at < $1::bigint AND ($2::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $2::text));

-- name: week_find
SELECT week_id FROM week WHERE project_id = $1::bigint AND branch = $2::text AND host_id = $3::bigint AND begins_at = $4::bigint;

-- name: week_add
INSERT INTO week (project_id, week_id, branch, host_id, begins_at)
SELECT $1::bigint, tm_next_id($1::bigint, (SELECT max(week_id) FROM week WHERE project_id = $1::bigint)), $2::text, $3::bigint, $4::bigint
RETURNING week_id;

-- name: week_runs_clear
DELETE FROM week_run WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint;

-- name: week_totals_clear
DELETE FROM week_total WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint;

-- name: week_values_clear
DELETE FROM week_value WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint;

-- name: week_run_add
INSERT INTO week_run (project_id, week_id, key) VALUES (tm_project_of($1::bigint), $1::bigint, $2::text);

-- name: week_total_add
INSERT INTO week_total (project_id, week_id, plugin_id, calls, errors, wall_ns, cpu_ns, wall_p50_ns, wall_p95_ns, latency)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: week_metric_add
-- Names stand in the rows.
SELECT 1::bigint AS week_metric_id WHERE $1::text IS NULL;

-- name: week_value_add
INSERT INTO week_value (project_id, week_id, plugin_id, metric, n, mean, m2, least, most)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8);

-- name: week_runs_of
SELECT key FROM week_run WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint ORDER BY key;

-- name: week_totals_of
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, latency
FROM week_total JOIN plugin USING (project_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint
ORDER BY plugin.name;

-- name: week_values_of
SELECT plugin_id, metric, n, mean, m2, least, most
FROM week_value
WHERE project_id = tm_project_of($1::bigint) AND week_id = $1::bigint
ORDER BY plugin_id, metric;

-- name: weeks_of_plugin
SELECT metric, week, n, mean, stdev, min, max, calls, errors, branch, host FROM weekly
WHERE project = $1::text AND plugin = $2::text
  AND begins_at IN (SELECT DISTINCT begins_at FROM week WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text)
                    ORDER BY begins_at DESC LIMIT 4)
ORDER BY begins_at DESC, metric, branch, host LIMIT 40;

-- name: weeks_count
SELECT count(*) FROM week WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND begins_at < $4::bigint;

-- name: weeks_before
SELECT begins_at, value.plugin_id, metric, n, mean, m2, least, most
FROM week LEFT JOIN week_value AS value ON value.project_id = week.project_id AND value.week_id = week.week_id
  AND value.plugin_id BETWEEN $5::bigint AND $6::bigint
WHERE week.project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND begins_at < $4::bigint
ORDER BY begins_at, value.plugin_id, metric;

-- name: rolled_totals
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, latency
FROM run JOIN profile USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id)
LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint)
ORDER BY plugin_id, run.repeat_of IS NOT NULL, run.started_at, run.run_id;

-- name: newest_start
SELECT max(started_at) FROM run WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text);

-- name: projects_emptied
SELECT name FROM project
WHERE ($2::text IS NULL OR name = $2::text)
  AND EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
  AND NOT EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id AND started_at >= $1::bigint)
ORDER BY name;

-- name: list_runs
SELECT run.key AS run, tm_time(run.started_at) AS ts, project.name AS project, run.branch,
       run.commit_id, run.version, host.key AS host, first.key AS repeat_of,
       (SELECT count(*) FROM profile WHERE profile.project_id = run.project_id AND profile.run_id = run.run_id) AS plugins,
       (SELECT coalesce(tm_integer(sum(calls::double precision ORDER BY plugin_id)), 0) FROM profile WHERE profile.project_id = run.project_id
         AND profile.run_id = run.run_id) AS calls,
       (SELECT tm_integer(sum(errors::double precision ORDER BY plugin_id))
        FROM profile WHERE profile.project_id = run.project_id AND profile.run_id = run.run_id) AS errors,
       (SELECT sum(wall_ns ORDER BY plugin_id) / 1e6 FROM profile WHERE profile.project_id = run.project_id
         AND profile.run_id = run.run_id) AS wall_ms
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
LEFT JOIN run AS first ON first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE (run.project_id, run.run_id) IN (SELECT run.project_id, run_id FROM run JOIN project USING (project_id) JOIN host USING (host_id)
                     WHERE ($1::text IS NULL OR project.name = $1::text) AND ($2::text IS NULL OR run.branch = $2::text)
                       AND ($3::text IS NULL OR host.key = $3::text)
                     ORDER BY run.started_at DESC, project.name DESC, run.run_id DESC LIMIT $4::bigint)
ORDER BY run.started_at, project.name, run.run_id;

-- name: exported_runs
SELECT run.run_id, project.name AS project, run.key, run.started_at, run.branch, run.commit_id, host.key AS host, run.version, run.tool,
       first.key AS repeat_of
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
LEFT JOIN run AS first ON first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE ($6::bigint <> 0 OR run.repeat_of IS NULL) AND (run.project_id, coalesce(run.repeat_of, run.run_id)) IN (
  SELECT run.project_id, run_id FROM run JOIN project USING (project_id) JOIN host USING (host_id)
  WHERE repeat_of IS NULL AND ($1::text IS NULL OR project.name = $1::text) AND ($2::text IS NULL OR run.branch = $2::text)
    AND ($3::text IS NULL OR host.key = $3::text)
    AND ($4::text IS NULL OR run.key = $4::text
         OR run.run_id = (SELECT repeat_of FROM run AS again WHERE again.project_id = run.project_id AND again.key = $4::text))
    AND ($8::bigint = 0 OR NOT EXISTS (
      SELECT 1 FROM run AS later
      WHERE later.project_id = run.project_id AND later.branch = run.branch AND later.host_id = run.host_id
        AND later.repeat_of IS NULL AND (later.started_at, later.run_id) > (run.started_at, run.run_id)))
  ORDER BY run.started_at DESC, project.name DESC, run.run_id DESC LIMIT $5::bigint)
ORDER BY project.name, CASE WHEN $7::bigint <> 0 THEN run.branch END, CASE WHEN $7::bigint <> 0 THEN host.key END,
         coalesce(first.started_at, run.started_at), coalesce(run.repeat_of, run.run_id), run.repeat_of IS NOT NULL,
         run.started_at, run.run_id;

-- name: exported_profiles
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM profile JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE profile.project_id = tm_project_of($1::bigint) AND profile.run_id = $1::bigint
ORDER BY profile.plugin_id;

-- name: exported_readings
SELECT plugin_id, metric_id, value FROM reading WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint ORDER BY plugin_id, metric_id;

-- name: exported_metrics
SELECT metric_id, name, unit, better FROM metric
WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = $1::text)
ORDER BY name, unit NULLS FIRST, better NULLS FIRST, metric_id;

-- name: list_plugins
SELECT plugin.name AS plugin, project.name AS project, count(*) AS runs,
       tm_time(min(run.started_at)) AS first_ts,
       tm_time(max(run.started_at)) AS last_ts,
       tm_integer(sum(calls::double precision ORDER BY run.run_id)) AS calls, tm_integer(sum(errors::double precision ORDER BY run.run_id)) AS errors,
       sum(wall_ns ORDER BY run.run_id) / 1e6 / nullif(sum(calls::double precision ORDER BY run.run_id) FILTER (WHERE wall_ns IS NOT NULL),
         0) AS wall_per_call_ms,
       sum(cpu_ns ORDER BY run.run_id) / 1e6 / nullif(sum(calls::double precision ORDER BY run.run_id) FILTER (WHERE cpu_ns IS NOT NULL),
         0) AS cpu_per_call_ms,
       max(peak_mem_bytes) / 1024 AS peak_mem_kb
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
JOIN profile USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id)
WHERE ($1::text IS NULL OR project.name = $1::text) AND ($2::text IS NULL OR run.branch = $2::text) AND ($3::text IS NULL OR host.key = $3::text)
GROUP BY project.name, plugin.project_id, plugin.plugin_id, plugin.name
ORDER BY project.name, plugin.name;

-- name: list_history
SELECT * FROM (
  SELECT run, ts, project, branch, commit_id, host, calls, errors, wall_per_call_ms, cpu_per_call_ms,
         wall_p50_ms, wall_p95_ms, wall_p99_ms, wall_max_ms, mem_delta_kb, peak_mem_kb, started_at, run_id
  FROM profiles
  WHERE plugin = $5::text AND ($1::text IS NULL OR project = $1::text) AND ($2::text IS NULL OR branch = $2::text)
    AND ($3::text IS NULL OR host = $3::text)
  ORDER BY started_at DESC, project DESC, run_id DESC LIMIT $4::bigint) AS newest
ORDER BY started_at, project, run_id;

-- name: plugin_names
SELECT plugin.name FROM plugin JOIN project USING (project_id) WHERE $1::text IS NULL OR project.name = $1::text ORDER BY plugin.name;

-- name: tables_and_views
SELECT t.table_name::text AS name, CASE t.table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END AS kind,
       (SELECT string_agg(c.column_name::text, ' ' ORDER BY c.ordinal_position) FROM information_schema.columns AS c
        WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name) AS columns
FROM information_schema.tables AS t
WHERE t.table_schema = current_schema()
ORDER BY 2 DESC, t.table_name::text COLLATE "C";

-- name: project_names
SELECT name FROM project ORDER BY name;

-- name: projects_with
SELECT name FROM project
WHERE EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
  AND ($1::text IS NULL OR EXISTS (SELECT 1 FROM plugin WHERE plugin.project_id = project.project_id AND plugin.name = $1::text))
ORDER BY name;

-- name: host_names
SELECT key FROM host ORDER BY key;

-- name: metric_names
SELECT DISTINCT name FROM metric ORDER BY name;

-- name: plugin_anywhere
SELECT plugin_id FROM plugin JOIN project USING (project_id) WHERE ($1::text IS NULL OR project.name = $1::text) AND plugin.name = $2::text LIMIT 1;

-- name: run_pick
SELECT run.run_id, run.project_id, run.host_id, run.started_at, run.key, run.branch, run.commit_id,
       host.key AS host, project.name AS project,
       tm_time(run.started_at) AS ts
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
WHERE project.name = $1::text AND ($2::text IS NULL OR run.branch = $2::text) AND ($3::text IS NULL OR host.key = $3::text) AND run.repeat_of IS NULL
  AND ($4::text IS NULL OR run.key = $4::text
       OR run.run_id = (SELECT repeat_of FROM run AS again WHERE again.project_id = run.project_id AND again.key = $4::text))
ORDER BY run.started_at DESC, run.run_id DESC LIMIT 1;

-- name: run_facts
SELECT project.name AS project, host.key AS host, run.version,
       (SELECT count(*) FROM run AS again WHERE again.project_id = run.project_id AND again.repeat_of = run.run_id) AS repeats
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
WHERE run.project_id = tm_project_of($1::bigint) AND run.run_id = $1::bigint;

-- name: lineage_window
SELECT run_id, started_at, key, commit_id, (SELECT count(*) FROM run AS again WHERE again.project_id = run.project_id
  AND again.repeat_of = run.run_id) AS repeats,
       factor, factor_share
FROM run LEFT JOIN judgement USING (project_id, run_id)
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL
  AND (started_at, run_id) <= ($4::bigint, $5::bigint)
ORDER BY started_at DESC, run_id DESC LIMIT $6::bigint;

-- name: lineages
SELECT project_id, host_id, branch
FROM (SELECT DISTINCT project_id, host_id, branch FROM run
      WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND ($2::text IS NULL OR branch = $2::text)
        AND ($3::text IS NULL OR host_id = (SELECT host_id FROM host WHERE key = $3::text))) AS found
JOIN host USING (host_id)
ORDER BY branch <> $4::text, branch, host.key;

-- name: base_branch
-- The first of the usual names that a run of the project has; none: no row.
SELECT usual.branch
FROM (SELECT 1 AS place, 'main' AS branch UNION ALL SELECT 2, 'master' UNION ALL SELECT 3, 'trunk' UNION ALL SELECT 4, 'develop'
      UNION ALL SELECT 5, 'mainline' UNION ALL SELECT 6, 'default') AS usual
WHERE EXISTS (SELECT 1 FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND branch = usual.branch)
ORDER BY place LIMIT 1;

-- name: busiest_branch
-- Beside $2.
SELECT branch FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND branch <> $2::text AND repeat_of IS NULL
GROUP BY branch ORDER BY count(*) DESC, branch LIMIT 1;

-- name: has_branch
SELECT 1 FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND branch = $2::text LIMIT 1;

-- name: lineage_names
SELECT DISTINCT branch, host.key AS host FROM run JOIN host USING (host_id)
WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND ($2::text IS NULL OR branch = $2::text)
  AND ($3::text IS NULL OR host.key = $3::text)
  AND repeat_of IS NULL
ORDER BY branch, host.key;

-- name: lineages_unjudged
SELECT count(*) FROM (SELECT branch, host_id, max(started_at) AS newest FROM run
                      WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text) AND repeat_of IS NULL
                      GROUP BY branch, host_id) AS last
WHERE NOT EXISTS (SELECT 1 FROM lineage
                  WHERE lineage.project_id = (SELECT project_id FROM project WHERE name = $1::text) AND lineage.branch = last.branch
                    AND lineage.host_id = last.host_id AND judged_at >= last.newest);

-- name: lineage_runs
SELECT run_id, started_at, key, commit_id, tool IS NOT NULL AS fine_clock,
       (SELECT count(*) FROM run AS again WHERE again.project_id = run.project_id AND again.repeat_of = run.run_id) AS repeats
FROM run
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL
  AND (started_at, run_id) > ($4::bigint, $5::bigint) AND (started_at, run_id) <= ($6::bigint, $7::bigint)
ORDER BY started_at, run_id;

-- name: lineage_first_at
SELECT min(started_at) FROM run WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL;

-- name: lineage_nth_before
SELECT started_at FROM run WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL
  AND started_at <= $4::bigint
ORDER BY started_at DESC LIMIT 1 OFFSET $5::bigint;

-- name: night_samples
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms, wall_p95_ns / 1e6 AS wall_p95_ms,
       peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       errors::double precision / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       tm_at_least_zero(occupied_ns - cpu_ns) / 1e6 / calls AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock
FROM profile JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE profile.project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND profile.plugin_id BETWEEN $2::bigint AND $3::bigint AND calls > 0
ORDER BY profile.plugin_id;

-- name: night_values
SELECT plugin_id, calls, errors, wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms,
       wall_p95_ns / 1e6 AS wall_p95_ms, peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       errors::double precision / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       tm_at_least_zero(occupied_ns - cpu_ns) / 1e6 / calls AS blocked_per_call_ms, longest_step_ns / 1e6 AS longest_step_ms
FROM profile LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND plugin_id BETWEEN $2::bigint AND $3::bigint AND calls > 0
ORDER BY plugin_id;

-- name: night_samples_pooled
SELECT profile.plugin_id, plugin.name AS plugin, tm_round(median(calls)) AS calls, tm_round(median(errors)) AS errors,
       median(wall_ns / 1e6 / calls) AS wall_per_call_ms,
       CASE WHEN min(clock) IS NOT DISTINCT FROM max(clock) THEN median(cpu_ns / 1e6 / calls) END AS cpu_per_call_ms,
       median(wall_p95_ns / 1e6) AS wall_p95_ms, median(peak_mem_bytes / 1024) AS peak_mem_kb,
       median(mem_delta_bytes / 1024 / calls) AS mem_delta_per_call_kb,
       median(errors::double precision / calls) AS error_rate,
       median(wall_p50_ns / 1e6) AS wall_p50_ms, median(wall_p99_ns / 1e6) AS wall_p99_ms, median(wall_max_ns / 1e6) AS wall_max_ms,
       CASE WHEN min(clock) IS NOT DISTINCT FROM max(clock) THEN median(tm_at_least_zero(occupied_ns - cpu_ns) / 1e6 / calls) END AS blocked_per_call_ms,
       median(longest_step_ns / 1e6) AS longest_step_ms, min(clock) AS clock
FROM run JOIN profile USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint)
  AND profile.plugin_id BETWEEN $2::bigint AND $3::bigint AND calls > 0
GROUP BY profile.plugin_id, plugin.name
ORDER BY profile.plugin_id;

-- name: night_measurements
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms, wall_p95_ns / 1e6 AS wall_p95_ms,
       peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       errors::double precision / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       tm_at_least_zero(occupied_ns - cpu_ns) / 1e6 / calls AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock,
       (SELECT value FROM reading JOIN metric USING (project_id, metric_id) WHERE reading.project_id = run.project_id
          AND reading.run_id = run.run_id AND reading.plugin_id = profile.plugin_id AND metric.name = 'held_ms') AS held_ms,
       (SELECT value FROM reading JOIN metric USING (project_id, metric_id) WHERE reading.project_id = run.project_id
          AND reading.run_id = run.run_id AND reading.plugin_id = profile.plugin_id AND metric.name = 'self_wall_per_call_ms') AS self_wall_per_call_ms
FROM run JOIN profile USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint) AND calls > 0
ORDER BY profile.plugin_id, run.repeat_of IS NOT NULL, run.started_at, run.run_id;

-- name: run_calls
SELECT profile.plugin_id, tm_round(median(calls)) AS calls
FROM run JOIN profile USING (project_id, run_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint)
  AND profile.plugin_id BETWEEN $2::bigint AND $3::bigint AND calls > 0
GROUP BY profile.plugin_id
ORDER BY profile.plugin_id;

-- name: bottlenecks
SELECT plugin.name AS plugin, sum(calls::double precision ORDER BY run.run_id) AS calls, sum(errors::double precision ORDER BY run.run_id) AS errors,
       sum(wall_ns ORDER BY run.run_id) / 1e6 / sum(calls::double precision ORDER BY run.run_id) FILTER (WHERE wall_ns IS NOT NULL) AS wall_per_call_ms,
       CASE WHEN min(clock) IS NOT DISTINCT FROM max(clock) THEN sum(cpu_ns ORDER BY run.run_id) / 1e6 / sum(calls::double precision ORDER BY run.run_id) FILTER (WHERE cpu_ns IS NOT NULL) END
         AS cpu_per_call_ms,
       sum(occupied_ns ORDER BY run.run_id) / 1e6 / sum(calls::double precision ORDER BY run.run_id) FILTER (WHERE occupied_ns IS NOT NULL) AS occupied_per_call_ms,
       max(longest_step_ns) / 1e6 AS longest_step_ms, max(peak_mem_bytes) / 1024 AS peak_mem_kb
FROM run JOIN profile USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint) AND calls > 0
GROUP BY profile.plugin_id, plugin.name
ORDER BY profile.plugin_id;

-- name: night_readings
SELECT reading.plugin_id, metric.metric_id, metric.name AS metric, reading.value
FROM reading JOIN metric USING (project_id, metric_id)
WHERE reading.project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND plugin_id BETWEEN $2::bigint AND $3::bigint
ORDER BY plugin_id, metric_id;

-- name: night_readings_pooled
SELECT reading.plugin_id, metric.metric_id, metric.name AS metric, median(reading.value) AS value, count(*) AS measured,
       min(reading.value) AS least, max(reading.value) AS most,
       coalesce(max(reading.value) FILTER (WHERE run.project_id = tm_project_of($1::bigint) AND run.run_id = $1::bigint), min(reading.value)) AS first
FROM run JOIN reading USING (project_id, run_id) JOIN metric USING (project_id, metric_id)
WHERE run.project_id = tm_project_of($1::bigint) AND (run.run_id = $1::bigint OR run.repeat_of = $1::bigint)
  AND reading.plugin_id BETWEEN $2::bigint AND $3::bigint
GROUP BY reading.plugin_id, metric.metric_id, metric.name
ORDER BY reading.plugin_id;

-- name: metrics
SELECT name, unit, better FROM metric
WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND EXISTS (SELECT 1 FROM reading WHERE reading.project_id = metric.project_id AND reading.metric_id = metric.metric_id)
ORDER BY name;

-- name: lineage_find
SELECT lineage_id, settings, judged_run, judged_at, stale, state, seal FROM lineage
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text;

-- name: lineages_judge_anew
UPDATE lineage SET settings = '' WHERE $1::bigint IS NULL OR project_id = $1::bigint;

-- name: lineage_add
INSERT INTO lineage (project_id, lineage_id, host_id, branch, base, settings)
SELECT $1::bigint, tm_next_id($1::bigint, (SELECT max(lineage_id) FROM lineage WHERE project_id = $1::bigint)), $2::bigint, $3::text, $4::text,
       $5::text RETURNING lineage_id;

-- name: lineage_update
UPDATE lineage SET settings = $2::text, base = $3::text, judged_run = $4::bigint, judged_at = $5::bigint, stale = 0, state = $6::bytea,
  seal = $7::bigint WHERE project_id = tm_project_of($1::bigint) AND lineage_id = $1::bigint;

-- name: lineage_memory
SELECT state, seal FROM lineage WHERE project_id = tm_project_of($1::bigint) AND lineage_id = $1::bigint;

-- name: lineage_has_judged
SELECT 1 FROM lineage
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND stale = 0 AND (judged_at, judged_run) >= ($4::bigint, $5::bigint);

-- name: lineage_next
SELECT lineage_id FROM lineage WHERE lineage_id > $1::bigint ORDER BY lineage_id LIMIT 1;

-- name: run_judged_as
SELECT coalesce(repeat_of, run_id) FROM run WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: run_repeated
SELECT count(*) FROM run WHERE project_id = tm_project_of($1::bigint) AND repeat_of = $1::bigint;

-- name: suspects_of
SELECT plugin.name FROM verdict JOIN plugin USING (project_id, plugin_id)
WHERE verdict.project_id = tm_project_of($1::bigint) AND verdict.run_id = $1::bigint AND class = 'suspect' AND leads <> 0
ORDER BY plugin.name;

-- name: repeats_lack
SELECT plugin.name, again.key AS repeat
FROM run AS again JOIN verdict ON verdict.project_id = again.project_id AND verdict.run_id = again.repeat_of
JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
WHERE again.project_id = tm_project_of($1::bigint) AND again.repeat_of = $1::bigint AND class = 'suspect' AND leads <> 0
  AND NOT EXISTS (SELECT 1 FROM profile WHERE profile.project_id = again.project_id AND profile.run_id = again.run_id
    AND profile.plugin_id = verdict.plugin_id AND calls > 0)
ORDER BY again.run_id, verdict.plugin_id, verdict.metric LIMIT 1;

-- name: repeats_exceed
SELECT plugin.name, again.key AS repeat
FROM run AS again JOIN profile ON profile.project_id = again.project_id AND profile.run_id = again.run_id
JOIN plugin ON plugin.project_id = profile.project_id AND plugin.plugin_id = profile.plugin_id
WHERE again.project_id = tm_project_of($1::bigint) AND again.repeat_of = $1::bigint
  AND NOT EXISTS (SELECT 1 FROM profile AS first WHERE first.project_id = tm_project_of($1::bigint) AND first.run_id = $1::bigint
    AND first.plugin_id = profile.plugin_id)
ORDER BY again.run_id, profile.plugin_id LIMIT 1;

-- name: run_started_at
SELECT started_at FROM run WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: run_host
SELECT host_id FROM run WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: lineage_touch
UPDATE lineage SET stale = CASE WHEN judged_run = $4::bigint AND stale < 2 THEN 1 ELSE 2 END
WHERE project_id = $1::bigint AND host_id = $2::bigint AND judged_at IS NOT NULL
  AND ((branch = (SELECT branch FROM run WHERE project_id = $1::bigint AND run_id = $4::bigint)
        AND ($3::bigint < judged_at OR ($3::bigint = judged_at AND $4::bigint <= judged_run)))
       OR (branch <> base AND base = (SELECT branch FROM run WHERE project_id = $1::bigint AND run_id = $4::bigint) AND $3::bigint <= judged_at));

-- name: lineage_spoil
UPDATE lineage SET stale = 2
WHERE ($1::bigint IS NULL OR project_id = $1::bigint)
  AND ($2::text IS NULL OR branch IN (SELECT jsonb_array_elements_text($2::text::jsonb)) OR base IN (SELECT jsonb_array_elements_text($2::text::jsonb)));

-- name: lineage_spoil_from
UPDATE lineage SET stale = CASE WHEN judged_run = $3::bigint THEN greatest(stale, 1) ELSE 2 END
WHERE project_id = $1::bigint AND (judged_at, judged_run) >= ($2::bigint, $3::bigint);

-- name: lineages_any
SELECT 1 FROM lineage WHERE project_id = $1::bigint LIMIT 1;

-- name: lineage_settings_put
INSERT INTO lineage_settings (project_id, lineage_id, settings) VALUES (tm_project_of($1::bigint), $1::bigint, $2::text)
ON CONFLICT (project_id, lineage_id) DO UPDATE SET settings = excluded.settings WHERE lineage_settings.settings <> excluded.settings;

-- name: lineage_settings_of
SELECT lineage_settings.settings FROM lineage JOIN lineage_settings USING (project_id, lineage_id)
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text;

-- name: series_of
SELECT plugin_id, metric, state, seal FROM series WHERE project_id = tm_project_of($1::bigint) AND lineage_id = $1::bigint
ORDER BY plugin_id, metric;

-- name: series_put
INSERT INTO series (project_id, lineage_id, plugin_id, metric, state, seal)
VALUES (tm_project_of($1::bigint), $1::bigint, $2::bigint, $3::text, $4::bytea, $5::bigint)
ON CONFLICT (project_id, lineage_id, plugin_id, metric) DO UPDATE SET state = excluded.state, seal = excluded.seal;

-- name: series_clear
DELETE FROM series WHERE project_id = tm_project_of($1::bigint) AND lineage_id = $1::bigint;

-- name: judgement_put
INSERT INTO judgement (project_id, run_id, plugins, judged, passed, comparable, factor, factor_share, held)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (project_id, run_id) DO UPDATE SET plugins = excluded.plugins, judged = excluded.judged, passed = excluded.passed,
  comparable = excluded.comparable, factor = excluded.factor, factor_share = excluded.factor_share, held = excluded.held, seal = NULL;

-- name: judgement_seal
UPDATE judgement SET seal = $2::bigint WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: judgement_unsealed
SELECT run_id FROM judgement JOIN run USING (project_id, run_id)
WHERE seal IS NULL AND project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND run_id > $4::bigint
ORDER BY run_id LIMIT 1;

-- name: judgement_next
SELECT run_id FROM judgement WHERE run_id > $1::bigint ORDER BY run_id LIMIT 1;

-- name: run_factors_clear
DELETE FROM run_factor WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: run_factor_add
INSERT INTO run_factor (project_id, run_id, metric, factor, share) VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4);

-- name: unjudged_clear
DELETE FROM unjudged WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: unjudged_put
INSERT INTO unjudged (project_id, run_id, why, plugins, plugin_ids) VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4);

-- name: unjudged_of
SELECT unjudged.why, listed.value::bigint AS plugin_id
FROM unjudged CROSS JOIN LATERAL jsonb_array_elements_text(unjudged.plugin_ids::jsonb) WITH ORDINALITY AS listed (value, place)
WHERE unjudged.project_id = tm_project_of($1::bigint) AND unjudged.run_id = $1::bigint
ORDER BY unjudged.why, listed.place;

-- name: told_unjudged
SELECT * FROM unjudged WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint ORDER BY why;

-- name: run_factors_of
SELECT metric, factor, share FROM run_factor WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint
ORDER BY metric;

-- name: judgement_of
SELECT plugins, judged, passed, comparable, factor, factor_share, held FROM judgement WHERE project_id = tm_project_of($1::bigint)
  AND run_id = $1::bigint;

-- name: verdict_put
INSERT INTO verdict (project_id, run_id, plugin_id, metric, class, leads, kind, runs, baseline_runs, since_run, good_run, signal, why,
                     decision_id, earliest_run, latest_run, sure_good_run, value, corrected, baseline, effect, evidence, needed,
                     z_history, pct_history, z_population, pct_population, allowed)
VALUES (tm_project_of($1::bigint), $1::bigint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
  $23, $24, $25, $26, $27);

-- name: told_verdicts
SELECT * FROM verdict WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint ORDER BY plugin_id, metric;

-- name: told_judgement
SELECT * FROM judgement WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: told_factors
SELECT * FROM run_factor WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint ORDER BY metric;

-- name: told_ends
SELECT * FROM alarm_end WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint ORDER BY plugin_id, metric;

-- name: trial_begin
SAVEPOINT trial;

-- name: trial_undo
ROLLBACK TO trial;

-- name: trial_end
RELEASE trial;

-- name: verdicts_clear
DELETE FROM verdict WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: alarm_ends_clear
DELETE FROM alarm_end WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint;

-- name: alarm_ends_spoil
DELETE FROM alarm_end WHERE project_id = $1::bigint AND run_id IN (SELECT run_id FROM run WHERE project_id = $1::bigint
  AND host_id = $2::bigint AND branch = $3::text);

-- name: alarm_end_put
INSERT INTO alarm_end (project_id, run_id, plugin_id, metric, ended, raised_run, decision_id) VALUES (tm_project_of($1::bigint), $1::bigint, $2,
  $3, $4, $5, $6);

-- name: alarm_ends_of
SELECT alarm_end.plugin_id, metric, ended, raised.key AS raised, decision_id,
       (SELECT count(*) FROM run AS r JOIN judgement USING (project_id, run_id)
        WHERE r.project_id = raised.project_id AND r.branch = raised.branch AND r.host_id = raised.host_id AND r.repeat_of IS NULL
          AND (r.started_at, r.run_id) > (raised.started_at, raised.run_id)
          AND (r.started_at, r.run_id) <= (closed.started_at, closed.run_id)) AS runs_open
FROM alarm_end JOIN run AS closed ON closed.project_id = alarm_end.project_id AND closed.run_id = alarm_end.run_id
JOIN run AS raised ON raised.project_id = alarm_end.project_id AND raised.run_id = raised_run
WHERE alarm_end.project_id = tm_project_of($1::bigint) AND alarm_end.run_id = $1::bigint
ORDER BY alarm_end.plugin_id, metric;

-- name: alarms_of_plugin
SELECT metric, raised, since, closed, ended, runs_open, branch, host FROM alarms
WHERE project = $1::text AND plugin = $2::text
ORDER BY raised_at DESC, raised_run DESC, metric LIMIT 12;

-- name: verdict_plugins
SELECT DISTINCT plugin_id FROM verdict WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND plugin_id IS NOT NULL;

-- name: verdicts_of
SELECT coalesce(plugin.name, '*') AS plugin, verdict.metric, class, leads, kind, value, corrected, baseline, effect, evidence,
       needed, runs, baseline_runs, z_history, pct_history, z_population, pct_population, allowed, since.key AS since,
       good.key AS last_good, good.commit_id AS good_commit, since.commit_id AS since_commit, signal, why,
       decision_id, since_run, verdict.plugin_id, earliest.key AS earliest, latest.key AS latest, sure.key AS sure_good,
       sure.commit_id AS sure_good_commit, latest.commit_id AS latest_commit, good.started_at AS good_at, since.started_at AS since_at,
       earliest.started_at AS earliest_at, latest.started_at AS latest_at, sure.started_at AS sure_good_at,
       CASE WHEN class = 'over limit' AND EXISTS (
         SELECT 1 FROM verdict AS former
         WHERE former.project_id = verdict.project_id AND former.plugin_id = verdict.plugin_id AND former.metric = verdict.metric
           AND former.class = 'over limit' AND former.run_id = (
             SELECT earlier.run_id FROM run AS tonight
             JOIN run AS earlier ON earlier.project_id = tonight.project_id AND earlier.branch = tonight.branch AND earlier.host_id = tonight.host_id
             WHERE tonight.project_id = verdict.project_id AND tonight.run_id = verdict.run_id AND earlier.repeat_of IS NULL
               AND (earlier.started_at, earlier.run_id) < (tonight.started_at, tonight.run_id)
             ORDER BY earlier.started_at DESC, earlier.run_id DESC LIMIT 1)) THEN 1 ELSE 0 END AS before_too
FROM verdict LEFT JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = verdict.project_id AND good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.project_id = verdict.project_id AND earliest.run_id = verdict.earliest_run
LEFT JOIN run AS latest ON latest.project_id = verdict.project_id AND latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.project_id = verdict.project_id AND sure.run_id = verdict.sure_good_run
WHERE verdict.project_id = tm_project_of($1::bigint) AND verdict.run_id = $1::bigint
ORDER BY CASE class WHEN 'regressed' THEN 0 WHEN 'open' THEN 1 WHEN 'missing' THEN 2 WHEN 'over limit' THEN 3 WHEN 'suspect' THEN 4 WHEN 'waived' THEN 5
                    WHEN 'improved' THEN 6 WHEN 'retired' THEN 7 ELSE 8 END,
         verdict.plugin_id <> 0, leads DESC, evidence DESC NULLS LAST, plugin, verdict.metric;

-- name: events_of
SELECT verdict.plugin_id, verdict.metric, class, kind, value, baseline, effect, verdict.run_id, since_run, since.key AS since,
       since.commit_id AS since_commit, good.commit_id AS good_commit, signal, earliest.key AS earliest, latest.key AS latest,
       sure.key AS sure_good, sure.commit_id AS sure_good_commit, latest.commit_id AS latest_commit,
       since.started_at AS since_at, earliest.started_at AS earliest_at, latest.started_at AS latest_at, sure.started_at AS sure_good_at
FROM run JOIN verdict ON verdict.project_id = run.project_id AND verdict.run_id = run.run_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = verdict.project_id AND good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.project_id = verdict.project_id AND earliest.run_id = verdict.earliest_run
LEFT JOIN run AS latest ON latest.project_id = verdict.project_id AND latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.project_id = verdict.project_id AND sure.run_id = verdict.sure_good_run
WHERE run.project_id = $1::bigint AND run.host_id = $2::bigint AND run.branch = $3::text
  AND (run.started_at, run.run_id) >= ($4::bigint, $5::bigint) AND (run.started_at, run.run_id) <= ($6::bigint, $7::bigint)
  AND class IN ('regressed', 'improved', 'suspect') AND verdict.plugin_id <> 0 AND verdict.plugin_id BETWEEN $8::bigint AND $9::bigint
ORDER BY run.started_at, run.run_id, verdict.plugin_id, verdict.metric;

-- name: judgements_spoil
DELETE FROM judgement WHERE project_id = $1::bigint AND run_id IN (SELECT run_id FROM run WHERE project_id = $1::bigint
  AND host_id = $2::bigint AND branch = $3::text);

-- name: unjudged_spoil
DELETE FROM unjudged WHERE project_id = $1::bigint AND run_id IN (SELECT run_id FROM run WHERE project_id = $1::bigint AND host_id = $2::bigint
  AND branch = $3::text);

-- name: run_factors_spoil
DELETE FROM run_factor WHERE project_id = $1::bigint AND run_id IN (SELECT run_id FROM run WHERE project_id = $1::bigint
  AND host_id = $2::bigint AND branch = $3::text);

-- name: verdicts_spoil
DELETE FROM verdict WHERE project_id = $1::bigint AND run_id IN (SELECT run_id FROM run WHERE project_id = $1::bigint AND host_id = $2::bigint
  AND branch = $3::text);

-- name: decision_add
WITH number AS (INSERT INTO decision_number AS n (last) VALUES (1)
                ON CONFLICT (one) DO UPDATE SET last = n.last + 1 RETURNING last)
INSERT INTO decision (project_id, decision_id, plugin_id, kind, metric, host_id, branch, from_run, from_at, made_run, made_run_at, ceiling,
                      until, reason, issue, made_by, made_at, adoption, source)
SELECT $1::bigint, number.last, $2, $3, $4, $5, $6, $7::bigint,
       (SELECT started_at FROM run WHERE project_id = $1::bigint AND run_id = $7::bigint), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
FROM number RETURNING decision_id;

-- name: adoption_begin
UPDATE decision SET adoption = decision_id WHERE project_id = $2::bigint AND decision_id = $1::bigint;

-- name: failing_of
SELECT plugin_id, metric, class, coalesce(since_run, 0) AS since_run, coalesce(why, '') AS why FROM verdict
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint AND class IN ('regressed', 'open', 'missing')
ORDER BY plugin_id, metric;

-- name: decisions_of_lines
-- Those that came from lines of a file, of one branch and host.
SELECT decision_id, source, coalesce(plugin.name, '*') AS plugin, metric
FROM decision LEFT JOIN plugin USING (project_id, plugin_id)
WHERE decision.project_id = $1::bigint AND source IS NOT NULL AND decision.branch = $2::text AND (host_id IS NULL OR host_id = $3::bigint)
ORDER BY decision_id;

-- name: run_of_commit
-- The first of a branch and host whose commit begins so.
SELECT run_id, started_at FROM run
WHERE project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL AND commit_id IS NOT NULL AND substr(commit_id, 1, length($4::text)) = $4::text
ORDER BY started_at, run_id LIMIT 1;

-- name: decisions
SELECT coalesce(adoption, decision_id) AS decision_id, kind, coalesce(plugin_id, 0) AS plugin_id, metric, coalesce(from_run, 0) AS from_run,
       coalesce(from_at, 0) AS from_at, made_run, made_run_at, coalesce(until, 0) AS until, coalesce(ceiling, 0) AS ceiling, branch
FROM decision WHERE project_id = $1::bigint AND (host_id IS NULL OR host_id = $2::bigint) ORDER BY decision.decision_id;

-- name: decisions_told
SELECT coalesce(adoption, decision_id) AS decision_id, kind, coalesce(plugin_id, 0) AS plugin_id, metric, from_run, made_run, ceiling, until,
  reason, issue,
       made_by, made_at
FROM decision
WHERE project_id = $1::bigint AND (host_id IS NULL OR host_id = $2::bigint) AND (branch IS NULL OR branch = $3::text)
ORDER BY decision.decision_id;

-- name: decision_list
SELECT number, min(kind) AS kind, min(plugin) AS plugin, min(metric) AS metric, min(from_run) AS from_run, min(ceiling) AS ceiling,
       min(until) AS until, min(reason) AS reason, min(issue) AS issue, min(made_by) AS made_by, min(made_at) AS made_at
FROM (SELECT coalesce(adoption, decision_id) AS number, CASE WHEN adoption IS NULL THEN kind ELSE 'adopt' END AS kind,
             CASE WHEN adoption IS NULL THEN coalesce(plugin.name, '*') ELSE '*' END AS plugin, CASE WHEN adoption IS NULL THEN metric END AS metric,
             run.key AS from_run, ceiling, tm_day(until) AS until, reason, issue, made_by, tm_time(made_at) AS made_at
      FROM decision JOIN project ON project.project_id = decision.project_id
      LEFT JOIN plugin ON plugin.project_id = decision.project_id AND plugin.plugin_id = decision.plugin_id
      LEFT JOIN run ON run.project_id = decision.project_id
                    AND run.run_id = CASE WHEN adoption IS NULL THEN decision.from_run ELSE decision.made_run END
      WHERE project.name = $1::text) AS told
GROUP BY number
ORDER BY number;

-- name: decision_remove
DELETE FROM decision
WHERE project_id = $2::bigint AND coalesce(adoption, decision_id) IN ($1::bigint, (SELECT adoption FROM decision WHERE project_id = $2::bigint
  AND decision_id = $1::bigint))
RETURNING decision_id;

-- name: plugins_of_project
SELECT plugin_id, name FROM plugin WHERE project_id = $1::bigint
ORDER BY plugin_id;

-- name: run_by_key
SELECT run.run_id, run.project_id, run.host_id, run.started_at, run.key, run.branch, run.commit_id
FROM run JOIN project USING (project_id)
WHERE project.name = $1::text AND run.key = $2::text;

-- name: open_of
SELECT verdict.metric, since.run_id AS since_run, coalesce(since.started_at, 0) AS since_at,
       coalesce(latest.started_at, since.started_at, 0) AS latest_at
FROM verdict
LEFT JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS latest ON latest.project_id = verdict.project_id AND latest.run_id = verdict.latest_run
WHERE verdict.project_id = tm_project_of($1::bigint) AND verdict.run_id = $1::bigint AND coalesce(plugin.name, '*') = $2::text
  AND ($3::text IS NULL OR verdict.metric = $3::text)
  AND class IN ('regressed', 'open', 'waived', 'suspect')
ORDER BY verdict.plugin_id, verdict.metric;

-- name: verdicts_of_plugin
SELECT run, ts, metric, class, kind, value, baseline, effect, evidence, since, signal, why FROM (
SELECT run.started_at, run.run_id, run.key AS run, tm_time(run.started_at) AS ts,
       verdict.metric, class, kind, value, baseline, effect, evidence, since.key AS since, signal,
       coalesce(why, CASE WHEN class = 'missing'
                          THEN 'last seen in ' || good.key || ' on ' || tm_day(good.started_at) || ', ' || runs
                               || CASE runs WHEN 1 THEN ' run ago' ELSE ' runs ago' END END) AS why
FROM plugin JOIN run USING (project_id)
JOIN verdict ON verdict.project_id = run.project_id AND verdict.run_id = run.run_id AND verdict.plugin_id = plugin.plugin_id
LEFT JOIN run AS since ON since.project_id = run.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = run.project_id AND good.run_id = verdict.good_run
WHERE plugin.name = $2::text AND plugin.project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND verdict.project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND (class NOT IN ('open', 'missing', 'waived', 'not judged')
       OR verdict.run_id = (SELECT run_id FROM judgement JOIN run USING (project_id, run_id)
                            WHERE judgement.project_id = (SELECT project_id FROM project WHERE name = $1::text)
                              AND run.project_id = (SELECT project_id
                                FROM project WHERE name = $1::text) ORDER BY run.started_at DESC, run.run_id DESC LIMIT 1))
UNION ALL
SELECT run.started_at, run.run_id, run.key, tm_time(run.started_at), '', 'not judged', NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, unjudged.why
FROM plugin JOIN unjudged USING (project_id) JOIN run USING (project_id, run_id)
WHERE plugin.project_id = (SELECT project_id FROM project WHERE name = $1::text) AND plugin.name = $2::text
  AND unjudged.project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND run.project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND unjudged.run_id = (SELECT run_id FROM judgement JOIN run AS newest USING (project_id, run_id)
                    WHERE newest.project_id = (SELECT project_id FROM project WHERE name = $1::text)
                           AND judgement.project_id = (SELECT project_id
                             FROM project WHERE name = $1::text) ORDER BY newest.started_at DESC, newest.run_id DESC LIMIT 1)
  AND unjudged.plugin_ids::jsonb @> to_jsonb(plugin.plugin_id)) AS told
ORDER BY started_at DESC, run_id DESC, metric LIMIT 12;

-- name: lineages_spoil_all
UPDATE lineage SET stale = 2;

-- name: run_measured
SELECT run_id FROM run
WHERE project_id = tm_project_of($1::bigint) AND (run_id = $1::bigint OR repeat_of = $1::bigint)
ORDER BY repeat_of IS NOT NULL, started_at, run_id;

-- name: compared_profiles
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / nullif(calls, 0) AS wall_per_call_ms, cpu_ns / 1e6 / nullif(calls, 0) AS cpu_per_call_ms,
       wall_p95_ns / 1e6 AS wall_p95_ms, peak_mem_bytes / 1024 AS peak_mem_kb,
       mem_delta_bytes / 1024 / nullif(calls, 0) AS mem_delta_per_call_kb, errors::double precision / nullif(calls, 0) AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       tm_at_least_zero(occupied_ns - cpu_ns) / 1e6 / nullif(calls, 0) AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock, CASE WHEN $2::bigint <> 0 THEN latency END AS latency
FROM profile JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE profile.project_id = tm_project_of($1::bigint) AND profile.run_id = $1::bigint
ORDER BY profile.plugin_id;

-- name: decisions_of_plugin
SELECT coalesce(adoption, decision_id) AS number, kind, metric, run.key AS from_run, ceiling,
       tm_day(until) AS until, reason, issue, made_by
FROM decision JOIN project ON project.project_id = decision.project_id
JOIN plugin ON plugin.project_id = decision.project_id AND plugin.plugin_id = decision.plugin_id
LEFT JOIN run ON run.project_id = decision.project_id AND run.run_id = decision.from_run
WHERE project.name = $1::text AND plugin.name = $2::text
ORDER BY decision_id;

-- name: levels_of_plugin
SELECT verdict.metric, since.key AS since, tm_day(since.started_at) AS began,
       CASE WHEN earliest_run <> latest_run THEN earliest.key END AS at_the_earliest,
       CASE WHEN earliest_run <> latest_run THEN latest.key END AS at_the_latest,
       CASE WHEN earliest_run <> latest_run THEN sure.commit_id ELSE good.commit_id END AS after_commit,
       CASE WHEN earliest_run <> latest_run THEN latest.commit_id ELSE since.commit_id END AS up_to_commit,
       class, verdict.kind, baseline AS level_before, effect
FROM run JOIN project USING (project_id) JOIN verdict USING (project_id, run_id) JOIN plugin USING (project_id, plugin_id)
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
LEFT JOIN run AS good ON good.project_id = verdict.project_id AND good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.project_id = verdict.project_id AND earliest.run_id = verdict.earliest_run
LEFT JOIN run AS latest ON latest.project_id = verdict.project_id AND latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.project_id = verdict.project_id AND sure.run_id = verdict.sure_good_run
WHERE project.name = $1::text AND plugin.name = $2::text AND (class IN ('regressed', 'improved') OR (class = 'open' AND verdict.kind <> ''))
  AND verdict.metric <> ''
ORDER BY run.started_at, run.run_id, verdict.metric;

-- name: dump_hosts
SELECT key, cpu_model, cores, memory_gib, os FROM host
WHERE (cpu_model IS NOT NULL OR cores IS NOT NULL OR memory_gib IS NOT NULL OR os IS NOT NULL)
  AND host_id IN (SELECT host_id FROM run WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text)
                  UNION SELECT host_id FROM week WHERE $1::text IS NULL OR project_id = (SELECT project_id FROM project WHERE name = $1::text))
ORDER BY key;

-- name: dump_projects
SELECT project_id, name FROM project WHERE $1::text IS NULL OR name = $1::text ORDER BY name;

-- name: dump_metrics
SELECT name, unit, better FROM metric WHERE project_id = $1::bigint ORDER BY name;

-- name: dump_weeks
SELECT week_id, branch, host.key AS host, begins_at
FROM week JOIN host USING (host_id)
WHERE project_id = $1::bigint
ORDER BY begins_at, branch, host.key;

-- name: dump_runs
SELECT run.run_id, run.key, run.started_at, run.branch, host.key AS host, run.commit_id, run.version, first.key AS repeat_of, run.tool
FROM run JOIN host USING (host_id) LEFT JOIN run AS first ON first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE run.project_id = $1::bigint
ORDER BY coalesce(first.started_at, run.started_at), coalesce(first.run_id, run.run_id), run.repeat_of IS NOT NULL,
         run.started_at, run.run_id;

-- name: dump_profiles
SELECT plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM profile JOIN plugin USING (project_id, plugin_id) LEFT JOIN recording USING (project_id, run_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint
ORDER BY plugin.name;

-- name: dump_readings
SELECT plugin.name AS plugin, metric.name AS metric, metric.unit, value
FROM reading JOIN plugin USING (project_id, plugin_id) JOIN metric USING (project_id, metric_id)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint
ORDER BY plugin.name, metric.name;

-- name: dump_spikes
SELECT at_ms, duration_ms, cpu_percent, plugin.name AS plugin
FROM spike LEFT JOIN plugin USING (project_id, plugin_id)
WHERE project_id = tm_project_of($1::bigint) AND run_id = $1::bigint
ORDER BY seq;

-- name: dump_decisions
SELECT decision_id, kind, plugin.name AS plugin, metric, host.key AS host, decision.branch, origin.key AS from_run, from_at,
       (SELECT key FROM run AS made WHERE made.project_id = $1::bigint AND made.started_at = made_run_at AND made.run_id >= made_run
        ORDER BY made.run_id LIMIT 1) AS made_run,
       made_run_at, ceiling, until, reason, issue, made_by, made_at, adoption, source
FROM decision LEFT JOIN plugin USING (project_id, plugin_id) LEFT JOIN host ON host.host_id = decision.host_id
LEFT JOIN run AS origin ON origin.project_id = decision.project_id AND origin.run_id = from_run
WHERE decision.project_id = $1::bigint
ORDER BY decision_id;

-- name: dump_lineages
SELECT branch, host.key AS host, base, lineage_settings.settings
FROM lineage JOIN host USING (host_id) LEFT JOIN lineage_settings USING (project_id, lineage_id)
WHERE project_id = $1::bigint
ORDER BY branch, host.key;

-- name: dump_last_decision
SELECT last AS seq FROM decision_number WHERE last > (SELECT coalesce(max(decision_id), 0) FROM decision);

-- name: project_used
SELECT 1 FROM project
WHERE name = $1::text AND (EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM metric WHERE metric.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM week WHERE week.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM decision WHERE decision.project_id = project.project_id));

-- name: restore_decision
WITH number AS (INSERT INTO decision_number AS n (last) VALUES ($1::bigint)
                ON CONFLICT (one) DO UPDATE SET last = greatest(n.last, excluded.last))
INSERT INTO decision (decision_id, project_id, plugin_id, kind, metric, host_id, branch, from_run, from_at, made_run, made_run_at,
                      ceiling, until, reason, issue, made_by, made_at, adoption, source)
SELECT $1::bigint, $2::bigint, $3::bigint, $4::text, $5::text, $6::bigint, $7::text, $8::bigint, $9::bigint, $10::bigint, $11::bigint,
  $12::double precision, $13::bigint, $14::text, $15::text, $16::text, $17::bigint, $18::bigint, $19::text
WHERE NOT EXISTS (SELECT 1 FROM decision WHERE decision_id = $1::bigint)
RETURNING decision_id;

-- name: decision_told
SELECT project.name AS project, kind, plugin.name AS plugin, metric, reason, made_at
FROM decision JOIN project USING (project_id) LEFT JOIN plugin USING (project_id, plugin_id)
WHERE decision_id = $1::bigint;

-- name: run_next_id
SELECT tm_next_id($1::bigint, (SELECT max(run_id) FROM run WHERE project_id = $1::bigint));

-- name: decision_numbers_forget
INSERT INTO decision_number AS n (last) VALUES ($1::bigint) ON CONFLICT (one) DO UPDATE SET last = greatest(n.last, excluded.last);

-- name: decision_numbers_from
INSERT INTO decision_number AS n (last) VALUES ($1::bigint) ON CONFLICT (one) DO UPDATE SET last = greatest(n.last, excluded.last);

-- name: decisions_of_no_metric
SELECT decision_id, metric FROM decision
WHERE metric IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM metric WHERE metric.project_id = decision.project_id AND metric.name = decision.metric)
ORDER BY decision_id;

-- name: lineages_restored
SELECT project.name AS project, branch, host.key AS host, base, lineage_settings.settings
FROM lineage JOIN project USING (project_id) JOIN host USING (host_id) JOIN lineage_settings USING (project_id, lineage_id)
WHERE judged_run IS NULL
ORDER BY project.name, branch, host.key;

-- What the doctor looks at.
-- name: doctor_runs
SELECT run_id, started_at, run.key, branch, host.key AS host, commit_id IS NOT NULL AS has_commit, version IS NOT NULL AS has_version
FROM run JOIN host USING (host_id)
WHERE project_id = (SELECT project_id FROM project WHERE name = $1::text)
  AND run_id IN (SELECT run_id FROM run AS newest
                 WHERE newest.project_id = (SELECT project_id FROM project WHERE name = $1::text) AND newest.repeat_of IS NULL
                 ORDER BY started_at DESC, run_id DESC LIMIT $2::bigint)
ORDER BY started_at, run_id;

-- name: doctor_clocks
SELECT count(*) FROM (SELECT plugin_id FROM recording
                      WHERE project_id = $1::bigint
                        AND run_id IN (SELECT run_id FROM run
                                       WHERE run.project_id = $1::bigint AND host_id = $2::bigint AND branch = $3::text AND repeat_of IS NULL
                                       ORDER BY started_at DESC, run_id DESC LIMIT $4::bigint) AND clock IS NOT NULL
                      GROUP BY plugin_id HAVING count(DISTINCT clock) > 1) AS several;

-- name: doctor_open
SELECT coalesce(plugin.name, '*') AS plugin, verdict.metric, lineage.branch,
       CASE WHEN class = 'missing' THEN verdict.runs
            ELSE (SELECT count(*) FROM run
                  WHERE run.project_id = lineage.project_id AND run.branch = lineage.branch AND run.host_id = lineage.host_id
                    AND run.repeat_of IS NULL AND run.started_at >= since.started_at AND run.started_at <= lineage.judged_at)
       END AS runs
FROM lineage JOIN verdict ON verdict.project_id = lineage.project_id AND verdict.run_id = lineage.judged_run
LEFT JOIN plugin ON plugin.project_id = verdict.project_id AND plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.project_id = verdict.project_id AND since.run_id = verdict.since_run
WHERE lineage.project_id = (SELECT project_id FROM project WHERE name = $1::text) AND leads = 1 AND class IN ('open', 'missing')
  AND coalesce(decision_id, 0) = 0
ORDER BY lineage.lineage_id, verdict.plugin_id, verdict.metric;

-- name: doctor_decisions
SELECT coalesce(adoption, decision_id) AS number, kind, coalesce(plugin.name, '*') AS plugin, metric, coalesce(until, 0) AS until,
       decision.plugin_id IS NULL
         OR EXISTS (SELECT 1 FROM profile
                    WHERE profile.project_id = decision.project_id AND profile.plugin_id = decision.plugin_id
                      AND profile.run_id IN (SELECT run_id FROM run
                                             WHERE run.project_id = decision.project_id
                                             ORDER BY started_at DESC, run_id DESC LIMIT $2::bigint)) AS seen,
       metric IS NULL OR EXISTS (SELECT 1 FROM metric WHERE metric.project_id = decision.project_id AND metric.name = decision.metric)
         AS stored_metric
FROM decision LEFT JOIN plugin ON plugin.project_id = decision.project_id AND plugin.plugin_id = decision.plugin_id
WHERE decision.project_id = (SELECT project_id FROM project WHERE name = $1::text)
ORDER BY decision_id;

-- name: doctor_reader
-- The role that 'tidemark sql' reads as.
SELECT 1 FROM pg_roles WHERE rolname = 'tidemark_reader' AND $1::text IS NOT NULL;

-- The newest alarms of a lineage that were raised, and ends of these, between two runs.
-- name: entries_of
SELECT told.key AS run, entry.started_at, entry.plugin_id, entry.metric, entry.kind, entry.value, entry.corrected, entry.baseline,
       entry.effect, entry.signal, since.key AS since, since.started_at AS since_at, since.commit_id AS since_commit, good.commit_id AS good_commit, entry.ended,
       raised.key AS raised, entry.decision_id,
       (SELECT count(*) FROM run AS r JOIN judgement USING (project_id, run_id)
        WHERE r.project_id = raised.project_id AND r.branch = raised.branch AND r.host_id = raised.host_id AND r.repeat_of IS NULL
          AND (r.started_at, r.run_id) > (raised.started_at, raised.run_id)
          AND (r.started_at, r.run_id) <= (told.started_at, told.run_id)) AS runs_open
FROM (SELECT run.run_id, run.started_at, verdict.plugin_id, verdict.metric, kind, value, corrected, baseline, effect, signal, since_run,
             good_run, NULL::text AS ended, NULL::bigint AS raised_run, NULL::bigint AS decision_id
      FROM run JOIN verdict ON verdict.project_id = run.project_id AND verdict.run_id = run.run_id
      WHERE run.project_id = $1::bigint AND run.host_id = $2::bigint AND run.branch = $3::text
        AND (run.started_at, run.run_id) >= ($4::bigint, $5::bigint) AND (run.started_at, run.run_id) <= ($6::bigint, $7::bigint)
        AND class = 'regressed' AND leads = 1
      UNION ALL
      SELECT run.run_id, run.started_at, alarm_end.plugin_id, alarm_end.metric, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, alarm_end.ended, alarm_end.raised_run, alarm_end.decision_id
      FROM run JOIN alarm_end ON alarm_end.project_id = run.project_id AND alarm_end.run_id = run.run_id
      WHERE run.project_id = $1::bigint AND run.host_id = $2::bigint AND run.branch = $3::text
        AND (run.started_at, run.run_id) >= ($4::bigint, $5::bigint) AND (run.started_at, run.run_id) <= ($6::bigint, $7::bigint)
        AND alarm_end.ended IN ('returned', 'accepted')
        AND EXISTS (SELECT 1 FROM verdict
                    WHERE verdict.project_id = alarm_end.project_id AND verdict.run_id = alarm_end.raised_run AND verdict.plugin_id = alarm_end.plugin_id
                      AND (alarm_end.plugin_id = 0 OR verdict.metric = alarm_end.metric) AND class = 'regressed' AND leads = 1)
     ) AS entry
JOIN run AS told ON told.project_id = $1::bigint AND told.run_id = entry.run_id
LEFT JOIN run AS since ON since.project_id = $1::bigint AND since.run_id = entry.since_run LEFT JOIN run AS good ON good.project_id = $1::bigint AND good.run_id = entry.good_run
LEFT JOIN run AS raised ON raised.project_id = $1::bigint AND raised.run_id = entry.raised_run
ORDER BY entry.started_at DESC, entry.run_id DESC, entry.ended IS NOT NULL, entry.plugin_id, entry.metric LIMIT $8::bigint;
