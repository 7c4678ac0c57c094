-- What a company's own fields and objects are called in other languages, by language; empty where it said nothing.
ALTER TABLE field ADD COLUMN labels {text} NOT NULL DEFAULT '';
ALTER TABLE field ADD COLUMN choices_also {text} NOT NULL DEFAULT '';
ALTER TABLE object ADD COLUMN singulars {text} NOT NULL DEFAULT '';
ALTER TABLE object ADD COLUMN plurals {text} NOT NULL DEFAULT '';
-- Whether somebody wants letters of what colleagues say to them, and up to when they were told by one.
ALTER TABLE staff ADD COLUMN letters {int} NOT NULL DEFAULT 1;
ALTER TABLE staff ADD COLUMN told_until {int} NOT NULL DEFAULT 0;
