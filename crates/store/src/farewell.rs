//! Last letters to people who are erased: sealed under the company's key, because theirs is gone, and dropped once sent.

use assent_kernel::{CompanyId, MailId, PersonId, Timestamp};

use crate::db::Tx;
use crate::error::Result;

const ADD: &str = "INSERT INTO farewell (id, company, person, at, sealed) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (id) DO NOTHING";
const CLAIM: &str = "UPDATE farewell SET claimed_until = $3, tries = tries + 1 WHERE id IN (SELECT id FROM farewell \
     WHERE company = $1 AND {free 2} ORDER BY at LIMIT 1 {skip}) RETURNING id, person, at, sealed, tries";
const LATER: &str = "UPDATE farewell SET claimed_until = $2 WHERE id = $1";
const DROP: &str = "DELETE FROM farewell WHERE id = $1";
const TIDY: &str = "DELETE FROM farewell WHERE at < $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, CLAIM, LATER, DROP, TIDY];

/// A sealed last letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// Which.
    pub id: MailId,
    /// Whom it is to.
    pub person: PersonId,
    /// When it was written.
    pub at: Timestamp,
    /// Address, subject and text, sealed.
    pub sealed: Vec<u8>,
}

/// Keeps one until it is sent.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Farewell) -> Result<()> {
    let row = [one.id.into(), company.into(), one.person.into(), one.at.into(), (&one.sealed).into()];
    tx.exec(ADD, &row).map(|_| ())
}

/// Claims the oldest one of a company that waits, until a time; tells how often that was done.
///
/// # Errors
/// What the engine said.
pub fn claim(
    tx: &mut Tx<'_>,
    company: CompanyId,
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<(Farewell, i64)>> {
    tx.first(CLAIM, &[company.into(), at.into(), until.into()], |row| {
        let one = Farewell {
            id: MailId::from_bytes(row.fixed(0)?),
            person: PersonId::from_bytes(row.fixed(1)?),
            at: row.time(2)?,
            sealed: row.blob(3)?,
        };
        Ok((one, row.int(4)?))
    })
}

/// Puts one off that the other side did not take this time.
///
/// # Errors
/// What the engine said.
pub fn later(tx: &mut Tx<'_>, id: MailId, until: Timestamp) -> Result<()> {
    tx.exec(LATER, &[id.into(), until.into()]).map(|_| ())
}

/// Drops one: it was sent, or nobody takes it.
///
/// # Errors
/// What the engine said.
pub fn done(tx: &mut Tx<'_>, id: MailId) -> Result<()> {
    tx.exec(DROP, &[id.into()]).map(|_| ())
}

/// Drops what nobody took for too long.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.exec(TIDY, &[before.into()]).map(|_| ())
}
