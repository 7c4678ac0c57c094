//! Reading the journal from outside: what is not absorbed yet, and the mark up to which everything is.

use std::fs::File;
use std::path::PathBuf;

use super::frame::{self, ALIGN, HEAD, Record, Spot};
use super::{failed, path, place, read_at};
use crate::db::Tx;
use crate::error::{Result, StoreError};

const MARK: &str = "SELECT store, generation, at FROM journal_mark WHERE one = 1";
const NEW_MARK: &str =
    "INSERT INTO journal_mark (one, store, generation, at) VALUES (1, $1, 1, 0) ON CONFLICT (one) DO NOTHING";
const SET_MARK: &str = "UPDATE journal_mark SET generation = $1, at = $2 WHERE one = 1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[MARK, NEW_MARK, SET_MARK];

/// Up to where a store has absorbed its journal; it lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The store's number, so that no other store's journal is taken for its own.
    pub store: i64,
    /// The generation of the file.
    pub generation: u64,
    /// The first byte in it that is not absorbed.
    pub at: u64,
}

/// Up to where a journal was durable at a moment.
#[derive(Debug, Clone)]
pub struct Reach {
    pub(super) base: PathBuf,
    pub(super) store: i64,
    pub(super) generation: u64,
    pub(super) tails: [u64; 2],
}

/// The mark of a store.
pub(crate) fn mark(tx: &mut Tx<'_>) -> Result<Option<Mark>> {
    tx.first(MARK, &[], |row| {
        let number = |column| {
            u64::try_from(row.int(column)?).map_err(|_| StoreError::Damaged("the journal's mark".into()))
        };
        Ok(Mark { store: row.int(0)?, generation: number(1)?, at: number(2)? })
    })
}

/// Gives a store without a journal its number.
pub(crate) fn new_mark(tx: &mut Tx<'_>, store: i64) -> Result<()> {
    tx.exec(NEW_MARK, &[store.into()]).map(|_| ())
}

/// Moves the mark on: in the transaction that absorbs.
///
/// # Errors
/// What the engine said.
pub fn set_mark(tx: &mut Tx<'_>, mark: Mark) -> Result<()> {
    let number = |n| i64::try_from(n).unwrap_or(i64::MAX);
    tx.exec(SET_MARK, &[number(mark.generation).into(), number(mark.at).into()]).map(|_| ())
}

/// Walks over the frames after the mark; tells where the mark is then.
fn walk(
    tx: &mut Tx<'_>,
    reach: &Reach,
    mut each: impl FnMut(&mut File, &frame::Head) -> Result<bool>,
) -> Result<Mark> {
    let mut mark = mark(tx)?.ok_or(StoreError::Moved)?;
    // Somebody else was quicker and went on; there is nothing to do here.
    if mark.generation > reach.generation {
        return Ok(mark);
    }
    loop {
        let n = place(mark.generation);
        let tail = reach.tails.get(n).copied().unwrap_or(0);
        let name = path(&reach.base, n);
        let mut file = File::open(&name).map_err(|error| failed(&name, &error))?;
        while mark.at < tail {
            let spot = Spot { store: reach.store, generation: mark.generation, at: mark.at };
            let bytes = read_at(&mut file, mark.at, HEAD).map_err(|error| failed(&name, &error))?;
            let head =
                frame::head(&bytes).filter(|head| head.spot == spot).ok_or_else(|| damaged(&name, mark))?;
            if !each(&mut file, &head)? {
                return Ok(mark);
            }
            mark.at = (mark.at + (HEAD + head.length) as u64).next_multiple_of(ALIGN);
        }
        if mark.generation >= reach.generation {
            return Ok(mark);
        }
        mark = Mark { generation: mark.generation + 1, at: 0, ..mark };
    }
}

fn damaged(name: &std::path::Path, mark: Mark) -> StoreError {
    StoreError::Damaged(format!("{}: what is at byte {} does not read", name.display(), mark.at))
}

/// What is not absorbed, oldest first: whole frames until there are about `most` records; and the mark after them.
///
/// # Errors
/// What the engine or the file system said; [`StoreError::Damaged`] with the place when a frame does not read.
pub fn unabsorbed(tx: &mut Tx<'_>, reach: &Reach, most: usize) -> Result<(Vec<Record>, Mark)> {
    let mut out = Vec::new();
    let mark = walk(tx, reach, |file, head| {
        if out.len() >= most {
            return Ok(false);
        }
        let name = path(&reach.base, place(head.spot.generation));
        let bytes = read_at(file, head.spot.at, HEAD + head.length).map_err(|error| failed(&name, &error))?;
        let whole = frame::records(&bytes);
        let mark = Mark { store: reach.store, generation: head.spot.generation, at: head.spot.at };
        out.extend(whole.ok_or_else(|| damaged(&name, mark))?);
        Ok(true)
    })?;
    Ok((out, mark))
}

/// How many uses are not absorbed.
///
/// # Errors
/// As [`unabsorbed`].
pub fn waiting_count(tx: &mut Tx<'_>, reach: &Reach) -> Result<u64> {
    let mut count = 0;
    walk(tx, reach, |_, head| {
        count += u64::from(head.count);
        Ok(true)
    })?;
    Ok(count)
}
