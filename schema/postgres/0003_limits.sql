-- As schema/0013_limits.sql.

ALTER TABLE verdict DROP CONSTRAINT verdict_class_check;
ALTER TABLE verdict ADD CONSTRAINT verdict_class_check
  CHECK (class IN ('over limit', 'regressed', 'open', 'suspect', 'improved', 'not judged', 'missing', 'waived', 'retired'));
ALTER TABLE verdict ADD COLUMN allowed double precision;
ALTER TABLE decision ADD COLUMN source text COLLATE "C" CHECK (length(source) > 0);
