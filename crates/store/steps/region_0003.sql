-- Who received something of somebody who was erased, and whether they were told so (GDPR Art. 19). No value and no address.
CREATE TABLE told (id {blob} PRIMARY KEY, company {blob} NOT NULL, erasure {blob} NOT NULL, person {blob} NOT NULL,
  party {text} NOT NULL, kinds {text} NOT NULL, last_at {int} NOT NULL, erased_at {int} NOT NULL, state {int} NOT NULL,
  told_at {int}, told_by {blob}) {strict};
CREATE INDEX told_erasure ON told (erasure);
CREATE INDEX told_state ON told (state, company, erased_at);
