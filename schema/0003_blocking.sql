-- No table changes: the views have blocked_per_call_ms and longest_step_ms. All views are made anew by every migration.

DROP VIEW IF EXISTS history;
