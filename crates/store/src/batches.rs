//! Uses on many people: one row for each, and its lines in parts of 256. No row says whom a line is about.
//!
//! Parts are written before the entry that makes them count, in commits of their own, under a mark that says they were
//! begun. The commit that queues the entry takes the mark away; parts without a batch are believed by nobody, and go with
//! their mark when it has grown old.

use assent_kernel::{PersonId, Timestamp};

use crate::changes::{self, Change, Seen};
use crate::db::{Insert, Tx};
use crate::dialect::Engine;
use crate::error::Result;
use crate::value::Value;

const BEGIN: &str = "INSERT INTO batch_begun (id, at) VALUES ($1, $2)";
const SETTLE: &str = "DELETE FROM batch_begun WHERE id = $1";
const OLD: &str = "SELECT id FROM batch_begun WHERE at < $1 LIMIT 100";
const DROP_PARTS: &str = "DELETE FROM batch_part WHERE id = $1";
const ADD: &str = "INSERT INTO batch (id, log, at, people, queued, sealed) VALUES ($1, $2, $3, $4, $5, $6)";
const NEWEST: &str = "SELECT b.n, b.id, b.at, b.people, i.idx FROM batch b JOIN ledger_index i ON i.seq = b.queued \
     WHERE b.log = $1 AND b.n < $2 AND b.at >= $3 ORDER BY b.n DESC LIMIT $4";
const ONE: &str = "SELECT b.n, b.id, b.at, b.people, i.idx FROM batch b JOIN ledger_index i ON i.seq = b.queued \
     WHERE b.log = $1 AND b.n = $2";
const SEALED: &str = "SELECT sealed FROM batch WHERE n = $1";
const PART: &str = "SELECT body FROM batch_part WHERE id = $1 AND level = $2 AND n = $3";
const TAGS: &str =
    "SELECT body FROM batch_part WHERE id = $1 AND level = -2 AND n <= $2 ORDER BY n DESC LIMIT 1";
const REPLACE: &str = "UPDATE batch_part SET body = $4 WHERE id = $1 AND level = $2 AND n = $3";
const ADD_PARTS: Insert =
    Insert { head: "INSERT INTO batch_part (id, level, n, body) VALUES", columns: 4, tail: "" };
/// Whoever changes somebody's terms notes it here, so they wait; whoever records a use does not.
const HOLD: &str = "LOCK TABLE change IN SHARE MODE";

/// Every statement of this file that both engines know, for the test that prepares them.
pub const SQL: &[&str] = &[BEGIN, SETTLE, OLD, DROP_PARTS, ADD, NEWEST, ONE, SEALED, PART, TAGS, REPLACE];

/// The level of parts with the tags that lines are found by, 256 each; their number is the first tag.
pub const TAG_PARTS: i64 = -2;
/// The level of parts with what is sealed for each person.
pub const SEALED_PARTS: i64 = -1;

/// A part of a batch: at level 0 and up a tile of hashes, below it what belongs to 256 lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which level.
    pub level: i64,
    /// Its number there.
    pub n: i64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A batch that has its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Counts the batches of a store.
    pub n: i64,
    /// The entry's nonce.
    pub id: [u8; 16],
    /// When.
    pub at: Timestamp,
    /// How many lines it has.
    pub people: u64,
    /// Its index in the log.
    pub index: u64,
}

/// A batch to be.
#[derive(Debug)]
pub struct NewBatch<'a> {
    /// The entry's nonce.
    pub id: [u8; 16],
    /// The log it belongs to.
    pub log: &'a str,
    /// When.
    pub at: Timestamp,
    /// How many lines it has.
    pub people: u64,
    /// The number under which its entry was queued.
    pub queued: i64,
    /// What the log's own key opens.
    pub sealed: &'a [u8],
}

/// From where on changes of terms count: what is seen, and the newest change's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    seen: Seen,
}

/// Marks a batch as begun.
///
/// # Errors
/// What the engine said.
pub fn begin(tx: &mut Tx<'_>, id: [u8; 16], at: Timestamp) -> Result<()> {
    tx.exec(BEGIN, &[id.into(), at.into()]).map(|_| ())
}

/// Writes parts of a batch that was begun.
///
/// # Errors
/// What the engine said.
pub fn add_parts(tx: &mut Tx<'_>, id: [u8; 16], parts: &[Part]) -> Result<()> {
    let values: Vec<Value<'_>> = parts
        .iter()
        .flat_map(|part| [id.into(), part.level.into(), part.n.into(), (&part.body).into()])
        .collect();
    tx.insert(&ADD_PARTS, &values).map(|_| ())
}

/// Writes a part anew.
///
/// # Errors
/// What the engine said.
pub fn replace(tx: &mut Tx<'_>, id: [u8; 16], part: &Part) -> Result<()> {
    let row = [id.into(), part.level.into(), part.n.into(), (&part.body).into()];
    tx.exec(REPLACE, &row).map(|_| ())
}

/// Makes a batch count. Tells whether its mark was still there: if not, its parts were dropped as abandoned.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, new: &NewBatch<'_>) -> Result<bool> {
    let people = i64::try_from(new.people).unwrap_or(i64::MAX);
    let row =
        [new.id.into(), new.log.into(), new.at.into(), people.into(), new.queued.into(), new.sealed.into()];
    tx.exec(ADD, &row)?;
    Ok(tx.exec(SETTLE, &[new.id.into()])? == 1)
}

/// Drops the parts and the mark of a batch that came to nothing.
///
/// # Errors
/// What the engine said.
pub fn abandon(tx: &mut Tx<'_>, id: [u8; 16]) -> Result<()> {
    // The mark first: whoever is about to make it count waits here, or finds none.
    if tx.exec(SETTLE, &[id.into()])? == 1 {
        tx.exec(DROP_PARTS, &[id.into()])?;
    }
    Ok(())
}

/// Batches that were begun before a time and never came to count.
///
/// # Errors
/// What the engine said.
pub fn abandoned(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<[u8; 16]>> {
    tx.rows(OLD, &[before.into()], |row| row.fixed(0))
}

/// Where changes of terms are now: before anybody is looked up.
///
/// # Errors
/// What the engine said.
pub fn since(tx: &mut Tx<'_>) -> Result<Since> {
    Ok(Since { seen: changes::seen(tx)? })
}

/// Holds everybody's terms until the commit, and tells whose changed since. Nothing when that is not known any more,
/// because changes of that time were dropped.
///
/// # Errors
/// What the engine said.
pub fn hold_all(tx: &mut Tx<'_>, since: &Since) -> Result<Option<Vec<PersonId>>> {
    // SQLite has one writer, which is this one.
    if tx.engine() == Engine::Postgres {
        tx.exec(HOLD, &[])?;
    }
    let Some((_, changed)) = changes::since(tx, &since.seen)? else { return Ok(None) };
    Ok(Some(changed.into_iter().filter_map(|Change { person, .. }| person).collect()))
}

fn read(row: &crate::value::Row<'_>) -> Result<Batch> {
    let number = |column| row.int(column).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(Batch { n: row.int(0)?, id: row.fixed(1)?, at: row.time(2)?, people: number(3)?, index: number(4)? })
}

/// Batches of a log before number `before` and not older than `from`, newest first: those that have their index.
///
/// # Errors
/// What the engine said.
pub fn newest(tx: &mut Tx<'_>, log: &str, before: i64, from: Timestamp, most: u32) -> Result<Vec<Batch>> {
    tx.rows(NEWEST, &[log.into(), before.into(), from.into(), i64::from(most).into()], read)
}

/// One batch of a log.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, log: &str, n: i64) -> Result<Option<Batch>> {
    tx.first(ONE, &[log.into(), n.into()], read)
}

/// What the log's own key opens of a batch.
///
/// # Errors
/// What the engine said.
pub fn sealed(tx: &mut Tx<'_>, n: i64) -> Result<Option<Vec<u8>>> {
    tx.first(SEALED, &[n.into()], |row| row.blob(0))
}

/// A part of a batch.
///
/// # Errors
/// What the engine said.
pub fn part(tx: &mut Tx<'_>, id: [u8; 16], level: i64, n: i64) -> Result<Option<Vec<u8>>> {
    tx.first(PART, &[id.into(), level.into(), n.into()], |row| row.blob(0))
}

/// The part of tags in which a tag would be.
///
/// # Errors
/// What the engine said.
pub fn tags(tx: &mut Tx<'_>, id: [u8; 16], tag: i64) -> Result<Option<Vec<u8>>> {
    tx.first(TAGS, &[id.into(), tag.into()], |row| row.blob(0))
}
