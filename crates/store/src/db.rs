//! One database behind one face: closures over a [`Tx`], read or write, on SQLite or PostgreSQL.
//!
//! SQLite has one writer thread that runs whatever waits and commits it together (that is the group commit), and a
//! few readers. PostgreSQL has a few connections. A closure runs on one of those threads; callers wait without
//! holding up anything else. A closure that fails leaves nothing behind; one that panics too.

mod append;
mod files;
mod hands;
mod hints;
mod place;
mod server;
#[cfg(test)]
pub(crate) mod tests;
mod tls;
pub(crate) mod tx;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

pub use append::Appending;
pub use hints::Hints;
pub use place::Place;
pub use tx::{Insert, Tx};

use crate::error::{Result, StoreError};
use files::{open_file, read_file, write_file};
use hands::Jobs;
use server::{connect, serve_server};

/// Threads that read from a SQLite file.
const READERS: usize = 4;
/// How long emptying the log waits for whoever reads.
const LONGEST_READING: Duration = Duration::from_secs(5);
/// Connections to a PostgreSQL database.
const CONNECTIONS: usize = 8;

/// What is left to do for a closure once its commit succeeded or failed, or what it read is known.
type Finish = Box<dyn FnOnce(Result<()>) + Send>;
/// A closure on its way to a database thread. It reports whether its own part may be committed.
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Finish) + Send>;
/// A closure that appends to the journal.
type AppendJob = Box<dyn FnOnce(&mut Appending<'_>) -> (bool, Finish) + Send>;

/// What the one does who writes to a file.
enum Writing {
    /// A transaction.
    Write(Job),
    /// Uses for the journal.
    Append(AppendJob),
    /// From now on there is a journal. Its backlog is told there.
    Journal(PathBuf, Arc<AtomicU64>, oneshot::Sender<Result<()>>),
}

/// What a connection to a server does.
enum Serving {
    /// A transaction.
    Write(Job),
    /// One that only reads: the server is told so.
    Read(Job),
    /// One statement that only reads: no transaction is begun or ended around it.
    Glance(Job),
}

/// Where closures go.
#[derive(Clone)]
enum Ways {
    File {
        read: Jobs<Job>,
        write: Sender<Writing>,
        /// For what moves no terms: beside the writer, so that appending goes on meanwhile.
        aside: Sender<Writing>,
        /// Whoever writes to the file in this process waits here, not at the file.
        pen: Arc<Mutex<()>>,
    },
    /// Reads and writes share the connections: a server keeps them apart itself.
    Server(Jobs<Serving>),
}

/// One database.
#[derive(Clone)]
pub struct Db {
    place: Place,
    ways: Ways,
    backlog: Option<Arc<AtomicU64>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.place)
    }
}

/// Runs a closure so that a panic is an error, and splits the answer from what becomes of it.
fn guarded<T: Send + 'static>(
    work: impl FnOnce() -> Result<T>,
    tell: oneshot::Sender<Result<T>>,
) -> (bool, Finish) {
    let done = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StoreError::Engine("a closure of ours panicked".into())));
    let keep = done.is_ok();
    let finish: Finish = Box::new(move |committed| {
        let _ = tell.send(committed.and(done));
    });
    (keep, finish)
}

fn job<T, F>(work: F) -> (Job, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    (Box::new(move |tx| guarded(|| work(tx), tell)), told)
}

impl Db {
    /// Opens a database; a file is created if there is none.
    ///
    /// # Errors
    /// What the engine said.
    pub fn open(place: Place) -> Result<Self> {
        Self::open_with(place, CONNECTIONS)
    }

    /// Opens a database with so many connections to a server, so that somebody who must not wait for others need not.
    ///
    /// # Errors
    /// What the engine said.
    pub fn open_with(place: Place, connections: usize) -> Result<Self> {
        let ways = match &place {
            Place::File(path) => {
                let (write, writes) = channel();
                let (pen, read) = (Arc::new(Mutex::new(())), Jobs::new());
                let (writer, held) = (open_file(path)?, Arc::clone(&pen));
                spawn("sqlite-writer", move || write_file(&writer, &writes, &held));
                for _ in 0..READERS {
                    let (reader, reads) = (open_file(path)?, read.hand());
                    reader.execute_batch("PRAGMA query_only = on")?;
                    spawn("sqlite-reader", move || read_file(&reader, &reads));
                }
                Ways::File { read, aside: write.clone(), write, pen }
            }
            Place::Server(url) => {
                // The client brings a runtime of its own, so it is tried on a thread of its own.
                let first = url.clone();
                thread::spawn(move || connect(&first).map(drop)).join().map_err(|_| gone())??;
                let jobs = Jobs::new();
                for _ in 0..connections {
                    let (url, jobs) = (url.clone(), jobs.hand());
                    spawn("postgres", move || serve_server(&url, &jobs));
                }
                Ways::Server(jobs)
            }
        };
        Ok(Self { place, ways, backlog: None })
    }

    /// Lays a journal beside a region's file; reads what a process that ended left in it. A server has none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the place when the journal does not read; what the engine and the disk said.
    pub async fn with_journal(mut self) -> Result<Self> {
        let (Place::File(path), Ways::File { write, aside, pen, .. }) = (&self.place, &mut self.ways) else {
            return Ok(self);
        };
        let backlog = Arc::new(AtomicU64::new(0));
        let (tell, told) = oneshot::channel();
        send(write, Writing::Journal(path.clone(), Arc::clone(&backlog), tell))?;
        told.await.map_err(|_| gone())??;
        let (beside, jobs) = channel();
        let (writer, held) = (open_file(path)?, Arc::clone(pen));
        spawn("sqlite-aside", move || write_file(&writer, &jobs, &held));
        *aside = beside;
        self.backlog = Some(backlog);
        Ok(self)
    }

    /// Whether uses go to a journal.
    #[must_use]
    pub const fn has_journal(&self) -> bool {
        self.backlog.is_some()
    }

    /// Bytes of the journal that wait to be absorbed, as of the last append.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.backlog.as_ref().map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Runs a closure that only reads, on one consistent view: whatever is committed meanwhile, it sees nothing of it.
    ///
    /// # Errors
    /// What the closure or the engine said.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.reads(work, Serving::Read).await
    }

    /// Runs a closure of one statement, a `SELECT`. A server runs it in a third of the round trips; where the connection
    /// broke meanwhile it fails, and may be tried again.
    ///
    /// # Errors
    /// What the closure or the engine said. A server's connection refuses a second statement: nothing would hold the two
    /// together.
    pub async fn glance<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.reads(work, Serving::Glance).await
    }

    async fn reads<T, F>(&self, work: F, of_server: fn(Job) -> Serving) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        match &self.ways {
            Ways::File { read, .. } => hand_over(read, job)?,
            Ways::Server(jobs) => hand_over(jobs, of_server(job))?,
        }
        told.await.map_err(|_| gone())?
    }

    /// Runs a closure that writes; returns once its commit is durable.
    ///
    /// # Errors
    /// What the closure or the engine said; then nothing of it remains.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        match &self.ways {
            Ways::File { write, .. } => send(write, Writing::Write(job))?,
            Ways::Server(jobs) => hand_over(jobs, Serving::Write(job))?,
        }
        told.await.map_err(|_| gone())?
    }

    /// Like [`Db::write`], but beside the writer: appending goes on meanwhile. For closures that change nothing an
    /// append relies on (epochs, lives, policies) – that is, for absorbing what was appended.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_aside<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        match &self.ways {
            Ways::File { aside, .. } => send(aside, Writing::Write(job))?,
            Ways::Server(jobs) => hand_over(jobs, Serving::Write(job))?,
        }
        told.await.map_err(|_| gone())?
    }

    /// Runs a closure that appends to the journal; returns once what it appended is durable, with that of others who
    /// wait. What it reads is what holds at that moment: whoever changes it waits, in every process.
    ///
    /// # Errors
    /// What the closure, the engine or the disk said; then nothing of it remains.
    pub async fn append<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Appending<'_>) -> Result<T> + Send + 'static,
    {
        // A server has no journal.
        let Ways::File { write, .. } = &self.ways else { return Err(gone()) };
        let (tell, told) = oneshot::channel();
        send(write, Writing::Append(Box::new(move |pen| guarded(|| work(pen), tell))))?;
        told.await.map_err(|_| gone())?
    }

    /// Copies a file-based database, as of one moment, to a new file.
    ///
    /// # Errors
    /// What the engine said; a server's database is copied by its own tools.
    pub async fn copy_to(&self, to: PathBuf) -> Result<()> {
        let Place::File(path) = self.place.clone() else {
            return Err(StoreError::Engine("a PostgreSQL database is copied with pg_dump".into()));
        };
        let run = move || -> Result<()> {
            let conn = open_file(&path)?;
            conn.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
            Ok(())
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| gone())?
    }

    /// Empties SQLite's write-ahead log, so that nothing old lies in it. False when somebody reads for so long that it
    /// could not be emptied now. PostgreSQL keeps sealed bytes only.
    ///
    /// # Errors
    /// What the engine said.
    pub async fn truncate_log(&self) -> Result<bool> {
        let Place::File(path) = self.place.clone() else { return Ok(true) };
        let run = move || -> Result<bool> {
            let conn = open_file(&path)?;
            conn.busy_timeout(LONGEST_READING)?;
            let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| gone())?
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("nobody answers there at present".into())
}
fn send<T>(to: &Sender<T>, job: T) -> Result<()> {
    to.send(job).map_err(|_| gone())
}
fn hand_over<T>(to: &Jobs<T>, job: T) -> Result<()> {
    if to.send(job) { Ok(()) } else { Err(gone()) }
}
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    // A process that cannot start a thread cannot run at all; the sender then reports that the thread is gone.
    if let Err(error) = thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%error, "cannot start a database thread");
    }
}
