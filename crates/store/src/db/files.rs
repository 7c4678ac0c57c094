//! SQLite: one thread that writes whatever waits in one shared commit, and threads that read.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::tx::{Inner, Texts, Tx};
use super::{Finish, Job, next};
use crate::error::{Result, StoreError};

/// The most closures that share one commit.
const MOST_SHARED: usize = 1024;

pub(super) fn open_file(path: &std::path::Path) -> Result<rusqlite::Connection> {
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

pub(super) fn read_file(conn: &rusqlite::Connection, jobs: &Mutex<Receiver<Job>>) {
    let mut texts = Texts::new();
    while let Some(job) = next(jobs) {
        let begun = conn.execute_batch("BEGIN").map_err(StoreError::from);
        let (_, finish) = job(&mut Tx(Inner::Sqlite(conn, &mut texts)));
        let ended = conn.execute_batch("COMMIT").map_err(StoreError::from);
        finish(begun.and(ended));
    }
}

pub(super) fn write_file(conn: &rusqlite::Connection, jobs: &Receiver<Job>) {
    let mut texts = Texts::new();
    while let Ok(first) = jobs.recv() {
        let begun = conn.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
        if let Err(error) = begun {
            let (_, finish) = refuse(first, conn, &mut texts);
            finish(Err(error));
            continue;
        }
        let mut waiting = vec![run_saved(conn, &mut texts, first)];
        while waiting.len() < MOST_SHARED
            && let Ok(more) = jobs.try_recv()
        {
            waiting.push(run_saved(conn, &mut texts, more));
        }
        let committed = conn.execute_batch("COMMIT").map_err(StoreError::from);
        if committed.is_err() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        for finish in waiting {
            finish(committed.clone());
        }
    }
    // Nobody can write any more: leave no pages behind in the log file.
    let _ = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// Runs a closure whose transaction could not begin, so that its caller hears of it; nothing it does remains.
fn refuse(job: Job, conn: &rusqlite::Connection, texts: &mut Texts) -> (bool, Finish) {
    let _ = conn.execute_batch("PRAGMA query_only = on");
    let out = job(&mut Tx(Inner::Sqlite(conn, texts)));
    let _ = conn.execute_batch("PRAGMA query_only = off");
    out
}

/// Runs one closure of a shared transaction, so that it alone is undone when it fails.
fn run_saved(conn: &rusqlite::Connection, texts: &mut Texts, job: Job) -> Finish {
    let saved = conn.execute_batch("SAVEPOINT one").map_err(StoreError::from);
    let (keep, finish) = job(&mut Tx(Inner::Sqlite(conn, texts)));
    let end = if keep { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
    let ended = conn.execute_batch(end).map_err(StoreError::from);
    match saved.and(ended) {
        Ok(()) => finish,
        Err(error) => Box::new(move |_| finish(Err(error))),
    }
}
