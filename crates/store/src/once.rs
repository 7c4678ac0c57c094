//! Calls that are to happen once: the digest of each, and its sealed answer.

use assent_kernel::{StaffId, Timestamp};

use crate::db::Tx;
use crate::error::Result;

const BEGIN: &str = "INSERT INTO once (caller, key, asked, at) VALUES ($1, $2, $3, $4) ON CONFLICT (caller, key) DO UPDATE \
     SET asked = $3, at = $4, answer = NULL WHERE once.at <= $5";
const ONE: &str = "SELECT asked, at, answer FROM once WHERE caller = $1 AND key = $2";
const END: &str = "UPDATE once SET answer = $3 WHERE caller = $1 AND key = $2";
const RENEW: &str = "UPDATE once SET at = $3 WHERE caller = $1 AND key = $2 AND answer IS NULL";
const FORGET: &str = "DELETE FROM once WHERE caller = $1 AND key = $2";
const TIDY: &str = "DELETE FROM once WHERE at <= $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[BEGIN, ONE, END, RENEW, FORGET, TIDY];

/// What is known of a call that wants to happen once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it may happen.
    New,
    /// The key stands for another call.
    Other,
    /// It happened; this is its sealed answer.
    Answered(Vec<u8>),
    /// It began then and has not ended.
    AtWork(Timestamp),
}

/// Begins a call, unless one of the same key is known that began after `since`.
///
/// # Errors
/// What the engine said.
pub fn begin(
    tx: &mut Tx<'_>,
    caller: StaffId,
    key: &[u8; 32],
    asked: &[u8; 32],
    at: Timestamp,
    since: Timestamp,
) -> Result<Found> {
    if tx.exec(BEGIN, &[caller.into(), key.into(), asked.into(), at.into(), since.into()])? > 0 {
        return Ok(Found::New);
    }
    let read = |row: &crate::value::Row<'_>| Ok((row.fixed::<32>(0)?, row.time(1)?, row.blob_opt(2)?));
    Ok(match tx.first(ONE, &[caller.into(), key.into()], read)? {
        Some((known, _, _)) if known != *asked => Found::Other,
        Some((_, _, Some(answer))) => Found::Answered(answer),
        Some((_, began, None)) => Found::AtWork(began),
        None => Found::AtWork(at),
    })
}

/// Keeps the sealed answer of a call.
///
/// # Errors
/// What the engine said.
pub fn end(tx: &mut Tx<'_>, caller: StaffId, key: &[u8; 32], answer: &[u8]) -> Result<()> {
    tx.exec(END, &[caller.into(), key.into(), answer.into()]).map(|_| ())
}

/// Notes that a call is still at work.
///
/// # Errors
/// What the engine said.
pub fn renew(tx: &mut Tx<'_>, caller: StaffId, key: &[u8; 32], at: Timestamp) -> Result<()> {
    tx.exec(RENEW, &[caller.into(), key.into(), at.into()]).map(|_| ())
}

/// Forgets a call that did nothing.
///
/// # Errors
/// What the engine said.
pub fn forget(tx: &mut Tx<'_>, caller: StaffId, key: &[u8; 32]) -> Result<()> {
    tx.exec(FORGET, &[caller.into(), key.into()]).map(|_| ())
}

/// Forgets calls that began before `before`.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.exec(TIDY, &[before.into()]).map(|_| ())
}
