-- How alarms ended: a row for each regression that was open and is so no longer, in the first run without it. plugin_id 0 and the empty
-- metric are the whole run. raised_run: the run whose verdict was the (last) alarm.

CREATE TABLE alarm_end (
  run_id      INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  plugin_id   INTEGER NOT NULL,
  metric      TEXT NOT NULL,
  ended       TEXT NOT NULL CHECK (ended IN ('returned', 'accepted', 'begun anew')),
  raised_run  INTEGER,
  decision_id INTEGER,
  PRIMARY KEY (run_id, plugin_id, metric)
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_end_series ON alarm_end (plugin_id, metric);
