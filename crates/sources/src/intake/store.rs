//! The rows of imports, in the home store. They hold no value of a person.

use assent_kernel::{CompanyId, ImportId, Region, StaffId, Timestamp};
use assent_store::{Result, Row, StoreError, Tx};

use super::model::{Body, Import, State};

const ADD: &str = "INSERT INTO import (id, company, region, staff, created_at, state, body, done, total, rejected, merged, at_byte, file) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, 0, 0, $9)";
const ONE: &str = "SELECT id, company, region, staff, created_at, state, total, claimed_until, body FROM import WHERE id = $1";
const NEWEST_OF: &str = "SELECT id, company, region, staff, created_at, state, total, claimed_until, body FROM import \
     WHERE company = $1 AND file = $2 AND state <> 'undone' ORDER BY created_at DESC, id DESC LIMIT 1";
const MARK: &str = "UPDATE import SET file = $2, body = $3 WHERE id = $1";
const ALL: &str = "SELECT id, company, region, staff, created_at, state, total, claimed_until, body FROM import \
     WHERE company = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const CHANGE: &str =
    "UPDATE import SET state = $3, body = $4, total = $5 WHERE id = $1 AND state = $2 AND {free 6}";
const CLAIM: &str = "UPDATE import SET claimed_until = $3 WHERE id = $1 AND state = $2 AND {free 4}";
const MOVE: &str = "UPDATE import SET body = $4, total = $5, done = $6, rejected = $7, merged = $8, at_byte = $9, \
     claimed_until = $10 WHERE id = $1 AND state = $2 AND claimed_until = $3";
const END: &str = "UPDATE import SET state = $4, body = $5, total = $6, claimed_until = NULL \
     WHERE id = $1 AND state = $2 AND claimed_until = $3";
const LET_GO: &str = "UPDATE import SET claimed_until = NULL WHERE id = $1 AND claimed_until = $2";
const STOP: &str = "UPDATE import SET state = 'stopped' WHERE id = $1 AND company = $2 AND state = 'running'";
const DROP: &str = "DELETE FROM import WHERE id = $1 AND state IN ('uploading', 'draft')";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, ONE, NEWEST_OF, MARK, ALL, CHANGE, CLAIM, MOVE, END, LET_GO, STOP, DROP];

fn read(row: &Row<'_>) -> Result<Import> {
    let damaged = |what: &str| StoreError::Damaged(format!("{what} of an import"));
    Ok(Import {
        id: ImportId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        region: Region::new(&row.text(2)?).map_err(|_| damaged("the region"))?,
        staff: StaffId::from_bytes(row.fixed(3)?),
        created_at: row.time(4)?,
        state: State::parse(&row.text(5)?).ok_or_else(|| damaged("the state"))?,
        total: u64::try_from(row.int(6)?).unwrap_or(0),
        claimed_until: row.int_opt(7)?.map(Timestamp::from_micros),
        body: serde_json::from_str(&row.text(8)?).map_err(|_| damaged("the body"))?,
    })
}

fn written(body: &Body) -> Result<String> {
    serde_json::to_string(body).map_err(|_| StoreError::Damaged("an import cannot be written".into()))
}
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Adds an import.
pub(super) fn add(tx: &mut Tx<'_>, one: &Import) -> Result<()> {
    let body = written(&one.body)?;
    let args = [
        one.id.into(),
        one.company.into(),
        (&one.region).into(),
        one.staff.into(),
        one.created_at.into(),
        one.state.key().into(),
        (&body).into(),
        int(one.total).into(),
        one.body.file.as_deref().into(),
    ];
    tx.exec(ADD, &args).map(|_| ())
}

/// One import.
pub(super) fn one(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<Import>> {
    tx.first(ONE, &[id.into()], read)
}

/// The newest import of the file of this one, but those that were undone; or else this one is added, and `None`. With
/// `again` one that is done stands in nobody's way. Two commands at once meet at the index of what is under way: a conflict. An import of before
/// stands under the `old` mark.
pub(super) fn known_or_added(
    tx: &mut Tx<'_>,
    new: &Import,
    old: &str,
    again: bool,
) -> Result<Option<Import>> {
    let file = new.body.file.as_deref().unwrap_or_default();
    let known = match newest_of(tx, new.company, file)? {
        Some(known) => Some(known),
        None => newest_of(tx, new.company, old)?.map(|known| marked(tx, known, new)).transpose()?,
    };
    match known.filter(|known| !(again && known.state == State::Done)) {
        Some(known) => Ok(Some(known)),
        None => add(tx, new).map(|()| None),
    }
}

/// Gives an import of before the marks of today: whoever has the old one said all that `new` says.
fn marked(tx: &mut Tx<'_>, mut known: Import, new: &Import) -> Result<Import> {
    (known.body.file, known.body.said) = (new.body.file.clone(), new.body.said.clone());
    let body = written(&known.body)?;
    tx.exec(MARK, &[known.id.into(), known.body.file.as_deref().into(), (&body).into()])?;
    Ok(known)
}

fn newest_of(tx: &mut Tx<'_>, company: CompanyId, file: &str) -> Result<Option<Import>> {
    tx.first(NEWEST_OF, &[company.into(), file.into()], read)
}

/// A company's imports, newest first: those before one of them, or from the newest on.
pub(super) fn all(
    tx: &mut Tx<'_>,
    company: CompanyId,
    before: Option<ImportId>,
    most: u32,
) -> Result<Vec<Import>> {
    let before = before.unwrap_or(ImportId::from_bytes([0xff; 16]));
    tx.rows(ALL, &[company.into(), before.into(), i64::from(most).into()], read)
}

/// Moves an import on from a state in which no node has it. False when it has moved meanwhile.
pub(super) fn change(tx: &mut Tx<'_>, from: State, one: &Import, at: Timestamp) -> Result<bool> {
    let body = written(&one.body)?;
    let args = [
        one.id.into(),
        from.key().into(),
        one.state.key().into(),
        (&body).into(),
        int(one.total).into(),
        at.into(),
    ];
    Ok(tx.exec(CHANGE, &args)? == 1)
}

/// Claims an import for this node until then. False when another has it.
pub(super) fn claim(tx: &mut Tx<'_>, one: &Import, until: Timestamp, at: Timestamp) -> Result<bool> {
    let args = [one.id.into(), one.state.key().into(), until.into(), at.into()];
    Ok(tx.exec(CLAIM, &args)? == 1)
}

/// Writes how far an import is and keeps the claim until then. False when it was stopped or another node has it.
pub(super) fn advance(tx: &mut Tx<'_>, one: &Import, offset: u64, until: Timestamp) -> Result<bool> {
    let (body, counts) = (written(&one.body)?, &one.body.counts);
    let args = [
        one.id.into(),
        one.state.key().into(),
        one.claimed_until.into(),
        (&body).into(),
        int(one.total).into(),
        int(counts.rows).into(),
        int(counts.rejected).into(),
        int(counts.duplicates).into(),
        int(offset).into(),
        until.into(),
    ];
    Ok(tx.exec(MOVE, &args)? == 1)
}

/// Ends this node's work on an import in another state. False when it was stopped or another node has it.
pub(super) fn end(tx: &mut Tx<'_>, one: &Import, to: State) -> Result<bool> {
    let body = written(&one.body)?;
    let args = [
        one.id.into(),
        one.state.key().into(),
        one.claimed_until.into(),
        to.key().into(),
        (&body).into(),
        int(one.total).into(),
    ];
    Ok(tx.exec(END, &args)? == 1)
}

/// Lets an import go that was stopped meanwhile.
pub(super) fn let_go(tx: &mut Tx<'_>, one: &Import) -> Result<()> {
    tx.exec(LET_GO, &[one.id.into(), one.claimed_until.into()]).map(|_| ())
}

/// Stops a running import; the node at work notices with its next batch.
pub(super) fn stop(tx: &mut Tx<'_>, company: CompanyId, id: ImportId) -> Result<bool> {
    Ok(tx.exec(STOP, &[id.into(), company.into()])? == 1)
}

/// Forgets an import that never began.
pub(super) fn drop(tx: &mut Tx<'_>, id: ImportId) -> Result<()> {
    tx.exec(DROP, &[id.into()]).map(|_| ())
}
