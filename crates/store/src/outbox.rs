//! Work that outlives a request: jobs, queued in the transaction that made them necessary, claimed by one node at a time.

use assent_kernel::{JobId, Timestamp};

use crate::error::Result;
use crate::tx::Tx;

const ADD: &str =
    "INSERT INTO job (id, kind, body, run_at, tries) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING";
const CLAIM: &str = "UPDATE job SET claimed_until = $2, tries = tries + 1 WHERE id IN (SELECT id FROM job WHERE done_at IS NULL \
     AND run_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY run_at LIMIT $3 {skip}) \
     RETURNING id, kind, body, tries";
const DONE: &str = "UPDATE job SET done_at = $2, error = NULL WHERE id = $1";
const LATER: &str = "UPDATE job SET run_at = $2, claimed_until = NULL, error = $3 WHERE id = $1";
const TIDY: &str = "DELETE FROM job WHERE done_at IS NOT NULL AND done_at <= $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, CLAIM, DONE, LATER, TIDY];

/// A piece of work that is due.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// What kind; the worker knows what to do.
    pub kind: String,
    /// What it is about: ids, never values.
    pub body: Vec<u8>,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// Queues work.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, id: JobId, kind: &str, body: &[u8], run_at: Timestamp) -> Result<()> {
    tx.exec(ADD, &[id.into(), kind.into(), body.into(), run_at.into()]).map(|_| ())
}

/// Claims due work until `until`; whoever does not finish by then loses it to another.
///
/// # Errors
/// What the engine said.
pub fn claim(tx: &mut Tx<'_>, at: Timestamp, until: Timestamp, most: u32) -> Result<Vec<Job>> {
    tx.rows(CLAIM, &[at.into(), until.into(), i64::from(most).into()], |row| {
        Ok(Job {
            id: JobId::from_bytes(row.fixed(0)?),
            kind: row.text(1)?,
            body: row.blob(2)?,
            tries: row.int(3)?,
        })
    })
}

/// Notes that work is done.
///
/// # Errors
/// What the engine said.
pub fn done(tx: &mut Tx<'_>, id: JobId, at: Timestamp) -> Result<()> {
    tx.exec(DONE, &[id.into(), at.into()]).map(|_| ())
}

/// Puts work off, with what went wrong.
///
/// # Errors
/// What the engine said.
pub fn later(tx: &mut Tx<'_>, id: JobId, at: Timestamp, error: &str) -> Result<()> {
    tx.exec(LATER, &[id.into(), at.into(), error.into()]).map(|_| ())
}

/// Forgets work done before `before`.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.exec(TIDY, &[before.into()]).map(|_| ())
}
