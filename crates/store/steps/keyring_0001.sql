-- The keyring: keys, wrapped by other keys. Backed up apart from the data, and kept for at most thirty days.
CREATE TABLE wrapped (name {text} PRIMARY KEY, epoch {int} NOT NULL, body {blob} NOT NULL) {strict};
CREATE TABLE epoch (n {int} PRIMARY KEY, made_at {int} NOT NULL, body {blob} NOT NULL) {strict};
CREATE TABLE person_key (person {blob} PRIMARY KEY, epoch {int} NOT NULL, body {blob} NOT NULL) {clustered};
CREATE INDEX person_key_epoch ON person_key (epoch);
CREATE TABLE signer (log {text} PRIMARY KEY, size {int} NOT NULL, root {blob} NOT NULL) {strict};
CREATE TABLE erasure (person {blob} PRIMARY KEY, company {blob} NOT NULL, region {text} NOT NULL, at {int} NOT NULL) {strict};
CREATE TABLE wish (seq {key}, person {blob} NOT NULL, company {blob} NOT NULL, at {int} NOT NULL, sealed {blob} NOT NULL) {strict};
CREATE INDEX wish_person ON wish (person);
