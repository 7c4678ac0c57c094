-- How often a last letter was tried. Of each file that a command imports, one import is under way at most.
ALTER TABLE farewell ADD COLUMN tries {int} NOT NULL DEFAULT 0;
UPDATE import SET file = NULL WHERE state IN ('running', 'stopped') AND EXISTS (SELECT 1 FROM import newer
  WHERE newer.company = import.company AND newer.file = import.file AND newer.state IN ('running', 'stopped') AND newer.id > import.id);
CREATE UNIQUE INDEX import_under_way ON import (company, file) WHERE state IN ('running', 'stopped');
