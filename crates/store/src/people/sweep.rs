//! When each person's facts are looked at next by the sweeper. The time lies beside the person, so that it commits with
//! the facts that it is about and no queue can lose it.

use assent_kernel::{CompanyId, PersonId, Timestamp};

use crate::db::Tx;
use crate::error::Result;

const DUE: &str =
    "SELECT id, company FROM person WHERE sweep_at <= $1 AND state = 0 ORDER BY sweep_at LIMIT $2";
const SET: &str = "UPDATE person SET sweep_at = $2 WHERE id = $1";
const SOONER: &str = "UPDATE person SET sweep_at = $2 WHERE id = $1 AND (sweep_at IS NULL OR sweep_at > $2)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[DUE, SET, SOONER];

/// People whose facts are to be looked at now, the longest due first.
///
/// # Errors
/// What the engine said.
pub fn due(tx: &mut Tx<'_>, at: Timestamp, most: u32) -> Result<Vec<(CompanyId, PersonId)>> {
    tx.rows(DUE, &[at.into(), i64::from(most).into()], |row| {
        Ok((CompanyId::from_bytes(row.fixed(1)?), PersonId::from_bytes(row.fixed(0)?)))
    })
}

/// Sets when a person's facts are looked at next.
///
/// # Errors
/// What the engine said.
pub fn set(tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(SET, &[person.into(), at.into()]).map(|_| ())
}

/// Has a person's facts looked at by then, unless they are looked at sooner anyway.
///
/// # Errors
/// What the engine said.
pub fn no_later(tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(SOONER, &[person.into(), at.into()]).map(|_| ())
}
