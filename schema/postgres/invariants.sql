-- Each statement lists what breaks one rule that the tables' own CHECKs cannot say. In a sound store no statement returns a row.
-- Columns: rule, where it is broken.

-- name: plugin_of_other_project
SELECT 'a profile''s plugin and run are of one project' AS rule, run.key || ' / ' || profile.plugin_id AS place
FROM run JOIN profile ON profile.project_id = run.project_id AND profile.run_id = run.run_id
LEFT JOIN plugin ON plugin.project_id = profile.project_id AND plugin.plugin_id = profile.plugin_id
WHERE plugin.plugin_id IS NULL;

-- name: percentiles_in_order
SELECT 'percentiles do not fall' AS rule, run.key || ' / plugin ' || profile.plugin_id AS place
FROM run JOIN profile ON profile.project_id = run.project_id AND profile.run_id = run.run_id
WHERE wall_p50_ns > wall_p95_ns OR wall_p95_ns > wall_p99_ns OR wall_p50_ns > wall_p99_ns OR wall_p99_ns > wall_max_ns;

-- name: times_of_runs
SELECT 'runs start between the years 1970 and 9999' AS rule, key AS place FROM run
WHERE started_at NOT BETWEEN 0 AND 253402300799;

-- name: repeat_in_project
SELECT 'a repeated run is of the same project' AS rule, run.key AS place
FROM run LEFT JOIN run AS first ON first.project_id = run.project_id AND first.run_id = run.repeat_of
WHERE run.repeat_of IS NOT NULL AND (first.run_id IS NULL OR first.run_id = run.run_id);

-- name: clean_names
SELECT 'names hold no control characters' AS rule, name AS place
FROM (SELECT name FROM plugin UNION ALL SELECT name FROM project UNION ALL SELECT key FROM run UNION ALL SELECT branch FROM run) AS names
WHERE name ~ '[\x01-\x1f\x7f]';

-- name: spike_plugin_in_run
SELECT 'a spike''s plugin has a profile in the run' AS rule, run.key || ' / spike ' || spike.seq AS place
FROM spike JOIN run ON run.project_id = spike.project_id AND run.run_id = spike.run_id
WHERE spike.plugin_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM profile WHERE profile.project_id = spike.project_id AND profile.run_id = spike.run_id AND profile.plugin_id = spike.plugin_id);

-- name: classes_add_up
SELECT 'a run''s passes and what is told of its plugins are all that were judged' AS rule, run.key AS place
FROM run JOIN judgement USING (project_id, run_id)
WHERE judged > plugins
   OR judged <> passed + (SELECT count(*) FROM verdict WHERE verdict.project_id = run.project_id AND verdict.run_id = run.run_id AND leads <> 0 AND plugin_id <> 0
                                                         AND class IN ('regressed', 'open', 'over limit', 'suspect', 'waived'));

-- name: unjudged_are_counted
SELECT 'plugins that were not judged are as many as are listed, and no more than the run''s' AS rule, run.key || ' / ' || why AS place
FROM run JOIN unjudged USING (project_id, run_id) LEFT JOIN judgement USING (project_id, run_id)
WHERE unjudged.plugins <> jsonb_array_length(plugin_ids::jsonb) OR judgement.plugins IS NULL OR unjudged.plugins > judgement.plugins - judged;

-- name: verdicts_of_judged
SELECT DISTINCT 'a run that is told of was judged' AS rule, run.key AS place FROM verdict JOIN run USING (project_id, run_id)
WHERE NOT EXISTS (SELECT 1 FROM judgement WHERE judgement.project_id = verdict.project_id AND judgement.run_id = verdict.run_id);

-- name: parts_are_in_their_run
SELECT 'what a part tells of is in its run, called as often as in all of its parts' AS rule, run.key || ' / ' || plugin.name AS place
FROM part JOIN run USING (project_id, run_id) JOIN part_profile USING (project_id, part_id) JOIN plugin USING (project_id, plugin_id)
LEFT JOIN profile ON profile.project_id = part.project_id AND profile.run_id = part.run_id AND profile.plugin_id = part_profile.plugin_id
GROUP BY part.project_id, part.run_id, run.key, part_profile.plugin_id, plugin.name, profile.calls
HAVING profile.calls IS NULL OR profile.calls <> sum(part_profile.calls);

-- name: parts_have_all_of_their_run
SELECT 'what a run in parts has is in one of its parts' AS rule, run.key || ' / plugin ' || profile.plugin_id AS place
FROM run JOIN profile USING (project_id, run_id)
WHERE EXISTS (SELECT 1 FROM part WHERE part.project_id = run.project_id AND part.run_id = run.run_id)
  AND NOT EXISTS (SELECT 1 FROM part JOIN part_profile USING (project_id, part_id)
                  WHERE part.project_id = run.project_id AND part.run_id = run.run_id AND part_profile.plugin_id = profile.plugin_id);

-- name: weeks_are_of_one_project
SELECT 'a week''s plugins are of its project' AS rule, tm_day(begins_at) || ' / ' || week_total.plugin_id AS place
FROM week JOIN week_total USING (project_id, week_id)
LEFT JOIN plugin ON plugin.project_id = week.project_id AND plugin.plugin_id = week_total.plugin_id
WHERE plugin.plugin_id IS NULL;

-- name: weeks_can_be_of_their_runs
SELECT 'a week''s values can be those of its runs' AS rule,
       tm_day(begins_at) || ' / plugin ' || plugin_id || ' / ' || metric AS place
FROM week JOIN week_value USING (project_id, week_id)
WHERE n > (SELECT count(*) FROM week_run WHERE week_run.project_id = week.project_id AND week_run.week_id = week.week_id)
   OR mean NOT BETWEEN least AND most OR (m2 > 0 AND (n = 1 OR least = most));

-- name: weeks_have_runs
SELECT 'a week has runs' AS rule, tm_day(begins_at) || ' / ' || branch AS place FROM week
WHERE NOT EXISTS (SELECT 1 FROM week_run WHERE week_run.project_id = week.project_id AND week_run.week_id = week.week_id);
