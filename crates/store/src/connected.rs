//! Accounts elsewhere with which people come in: which providers a company lets them use, and whose account is whose.
//! Of an account only a digest of issuer and subject lies here, and no address.

use assent_kernel::{CompanyId, PersonId, Timestamp};

use crate::db::Tx;
use crate::error::Result;
use crate::factors::Provider;
use crate::value::Row;

const OFFERED: &str = "SELECT name, label, issuer, client, secret FROM person_provider WHERE company = $1 ORDER BY name LIMIT 20";
const OFFERED_ONE: &str =
    "SELECT name, label, issuer, client, secret FROM person_provider WHERE company = $1 AND name = $2";
const OFFER: &str = "INSERT INTO person_provider (company, name, label, issuer, client, secret) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company, name) DO UPDATE SET label = excluded.label, \
     client = excluded.client, secret = excluded.secret";
const WITHDRAW: &str = "DELETE FROM person_provider WHERE company = $1 AND name = $2";
const FORGET: &str = "DELETE FROM person_binding WHERE company = $1 AND provider = $2";
const BOUND: &str = "SELECT person FROM person_binding WHERE company = $1 AND subject = $2";
const BIND: &str = "INSERT INTO person_binding (company, subject, person, provider, at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (company, subject) DO NOTHING";
const USED: &str = "UPDATE person_binding SET used_at = $3 WHERE company = $1 AND subject = $2";
const OF: &str = "SELECT provider, at, used_at FROM person_binding WHERE person = $1 ORDER BY at LIMIT 50";
const UNBIND: &str = "DELETE FROM person_binding WHERE person = $1 AND provider = $2";
const DROP: &str = "DELETE FROM person_binding WHERE person = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] =
    &[OFFERED, OFFERED_ONE, OFFER, WITHDRAW, FORGET, BOUND, BIND, USED, OF, UNBIND, DROP];

fn offer_of(row: &Row<'_>) -> Result<(String, Provider)> {
    let provider = Provider {
        label: row.text(1)?,
        issuer: row.text(2)?,
        client: row.text(3)?,
        secret: row.blob_opt(4)?,
    };
    Ok((row.text(0)?, provider))
}

/// The providers that people of a company may use, by their short names.
///
/// # Errors
/// What the engine said.
pub fn offered(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<(String, Provider)>> {
    tx.rows(OFFERED, &[company.into()], offer_of)
}

/// One of them.
///
/// # Errors
/// What the engine said.
pub fn offered_one(tx: &mut Tx<'_>, company: CompanyId, name: &str) -> Result<Option<Provider>> {
    Ok(tx.first(OFFERED_ONE, &[company.into(), name.into()], offer_of)?.map(|(_, one)| one))
}

/// Lets people use a provider under a short name. False when that name is another issuer's: then nothing is changed.
///
/// # Errors
/// What the engine said.
pub fn offer(tx: &mut Tx<'_>, company: CompanyId, name: &str, one: &Provider) -> Result<bool> {
    if offered_one(tx, company, name)?.is_some_and(|before| before.issuer != one.issuer) {
        return Ok(false);
    }
    let row = [
        company.into(),
        name.into(),
        (&one.label).into(),
        (&one.issuer).into(),
        (&one.client).into(),
        one.secret.as_ref().into(),
    ];
    tx.exec(OFFER, &row).map(|_| true)
}

/// Takes a provider away, and with it every account that was connected there.
///
/// # Errors
/// What the engine said.
pub fn withdraw(tx: &mut Tx<'_>, company: CompanyId, name: &str) -> Result<()> {
    tx.exec(FORGET, &[company.into(), name.into()])?;
    tx.exec(WITHDRAW, &[company.into(), name.into()]).map(|_| ())
}

/// Whose account it is: a digest of issuer and subject.
///
/// # Errors
/// What the engine said.
pub fn bound(tx: &mut Tx<'_>, company: CompanyId, subject: &[u8; 32]) -> Result<Option<PersonId>> {
    tx.first(BOUND, &[company.into(), subject.into()], |row| row.fixed(0).map(PersonId::from_bytes))
}

/// Connects an account; one that is somebody's stays theirs. Tells whose it is now.
///
/// # Errors
/// What the engine said.
pub fn bind(
    tx: &mut Tx<'_>,
    company: CompanyId,
    subject: &[u8; 32],
    person: PersonId,
    provider: &str,
    at: Timestamp,
) -> Result<Option<PersonId>> {
    tx.exec(BIND, &[company.into(), subject.into(), person.into(), provider.into(), at.into()])?;
    bound(tx, company, subject)
}

/// Notes that an account was used.
///
/// # Errors
/// What the engine said.
pub fn used(tx: &mut Tx<'_>, company: CompanyId, subject: &[u8; 32], at: Timestamp) -> Result<()> {
    tx.exec(USED, &[company.into(), subject.into(), at.into()]).map(|_| ())
}

/// An account that somebody connected, as they see it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// At which provider: its short name.
    pub provider: String,
    /// Since when.
    pub at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
}

/// The accounts that a person connected.
///
/// # Errors
/// What the engine said.
pub fn of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Connected>> {
    tx.rows(OF, &[person.into()], |row| {
        let used_at = row.int_opt(2)?.map(Timestamp::from_micros);
        Ok(Connected { provider: row.text(0)?, at: row.time(1)?, used_at })
    })
}

/// Takes a person's accounts at a provider away.
///
/// # Errors
/// What the engine said.
pub fn unbind(tx: &mut Tx<'_>, person: PersonId, provider: &str) -> Result<()> {
    tx.exec(UNBIND, &[person.into(), provider.into()]).map(|_| ())
}

/// Takes every account of a person away: they are erased.
///
/// # Errors
/// What the engine said.
pub fn drop_of(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP, &[person.into()]).map(|_| ())
}
