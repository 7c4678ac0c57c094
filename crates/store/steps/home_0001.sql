-- The home store: who runs here, what they laid down, who may come in, and where each person's facts are. No values.
CREATE TABLE company (id {blob} PRIMARY KEY, code {text} NOT NULL UNIQUE, name {text} NOT NULL, region {text} NOT NULL,
  created_at {int} NOT NULL) {strict};
CREATE TABLE policy (company {blob} NOT NULL, version {int} NOT NULL, at {int} NOT NULL, digest {blob} NOT NULL,
  body {text} NOT NULL, about {int} NOT NULL, staff {blob}, second {blob}, item {text} NOT NULL, what {text} NOT NULL,
  PRIMARY KEY (company, version)) {strict};
CREATE TABLE notice (company {blob} NOT NULL, id {blob} NOT NULL, version {int} NOT NULL, body {text} NOT NULL,
  PRIMARY KEY (company, id, version)) {strict};
CREATE TABLE draft (id {blob} PRIMARY KEY, company {blob} NOT NULL, at {int} NOT NULL, staff {blob} NOT NULL,
  body {text} NOT NULL, decided_at {int}, decided_by {blob}, approved {int}) {strict};
CREATE INDEX draft_company ON draft (company, at);
CREATE TABLE staff (id {blob} PRIMARY KEY, company {blob} NOT NULL, email {text} NOT NULL, name {text} NOT NULL,
  roles {text} NOT NULL, password {text}, created_at {int} NOT NULL, disabled_at {int}, standing_since {int} NOT NULL,
  UNIQUE (company, email)) {strict};
-- What was done to accounts and ways in. Never changed, never taken away.
CREATE TABLE staff_act (company {blob} NOT NULL, at {int} NOT NULL, id {blob} NOT NULL, staff {blob} NOT NULL, who {blob},
  what {text} NOT NULL, PRIMARY KEY (company, at, id)) {clustered};
CREATE TABLE session (token {blob} PRIMARY KEY, company {blob} NOT NULL, kind {int} NOT NULL, who {blob} NOT NULL,
  role {text} NOT NULL, created_at {int} NOT NULL, seen_at {int} NOT NULL, expires_at {int} NOT NULL,
  place {text} NOT NULL) {strict};
CREATE INDEX session_who ON session (who);
CREATE TABLE link (token {blob} PRIMARY KEY, company {blob} NOT NULL, kind {int} NOT NULL, who {blob} NOT NULL,
  created_at {int} NOT NULL, expires_at {int} NOT NULL, used_at {int}) {strict};
CREATE INDEX link_who ON link (who);
CREATE INDEX link_expires ON link (expires_at);
CREATE TABLE factor (id {blob} PRIMARY KEY, staff {blob} NOT NULL, kind {int} NOT NULL, label {text} NOT NULL,
  lookup {blob} UNIQUE, sealed {blob} NOT NULL, counter {int} NOT NULL, made_at {int} NOT NULL, used_at {int},
  confirmed {int} NOT NULL) {strict};
CREATE INDEX factor_staff ON factor (staff);
CREATE TABLE recovery (staff {blob} NOT NULL, digest {blob} NOT NULL, used_at {int}, PRIMARY KEY (staff, digest)) {strict};
CREATE TABLE provider (company {blob} PRIMARY KEY, label {text} NOT NULL, issuer {text} NOT NULL, client {text} NOT NULL,
  secret {blob}) {strict};
CREATE TABLE binding (company {blob} NOT NULL, subject {blob} NOT NULL, staff {blob} NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (company, subject)) {strict};
CREATE INDEX binding_staff ON binding (staff);
-- With which accounts elsewhere people may come in, and whose account is whose (a digest of issuer and subject).
CREATE TABLE person_provider (company {blob} NOT NULL, name {text} NOT NULL, label {text} NOT NULL, issuer {text} NOT NULL,
  client {text} NOT NULL, secret {blob}, PRIMARY KEY (company, name)) {strict};
CREATE TABLE person_binding (company {blob} NOT NULL, subject {blob} NOT NULL, person {blob} NOT NULL,
  provider {text} NOT NULL, at {int} NOT NULL, used_at {int}, PRIMARY KEY (company, subject)) {strict};
CREATE INDEX person_binding_person ON person_binding (person);
CREATE TABLE attempt (key {blob} NOT NULL, at {int} NOT NULL, PRIMARY KEY (key, at)) {clustered};
CREATE TABLE directory (person {blob} PRIMARY KEY, company {blob} NOT NULL, region {text} NOT NULL,
  created_at {int} NOT NULL, quarantined {int} NOT NULL, import {blob}) {clustered};
CREATE INDEX directory_company ON directory (company, person);
CREATE INDEX directory_import ON directory (import, person);
CREATE INDEX directory_waiting ON directory (company, quarantined, person);
CREATE INDEX directory_since ON directory (company, created_at, person, import);
-- People who were deleted and can be brought back for a while: they stand here instead of in the directory.
CREATE TABLE deleted (person {blob} PRIMARY KEY, company {blob} NOT NULL, region {text} NOT NULL, created_at {int} NOT NULL,
  quarantined {int} NOT NULL, import {blob}, at {int} NOT NULL, until_at {int} NOT NULL, staff {blob} NOT NULL,
  state {int} NOT NULL) {strict};
CREATE INDEX deleted_company ON deleted (company, at);
CREATE INDEX deleted_until ON deleted (until_at);
-- Last letters to people who are erased, until they are sent.
CREATE TABLE farewell (id {blob} PRIMARY KEY, company {blob} NOT NULL, person {blob} NOT NULL, at {int} NOT NULL,
  sealed {blob} NOT NULL, claimed_until {int}) {strict};
CREATE INDEX farewell_company ON farewell (company, at);
-- Batches of people that are being admitted: written before their facts, gone when everybody of them is listed.
CREATE TABLE coming (id {blob} PRIMARY KEY, company {blob} NOT NULL, region {text} NOT NULL, at {int} NOT NULL, import {blob},
  people {blob} NOT NULL) {strict};
CREATE TABLE token (company {blob} NOT NULL, token {int} NOT NULL, person {blob} NOT NULL,
  PRIMARY KEY (company, token, person)) {clustered};
CREATE INDEX token_person ON token (person);
CREATE TABLE suppression (company {blob} NOT NULL, token {int} NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (company, token)) {clustered};
CREATE TABLE job (id {blob} PRIMARY KEY, kind {text} NOT NULL, body {blob} NOT NULL, run_at {int} NOT NULL,
  tries {int} NOT NULL, claimed_until {int}, done_at {int}, error {text}) {strict};
CREATE INDEX job_due ON job (kind, run_at) WHERE done_at IS NULL;
CREATE TABLE import (id {blob} PRIMARY KEY, company {blob} NOT NULL, region {text} NOT NULL, staff {blob} NOT NULL,
  created_at {int} NOT NULL, state {text} NOT NULL, body {text} NOT NULL, done {int} NOT NULL, total {int} NOT NULL,
  rejected {int} NOT NULL, merged {int} NOT NULL, at_byte {int} NOT NULL, claimed_until {int}, file {text}) {strict};
CREATE INDEX import_company ON import (company, created_at);
CREATE TABLE caller (token {blob} PRIMARY KEY, id {blob} NOT NULL UNIQUE, company {blob} NOT NULL, name {text} NOT NULL,
  role {text} NOT NULL, purpose {text}, created_at {int} NOT NULL, until {int} NOT NULL, ended_at {int}, made_by {blob}) {strict};
CREATE INDEX caller_company ON caller (company, created_at);
CREATE INDEX caller_made_by ON caller (company, made_by, id) WHERE made_by IS NOT NULL;
-- Calls of programs that are to happen once: a digest of what was asked, and the sealed answer. Kept for a day.
CREATE TABLE once (caller {blob} NOT NULL, key {blob} NOT NULL, asked {blob} NOT NULL, at {int} NOT NULL, answer {blob},
  PRIMARY KEY (caller, key)) {strict};
-- What happened, for programs that want to be told: ids only, written with the change and carried on by the worker.
CREATE TABLE event (ver {key}, company {blob} NOT NULL, kind {text} NOT NULL, thing {text} NOT NULL,
  at {int} NOT NULL) {strict};
-- Programs that want to be told what happens, and what they were told. The secrets are sealed.
CREATE TABLE hook (id {blob} PRIMARY KEY, company {blob} NOT NULL, url {text} NOT NULL, events {text} NOT NULL,
  private {int} NOT NULL, secret {blob} NOT NULL, old_secret {blob}, old_until {int}, made_at {int} NOT NULL, off_at {int},
  off_why {text}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX hook_company ON hook (company, id);
CREATE TABLE delivery (hook {blob} NOT NULL, id {text} NOT NULL, kind {text} NOT NULL, thing {text} NOT NULL, at {int} NOT NULL,
  tries {int} NOT NULL, next_at {int}, claimed_until {int}, tried_at {int}, done_at {int}, said {text} NOT NULL,
  PRIMARY KEY (hook, id)) {strict};
CREATE INDEX delivery_hook ON delivery (hook, at);
CREATE INDEX delivery_at ON delivery (at);
CREATE INDEX delivery_due ON delivery (hook, next_at) WHERE next_at IS NOT NULL;
-- Fields that a company made: what they are called and what may stand in them. No value of anybody.
CREATE TABLE field (company {blob} NOT NULL, thing {text} NOT NULL, name {text} NOT NULL, label {text} NOT NULL, kind {int} NOT NULL,
  category {text}, choices {text} NOT NULL, place {int} NOT NULL, gone_at {int}, PRIMARY KEY (company, thing, name)) {strict};
-- Who works together, and how far each role sees and changes work; what is not said reaches to all of it.
CREATE TABLE team (company {blob} NOT NULL, key {text} NOT NULL, name {text} NOT NULL, PRIMARY KEY (company, key)) {strict};
CREATE TABLE team_member (company {blob} NOT NULL, team {text} NOT NULL, staff {blob} NOT NULL,
  PRIMARY KEY (company, team, staff)) {clustered};
CREATE INDEX team_member_staff ON team_member (company, staff, team);
CREATE TABLE reach (company {blob} NOT NULL, role {text} NOT NULL, object {int} NOT NULL, see {int} NOT NULL, change {int} NOT NULL,
  PRIMARY KEY (company, role, object)) {clustered};
-- Kinds of things that a company made: what they are called and whom they belong to.
CREATE TABLE object (company {blob} NOT NULL, key {text} NOT NULL, singular {text} NOT NULL, plural {text} NOT NULL,
  belongs {int} NOT NULL, place {int} NOT NULL, gone_at {int}, PRIMARY KEY (company, key)) {strict};
