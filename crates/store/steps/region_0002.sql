-- How often a letter was tried.
ALTER TABLE mail ADD COLUMN tries {int} NOT NULL DEFAULT 0;
