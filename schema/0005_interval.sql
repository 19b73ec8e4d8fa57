-- Between which runs a change began: the earliest and the latest run that it may have begun with, and the run before the earliest.
-- They are one run where the date is sure.

ALTER TABLE verdict ADD COLUMN earliest_run INTEGER;
ALTER TABLE verdict ADD COLUMN latest_run INTEGER;
ALTER TABLE verdict ADD COLUMN sure_good_run INTEGER;
