//! Work that outlives a request: jobs, queued in the transaction that made them necessary, claimed by one node at a time.

use assent_kernel::{JobId, Timestamp};

use crate::db::Tx;
use crate::error::Result;

const ADD: &str =
    "INSERT INTO job (id, kind, body, run_at, tries) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING";
const WAKE: &str = "INSERT INTO job (id, kind, body, run_at, tries) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO UPDATE SET \
     run_at = CASE WHEN job.done_at IS NULL AND job.run_at < $4 THEN job.run_at ELSE $4 END, done_at = NULL, claimed_until = NULL";
const HOLD: &str = "UPDATE job SET tries = tries WHERE id = $1";
const PUT_OFF: &str =
    "UPDATE job SET run_at = $2, tries = 0, claimed_until = NULL, done_at = NULL WHERE id = $1";
const CLAIM: &str = "UPDATE job SET claimed_until = $2, tries = tries + 1 WHERE id IN (SELECT id FROM job WHERE done_at IS NULL \
     AND kind = $4 AND run_at <= $1 AND {free 1} ORDER BY run_at LIMIT $3 {skip}) \
     RETURNING id, kind, body, tries";
const DONE: &str = "UPDATE job SET done_at = $2, error = NULL WHERE id = $1 AND claimed_until = $3";
const LATER: &str = "UPDATE job SET run_at = $2, claimed_until = NULL, error = $3 WHERE id = $1";
const TIDY: &str = "DELETE FROM job WHERE done_at IS NOT NULL AND done_at <= $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, WAKE, HOLD, PUT_OFF, CLAIM, DONE, LATER, TIDY];

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

/// Has work that is always the same done by `run_at`, whether it waits for later, is at work, or was done before.
///
/// # Errors
/// What the engine said.
pub fn wake(tx: &mut Tx<'_>, id: JobId, kind: &str, body: &[u8], run_at: Timestamp) -> Result<()> {
    tx.exec(WAKE, &[id.into(), kind.into(), body.into(), run_at.into()]).map(|_| ())
}

/// Holds work to the end of the transaction: whoever wakes it waits.
///
/// # Errors
/// What the engine said.
pub fn hold(tx: &mut Tx<'_>, id: JobId) -> Result<()> {
    tx.exec(HOLD, &[id.into()]).map(|_| ())
}

/// Puts work off that goes on later; who is at it has not finished it.
///
/// # Errors
/// What the engine said.
pub fn put_off(tx: &mut Tx<'_>, id: JobId, run_at: Timestamp) -> Result<()> {
    tx.exec(PUT_OFF, &[id.into(), run_at.into()]).map(|_| ())
}

/// Claims due work of a kind until `until`; whoever does not finish by then loses it to another. Each kind is claimed
/// apart, so that much of one holds up no other.
///
/// # Errors
/// What the engine said.
pub fn claim(tx: &mut Tx<'_>, kind: &str, at: Timestamp, until: Timestamp, most: u32) -> Result<Vec<Job>> {
    tx.rows(CLAIM, &[at.into(), until.into(), i64::from(most).into(), kind.into()], |row| {
        Ok(Job {
            id: JobId::from_bytes(row.fixed(0)?),
            kind: row.text(1)?,
            body: row.blob(2)?,
            tries: row.int(3)?,
        })
    })
}

/// Notes that work is done that was claimed until `until`, unless it was woken, put off or claimed by another meanwhile.
///
/// # Errors
/// What the engine said.
pub fn done(tx: &mut Tx<'_>, id: JobId, until: Timestamp, at: Timestamp) -> Result<()> {
    tx.exec(DONE, &[id.into(), at.into(), until.into()]).map(|_| ())
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
