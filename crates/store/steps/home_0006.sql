-- How far what is kept of a company in a region was walked through to be made findable by its words: of each kind the last
-- one, and whether that was all.
CREATE TABLE findable (company {blob} NOT NULL, region {text} NOT NULL, kind {int} NOT NULL, upto {blob} NOT NULL,
  done {int} NOT NULL, PRIMARY KEY (company, region, kind)) {strict};
