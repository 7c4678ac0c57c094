//! The outbox of letters: sealed rows, and whether each was handed over.

use assent_kernel::{CompanyId, MailId, PersonId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row as Columns;

const ADD: &str =
    "INSERT INTO mail (id, company, person, at, state, sealed, epoch) VALUES ($1, $2, $3, $4, 0, $5, $6)";
const LIST: &str = "SELECT m.id, m.person, m.at, m.state, m.sealed, m.epoch - p.epoch, m.tries FROM mail m \
     JOIN person p ON p.id = m.person WHERE m.company = $1 ORDER BY m.at DESC LIMIT $2";
const CLAIM: &str = "UPDATE mail SET claimed_until = $3, tries = tries + 1 WHERE id IN (SELECT id FROM mail WHERE company = $1 \
     AND state = 0 AND {free 2} ORDER BY at LIMIT 1 {skip}) RETURNING id, person, at, state, sealed, \
     epoch - (SELECT p.epoch FROM person p WHERE p.id = mail.person), tries";
const LATER: &str = "UPDATE mail SET claimed_until = $2 WHERE id = $1 AND state = 0";
const MARK: &str = "UPDATE mail SET state = $2, error = $3, claimed_until = NULL WHERE id = $1 AND state = 0";

const GIVEN_UP: &str =
    "SELECT id, at, coalesce(error, '') FROM mail WHERE company = $1 AND state = 2 ORDER BY at DESC LIMIT $2";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, LIST, CLAIM, LATER, MARK, GIVEN_UP];

/// Where a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In the outbox.
    Waiting,
    /// Handed over.
    Sent,
    /// The other side refused it for good.
    Failed,
}

/// A sealed letter.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which.
    pub id: MailId,
    /// To whom it belongs.
    pub person: PersonId,
    /// When it was written.
    pub at: Timestamp,
    /// Where it is.
    pub state: State,
    /// Address, subject and text, sealed.
    pub sealed: Vec<u8>,
    /// True while the person's terms are those it was permitted under.
    pub stands: bool,
    /// How often somebody claimed it to hand it over.
    pub tries: i64,
}

/// Puts a letter into the outbox.
///
/// # Errors
/// What the engine said.
pub fn add(
    tx: &mut Tx<'_>,
    id: MailId,
    company: CompanyId,
    person: PersonId,
    at: Timestamp,
    sealed: &[u8],
    epoch: u64,
) -> Result<()> {
    let epoch = i64::try_from(epoch).unwrap_or(i64::MAX);
    tx.exec(ADD, &[id.into(), company.into(), person.into(), at.into(), sealed.into(), epoch.into()])
        .map(|_| ())
}

fn read(row: &Columns<'_>) -> Result<Row> {
    let state = match row.int(3)? {
        0 => State::Waiting,
        1 => State::Sent,
        2 => State::Failed,
        other => return Err(StoreError::Damaged(format!("a letter in state {other}"))),
    };
    Ok(Row {
        id: MailId::from_bytes(row.fixed(0)?),
        person: PersonId::from_bytes(row.fixed(1)?),
        at: row.time(2)?,
        state,
        sealed: row.blob(4)?,
        stands: row.int(5)? == 0,
        tries: row.int(6)?,
    })
}

/// Letters of a company, newest first.
///
/// # Errors
/// What the engine said.
pub fn list(tx: &mut Tx<'_>, company: CompanyId, most: u32) -> Result<Vec<Row>> {
    tx.rows(LIST, &[company.into(), i64::from(most).into()], read)
}

/// Letters that will never leave: which, of when, and why.
///
/// # Errors
/// What the engine said.
pub fn given_up(tx: &mut Tx<'_>, company: CompanyId, most: u32) -> Result<Vec<(MailId, Timestamp, String)>> {
    tx.rows(GIVEN_UP, &[company.into(), i64::from(most).into()], |row| {
        Ok((MailId::from_bytes(row.fixed(0)?), row.time(1)?, row.text(2)?))
    })
}

/// Claims the oldest letter of a company that waits and is nobody's at `at`; until `until` no other node gets it.
///
/// # Errors
/// What the engine said.
pub fn claim(tx: &mut Tx<'_>, company: CompanyId, at: Timestamp, until: Timestamp) -> Result<Option<Row>> {
    tx.first(CLAIM, &[company.into(), at.into(), until.into()], read)
}

/// Puts a letter off that the other side did not take this time.
///
/// # Errors
/// What the engine said.
pub fn later(tx: &mut Tx<'_>, id: MailId, until: Timestamp) -> Result<()> {
    tx.exec(LATER, &[id.into(), until.into()]).map(|_| ())
}

/// Notes that a letter was handed over, or refused for good.
///
/// # Errors
/// What the engine said.
pub fn mark(tx: &mut Tx<'_>, id: MailId, failure: Option<&str>) -> Result<()> {
    let state = if failure.is_some() { 2 } else { 1 };
    tx.exec(MARK, &[id.into(), state.into(), failure.into()]).map(|_| ())
}
