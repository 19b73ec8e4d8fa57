-- Every statement the store runs, by name. Prepared lazily and kept in the handle.

-- name: project_find
SELECT project_id FROM project WHERE name = ?1;

-- name: project_add
INSERT INTO project (name) VALUES (?1) RETURNING project_id;

-- name: host_find
SELECT host_id FROM host WHERE key = ?1;

-- name: host_add
INSERT INTO host (key, cpu_model, cores, memory_gib, os) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING host_id;

-- name: plugin_find
SELECT plugin_id FROM plugin WHERE project_id = ?1 AND name = ?2;

-- name: plugin_add
INSERT INTO plugin (plugin_id, project_id, name)
VALUES ((SELECT coalesce(max(plugin_id), 0) + 1 FROM plugin), ?1, ?2) RETURNING plugin_id;

-- name: plugin_rename
UPDATE plugin SET name = ?2 WHERE plugin_id = ?1;

-- name: run_find
SELECT run.run_id, run.started_at, host.key, run.branch, run.commit_id, run.version, first.key
FROM run JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE run.project_id = ?1 AND run.key = ?2;

-- name: run_add
INSERT INTO run (project_id, key, started_at, host_id, branch, commit_id, version, repeat_of)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING run_id;

-- name: run_update
UPDATE run SET started_at = ?2, host_id = coalesce(?3, host_id), branch = coalesce(?4, branch), commit_id = coalesce(?5, commit_id),
               version = coalesce(?6, version), repeat_of = coalesce(?7, repeat_of)
WHERE run_id = ?1;

-- name: run_remove
DELETE FROM run WHERE run_id = ?1;

-- name: profiles_add
INSERT INTO profile (run_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
                     wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns)
SELECT run_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes, wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns
FROM tm_batch;

-- name: profiles_of_run
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes, wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM profile JOIN plugin USING (plugin_id)
LEFT JOIN recording ON recording.run_id = profile.run_id AND recording.plugin_id = profile.plugin_id
WHERE profile.run_id = ?1
ORDER BY profile.plugin_id;

-- name: profiles_clear
DELETE FROM profile WHERE run_id = ?1;

-- name: recordings_clear
DELETE FROM recording WHERE run_id = ?1;

-- name: recording_add
INSERT INTO recording (run_id, plugin_id, plugin_version, clock, occupied_ns, longest_step_ns, cancelled, timeouts, latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: spike_add
INSERT INTO spike (run_id, seq, at_ms, duration_ms, cpu_percent, plugin_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: spikes_count
SELECT count(*) FROM spike WHERE run_id = ?1;

-- name: spikes_clear
DELETE FROM spike WHERE run_id = ?1;

-- name: metric_find
SELECT metric_id FROM metric WHERE name = ?1;

-- name: metric_add
INSERT INTO metric (name, unit) VALUES (?1, ?2) RETURNING metric_id;

-- name: metric_describe
UPDATE metric SET better = coalesce(?2, better), unit = coalesce(?3, unit) WHERE name = ?1;

-- name: reading_add
INSERT INTO reading (run_id, plugin_id, metric_id, value) VALUES (?1, ?2, ?3, ?4);

-- name: reading_find
SELECT value FROM reading JOIN metric USING (metric_id) WHERE run_id = ?1 AND plugin_id = ?2 AND metric.name = ?3;

-- name: readings_count
SELECT count(*) FROM reading WHERE run_id = ?1 AND plugin_id = ?2;

-- name: readings_clear
DELETE FROM reading WHERE run_id = ?1;

-- name: prune_list
SELECT project.name AS project, run.key AS run, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts,
       (SELECT count(*) FROM profile WHERE profile.run_id = run.run_id) AS profiles
FROM run JOIN project USING (project_id)
WHERE run.started_at < ?1 AND (?2 IS NULL OR project.name = ?2)
ORDER BY run.started_at, run.run_id;

-- name: prune
DELETE FROM run WHERE started_at < ?1 AND (?2 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?2));

-- name: list_runs
SELECT run.key AS run, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts, project.name AS project, run.branch,
       run.commit_id, run.version, host.key AS host, first.key AS repeat_of,
       (SELECT count(*) FROM profile WHERE profile.run_id = run.run_id) AS plugins,
       (SELECT sum(calls) FROM profile WHERE profile.run_id = run.run_id) AS calls,
       (SELECT sum(errors) FROM profile WHERE profile.run_id = run.run_id) AS errors,
       (SELECT sum(wall_ns) / 1e6 FROM profile WHERE profile.run_id = run.run_id) AS wall_ms
FROM run JOIN project USING (project_id) JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE run.run_id IN (SELECT run_id FROM run JOIN project USING (project_id) JOIN host USING (host_id)
                     WHERE (?1 IS NULL OR project.name = ?1) AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3)
                     ORDER BY run.started_at DESC, run.run_id DESC LIMIT coalesce(?4, -1))
ORDER BY run.started_at, run.run_id;

-- name: list_plugins
SELECT plugin.name AS plugin, project.name AS project, count(*) AS runs,
       strftime('%Y-%m-%dT%H:%M:%SZ', min(run.started_at), 'unixepoch') AS first_ts,
       strftime('%Y-%m-%dT%H:%M:%SZ', max(run.started_at), 'unixepoch') AS last_ts,
       sum(calls) AS calls, sum(errors) AS errors, sum(wall_ns) / 1e6 / nullif(sum(calls), 0) AS wall_per_call_ms,
       sum(cpu_ns) / 1e6 / nullif(sum(calls) FILTER (WHERE cpu_ns IS NOT NULL), 0) AS cpu_per_call_ms, max(peak_mem_bytes) / 1024 AS peak_mem_kb
FROM run JOIN project USING (project_id) JOIN host USING (host_id) CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id)
WHERE (?1 IS NULL OR project.name = ?1) AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3)
GROUP BY plugin.plugin_id
ORDER BY project.name, plugin.name;

-- name: list_history
SELECT * FROM (
  SELECT run, ts, project, branch, commit_id, host, calls, errors, wall_per_call_ms, cpu_per_call_ms, wall_p50_ms, wall_p95_ms, wall_p99_ms,
         wall_max_ms, mem_delta_kb, peak_mem_kb, started_at, run_id
  FROM profiles
  WHERE plugin = ?5 AND (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR branch = ?2) AND (?3 IS NULL OR host = ?3)
  ORDER BY started_at DESC, run_id DESC LIMIT coalesce(?4, -1))
ORDER BY started_at, run_id;

-- name: plugin_names
SELECT plugin.name FROM plugin JOIN project USING (project_id) WHERE ?1 IS NULL OR project.name = ?1 ORDER BY plugin.name;

-- name: metric_names
SELECT name FROM metric ORDER BY name;

-- name: plugin_anywhere
SELECT plugin_id FROM plugin JOIN project USING (project_id) WHERE (?1 IS NULL OR project.name = ?1) AND plugin.name = ?2 LIMIT 1;
