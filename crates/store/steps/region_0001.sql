-- A region's store: the facts of its people, sealed; what they said; and the ledger of every use.
CREATE TABLE policy_head (company {blob} PRIMARY KEY, version {int} NOT NULL) {strict};
-- Since when each version has been in force here.
CREATE TABLE policy_since (company {blob} NOT NULL, version {int} NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (company, version)) {clustered};
CREATE TABLE person (id {blob} PRIMARY KEY, company {blob} NOT NULL, epoch {int} NOT NULL, state {int} NOT NULL,
  residence {text}, minor {int} NOT NULL, seq {int} NOT NULL, created_at {int} NOT NULL, import {blob}, sweep_at {int},
  acted_at {int} NOT NULL DEFAULT 0, beside {text}, next_key {blob}, gone_at {int}) {clustered};
CREATE INDEX person_import ON person (import);
CREATE INDEX person_sweep ON person (sweep_at) WHERE sweep_at IS NOT NULL;
CREATE TABLE fact (person {blob} NOT NULL, id {blob} NOT NULL, category {text} NOT NULL, source {text} NOT NULL,
  region {text} NOT NULL, confirmed_at {int} NOT NULL, warrant {blob}, anchors {text}, carried {blob}, carried_until {int},
  derived {text}, sealed {blob} NOT NULL, PRIMARY KEY (person, id)) {clustered};
-- Files, sealed in pieces, apart from what lists read: of a person (id of the fact) or of the company (id of the activity).
CREATE TABLE file (id {blob} PRIMARY KEY, company {blob} NOT NULL, person {blob}, size {int} NOT NULL,
  head {blob} NOT NULL) {strict};
CREATE INDEX file_person ON file (person);
CREATE TABLE file_piece (id {blob} NOT NULL, n {int} NOT NULL, sealed {blob} NOT NULL, PRIMARY KEY (id, n)) {strict};
-- Emergencies: who asked to open what of whom, and which second person said yes. What was typed is sealed.
CREATE TABLE emergency (id {blob} PRIMARY KEY, company {blob} NOT NULL, person {blob}, staff {blob} NOT NULL,
  role {text} NOT NULL, purpose {text} NOT NULL, kinds {text} NOT NULL, asked_at {int} NOT NULL, state {int} NOT NULL,
  second {blob}, decided_at {int}, until_at {int}, looked_at {int}, sealed {blob}) {strict};
CREATE INDEX emergency_person ON emergency (person);
CREATE INDEX emergency_company ON emergency (company, asked_at);
CREATE TABLE clause (id {blob} PRIMARY KEY, body {text} NOT NULL) {strict};
CREATE TABLE answer (person {blob} NOT NULL, purpose {text} NOT NULL, at {int} NOT NULL, said {int} NOT NULL,
  grant_id {blob}, clause {blob}, until_at {int}, notice {blob}, notice_version {int}, giver {int}, evidence {int},
  uses_left {int}, PRIMARY KEY (person, purpose, at)) {clustered};
-- What was taken back stays with its end, so that it can be told what stood when.
CREATE TABLE objection (person {blob} NOT NULL, scope {text} NOT NULL, at {int} NOT NULL, overridden {text}, ended_at {int},
  PRIMARY KEY (person, scope, at)) {clustered};
CREATE TABLE restriction (person {blob} NOT NULL, at {int} NOT NULL, body {text} NOT NULL, ended_at {int},
  PRIMARY KEY (person, at)) {clustered};
CREATE TABLE contract (person {blob} NOT NULL, id {blob} NOT NULL, kind {text} NOT NULL, from_at {int} NOT NULL,
  until_at {int} NOT NULL, told_at {int} NOT NULL, PRIMARY KEY (person, id, told_at)) {clustered};
CREATE TABLE request (id {blob} PRIMARY KEY, person {blob} NOT NULL, company {blob} NOT NULL, purpose {text} NOT NULL,
  notice {blob} NOT NULL, notice_version {int} NOT NULL, staff {blob} NOT NULL, role {text} NOT NULL, at {int} NOT NULL,
  state {int} NOT NULL, answered_at {int}, quiet_until {int}, again {int} NOT NULL, again_at {int}) {strict};
CREATE INDEX request_person ON request (person, at);
CREATE INDEX request_purpose ON request (company, purpose, state);
CREATE TABLE mail (id {blob} PRIMARY KEY, company {blob} NOT NULL, person {blob} NOT NULL, at {int} NOT NULL,
  state {int} NOT NULL, sealed {blob} NOT NULL, epoch {int} NOT NULL, error {text}, claimed_until {int}) {strict};
CREATE INDEX mail_company ON mail (company, at);
CREATE INDEX mail_person ON mail (person);
CREATE INDEX mail_waiting ON mail (company, at) WHERE state = 0;
-- Records that count as one human: a tree. Each keeps its key, facts and terms; taking a link away gives back what was.
CREATE TABLE joined (person {blob} PRIMARY KEY, company {blob} NOT NULL, root {blob} NOT NULL, into_one {blob}, at {int} NOT NULL,
  firsts {text}) {clustered};
CREATE INDEX joined_root ON joined (root);
CREATE TABLE use_detail (person {blob} NOT NULL, seq {int} NOT NULL, idx {int} NOT NULL, sealed {blob} NOT NULL,
  PRIMARY KEY (person, seq)) {clustered};
CREATE TABLE ledger_queue (seq {key}, log {text} NOT NULL, at {int} NOT NULL, leaf {blob} NOT NULL,
  person {blob}, used {int}, sealed {blob}) {strict};
CREATE TABLE journal_mark (one {int} PRIMARY KEY, store {int} NOT NULL, generation {int} NOT NULL, at {int} NOT NULL) {strict};
CREATE TABLE ledger_index (seq {int} PRIMARY KEY, idx {int} NOT NULL) {strict};
CREATE TABLE ledger_tile (log {text} NOT NULL, level {int} NOT NULL, n {int} NOT NULL, width {int} NOT NULL,
  body {blob} NOT NULL, PRIMARY KEY (log, level, n)) {strict};
CREATE TABLE ledger_head (log {text} PRIMARY KEY, size {int} NOT NULL, frontier {blob} NOT NULL, floor_at {int} NOT NULL,
  checkpoint {text}, signed_size {int} NOT NULL, signed_at {int} NOT NULL) {strict};
-- How many entries a day has, by what they say openly; and up to which line that was counted.
CREATE TABLE ledger_day (log {text} NOT NULL, day {int} NOT NULL, kind {int} NOT NULL, decision {int} NOT NULL,
  purpose {text} NOT NULL, n {int} NOT NULL, first {int} NOT NULL, last {int} NOT NULL,
  PRIMARY KEY (log, day, kind, decision, purpose)) {clustered};
CREATE TABLE ledger_counted (log {text} PRIMARY KEY, upto {int} NOT NULL) {strict};
-- A use on many people is one entry (batch) over a tree of lines (batch_part); no row says whom a line is about.
CREATE TABLE batch (n {key}, id {blob} NOT NULL, log {text} NOT NULL, at {int} NOT NULL,
  people {int} NOT NULL, queued {int} NOT NULL, sealed {blob} NOT NULL) {strict};
CREATE INDEX batch_log ON batch (log, n);
CREATE TABLE batch_begun (id {blob} PRIMARY KEY, at {int} NOT NULL) {strict};
CREATE TABLE batch_part (id {blob} NOT NULL, level {int} NOT NULL, n {int} NOT NULL, body {blob} NOT NULL,
  PRIMARY KEY (id, level, n)) {strict};
CREATE TABLE change (ver {key}, {xid} company {blob} NOT NULL, person {blob}) {strict};
CREATE INDEX change_order ON change ({order});
-- Up to which the log of changes was cut.
CREATE TABLE change_gone (one {int} PRIMARY KEY, newest {int} NOT NULL) {strict};
-- Work around people, in the region of its company: structure only. What staff typed is a fact of the person whom it is
-- about (person, fact), or sealed under the company's key when it is about nobody (own).
CREATE TABLE organisation (id {blob} PRIMARY KEY, company {blob} NOT NULL, own {blob} NOT NULL, owner {blob},
  created_at {int} NOT NULL, gone_at {int}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX organisation_company ON organisation (company, id);
CREATE INDEX organisation_owner ON organisation (company, owner, id);
CREATE INDEX organisation_gone ON organisation (company, id) WHERE gone_at IS NOT NULL;
CREATE TABLE own_word (company {blob} NOT NULL, token {int} NOT NULL, thing {blob} NOT NULL,
  PRIMARY KEY (company, token, thing)) {clustered};
CREATE INDEX own_word_thing ON own_word (thing);
CREATE TABLE pipeline (id {blob} PRIMARY KEY, company {blob} NOT NULL, name {text} NOT NULL, place {int} NOT NULL,
  gone_at {int}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX pipeline_company ON pipeline (company, place);
CREATE TABLE stage (id {blob} PRIMARY KEY, company {blob} NOT NULL, pipeline {blob} NOT NULL, name {text} NOT NULL,
  place {int} NOT NULL, chance {int} NOT NULL, ending {int} NOT NULL) {strict};
CREATE INDEX stage_company ON stage (company, pipeline, place);
CREATE TABLE deal (id {blob} PRIMARY KEY, company {blob} NOT NULL, pipeline {blob} NOT NULL, stage {blob} NOT NULL,
  organisation {blob}, person {blob}, fact {blob}, own {blob}, cents {int}, currency {text} NOT NULL, close_on {int},
  owner {blob}, lost {int}, created_at {int} NOT NULL, staged_at {int} NOT NULL, gone_at {int}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX deal_company ON deal (company, id);
CREATE INDEX deal_owner ON deal (company, owner, id);
CREATE INDEX deal_gone ON deal (company, id) WHERE gone_at IS NOT NULL;
-- `gone_at` stands in them for SQLite, which else looks every row up to see it.
CREATE INDEX deal_stage ON deal (company, stage, currency, close_on, cents, owner, gone_at) WHERE gone_at IS NULL;
CREATE INDEX deal_ended ON deal (company, stage, staged_at, currency, lost, cents, owner, gone_at) WHERE gone_at IS NULL;
CREATE INDEX deal_person ON deal (person, company, id) WHERE person IS NOT NULL;
CREATE INDEX deal_organisation ON deal (organisation, company, id) WHERE organisation IS NOT NULL;
CREATE TABLE task (id {blob} PRIMARY KEY, company {blob} NOT NULL, person {blob}, fact {blob}, own {blob},
  organisation {blob}, deal {blob}, due_on {int}, remind_at {int}, assignee {blob}, made_by {blob} NOT NULL,
  created_at {int} NOT NULL, done_at {int}, gone_at {int}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX task_company ON task (company, id);
CREATE INDEX task_owner ON task (company, assignee, id);
CREATE INDEX task_gone ON task (company, id) WHERE gone_at IS NOT NULL;
CREATE INDEX task_made_by ON task (company, made_by, id);
CREATE INDEX task_assignee ON task (assignee, done_at);
CREATE INDEX task_open ON task (company, assignee, due_on, made_by) WHERE done_at IS NULL AND gone_at IS NULL;
CREATE INDEX task_remind ON task (company, assignee, remind_at)
  WHERE done_at IS NULL AND gone_at IS NULL AND remind_at IS NOT NULL;
CREATE INDEX task_person ON task (person, company, id) WHERE person IS NOT NULL;
CREATE INDEX task_deal ON task (deal, company, id) WHERE deal IS NOT NULL;
CREATE INDEX task_organisation ON task (organisation, company, id) WHERE organisation IS NOT NULL;
CREATE TABLE activity (id {blob} PRIMARY KEY, company {blob} NOT NULL, kind {int} NOT NULL, person {blob}, fact {blob},
  own {blob}, organisation {blob}, deal {blob}, staff {blob} NOT NULL, at {int} NOT NULL, detail {text} NOT NULL, gone_at {int}) {strict};
CREATE INDEX activity_person ON activity (person, company, id) WHERE person IS NOT NULL;
CREATE INDEX activity_deal ON activity (deal, company, id) WHERE deal IS NOT NULL;
CREATE INDEX activity_organisation ON activity (organisation, company, id) WHERE organisation IS NOT NULL;
CREATE TABLE mention (id {blob} PRIMARY KEY, company {blob} NOT NULL, staff {blob} NOT NULL, made_by {blob} NOT NULL,
  kind {int} NOT NULL, href {text} NOT NULL, person {blob}, at {int} NOT NULL, read_at {int}) {strict};
CREATE INDEX mention_staff ON mention (staff, id);
-- Items of the objects that a company made, and what stands in the fields it made for them and for deals: of a person the
-- ids of facts, of nobody sealed values.
CREATE TABLE item (id {blob} PRIMARY KEY, company {blob} NOT NULL, object {text} NOT NULL, person {blob}, organisation {blob},
  owner {blob}, created_at {int} NOT NULL, gone_at {int}, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX item_object ON item (company, object, id) WHERE gone_at IS NULL;
CREATE INDEX item_object_gone ON item (company, object, id) WHERE gone_at IS NOT NULL;
CREATE INDEX item_owner ON item (company, owner, id);
CREATE INDEX item_person ON item (person, company, id) WHERE person IS NOT NULL;
CREATE INDEX item_organisation ON item (organisation, company, id) WHERE organisation IS NOT NULL;
CREATE TABLE field_fact (company {blob} NOT NULL, thing {blob} NOT NULL, field {text} NOT NULL, person {blob} NOT NULL,
  fact {blob} NOT NULL, PRIMARY KEY (thing, field)) {clustered};
CREATE INDEX field_fact_person ON field_fact (person);
CREATE TABLE field_own (thing {blob} PRIMARY KEY, company {blob} NOT NULL, own {blob} NOT NULL) {strict};
CREATE TABLE saved_view (id {blob} PRIMARY KEY, company {blob} NOT NULL, staff {blob} NOT NULL, shared {int} NOT NULL,
  list {text} NOT NULL, own {blob} NOT NULL, ver {int} NOT NULL DEFAULT 1) {strict};
CREATE INDEX saved_view_company ON saved_view (company, list);
-- What happened, for programs that want to be told: ids only, written with the change and carried on by the worker.
CREATE TABLE event (ver {key}, company {blob} NOT NULL, kind {text} NOT NULL, thing {text} NOT NULL,
  at {int} NOT NULL) {strict};
