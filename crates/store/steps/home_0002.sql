-- Who looks after a person. It stands in each index of the directory, so that whose people are meant is told without reading a row.
ALTER TABLE directory ADD COLUMN owner {blob};
ALTER TABLE deleted ADD COLUMN owner {blob};
ALTER TABLE coming ADD COLUMN owner {blob};
DROP INDEX directory_company;
DROP INDEX directory_import;
DROP INDEX directory_waiting;
DROP INDEX directory_since;
CREATE INDEX directory_company ON directory (company, person, owner);
CREATE INDEX directory_import ON directory (import, person, owner);
CREATE INDEX directory_waiting ON directory (company, quarantined, person, owner);
CREATE INDEX directory_since ON directory (company, created_at, person, import, owner);
