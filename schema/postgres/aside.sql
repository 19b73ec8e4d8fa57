-- Everything derived, once more in tables of the transaction alone, which stand before the store's by their names.

CREATE TEMP TABLE tm_aside_lineage ON COMMIT DROP AS TABLE lineage;
ALTER TABLE tm_aside_lineage RENAME TO lineage;
ALTER TABLE pg_temp.lineage ADD UNIQUE (project_id, host_id, branch), ADD PRIMARY KEY (project_id, lineage_id);
CREATE TEMP TABLE tm_aside_lineage_settings ON COMMIT DROP AS TABLE lineage_settings;
ALTER TABLE tm_aside_lineage_settings RENAME TO lineage_settings;
ALTER TABLE pg_temp.lineage_settings ADD PRIMARY KEY (project_id, lineage_id);
CREATE TEMP TABLE tm_aside_series ON COMMIT DROP AS TABLE series;
ALTER TABLE tm_aside_series RENAME TO series;
ALTER TABLE pg_temp.series ADD PRIMARY KEY (project_id, lineage_id, plugin_id, metric);
CREATE TEMP TABLE tm_aside_judgement ON COMMIT DROP AS TABLE judgement;
ALTER TABLE tm_aside_judgement RENAME TO judgement;
ALTER TABLE pg_temp.judgement ADD PRIMARY KEY (project_id, run_id);
CREATE TEMP TABLE tm_aside_run_factor ON COMMIT DROP AS TABLE run_factor;
ALTER TABLE tm_aside_run_factor RENAME TO run_factor;
ALTER TABLE pg_temp.run_factor ADD PRIMARY KEY (project_id, run_id, metric);
CREATE TEMP TABLE tm_aside_unjudged ON COMMIT DROP AS TABLE unjudged;
ALTER TABLE tm_aside_unjudged RENAME TO unjudged;
ALTER TABLE pg_temp.unjudged ADD PRIMARY KEY (project_id, run_id, why);
CREATE TEMP TABLE tm_aside_verdict ON COMMIT DROP AS TABLE verdict;
ALTER TABLE tm_aside_verdict RENAME TO verdict;
ALTER TABLE pg_temp.verdict ADD PRIMARY KEY (project_id, run_id, plugin_id, metric);
CREATE TEMP TABLE tm_aside_alarm_end ON COMMIT DROP AS TABLE alarm_end;
ALTER TABLE tm_aside_alarm_end RENAME TO alarm_end;
ALTER TABLE pg_temp.alarm_end ADD PRIMARY KEY (project_id, run_id, plugin_id, metric);
ALTER TABLE pg_temp.lineage ALTER stale SET DEFAULT 0;
ALTER TABLE pg_temp.judgement ALTER held SET DEFAULT 0;
