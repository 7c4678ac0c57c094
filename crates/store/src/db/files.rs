//! SQLite's threads: readers, and the one that writes. Whatever waits shares a commit, or a sync of the journal.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::append::Sheet;
use super::hands::Hand;
use super::tx::{Inner, Texts, Tx};
use super::{AppendJob, Finish, Job, Writing};
use crate::error::{Result, StoreError};
use crate::journal::{self, Journal, Mark};

/// The most closures that share one commit, or one sync.
const MOST_SHARED: usize = 1024;
/// From this many bytes on a frame of the journal is written before more is gathered.
const FULL_FRAME: usize = 2 * 1024 * 1024;

pub(crate) fn open_file(path: &std::path::Path) -> Result<rusqlite::Connection> {
    let conn = rusqlite::Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    conn.set_prepared_statement_cache_capacity(256);
    // secure_delete: what is deleted is overwritten. synchronous=FULL: a commit that was told is on disk.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = on; PRAGMA foreign_keys = on; \
         PRAGMA temp_store = memory; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; \
         PRAGMA wal_autocheckpoint = 4000; PRAGMA trusted_schema = off;",
    )?;
    Ok(conn)
}

pub(crate) fn read_file(conn: &rusqlite::Connection, jobs: &Hand<Job>) {
    let mut texts = Texts::new();
    while let Some(job) = jobs.next() {
        let begun = conn.execute_batch("BEGIN").map_err(StoreError::from);
        let (_, finish) = job(&mut Tx(Inner::Sqlite(conn, &mut texts, None)));
        let ended = conn.execute_batch("COMMIT").map_err(StoreError::from);
        finish(begun.and(ended));
    }
}

/// Runs what is to be written, in the order in which it came.
pub(crate) fn write_file(conn: &rusqlite::Connection, jobs: &Receiver<Writing>, pen: &Mutex<()>) {
    let mut desk = Desk { conn, texts: Texts::new(), sheet: None, pen };
    let mut next = None;
    while let Some(work) = next.take().or_else(|| jobs.recv().ok()) {
        next = match work {
            Writing::Write(job) => desk.write(job, jobs),
            Writing::Append(job) => desk.append(job, jobs),
            Writing::Journal(path, backlog, tell) => {
                let _ = tell.send(desk.open(&path, backlog));
                None
            }
        };
    }
    // Nobody can write any more: leave no pages behind in the log file.
    let _ = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// The one place from which a file is written.
struct Desk<'a> {
    conn: &'a rusqlite::Connection,
    texts: Texts,
    sheet: Option<Sheet>,
    pen: &'a Mutex<()>,
}

impl Desk<'_> {
    fn open(&mut self, path: &Path, backlog: Arc<AtomicU64>) -> Result<()> {
        let store = self.conn.query_row("SELECT random()", [], |row| row.get::<_, i64>(0))?;
        journal::new_mark(&mut Tx(Inner::Sqlite(self.conn, &mut self.texts, None)), store)?;
        let journal = Journal::open(path, || mark(self.conn, &mut self.texts))?;
        self.sheet = Some(Sheet::new(journal, backlog));
        Ok(())
    }

    /// One transaction for this closure and those that wait behind it; the first that wants something else comes back.
    fn write(&mut self, first: Job, jobs: &Receiver<Writing>) -> Option<Writing> {
        let pen = self.pen.lock();
        let begun = self.conn.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
        let held = begun.and_then(|()| self.hold());
        if let Err(error) = held {
            let _ = self.conn.execute_batch("ROLLBACK");
            let (_, finish) = refuse(first, self.conn, &mut self.texts);
            drop(pen);
            finish(Err(error));
            return None;
        }
        let (mut next, mut waiting) = (None, vec![self.run_saved(first)]);
        while waiting.len() < MOST_SHARED
            && !self.has_ended()
            && let Ok(more) = jobs.try_recv()
        {
            match more {
                Writing::Write(job) => waiting.push(self.run_saved(job)),
                other @ (Writing::Append(_) | Writing::Journal(..)) => {
                    next = Some(other);
                    break;
                }
            }
        }
        let committed = if self.has_ended() {
            Err(StoreError::Unavailable("the database gave up what was to be committed".into()))
        } else {
            self.conn.execute_batch("COMMIT").map_err(StoreError::from)
        };
        if committed.is_err() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.forget();
            sheet.journal.release();
        }
        drop(pen);
        for finish in waiting {
            finish(committed.clone());
        }
        next
    }

    /// Takes the journal's lock: what an append relies on changes only under it.
    fn hold(&mut self) -> Result<()> {
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        sheet.journal.hold()?;
        let fresh = mark(self.conn, &mut self.texts).and_then(|mark| sheet.journal.refresh(mark));
        if fresh.is_err() {
            sheet.journal.release();
        }
        fresh
    }

    /// After some errors (no room, a failed read) SQLite takes the whole transaction back by itself. What ran on would
    /// be committed statement by statement.
    fn has_ended(&self) -> bool {
        self.conn.is_autocommit()
    }

    /// Runs one closure of a shared transaction, so that it alone is undone when it fails.
    fn run_saved(&mut self, job: Job) -> Finish {
        let saved = self.conn.execute_batch("SAVEPOINT one").map_err(StoreError::from);
        let journal = self.sheet.as_ref().map(|sheet| &sheet.journal);
        let (keep, finish) = job(&mut Tx(Inner::Sqlite(self.conn, &mut self.texts, journal)));
        if self.has_ended() {
            // Whoever met the error is told of it, the others that they went down with it.
            return if keep { finish } else { Box::new(move |_| finish(Ok(()))) };
        }
        let end = if keep { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
        let ended = self.conn.execute_batch(end).map_err(StoreError::from);
        match saved.and(ended) {
            Ok(()) => finish,
            Err(error) => Box::new(move |_| finish(Err(error))),
        }
    }

    /// One frame of the journal for this closure and those that wait behind it.
    fn append(&mut self, first: AppendJob, jobs: &Receiver<Writing>) -> Option<Writing> {
        // Without a journal nothing may be appended; whoever waits hears that nobody answers.
        let sheet = self.sheet.as_mut()?;
        let begun = sheet.journal.hold().and_then(|()| sheet.begin(self.conn, &mut self.texts));
        let (mut next, mut waiting) = (None, vec![sheet.run(first, self.conn, &mut self.texts)]);
        while waiting.len() < MOST_SHARED
            && sheet.frame_bytes() < FULL_FRAME
            && let Ok(more) = jobs.try_recv()
        {
            match more {
                Writing::Append(job) => waiting.push(sheet.run(job, self.conn, &mut self.texts)),
                other @ (Writing::Write(_) | Writing::Journal(..)) => {
                    next = Some(other);
                    break;
                }
            }
        }
        if begun.is_err() {
            sheet.give_up();
        }
        let durable = begun.and_then(|mark| sheet.end(mark));
        sheet.journal.release();
        for finish in waiting {
            finish(durable.clone());
        }
        sheet.settle();
        next
    }
}

/// The mark of the store, as it is now.
pub(crate) fn mark(conn: &rusqlite::Connection, texts: &mut Texts) -> Result<Mark> {
    journal::mark(&mut Tx(Inner::Sqlite(conn, texts, None)))?.ok_or(StoreError::Moved)
}

/// Runs a closure whose transaction could not begin, so that its caller hears of it; nothing it does remains.
fn refuse(job: Job, conn: &rusqlite::Connection, texts: &mut Texts) -> (bool, Finish) {
    let _ = conn.execute_batch("PRAGMA query_only = on");
    let out = job(&mut Tx(Inner::Sqlite(conn, texts, None)));
    let _ = conn.execute_batch("PRAGMA query_only = off");
    out
}
