-- The directory of a few owners, each read by itself.
CREATE INDEX directory_owner ON directory (company, owner, person);
