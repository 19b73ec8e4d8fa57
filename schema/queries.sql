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

-- name: plugin_next
-- Ids are of the whole store, whatever the project (?1).
SELECT coalesce((SELECT max(plugin_id) FROM plugin), 0) + 1 WHERE ?1 IS NOT NULL;

-- name: plugin_add
INSERT INTO plugin (plugin_id, project_id, name) VALUES (?1, ?2, ?3);

-- name: plugin_rename
UPDATE plugin SET name = ?2 WHERE plugin_id = ?1;

-- name: run_find
SELECT run.run_id, run.started_at, host.key AS host, run.branch, run.commit_id, run.version, run.tool, first.key AS repeat_of
FROM run JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE run.project_id = ?1 AND run.key = ?2;

-- What may be the same night under another name: of a commit, or of a start. Without a commit, only those whose key tells the content.
-- name: runs_of_commit
SELECT run_id, key FROM run
WHERE project_id = ?1 AND branch = ?2 AND host_id = (SELECT host_id FROM host WHERE key = ?3)
  AND (SELECT key FROM run AS first WHERE first.run_id = run.repeat_of) IS ?4
  AND commit_id IS ?5 AND (?5 IS NOT NULL OR substr(key, -8) = ?6)
ORDER BY started_at DESC, run_id DESC;

-- name: runs_of_start
SELECT run_id, key FROM run
WHERE project_id = ?1 AND branch = ?2 AND host_id = (SELECT host_id FROM host WHERE key = ?3)
  AND (SELECT key FROM run AS first WHERE first.run_id = run.repeat_of) IS ?4
  AND started_at = ?5 AND substr(key, -8) = ?6
ORDER BY run_id DESC;

-- name: run_add
INSERT INTO run (project_id, key, started_at, host_id, branch, commit_id, version, repeat_of, tool)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING run_id;

-- name: run_update
UPDATE run SET started_at = CASE WHEN ?8 THEN started_at ELSE ?2 END, host_id = coalesce(?3, host_id), branch = coalesce(?4, branch),
               commit_id = coalesce(?5, commit_id), version = coalesce(?6, version), repeat_of = coalesce(?7, repeat_of),
               tool = coalesce(?9, tool)
WHERE run_id = ?1;

-- name: run_remove
DELETE FROM run WHERE run_id = ?1;

-- name: profiles_add
INSERT INTO profile (run_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
                     wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns)
SELECT run_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns
FROM tm_batch;

-- name: profiles_of_run
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency,
       (SELECT count(*) FROM reading WHERE reading.run_id = profile.run_id AND reading.plugin_id = profile.plugin_id) AS readings
FROM profile JOIN plugin USING (plugin_id)
LEFT JOIN recording ON recording.run_id = profile.run_id AND recording.plugin_id = profile.plugin_id
WHERE profile.run_id = ?1
ORDER BY profile.plugin_id;

-- name: profiles_clear
DELETE FROM profile WHERE run_id = ?1;

-- name: recordings_clear
DELETE FROM recording WHERE run_id = ?1;

-- name: recording_add
INSERT INTO recording (run_id, plugin_id, occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: profile_find
SELECT 1 FROM profile WHERE run_id = ?1 AND plugin_id = ?2;

-- name: spike_add
INSERT INTO spike (run_id, seq, at_ms, duration_ms, cpu_percent, plugin_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: spikes_count
SELECT count(*) FROM spike WHERE run_id = ?1;

-- name: spikes_clear
DELETE FROM spike WHERE run_id = ?1;

-- name: metric_find
SELECT metric_id, unit, better FROM metric WHERE project_id = ?1 AND name = ?2;

-- name: metric_add
INSERT INTO metric (project_id, name, unit, better) VALUES (?1, ?2, ?3, ?4) RETURNING metric_id;

-- name: metric_describe
UPDATE metric SET better = coalesce(?3, better), unit = coalesce(?4, unit) WHERE project_id = ?1 AND name = ?2;

-- name: metric_anywhere
SELECT metric_id FROM metric
WHERE name = ?2 AND (?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = ?1)) LIMIT 1;

-- name: metric_turns
SELECT metric_id FROM metric
WHERE name = ?2 AND (?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = ?1)) AND better IS NOT ?3
LIMIT 1;

-- name: metric_describe_named
UPDATE metric SET better = coalesce(?3, better), unit = coalesce(?4, unit)
WHERE name = ?2 AND (?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = ?1));

-- name: reading_add
INSERT INTO reading (run_id, plugin_id, metric_id, value) VALUES (?1, ?2, ?3, ?4);

-- name: reading_find
SELECT value FROM reading WHERE run_id = ?1 AND plugin_id = ?2 AND metric_id = ?3;

-- name: readings_clear
DELETE FROM reading WHERE run_id = ?1;

-- The parts of a run: as above, for what each part gave.
-- name: part_any
SELECT part_id FROM part WHERE run_id = ?1 LIMIT 1;

-- name: part_find
SELECT part_id, started_at FROM part WHERE run_id = ?1 AND name = ?2;

-- name: part_add
INSERT INTO part (run_id, name, started_at, host_id) VALUES (?1, ?2, ?3, ?4) RETURNING part_id;

-- name: part_update
UPDATE part SET started_at = ?2, host_id = ?3 WHERE part_id = ?1;

-- name: parts_of_run
SELECT part_id, part.name AS part, started_at, part.host_id, host.key AS host
FROM part LEFT JOIN host USING (host_id)
WHERE run_id = ?1
ORDER BY part.name;

-- name: parts_count
SELECT count(*) FROM part WHERE run_id = ?1;

-- name: run_place
UPDATE run SET started_at = ?2, host_id = ?3 WHERE run_id = ?1;

-- name: part_profile_add
INSERT INTO part_profile (part_id, plugin_id, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
                          wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
                          occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- name: profiles_of_part
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency,
       (SELECT count(*) FROM part_reading AS r
        WHERE r.part_id = part_profile.part_id AND r.plugin_id = part_profile.plugin_id) AS readings
FROM part_profile JOIN plugin USING (plugin_id)
WHERE part_id = ?1
ORDER BY plugin_id;

-- name: part_profile_find
SELECT 1 FROM part_profile WHERE part_id = ?1 AND plugin_id = ?2;

-- name: part_profiles_clear
DELETE FROM part_profile WHERE part_id = ?1;

-- name: part_reading_add
INSERT INTO part_reading (part_id, plugin_id, metric_id, value) VALUES (?1, ?2, ?3, ?4);

-- name: part_reading_find
SELECT value FROM part_reading WHERE part_id = ?1 AND plugin_id = ?2 AND metric_id = ?3;

-- name: part_readings_clear
DELETE FROM part_reading WHERE part_id = ?1;

-- name: part_spike_add
INSERT INTO part_spike (part_id, seq, at_ms, duration_ms, cpu_percent, plugin_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: part_spikes_count
SELECT count(*) FROM part_spike WHERE part_id = ?1;

-- name: part_spikes_clear
DELETE FROM part_spike WHERE part_id = ?1;

-- name: part_remove
DELETE FROM part WHERE part_id = ?1;

-- name: part_profiles_told
SELECT plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM part_profile JOIN plugin USING (plugin_id)
WHERE part_id = ?1
ORDER BY plugin.name;

-- name: part_readings_told
SELECT plugin.name AS plugin, metric.name AS metric, metric.unit, value
FROM part_reading JOIN plugin USING (plugin_id) JOIN metric USING (metric_id)
WHERE part_id = ?1
ORDER BY plugin.name, metric.name;

-- name: part_spikes_told
SELECT at_ms, duration_ms, cpu_percent, plugin.name AS plugin
FROM part_spike LEFT JOIN plugin USING (plugin_id)
WHERE part_id = ?1
ORDER BY seq;

-- Runs that may go: those that started before ?1 and are none of the newest ?3 of their lineage (NULL: whenever, however many there are).
-- ?4 NULL: that is all. Else a repeat goes with its run, and what is needed stays: the ?4 newest runs of a lineage, as many before
-- all that stands in the verdicts of what is not over, and runs that a decision names. ?5: whole weeks only. ?6: of these branches,
-- a JSON array; NULL: of all.
-- name: prune_list
SELECT project.name AS project, run.key AS run, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts,
       (SELECT count(*) FROM profile WHERE profile.run_id = run.run_id) AS profiles
FROM (SELECT l.*,
             CASE WHEN ?3 IS NULL THEN 253402300800
                  ELSE coalesce((SELECT started_at FROM run AS r
                                 WHERE r.project_id = l.project_id AND r.branch = l.branch AND r.host_id = l.host_id AND r.repeat_of IS NULL
                                 ORDER BY started_at DESC LIMIT 1 OFFSET ?3 - 1), 0) END AS newest_from,
             CASE WHEN ?4 IS NULL THEN 253402300800
                  ELSE coalesce((SELECT started_at FROM run AS r
                                 WHERE r.project_id = l.project_id AND r.branch = l.branch AND r.host_id = l.host_id AND r.repeat_of IS NULL
                                   AND started_at <= coalesce(l.open_from, 253402300800)
                                 ORDER BY started_at DESC LIMIT 1 OFFSET ?4 - 1), 0) END AS needed_from
      FROM (SELECT project_id, branch, host_id,
                   (SELECT min(begun.started_at)
                    FROM lineage CROSS JOIN verdict ON verdict.run_id = lineage.judged_run
                    CROSS JOIN run AS begun
                      ON begun.run_id IN (verdict.since_run, verdict.good_run, verdict.earliest_run, verdict.sure_good_run)
                    WHERE lineage.project_id = found.project_id AND lineage.branch = found.branch AND lineage.host_id = found.host_id
                      AND class IN ('regressed', 'open', 'suspect', 'waived', 'missing')) AS open_from
            FROM (SELECT DISTINCT project_id, branch, host_id FROM run
                  WHERE ?2 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?2)) AS found) AS l) AS kept
CROSS JOIN run ON run.project_id = kept.project_id AND run.branch = kept.branch AND run.host_id = kept.host_id
JOIN project ON project.project_id = run.project_id
LEFT JOIN run AS first ON ?4 IS NOT NULL AND first.run_id = run.repeat_of
WHERE (?2 IS NULL OR project.name = ?2)
  AND (?6 IS NULL OR run.branch IN (SELECT value FROM json_each(?6)))
  AND coalesce(first.started_at, run.started_at)
      < min(coalesce(?1, 253402300800), newest_from, needed_from)
        - CASE WHEN ?5 THEN (min(coalesce(?1, 253402300800), newest_from, needed_from) + 259200) % 604800 ELSE 0 END
  AND (?4 IS NULL OR NOT EXISTS (SELECT 1 FROM decision
                                 WHERE decision.project_id = run.project_id
                                   AND coalesce(run.repeat_of, run.run_id) IN (decision.from_run, decision.made_run)))
ORDER BY run.started_at, project.name, run.run_id;

-- name: pruned_run
SELECT run_id, run.project_id, host_id, branch, started_at, repeat_of
FROM run JOIN project USING (project_id)
WHERE project.name = ?1 AND run.key = ?2;

-- Which branches have runs or weeks, and whether one has been the base of another.
-- name: branches
SELECT branch, EXISTS (SELECT 1 FROM lineage WHERE lineage.base = known.branch AND (?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1))
                       AND EXISTS (SELECT 1 FROM run WHERE run.project_id = lineage.project_id AND run.branch = lineage.branch)) AS is_base
FROM (SELECT branch FROM run WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1)
      UNION SELECT branch FROM week WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1)) AS known
ORDER BY branch;

-- name: branch_weeks_remove
DELETE FROM week WHERE (?1 IS NULL OR project_id = ?1) AND branch IN (SELECT value FROM json_each(?2));

-- name: runs_before
SELECT count(*) FROM run WHERE started_at < ?1 AND (?2 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?2));

-- The weeks in which runs were rolled up.
-- name: week_find
SELECT week_id FROM week WHERE project_id = ?1 AND branch = ?2 AND host_id = ?3 AND begins_at = ?4;

-- name: week_add
INSERT INTO week (project_id, branch, host_id, begins_at) VALUES (?1, ?2, ?3, ?4) RETURNING week_id;

-- name: week_runs_clear
DELETE FROM week_run WHERE week_id = ?1;

-- name: week_totals_clear
DELETE FROM week_total WHERE week_id = ?1;

-- name: week_values_clear
DELETE FROM week_value WHERE week_id = ?1;

-- name: week_run_add
INSERT INTO week_run (week_id, key) VALUES (?1, ?2);

-- name: week_total_add
INSERT INTO week_total (week_id, plugin_id, calls, errors, wall_ns, cpu_ns, wall_p50_ns, wall_p95_ns, latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: week_metric_add
INSERT INTO week_metric (name) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM week_metric WHERE name = ?1) RETURNING week_metric_id;

-- name: week_value_add
INSERT INTO week_value (week_id, plugin_id, week_metric_id, n, mean, m2, least, most)
VALUES (?1, ?2, (SELECT week_metric_id FROM week_metric WHERE name = ?3), ?4, ?5, ?6, ?7, ?8);

-- name: week_runs_of
SELECT key FROM week_run WHERE week_id = ?1 ORDER BY key;

-- name: week_totals_of
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, latency
FROM week_total JOIN plugin USING (plugin_id)
WHERE week_id = ?1
ORDER BY plugin.name;

-- name: week_values_of
SELECT plugin_id, week_metric.name AS metric, n, mean, m2, least, most
FROM week_value JOIN week_metric USING (week_metric_id)
WHERE week_id = ?1
ORDER BY plugin_id, week_metric.name;

-- The newest four weeks in which runs were rolled up.
-- name: weeks_of_plugin
SELECT metric, week, n, mean, stdev, min, max, calls, errors, branch, host FROM weekly
WHERE project = ?1 AND plugin = ?2 AND begins_at IN (SELECT DISTINCT begins_at FROM week WHERE project_id = (SELECT project_id FROM project WHERE name = ?1)
                                                     ORDER BY begins_at DESC LIMIT 4)
ORDER BY begins_at DESC, metric, branch, host LIMIT 40;

-- name: weeks_count
SELECT count(*) FROM week WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND begins_at < ?4;

-- A week without a value of these plugins is a row with none.
-- name: weeks_before
SELECT begins_at, value.plugin_id, week_metric.name AS metric, n, mean, m2, least, most
FROM week LEFT JOIN week_value AS value ON value.week_id = week.week_id AND value.plugin_id BETWEEN ?5 AND ?6
LEFT JOIN week_metric ON week_metric.week_metric_id = value.week_metric_id
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND begins_at < ?4
ORDER BY begins_at, value.plugin_id, metric;

-- What a run and its repeats add to their week's sums.
-- name: rolled_totals
SELECT plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, latency
FROM run CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE run.run_id = ?1 OR run.repeat_of = ?1
ORDER BY plugin_id, run.repeat_of IS NOT NULL, run.started_at, run.run_id;

-- name: newest_start
SELECT max(started_at) FROM run WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1);

-- name: projects_emptied
SELECT name FROM project
WHERE (?2 IS NULL OR name = ?2)
  AND EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
  AND NOT EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id AND started_at >= ?1)
ORDER BY name;

-- name: list_runs
SELECT run.key AS run, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts, project.name AS project, run.branch,
       run.commit_id, run.version, host.key AS host, first.key AS repeat_of,
       (SELECT count(*) FROM profile WHERE profile.run_id = run.run_id) AS plugins,
       (SELECT CAST(total(calls) AS INTEGER) FROM profile WHERE profile.run_id = run.run_id) AS calls,
       (SELECT CASE WHEN count(errors) THEN CAST(total(errors) AS INTEGER) END
        FROM profile WHERE profile.run_id = run.run_id) AS errors,
       (SELECT sum(wall_ns) / 1e6 FROM profile WHERE profile.run_id = run.run_id) AS wall_ms
FROM run JOIN project USING (project_id) JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE run.run_id IN (SELECT run_id FROM run JOIN project USING (project_id) JOIN host USING (host_id)
                     WHERE (?1 IS NULL OR project.name = ?1) AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3)
                     ORDER BY run.started_at DESC, project.name DESC, run.run_id DESC LIMIT coalesce(?4, -1))
ORDER BY run.started_at, project.name, run.run_id;

-- name: exported_runs
-- Those of the first ?5 (NULL: all), the newest first, or of the newest in each lineage (?8); with their repeats (?6) behind them.
SELECT run.run_id, project.name AS project, run.key, run.started_at, run.branch, run.commit_id, host.key AS host, run.version, run.tool,
       first.key AS repeat_of
FROM run JOIN project USING (project_id) JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE (?6 OR run.repeat_of IS NULL) AND coalesce(run.repeat_of, run.run_id) IN (
  SELECT run_id FROM run JOIN project USING (project_id) JOIN host USING (host_id)
  WHERE repeat_of IS NULL AND (?1 IS NULL OR project.name = ?1) AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3)
    AND (?4 IS NULL OR run.key = ?4
         OR run.run_id = (SELECT repeat_of FROM run AS again WHERE again.project_id = run.project_id AND again.key = ?4))
    AND (NOT ?8 OR NOT EXISTS (
      SELECT 1 FROM run AS later
      WHERE later.project_id = run.project_id AND later.branch = run.branch AND later.host_id = run.host_id
        AND later.repeat_of IS NULL AND (later.started_at, later.run_id) > (run.started_at, run.run_id)))
  ORDER BY run.started_at DESC, project.name DESC, run.run_id DESC LIMIT coalesce(?5, -1))
ORDER BY project.name, CASE WHEN ?7 THEN run.branch END, CASE WHEN ?7 THEN host.key END,
         coalesce(first.started_at, run.started_at), coalesce(run.repeat_of, run.run_id), run.repeat_of IS NOT NULL,
         run.started_at, run.run_id;

-- name: exported_profiles
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM profile CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE profile.run_id = ?1
ORDER BY profile.plugin_id;

-- name: exported_readings
SELECT plugin_id, metric_id, value FROM reading WHERE run_id = ?1 ORDER BY plugin_id, metric_id;

-- name: exported_metrics
SELECT metric_id, name, unit, better FROM metric
WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE project.name = ?1)
ORDER BY name, unit, better, metric_id;

-- name: list_plugins
-- NOT INDEXED: in the order of runs, which sums have to keep.
SELECT plugin.name AS plugin, project.name AS project, count(*) AS runs,
       strftime('%Y-%m-%dT%H:%M:%SZ', min(run.started_at), 'unixepoch') AS first_ts,
       strftime('%Y-%m-%dT%H:%M:%SZ', max(run.started_at), 'unixepoch') AS last_ts,
       CAST(total(calls) AS INTEGER) AS calls, CASE WHEN count(errors) THEN CAST(total(errors) AS INTEGER) END AS errors,
       sum(wall_ns) / 1e6 / nullif(total(calls) FILTER (WHERE wall_ns IS NOT NULL), 0) AS wall_per_call_ms,
       sum(cpu_ns) / 1e6 / nullif(total(calls) FILTER (WHERE cpu_ns IS NOT NULL), 0) AS cpu_per_call_ms,
       max(peak_mem_bytes) / 1024 AS peak_mem_kb
FROM run NOT INDEXED CROSS JOIN project USING (project_id) CROSS JOIN host USING (host_id)
CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id)
WHERE (?1 IS NULL OR project.name = ?1) AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3)
GROUP BY plugin.plugin_id
ORDER BY project.name, plugin.name;

-- name: list_history
SELECT * FROM (
  SELECT run, ts, project, branch, commit_id, host, calls, errors, wall_per_call_ms, cpu_per_call_ms,
         wall_p50_ms, wall_p95_ms, wall_p99_ms, wall_max_ms, mem_delta_kb, peak_mem_kb, started_at, run_id
  FROM profiles
  WHERE plugin = ?5 AND (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR branch = ?2) AND (?3 IS NULL OR host = ?3)
  ORDER BY started_at DESC, project DESC, run_id DESC LIMIT coalesce(?4, -1))
ORDER BY started_at, project, run_id;

-- name: plugin_names
SELECT plugin.name FROM plugin JOIN project USING (project_id) WHERE ?1 IS NULL OR project.name = ?1 ORDER BY plugin.name;

-- name: tables_and_views
SELECT m.name AS name, m.type AS kind, (SELECT group_concat(name, ' ') FROM pragma_table_info(m.name)) AS columns
FROM sqlite_schema AS m
WHERE m.type IN ('view', 'table') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY m.type DESC, m.name;

-- name: project_names
SELECT name FROM project ORDER BY name;

-- name: projects_with
-- One without runs, which a mistake has left behind, is none.
SELECT name FROM project
WHERE EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
  AND (?1 IS NULL OR EXISTS (SELECT 1 FROM plugin WHERE plugin.project_id = project.project_id AND plugin.name = ?1))
ORDER BY name;

-- name: host_names
SELECT key FROM host ORDER BY key;

-- name: metric_names
SELECT DISTINCT name FROM metric ORDER BY name;

-- name: plugin_anywhere
SELECT plugin_id FROM plugin JOIN project USING (project_id) WHERE (?1 IS NULL OR project.name = ?1) AND plugin.name = ?2 LIMIT 1;

-- Judging.

-- name: run_pick
SELECT run.run_id, run.project_id, run.host_id, run.started_at, run.key, run.branch, run.commit_id,
       host.key AS host, project.name AS project,
       strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
WHERE project.name = ?1 AND (?2 IS NULL OR run.branch = ?2) AND (?3 IS NULL OR host.key = ?3) AND run.repeat_of IS NULL
  AND (?4 IS NULL OR run.key = ?4
       OR run.run_id = (SELECT repeat_of FROM run AS again WHERE again.project_id = run.project_id AND again.key = ?4))
ORDER BY run.started_at DESC, run.run_id DESC LIMIT 1;

-- name: run_facts
SELECT project.name AS project, host.key AS host, run.version,
       (SELECT count(*) FROM run AS again WHERE again.repeat_of = run.run_id) AS repeats
FROM run JOIN project USING (project_id) JOIN host USING (host_id)
WHERE run.run_id = ?1;

-- name: lineage_window
SELECT run_id, started_at, key, commit_id, (SELECT count(*) FROM run AS again WHERE again.repeat_of = run.run_id) AS repeats,
       factor, factor_share
FROM run LEFT JOIN judgement USING (run_id)
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL AND (started_at, run_id) <= (?4, ?5)
ORDER BY started_at DESC, run_id DESC LIMIT ?6;

-- name: lineages
SELECT project_id, host_id, branch
FROM (SELECT DISTINCT project_id, host_id, branch FROM run
      WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND (?2 IS NULL OR branch = ?2)
        AND (?3 IS NULL OR host_id = (SELECT host_id FROM host WHERE key = ?3))) AS found
CROSS JOIN host USING (host_id)
ORDER BY branch <> ?4, branch, host.key;

-- name: base_branch
-- The first of the usual names that a run of the project has; none: no row.
SELECT usual.branch
FROM (SELECT 1 AS place, 'main' AS branch UNION ALL SELECT 2, 'master' UNION ALL SELECT 3, 'trunk' UNION ALL SELECT 4, 'develop'
      UNION ALL SELECT 5, 'mainline' UNION ALL SELECT 6, 'default') AS usual
WHERE EXISTS (SELECT 1 FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND branch = usual.branch)
ORDER BY place LIMIT 1;

-- name: busiest_branch
-- Beside ?2.
SELECT branch FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND branch <> ?2 AND repeat_of IS NULL
GROUP BY branch ORDER BY count(*) DESC, branch LIMIT 1;

-- name: has_branch
SELECT 1 FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND branch = ?2 LIMIT 1;

-- name: lineage_names
SELECT DISTINCT branch, host.key AS host FROM run JOIN host USING (host_id)
WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND (?2 IS NULL OR branch = ?2) AND (?3 IS NULL OR host.key = ?3)
  AND repeat_of IS NULL
ORDER BY branch, host.key;

-- name: lineages_unjudged
SELECT count(*) FROM (SELECT branch, host_id, max(started_at) AS newest FROM run
                      WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND repeat_of IS NULL
                      GROUP BY branch, host_id) AS last
WHERE NOT EXISTS (SELECT 1 FROM lineage
                  WHERE lineage.project_id = (SELECT project_id FROM project WHERE name = ?1) AND lineage.branch = last.branch
                    AND lineage.host_id = last.host_id AND judged_at >= last.newest);

-- name: lineage_runs
SELECT run_id, started_at, key, commit_id, tool IS NOT NULL AS fine_clock,
       (SELECT count(*) FROM run AS again WHERE again.repeat_of = run.run_id) AS repeats
FROM run
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL
  AND (started_at, run_id) > (?4, ?5) AND (started_at, run_id) <= (?6, ?7)
ORDER BY started_at, run_id;

-- name: lineage_first_at
SELECT min(started_at) FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL;

-- name: lineage_nth_before
SELECT started_at FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL AND started_at <= ?4
ORDER BY started_at DESC LIMIT 1 OFFSET ?5;

-- name: night_samples
-- Of the plugins whose ids lie between ?2 and ?3: of all, or of one, which costs one row.
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms, wall_p95_ns / 1e6 AS wall_p95_ms,
       peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       1.0 * errors / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       max(occupied_ns - cpu_ns, 0) / 1e6 / calls AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock
FROM profile CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE run_id = ?1 AND profile.plugin_id BETWEEN ?2 AND ?3 AND calls > 0
ORDER BY profile.plugin_id;

-- name: night_values
-- The same for who knows the plugins by their ids: their names cost a look-up each.
SELECT plugin_id, calls, errors, wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms,
       wall_p95_ns / 1e6 AS wall_p95_ms, peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       1.0 * errors / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       max(occupied_ns - cpu_ns, 0) / 1e6 / calls AS blocked_per_call_ms, longest_step_ns / 1e6 AS longest_step_ms
FROM profile LEFT JOIN recording USING (run_id, plugin_id)
WHERE run_id = ?1 AND plugin_id BETWEEN ?2 AND ?3 AND calls > 0
ORDER BY plugin_id;

-- name: night_samples_pooled
-- A run and its repeats as one night: the median of its measurements, which a single bad one does not move. Counts are
-- medians too, not sums: the night weighs as much as any other.
SELECT profile.plugin_id, plugin.name AS plugin, round(median(calls)) AS calls, round(median(errors)) AS errors,
       median(wall_ns / 1e6 / calls) AS wall_per_call_ms,
       CASE WHEN min(clock) IS max(clock) THEN median(cpu_ns / 1e6 / calls) END AS cpu_per_call_ms,
       median(wall_p95_ns / 1e6) AS wall_p95_ms, median(peak_mem_bytes / 1024) AS peak_mem_kb,
       median(mem_delta_bytes / 1024 / calls) AS mem_delta_per_call_kb,
       median(1.0 * errors / calls) AS error_rate,
       median(wall_p50_ns / 1e6) AS wall_p50_ms, median(wall_p99_ns / 1e6) AS wall_p99_ms, median(wall_max_ns / 1e6) AS wall_max_ms,
       CASE WHEN min(clock) IS max(clock) THEN median(max(occupied_ns - cpu_ns, 0) / 1e6 / calls) END AS blocked_per_call_ms,
       median(longest_step_ns / 1e6) AS longest_step_ms, min(clock) AS clock
FROM run CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE (run.run_id = ?1 OR run.repeat_of = ?1) AND profile.plugin_id BETWEEN ?2 AND ?3 AND calls > 0
GROUP BY profile.plugin_id
ORDER BY profile.plugin_id;

-- name: night_measurements
-- What night_samples_pooled takes the medians of, a plugin's first measurement before its repeats; and what of it was held, by which wall
-- times are judged.
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / calls AS wall_per_call_ms, cpu_ns / 1e6 / calls AS cpu_per_call_ms, wall_p95_ns / 1e6 AS wall_p95_ms,
       peak_mem_bytes / 1024 AS peak_mem_kb, mem_delta_bytes / 1024 / calls AS mem_delta_per_call_kb,
       1.0 * errors / calls AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       max(occupied_ns - cpu_ns, 0) / 1e6 / calls AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock,
       (SELECT value FROM reading CROSS JOIN metric USING (metric_id) WHERE reading.run_id = run.run_id
          AND reading.plugin_id = profile.plugin_id AND metric.name = 'held_ms') AS held_ms,
       (SELECT value FROM reading CROSS JOIN metric USING (metric_id) WHERE reading.run_id = run.run_id
          AND reading.plugin_id = profile.plugin_id AND metric.name = 'self_wall_per_call_ms') AS self_wall_per_call_ms
FROM run CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE (run.run_id = ?1 OR run.repeat_of = ?1) AND calls > 0
ORDER BY profile.plugin_id, run.repeat_of IS NOT NULL, run.started_at, run.run_id;

-- name: run_calls
-- What night_samples_pooled says of calls, for who wants no more.
SELECT profile.plugin_id, round(median(calls)) AS calls
FROM run CROSS JOIN profile USING (run_id)
WHERE (run.run_id = ?1 OR run.repeat_of = ?1) AND profile.plugin_id BETWEEN ?2 AND ?3 AND calls > 0
GROUP BY profile.plugin_id
ORDER BY profile.plugin_id;

-- name: bottlenecks
SELECT plugin.name AS plugin, total(calls) AS calls, CASE WHEN count(errors) THEN total(errors) END AS errors,
       sum(wall_ns) / 1e6 / total(calls) FILTER (WHERE wall_ns IS NOT NULL) AS wall_per_call_ms,
       CASE WHEN min(clock) IS max(clock) THEN sum(cpu_ns) / 1e6 / total(calls) FILTER (WHERE cpu_ns IS NOT NULL) END
         AS cpu_per_call_ms,
       sum(occupied_ns) / 1e6 / total(calls) FILTER (WHERE occupied_ns IS NOT NULL) AS occupied_per_call_ms,
       max(longest_step_ns) / 1e6 AS longest_step_ms, max(peak_mem_bytes) / 1024 AS peak_mem_kb
FROM run CROSS JOIN profile USING (run_id) CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE (run.run_id = ?1 OR run.repeat_of = ?1) AND calls > 0
GROUP BY profile.plugin_id;

-- name: night_readings
SELECT reading.plugin_id, metric.metric_id, metric.name AS metric, reading.value
FROM reading CROSS JOIN metric USING (metric_id)
WHERE run_id = ?1 AND plugin_id BETWEEN ?2 AND ?3
ORDER BY plugin_id;

-- name: night_readings_pooled
SELECT reading.plugin_id, metric.metric_id, metric.name AS metric, median(reading.value) AS value, count(*) AS measured,
       min(reading.value) AS least, max(reading.value) AS most,
       coalesce(max(reading.value) FILTER (WHERE run.run_id = ?1), min(reading.value)) AS first
FROM run CROSS JOIN reading USING (run_id) CROSS JOIN metric USING (metric_id)
WHERE (run.run_id = ?1 OR run.repeat_of = ?1) AND reading.plugin_id BETWEEN ?2 AND ?3
GROUP BY reading.plugin_id, metric.metric_id
ORDER BY reading.plugin_id;

-- name: metrics
-- That have a reading. Most have one in the newest run, whose readings are looked at once for all; another is looked up in each
-- profile by its key: readings of a run are in the order of plugins, and thousands of them would be read for each metric.
SELECT name, unit, better FROM metric
WHERE project_id = (SELECT project_id FROM project WHERE name = ?1)
  AND (metric_id IN (SELECT metric_id FROM reading
                     WHERE run_id = (SELECT max(run_id) FROM run JOIN project USING (project_id) WHERE project.name = ?1))
       OR EXISTS (SELECT 1 FROM run CROSS JOIN profile ON profile.run_id = run.run_id
                  CROSS JOIN reading ON reading.run_id = profile.run_id AND reading.plugin_id = profile.plugin_id
                  WHERE run.project_id = metric.project_id AND reading.metric_id = metric.metric_id))
ORDER BY name;

-- name: lineage_find
SELECT lineage_id, settings, judged_run, judged_at, stale, state, seal FROM lineage
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3;

-- name: lineages_judge_anew
-- Of a project, or of all: no settings are the empty text.
UPDATE lineage SET settings = '' WHERE ?1 IS NULL OR project_id = ?1;

-- name: lineage_add
INSERT INTO lineage (project_id, host_id, branch, base, settings) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING lineage_id;

-- name: lineage_update
UPDATE lineage SET settings = ?2, base = ?3, judged_run = ?4, judged_at = ?5, stale = 0, state = ?6, seal = ?7 WHERE lineage_id = ?1;

-- name: lineage_memory
SELECT state, seal FROM lineage WHERE lineage_id = ?1;

-- name: lineage_has_judged
SELECT 1 FROM lineage
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND stale = 0 AND (judged_at, judged_run) >= (?4, ?5);

-- name: lineage_next
SELECT lineage_id FROM lineage WHERE lineage_id > ?1 ORDER BY lineage_id LIMIT 1;

-- name: run_judged_as
SELECT coalesce(repeat_of, run_id) FROM run WHERE run_id = ?1;

-- name: run_repeated
SELECT count(*) FROM run WHERE repeat_of = ?1;

-- name: suspects_of
SELECT plugin.name FROM verdict JOIN plugin USING (plugin_id)
WHERE verdict.run_id = ?1 AND class = 'suspect' AND leads
ORDER BY plugin.name;

-- name: repeats_lack
-- A suspect that one of the run's repeats did not measure.
SELECT plugin.name, again.key AS repeat
FROM run AS again CROSS JOIN verdict ON verdict.run_id = again.repeat_of JOIN plugin USING (plugin_id)
WHERE again.repeat_of = ?1 AND class = 'suspect' AND leads
  AND NOT EXISTS (SELECT 1 FROM profile WHERE profile.run_id = again.run_id AND profile.plugin_id = verdict.plugin_id AND calls > 0)
LIMIT 1;

-- name: repeats_exceed
-- A plugin that one of the run's repeats measured, and the run did not.
SELECT plugin.name, again.key AS repeat
FROM run AS again CROSS JOIN profile ON profile.run_id = again.run_id CROSS JOIN plugin USING (plugin_id)
WHERE again.repeat_of = ?1
  AND NOT EXISTS (SELECT 1 FROM profile AS first WHERE first.run_id = ?1 AND first.plugin_id = profile.plugin_id)
LIMIT 1;

-- name: run_started_at
SELECT started_at FROM run WHERE run_id = ?1;

-- name: run_host
SELECT host_id FROM run WHERE run_id = ?1;

-- name: lineage_touch
UPDATE lineage SET stale = CASE WHEN judged_run = ?4 AND stale < 2 THEN 1 ELSE 2 END
WHERE project_id = ?1 AND host_id = ?2 AND judged_at IS NOT NULL
  AND ((branch = (SELECT branch FROM run WHERE run_id = ?4) AND (?3 < judged_at OR (?3 = judged_at AND ?4 <= judged_run)))
       OR (branch <> base AND base = (SELECT branch FROM run WHERE run_id = ?4) AND ?3 <= judged_at));

-- name: lineage_spoil
-- ?2: only those that stand on runs of these branches, a JSON array.
UPDATE lineage SET stale = 2
WHERE (?1 IS NULL OR project_id = ?1)
  AND (?2 IS NULL OR branch IN (SELECT value FROM json_each(?2)) OR base IN (SELECT value FROM json_each(?2)));

-- name: lineage_spoil_from
UPDATE lineage SET stale = CASE WHEN judged_run = ?3 THEN max(stale, 1) ELSE 2 END
WHERE project_id = ?1 AND (judged_at, judged_run) >= (?2, ?3);

-- name: lineages_any
SELECT 1 FROM lineage WHERE project_id = ?1 LIMIT 1;

-- name: lineage_settings_put
INSERT INTO lineage_settings (lineage_id, settings) VALUES (?1, ?2)
ON CONFLICT (lineage_id) DO UPDATE SET settings = excluded.settings WHERE settings <> excluded.settings;

-- name: lineage_settings_of
SELECT lineage_settings.settings FROM lineage JOIN lineage_settings USING (lineage_id)
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3;

-- name: series_of
SELECT plugin_id, metric, state, seal FROM series WHERE lineage_id = ?1;

-- name: series_put
INSERT OR REPLACE INTO series (lineage_id, plugin_id, metric, state, seal) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: series_clear
DELETE FROM series WHERE lineage_id = ?1;

-- name: judgement_put
INSERT OR REPLACE INTO judgement (run_id, plugins, judged, passed, comparable, factor, factor_share, held)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: judgement_seal
UPDATE judgement SET seal = ?2 WHERE run_id = ?1;

-- name: judgement_unsealed
SELECT run_id FROM judgement JOIN run USING (run_id)
WHERE seal IS NULL AND project_id = ?1 AND host_id = ?2 AND branch = ?3 AND run_id > ?4
ORDER BY run_id LIMIT 1;

-- name: judgement_next
SELECT run_id FROM judgement WHERE run_id > ?1 ORDER BY run_id LIMIT 1;

-- name: run_factors_clear
DELETE FROM run_factor WHERE run_id = ?1;

-- name: run_factor_add
INSERT INTO run_factor (run_id, metric, factor, share) VALUES (?1, ?2, ?3, ?4);

-- name: unjudged_clear
DELETE FROM unjudged WHERE run_id = ?1;

-- name: unjudged_put
INSERT INTO unjudged (run_id, why, plugins, plugin_ids) VALUES (?1, ?2, ?3, ?4);

-- name: unjudged_of
SELECT unjudged.why, listed.value AS plugin_id FROM unjudged CROSS JOIN json_each(unjudged.plugin_ids) AS listed
WHERE unjudged.run_id = ?1
ORDER BY unjudged.why, listed.key;

-- name: told_unjudged
SELECT * FROM unjudged WHERE run_id = ?1 ORDER BY why;

-- name: run_factors_of
SELECT metric, factor, share FROM run_factor WHERE run_id = ?1;

-- name: judgement_of
SELECT plugins, judged, passed, comparable, factor, factor_share, held FROM judgement WHERE run_id = ?1;

-- name: verdict_put
INSERT INTO verdict (run_id, plugin_id, metric, class, leads, kind, runs, baseline_runs, since_run, good_run, signal, why,
                     decision_id, earliest_run, latest_run, sure_good_run, value, corrected, baseline, effect, evidence, needed,
                     z_history, pct_history, z_population, pct_population, allowed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27);

-- All that a judgement of a run left, column by column.
-- name: told_verdicts
SELECT * FROM verdict WHERE run_id = ?1 ORDER BY plugin_id, metric;

-- name: told_judgement
SELECT * FROM judgement WHERE run_id = ?1;

-- name: told_factors
SELECT * FROM run_factor WHERE run_id = ?1 ORDER BY metric;

-- name: told_ends
SELECT * FROM alarm_end WHERE run_id = ?1 ORDER BY plugin_id, metric;

-- name: trial_begin
SAVEPOINT trial;

-- name: trial_undo
ROLLBACK TO trial;

-- name: trial_end
RELEASE trial;

-- name: verdicts_clear
DELETE FROM verdict WHERE run_id = ?1;

-- name: alarm_ends_clear
DELETE FROM alarm_end WHERE run_id = ?1;

-- name: alarm_ends_spoil
DELETE FROM alarm_end WHERE run_id IN (SELECT run_id FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3);

-- name: alarm_end_put
INSERT INTO alarm_end (run_id, plugin_id, metric, ended, raised_run, decision_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: alarm_ends_of
SELECT alarm_end.plugin_id, metric, ended, raised.key AS raised, decision_id,
       (SELECT count(*) FROM run AS r JOIN judgement USING (run_id)
        WHERE r.project_id = raised.project_id AND r.branch = raised.branch AND r.host_id = raised.host_id AND r.repeat_of IS NULL
          AND (r.started_at, r.run_id) > (raised.started_at, raised.run_id)
          AND (r.started_at, r.run_id) <= (closed.started_at, closed.run_id)) AS runs_open
FROM alarm_end JOIN run AS closed ON closed.run_id = alarm_end.run_id JOIN run AS raised ON raised.run_id = raised_run
WHERE alarm_end.run_id = ?1
ORDER BY alarm_end.plugin_id, metric;

-- name: alarms_of_plugin
SELECT metric, raised, since, closed, ended, runs_open, branch, host FROM alarms
WHERE project = ?1 AND plugin = ?2
ORDER BY raised_at DESC, raised_run DESC, metric LIMIT 12;

-- name: verdict_plugins
SELECT DISTINCT plugin_id FROM verdict WHERE run_id = ?1 AND plugin_id IS NOT NULL;

-- name: verdicts_of
SELECT coalesce(plugin.name, '*') AS plugin, verdict.metric, class, leads, kind, value, corrected, baseline, effect, evidence,
       needed, runs, baseline_runs, z_history, pct_history, z_population, pct_population, allowed, since.key AS since,
       good.key AS last_good, good.commit_id AS good_commit, since.commit_id AS since_commit, signal, why,
       decision_id, since_run, verdict.plugin_id, earliest.key AS earliest, latest.key AS latest, sure.key AS sure_good,
       sure.commit_id AS sure_good_commit, latest.commit_id AS latest_commit, good.started_at AS good_at, since.started_at AS since_at,
       earliest.started_at AS earliest_at, latest.started_at AS latest_at, sure.started_at AS sure_good_at,
       class = 'over limit' AND EXISTS (
         SELECT 1 FROM verdict AS former
         WHERE former.plugin_id = verdict.plugin_id AND former.metric = verdict.metric AND former.class = 'over limit' AND former.run_id = (
             SELECT earlier.run_id FROM run AS tonight
             JOIN run AS earlier ON earlier.project_id = tonight.project_id AND earlier.branch = tonight.branch AND earlier.host_id = tonight.host_id
             WHERE tonight.run_id = verdict.run_id AND earlier.repeat_of IS NULL
               AND (earlier.started_at, earlier.run_id) < (tonight.started_at, tonight.run_id)
             ORDER BY earlier.started_at DESC, earlier.run_id DESC LIMIT 1)) AS before_too
FROM verdict LEFT JOIN plugin ON plugin.plugin_id = verdict.plugin_id
LEFT JOIN run AS since ON since.run_id = verdict.since_run LEFT JOIN run AS good ON good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.run_id = verdict.earliest_run LEFT JOIN run AS latest ON latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.run_id = verdict.sure_good_run
WHERE verdict.run_id = ?1
ORDER BY CASE class WHEN 'regressed' THEN 0 WHEN 'open' THEN 1 WHEN 'missing' THEN 2 WHEN 'over limit' THEN 3 WHEN 'suspect' THEN 4 WHEN 'waived' THEN 5
                    WHEN 'improved' THEN 6 WHEN 'retired' THEN 7 ELSE 8 END,
         verdict.plugin_id <> 0, leads DESC, evidence DESC, plugin, verdict.metric;

-- name: events_of
SELECT verdict.plugin_id, verdict.metric, class, kind, value, baseline, effect, verdict.run_id, since_run, since.key AS since,
       since.commit_id AS since_commit, good.commit_id AS good_commit, signal, earliest.key AS earliest, latest.key AS latest,
       sure.key AS sure_good, sure.commit_id AS sure_good_commit, latest.commit_id AS latest_commit,
       since.started_at AS since_at, earliest.started_at AS earliest_at, latest.started_at AS latest_at, sure.started_at AS sure_good_at
FROM run CROSS JOIN verdict ON verdict.run_id = run.run_id
LEFT JOIN run AS since ON since.run_id = verdict.since_run LEFT JOIN run AS good ON good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.run_id = verdict.earliest_run LEFT JOIN run AS latest ON latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.run_id = verdict.sure_good_run
WHERE run.project_id = ?1 AND run.host_id = ?2 AND run.branch = ?3
  AND (run.started_at, run.run_id) >= (?4, ?5) AND (run.started_at, run.run_id) <= (?6, ?7)
  AND class IN ('regressed', 'improved', 'suspect') AND verdict.plugin_id <> 0 AND verdict.plugin_id BETWEEN ?8 AND ?9
ORDER BY run.started_at, run.run_id, verdict.plugin_id, verdict.metric;

-- name: judgements_spoil
DELETE FROM judgement WHERE run_id IN (SELECT run_id FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3);

-- name: unjudged_spoil
DELETE FROM unjudged WHERE run_id IN (SELECT run_id FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3);

-- name: run_factors_spoil
DELETE FROM run_factor WHERE run_id IN (SELECT run_id FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3);

-- name: verdicts_spoil
DELETE FROM verdict WHERE run_id IN (SELECT run_id FROM run WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3);

-- name: decision_add
INSERT INTO decision (project_id, plugin_id, kind, metric, host_id, branch, from_run, from_at, made_run, made_run_at, ceiling,
                      until, reason, issue, made_by, made_at, adoption, source)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT started_at FROM run WHERE run_id = ?7), ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
RETURNING decision_id;

-- The first of those made at once; the others are stored with its number.
-- name: adoption_begin
UPDATE decision SET adoption = decision_id WHERE project_id = ?2 AND decision_id = ?1;

-- What fails in a run's verdicts, the run itself first.
-- name: failing_of
SELECT plugin_id, metric, class, coalesce(since_run, 0) AS since_run, coalesce(why, '') AS why FROM verdict
WHERE run_id = ?1 AND class IN ('regressed', 'open', 'missing')
ORDER BY plugin_id, metric;

-- name: decisions_of_lines
-- Those that came from lines of a file, of one branch and host.
SELECT decision_id, source, coalesce(plugin.name, '*') AS plugin, metric
FROM decision LEFT JOIN plugin USING (plugin_id)
WHERE decision.project_id = ?1 AND source IS NOT NULL AND decision.branch = ?2 AND (host_id IS NULL OR host_id = ?3)
ORDER BY decision_id;

-- name: run_of_commit
-- The first of a branch and host whose commit begins so.
SELECT run_id, started_at FROM run
WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL AND commit_id IS NOT NULL AND substr(commit_id, 1, length(?4)) = ?4
ORDER BY started_at, run_id LIMIT 1;

-- name: decisions
-- Those made at once go by one number.
SELECT coalesce(adoption, decision_id) AS decision_id, kind, coalesce(plugin_id, 0) AS plugin_id, metric, coalesce(from_run, 0) AS from_run,
       coalesce(from_at, 0) AS from_at, made_run, made_run_at, coalesce(until, 0) AS until, coalesce(ceiling, 0) AS ceiling, branch
FROM decision WHERE project_id = ?1 AND (host_id IS NULL OR host_id = ?2) ORDER BY decision.decision_id;

-- name: decisions_told
SELECT coalesce(adoption, decision_id) AS decision_id, kind, coalesce(plugin_id, 0) AS plugin_id, metric, from_run, made_run, ceiling, until, reason, issue,
       made_by, made_at
FROM decision
WHERE project_id = ?1 AND (host_id IS NULL OR host_id = ?2) AND (branch IS NULL OR branch = ?3)
ORDER BY decision.decision_id;

-- One line for all that were made at once.
-- name: decision_list
SELECT coalesce(adoption, decision_id) AS number, iif(adoption IS NULL, kind, 'adopt') AS kind,
       iif(adoption IS NULL, coalesce(plugin.name, '*'), '*') AS plugin, iif(adoption IS NULL, metric, NULL) AS metric,
       run.key AS from_run, ceiling,
       strftime('%Y-%m-%d', until, 'unixepoch') AS until, reason, issue, made_by,
       strftime('%Y-%m-%dT%H:%M:%SZ', made_at, 'unixepoch') AS made_at
FROM decision JOIN project ON project.project_id = decision.project_id LEFT JOIN plugin USING (plugin_id)
LEFT JOIN run ON run.run_id = iif(adoption IS NULL, decision.from_run, decision.made_run)
WHERE project.name = ?1
GROUP BY number
ORDER BY number;

-- name: decision_remove
DELETE FROM decision
WHERE project_id = ?2 AND coalesce(adoption, decision_id) IN (?1, (SELECT adoption FROM decision WHERE decision_id = ?1))
RETURNING decision_id;

-- name: plugins_of_project
SELECT plugin_id, name FROM plugin WHERE project_id = ?1;

-- name: run_by_key
SELECT run.run_id, run.project_id, run.host_id, run.started_at, run.key, run.branch, run.commit_id
FROM run JOIN project USING (project_id)
WHERE project.name = ?1 AND run.key = ?2;

-- name: open_of
SELECT verdict.metric, since.run_id AS since_run, coalesce(since.started_at, 0) AS since_at,
       coalesce(latest.started_at, since.started_at, 0) AS latest_at
FROM verdict
LEFT JOIN plugin ON plugin.plugin_id = verdict.plugin_id LEFT JOIN run AS since ON since.run_id = verdict.since_run
LEFT JOIN run AS latest ON latest.run_id = verdict.latest_run
WHERE verdict.run_id = ?1 AND coalesce(plugin.name, '*') = ?2 AND (?3 IS NULL OR verdict.metric = ?3)
  AND class IN ('regressed', 'open', 'waived', 'suspect');

-- name: verdicts_of_plugin
SELECT run, ts, metric, class, kind, value, baseline, effect, evidence, since, signal, why FROM (
SELECT run.started_at, run.run_id, run.key AS run, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch') AS ts,
       verdict.metric, class, kind, value, baseline, effect, evidence, since.key AS since, signal,
       coalesce(why, CASE WHEN class = 'missing'
                          THEN 'last seen in ' || good.key || strftime(' on %Y-%m-%d, ', good.started_at, 'unixepoch') || runs
                               || CASE runs WHEN 1 THEN ' run ago' ELSE ' runs ago' END END) AS why
FROM project CROSS JOIN plugin USING (project_id) CROSS JOIN run USING (project_id)
CROSS JOIN verdict ON verdict.run_id = run.run_id AND verdict.plugin_id = plugin.plugin_id
LEFT JOIN run AS since ON since.run_id = verdict.since_run LEFT JOIN run AS good ON good.run_id = verdict.good_run
WHERE plugin.name = ?2 AND project.name = ?1
  AND (class NOT IN ('open', 'missing', 'waived', 'not judged')
       OR verdict.run_id = (SELECT run_id FROM judgement JOIN run USING (run_id)
                            WHERE project_id = project.project_id ORDER BY started_at DESC, run_id DESC LIMIT 1))
UNION ALL
SELECT run.started_at, run.run_id, run.key, strftime('%Y-%m-%dT%H:%M:%SZ', run.started_at, 'unixepoch'), '', 'not judged', NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, unjudged.why
FROM project CROSS JOIN plugin USING (project_id) CROSS JOIN unjudged CROSS JOIN run USING (run_id)
WHERE project.name = ?1 AND plugin.name = ?2
  AND unjudged.run_id = (SELECT run_id FROM judgement JOIN run AS newest USING (run_id)
                    WHERE newest.project_id = project.project_id ORDER BY newest.started_at DESC, newest.run_id DESC LIMIT 1)
  AND EXISTS (SELECT 1 FROM json_each(unjudged.plugin_ids) WHERE value = plugin.plugin_id))
ORDER BY started_at DESC, run_id DESC, metric LIMIT 12;

-- name: lineages_spoil_all
UPDATE lineage SET stale = 2;

-- name: run_measured
-- A run and those that repeat it, in the order of their measurement.
SELECT run_id FROM run WHERE run_id = ?1 OR repeat_of = ?1 ORDER BY repeat_of IS NOT NULL, started_at, run_id;

-- name: compared_profiles
-- Of plugins without a call, too: they are there. ?2: with the sketches.
SELECT profile.plugin_id, plugin.name AS plugin, calls, errors,
       wall_ns / 1e6 / nullif(calls, 0) AS wall_per_call_ms, cpu_ns / 1e6 / nullif(calls, 0) AS cpu_per_call_ms,
       wall_p95_ns / 1e6 AS wall_p95_ms, peak_mem_bytes / 1024 AS peak_mem_kb,
       mem_delta_bytes / 1024 / nullif(calls, 0) AS mem_delta_per_call_kb, 1.0 * errors / nullif(calls, 0) AS error_rate,
       wall_p50_ns / 1e6 AS wall_p50_ms, wall_p99_ns / 1e6 AS wall_p99_ms, wall_max_ns / 1e6 AS wall_max_ms,
       max(occupied_ns - cpu_ns, 0) / 1e6 / nullif(calls, 0) AS blocked_per_call_ms,
       longest_step_ns / 1e6 AS longest_step_ms, clock, CASE WHEN ?2 THEN latency END AS latency
FROM profile CROSS JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE run_id = ?1
ORDER BY profile.plugin_id;

-- name: decisions_of_plugin
SELECT coalesce(adoption, decision_id) AS number, kind, metric, run.key AS from_run, ceiling,
       strftime('%Y-%m-%d', until, 'unixepoch') AS until, reason, issue, made_by
FROM decision JOIN project ON project.project_id = decision.project_id JOIN plugin USING (plugin_id)
LEFT JOIN run ON run.run_id = decision.from_run
WHERE project.name = ?1 AND plugin.name = ?2
ORDER BY decision_id;

-- name: levels_of_plugin
SELECT verdict.metric, since.key AS since, strftime('%Y-%m-%d', since.started_at, 'unixepoch') AS began,
       CASE WHEN earliest_run <> latest_run THEN earliest.key END AS at_the_earliest,
       CASE WHEN earliest_run <> latest_run THEN latest.key END AS at_the_latest,
       CASE WHEN earliest_run <> latest_run THEN sure.commit_id ELSE good.commit_id END AS after_commit,
       CASE WHEN earliest_run <> latest_run THEN latest.commit_id ELSE since.commit_id END AS up_to_commit,
       class, verdict.kind, baseline AS level_before, effect
FROM run JOIN project USING (project_id) CROSS JOIN verdict USING (run_id) JOIN plugin USING (plugin_id)
LEFT JOIN run AS since ON since.run_id = verdict.since_run LEFT JOIN run AS good ON good.run_id = verdict.good_run
LEFT JOIN run AS earliest ON earliest.run_id = verdict.earliest_run LEFT JOIN run AS latest ON latest.run_id = verdict.latest_run
LEFT JOIN run AS sure ON sure.run_id = verdict.sure_good_run
WHERE project.name = ?1 AND plugin.name = ?2 AND (class IN ('regressed', 'improved') OR (class = 'open' AND verdict.kind <> '')) AND verdict.metric <> ''
ORDER BY run.started_at, run.run_id, verdict.metric;

-- Dump and restore: facts by name, in the order of their names or of time, never of a number that the store gave. ?1 is a project,
-- NULL is all.

-- name: dump_hosts
SELECT key, cpu_model, cores, memory_gib, os FROM host
WHERE (cpu_model IS NOT NULL OR cores IS NOT NULL OR memory_gib IS NOT NULL OR os IS NOT NULL)
  AND host_id IN (SELECT host_id FROM run WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1)
                  UNION SELECT host_id FROM week WHERE ?1 IS NULL OR project_id = (SELECT project_id FROM project WHERE name = ?1))
ORDER BY key;

-- name: dump_projects
SELECT project_id, name FROM project WHERE ?1 IS NULL OR name = ?1 ORDER BY name;

-- name: dump_metrics
SELECT name, unit, better FROM metric WHERE project_id = ?1 ORDER BY name;

-- name: dump_weeks
SELECT week_id, branch, host.key AS host, begins_at
FROM week JOIN host USING (host_id)
WHERE project_id = ?1
ORDER BY begins_at, branch, host.key;

-- A run, then those that repeat it. Runs that start in the same second are judged in the order they were stored in: it is theirs.
-- name: dump_runs
SELECT run.run_id, run.key, run.started_at, run.branch, host.key AS host, run.commit_id, run.version, first.key AS repeat_of, run.tool
FROM run JOIN host USING (host_id) LEFT JOIN run AS first ON first.run_id = run.repeat_of
WHERE run.project_id = ?1
ORDER BY coalesce(first.started_at, run.started_at), coalesce(first.run_id, run.run_id), run.repeat_of IS NOT NULL,
         run.started_at, run.run_id;

-- name: dump_profiles
SELECT plugin.name AS plugin, calls, errors, wall_ns, cpu_ns, mem_delta_bytes, peak_mem_bytes,
       wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns,
       occupied_ns, longest_step_ns, cancelled, timeouts, clock, plugin_version, latency
FROM profile JOIN plugin USING (plugin_id) LEFT JOIN recording USING (run_id, plugin_id)
WHERE run_id = ?1
ORDER BY plugin.name;

-- name: dump_readings
SELECT plugin.name AS plugin, metric.name AS metric, metric.unit, value
FROM reading JOIN plugin USING (plugin_id) JOIN metric USING (metric_id)
WHERE run_id = ?1
ORDER BY plugin.name, metric.name;

-- name: dump_spikes
SELECT at_ms, duration_ms, cpu_percent, plugin.name AS plugin
FROM spike LEFT JOIN plugin USING (plugin_id)
WHERE run_id = ?1
ORDER BY seq;

-- The run from which a decision counts may be gone; the next one that it counts for then stands for it.
-- name: dump_decisions
SELECT decision_id, kind, plugin.name AS plugin, metric, host.key AS host, decision.branch, origin.key AS from_run, from_at,
       (SELECT key FROM run AS made WHERE made.project_id = ?1 AND made.started_at = made_run_at AND made.run_id >= made_run
        ORDER BY made.run_id LIMIT 1) AS made_run,
       made_run_at, ceiling, until, reason, issue, made_by, made_at, adoption, source
FROM decision LEFT JOIN plugin USING (plugin_id) LEFT JOIN host ON host.host_id = decision.host_id
LEFT JOIN run AS origin ON origin.run_id = from_run
WHERE decision.project_id = ?1
ORDER BY decision_id;

-- name: dump_lineages
SELECT branch, host.key AS host, base, lineage_settings.settings
FROM lineage JOIN host USING (host_id) LEFT JOIN lineage_settings USING (lineage_id)
WHERE project_id = ?1
ORDER BY branch, host.key;

-- No row where the decision of that number is there still, or there never was one.
-- name: dump_last_decision
SELECT seq FROM sqlite_sequence WHERE name = 'decision' AND seq > (SELECT coalesce(max(decision_id), 0) FROM decision);

-- name: project_used
SELECT 1 FROM project
WHERE name = ?1 AND (EXISTS (SELECT 1 FROM run WHERE run.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM metric WHERE metric.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM week WHERE week.project_id = project.project_id)
                     OR EXISTS (SELECT 1 FROM decision WHERE decision.project_id = project.project_id));

-- name: restore_decision
INSERT INTO decision (decision_id, project_id, plugin_id, kind, metric, host_id, branch, from_run, from_at, made_run, made_run_at,
                      ceiling, until, reason, issue, made_by, made_at, adoption, source)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
WHERE NOT EXISTS (SELECT 1 FROM decision WHERE decision_id = ?1)
RETURNING decision_id;

-- name: decision_told
SELECT project.name AS project, kind, plugin.name AS plugin, metric, reason, made_at
FROM decision JOIN project USING (project_id) LEFT JOIN plugin USING (plugin_id)
WHERE decision_id = ?1;

-- name: run_next_id
-- Ids are of the whole store, whatever the project (?1).
SELECT coalesce((SELECT max(run_id) FROM run), 0) + 1 WHERE ?1 IS NOT NULL;

-- name: decision_numbers_forget
DELETE FROM sqlite_sequence WHERE name = 'decision' AND seq < ?1;

-- name: decision_numbers_from
INSERT INTO sqlite_sequence (name, seq) SELECT 'decision', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'decision');

-- name: decisions_of_no_metric
SELECT decision_id, metric FROM decision
WHERE metric IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM metric WHERE metric.project_id = decision.project_id AND metric.name = decision.metric)
ORDER BY decision_id;

-- Those that nobody has judged since they were restored, of which the settings are known.
-- name: lineages_restored
SELECT project.name AS project, branch, host.key AS host, base, lineage_settings.settings
FROM lineage JOIN project USING (project_id) JOIN host USING (host_id) JOIN lineage_settings USING (lineage_id)
WHERE judged_run IS NULL
ORDER BY project.name, branch, host.key;

-- What the doctor looks at.
-- name: doctor_runs
SELECT run_id, started_at, run.key, branch, host.key AS host, commit_id IS NOT NULL AS has_commit, version IS NOT NULL AS has_version
FROM run JOIN host USING (host_id)
WHERE run_id IN (SELECT run_id FROM run WHERE project_id = (SELECT project_id FROM project WHERE name = ?1) AND repeat_of IS NULL
                 ORDER BY started_at DESC, run_id DESC LIMIT ?2)
ORDER BY started_at, run_id;

-- name: doctor_clocks
-- Plugins of which the newest ?4 runs of a lineage have several.
SELECT count(*) FROM (SELECT plugin_id FROM recording
                      WHERE run_id IN (SELECT run_id FROM run
                                       WHERE project_id = ?1 AND host_id = ?2 AND branch = ?3 AND repeat_of IS NULL
                                       ORDER BY started_at DESC, run_id DESC LIMIT ?4) AND clock IS NOT NULL
                      GROUP BY plugin_id HAVING count(DISTINCT clock) > 1) AS several;

-- name: doctor_open
-- What fails in the newest judged run of each lineage, nobody having decided, and for how many runs.
SELECT coalesce(plugin.name, '*') AS plugin, verdict.metric, lineage.branch,
       CASE WHEN class = 'missing' THEN verdict.runs
            ELSE (SELECT count(*) FROM run
                  WHERE run.project_id = lineage.project_id AND run.branch = lineage.branch AND run.host_id = lineage.host_id
                    AND run.repeat_of IS NULL AND run.started_at >= since.started_at AND run.started_at <= lineage.judged_at)
       END AS runs
FROM lineage JOIN verdict ON verdict.run_id = lineage.judged_run
LEFT JOIN plugin ON plugin.plugin_id = verdict.plugin_id LEFT JOIN run AS since ON since.run_id = verdict.since_run
WHERE lineage.project_id = (SELECT project_id FROM project WHERE name = ?1) AND leads = 1 AND class IN ('open', 'missing')
  AND coalesce(decision_id, 0) = 0
ORDER BY lineage.lineage_id, verdict.plugin_id, verdict.metric;

-- name: doctor_decisions
SELECT coalesce(adoption, decision_id) AS number, kind, coalesce(plugin.name, '*') AS plugin, metric, coalesce(until, 0) AS until,
       decision.plugin_id IS NULL
         OR EXISTS (SELECT 1 FROM profile
                    WHERE profile.plugin_id = decision.plugin_id
                      AND profile.run_id IN (SELECT run_id FROM run
                                             WHERE run.project_id = decision.project_id
                                             ORDER BY started_at DESC, run_id DESC LIMIT ?2)) AS seen,
       metric IS NULL OR EXISTS (SELECT 1 FROM metric WHERE metric.project_id = decision.project_id AND metric.name = decision.metric)
         AS stored_metric
FROM decision LEFT JOIN plugin ON plugin.plugin_id = decision.plugin_id
WHERE decision.project_id = (SELECT project_id FROM project WHERE name = ?1)
ORDER BY decision_id;

-- name: doctor_reader
-- There are no roles here.
SELECT 1 WHERE ?1 IS NOT NULL;

-- The newest ?8 alarms of a lineage that were raised, and ends of these, between two runs.
-- name: entries_of
SELECT told.key AS run, entry.started_at, entry.plugin_id, entry.metric, entry.kind, entry.value, entry.corrected, entry.baseline,
       entry.effect, entry.signal, since.key AS since, since.started_at AS since_at, since.commit_id AS since_commit, good.commit_id AS good_commit, entry.ended,
       raised.key AS raised, entry.decision_id,
       (SELECT count(*) FROM run AS r JOIN judgement USING (run_id)
        WHERE r.project_id = raised.project_id AND r.branch = raised.branch AND r.host_id = raised.host_id AND r.repeat_of IS NULL
          AND (r.started_at, r.run_id) > (raised.started_at, raised.run_id)
          AND (r.started_at, r.run_id) <= (told.started_at, told.run_id)) AS runs_open
FROM (SELECT run.run_id, run.started_at, verdict.plugin_id, verdict.metric, kind, value, corrected, baseline, effect, signal, since_run,
             good_run, NULL AS ended, NULL AS raised_run, NULL AS decision_id
      FROM run CROSS JOIN verdict ON verdict.run_id = run.run_id
      WHERE run.project_id = ?1 AND run.host_id = ?2 AND run.branch = ?3
        AND (run.started_at, run.run_id) >= (?4, ?5) AND (run.started_at, run.run_id) <= (?6, ?7)
        AND class = 'regressed' AND leads = 1
      UNION ALL
      SELECT run.run_id, run.started_at, alarm_end.plugin_id, alarm_end.metric, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, alarm_end.ended, alarm_end.raised_run, alarm_end.decision_id
      FROM run CROSS JOIN alarm_end ON alarm_end.run_id = run.run_id
      WHERE run.project_id = ?1 AND run.host_id = ?2 AND run.branch = ?3
        AND (run.started_at, run.run_id) >= (?4, ?5) AND (run.started_at, run.run_id) <= (?6, ?7)
        AND alarm_end.ended IN ('returned', 'accepted')
        AND EXISTS (SELECT 1 FROM verdict
                    WHERE verdict.run_id = alarm_end.raised_run AND verdict.plugin_id = alarm_end.plugin_id
                      AND (alarm_end.plugin_id = 0 OR verdict.metric = alarm_end.metric) AND class = 'regressed' AND leads = 1)
     ) AS entry
JOIN run AS told ON told.run_id = entry.run_id
LEFT JOIN run AS since ON since.run_id = entry.since_run LEFT JOIN run AS good ON good.run_id = entry.good_run
LEFT JOIN run AS raised ON raised.run_id = entry.raised_run
ORDER BY entry.started_at DESC, entry.run_id DESC, entry.ended IS NOT NULL, entry.plugin_id, entry.metric LIMIT ?8;
