-- Check values of what is derived, by which damage and changes from outside are noticed: store/seal.c says of what. NULL: written by
-- a version that made none; the next gate adds it.

ALTER TABLE judgement ADD COLUMN seal INTEGER;
ALTER TABLE series ADD COLUMN seal INTEGER;
ALTER TABLE lineage ADD COLUMN seal INTEGER;
