-- Programs that people let act for them: the digest of a key, what it may do, and its name under the person's own key.
CREATE TABLE own_key (token {blob} PRIMARY KEY, id {blob} NOT NULL, company {blob} NOT NULL, person {blob} NOT NULL,
  name {blob} NOT NULL, may {int} NOT NULL, made_at {int} NOT NULL, until {int} NOT NULL, used_at {int}, ended_at {int}) {strict};
CREATE INDEX own_key_person ON own_key (person, made_at);
-- Where a party is told that somebody was erased, sealed under the company's key.
CREATE TABLE party_contact (company {blob} NOT NULL, party {blob} NOT NULL, sealed {blob} NOT NULL, PRIMARY KEY (company, party)) {strict};
