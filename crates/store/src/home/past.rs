//! Versions of a company's policy that are over.

use assent_kernel::{CompanyId, Timestamp};

use crate::db::Tx;
use crate::error::Result;

const POLICY_AT: &str =
    "SELECT at, body FROM policy WHERE company = $1 AND at <= $2 ORDER BY version DESC LIMIT 1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[POLICY_AT];

/// The policy that was in force at a time: since when, and its JSON.
///
/// # Errors
/// What the engine said.
pub fn policy_at(tx: &mut Tx<'_>, company: CompanyId, at: Timestamp) -> Result<Option<(Timestamp, String)>> {
    tx.first(POLICY_AT, &[company.into(), at.into()], |row| Ok((row.time(0)?, row.text(1)?)))
}
