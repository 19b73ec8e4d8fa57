-- Decisions that were made at once, when a history was adopted as it is: all have the number of the first, and are taken back together.

ALTER TABLE decision ADD COLUMN adoption INTEGER CHECK (adoption > 0);
