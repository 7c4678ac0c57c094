//! Which version of a company's policy is in force in a region, and since when each one was.

use assent_kernel::{CompanyId, Timestamp};

use crate::changes;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const POLICY_HEAD: &str = "SELECT version FROM policy_head WHERE company = $1";
const POLICY_HEAD_HELD: &str = "SELECT version FROM policy_head WHERE company = $1 {share}";
const SET_POLICY_HEAD: &str = "INSERT INTO policy_head (company, version) VALUES ($1, $2) \
     ON CONFLICT (company) DO UPDATE SET version = excluded.version WHERE policy_head.version < excluded.version";
const ADD_SINCE: &str = "INSERT INTO policy_since (company, version, at) \
     SELECT $1, $2, CASE WHEN max(at) >= $3 THEN max(at) + 1 ELSE $3 END FROM policy_since WHERE company = $1 \
     ON CONFLICT (company, version) DO NOTHING";
const FORGET_SINCE: &str = "DELETE FROM policy_since WHERE company = $1 AND version > $2";
const SET_BACK_HEAD: &str = "UPDATE policy_head SET version = $2 WHERE company = $1 AND version > $2";
const IN_FORCE: &str =
    "SELECT version, at FROM policy_since WHERE company = $1 AND at <= $2 ORDER BY version DESC LIMIT 1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] =
    &[POLICY_HEAD, POLICY_HEAD_HELD, SET_POLICY_HEAD, ADD_SINCE, FORGET_SINCE, SET_BACK_HEAD, IN_FORCE];

/// The version of a company's policy that holds here.
///
/// # Errors
/// What the engine said.
pub fn policy_version(tx: &mut Tx<'_>, company: CompanyId) -> Result<u64> {
    head(tx, POLICY_HEAD, company)
}

/// The same, held until the commit.
///
/// # Errors
/// What the engine said.
pub fn hold_policy_version(tx: &mut Tx<'_>, company: CompanyId) -> Result<u64> {
    head(tx, POLICY_HEAD_HELD, company)
}

fn head(tx: &mut Tx<'_>, sql: &'static str, company: CompanyId) -> Result<u64> {
    let found = tx.first(sql, &[company.into()], |row| row.int(0))?;
    Ok(found.and_then(|v| u64::try_from(v).ok()).unwrap_or(0))
}

/// Makes a newer version of a company's policy hold here, from then on; never from before an older one.
///
/// # Errors
/// What the engine said.
pub fn set_policy_version(tx: &mut Tx<'_>, company: CompanyId, version: u64, at: Timestamp) -> Result<()> {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    if tx.exec(SET_POLICY_HEAD, &[company.into(), version.into()])? > 0 {
        tx.exec(ADD_SINCE, &[company.into(), version.into(), at.into()])?;
        changes::note_policy(tx, company)?;
    }
    Ok(())
}

/// Makes an older version of a company's policy hold here again, because the newer one is lost. False when there was none.
///
/// # Errors
/// What the engine said.
pub fn set_back_policy(tx: &mut Tx<'_>, company: CompanyId, version: u64) -> Result<bool> {
    let args = [company.into(), i64::try_from(version).unwrap_or(i64::MAX).into()];
    tx.exec(FORGET_SINCE, &args)?;
    let set = tx.exec(SET_BACK_HEAD, &args)? > 0;
    if set {
        changes::note_policy(tx, company)?;
    }
    Ok(set)
}

/// The version of a company's policy that was in force here at a time, and since when.
///
/// # Errors
/// What the engine said.
pub fn in_force(tx: &mut Tx<'_>, company: CompanyId, at: Timestamp) -> Result<Option<(u64, Timestamp)>> {
    let found = |row: &Row<'_>| Ok((u64::try_from(row.int(0)?).unwrap_or(0), row.time(1)?));
    tx.first(IN_FORCE, &[company.into(), at.into()], found)
}
