-- No table changes: the views have blocked_per_call_ms and longest_step_ms, and there is one of spikes. All views are made anew by every migration.

DROP VIEW IF EXISTS history;
