//! One database behind one face: closures over a [`Tx`], read or write, on SQLite or PostgreSQL.
//!
//! SQLite has one writer thread that runs whatever waits and commits it together (that is the group commit), and a
//! few readers. PostgreSQL has a few connections. A closure runs on one of those threads; callers wait without
//! holding up anything else. A closure that fails leaves nothing behind; one that panics too.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::dialect::Engine;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};

/// Threads that read from a SQLite file, and connections to a PostgreSQL database.
const READERS: usize = 4;
/// Connections to a PostgreSQL database.
const CONNECTIONS: usize = 8;
/// The most closures that share one commit on SQLite.
const MOST_SHARED: usize = 1024;

/// The most rows of one multi-row insert.
const ROWS_AT_ONCE: usize = 256;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A server, by its URL. May hold a password, so it is not printed.
    Server(String),
}

impl Place {
    /// A `postgres://` URL, or else a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Server(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }
    /// The engine that serves it.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::File(_) => Engine::Sqlite,
            Self::Server(_) => Engine::Postgres,
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(_) => f.write_str("a PostgreSQL server"),
        }
    }
}

/// A statement that inserts rows: `INSERT INTO t (a, b) VALUES` · how many columns · what follows the rows.
#[derive(Debug, Clone, Copy)]
pub struct Insert {
    /// Up to and including `VALUES`.
    pub head: &'static str,
    /// How many columns each row has.
    pub columns: usize,
    /// What follows the rows, such as `ON CONFLICT DO NOTHING`.
    pub tail: &'static str,
}

/// A transaction. All statements are constants; nothing can be assembled from input.
#[derive(Debug)]
pub struct Tx<'a>(Inner<'a>);

enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection, &'a mut Texts),
    Pg(Box<postgres::Transaction<'a>>, &'a mut Texts, &'a mut Prepared),
}

impl std::fmt::Debug for Inner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(..) => "SQLite",
            Self::Pg(..) => "PostgreSQL",
        })
    }
}

/// Statements already put into the engine's words.
type Texts = HashMap<(usize, usize), Arc<str>>;
/// Statements already prepared on a connection.
type Prepared = HashMap<Arc<str>, postgres::Statement>;

fn worded(
    texts: &mut Texts,
    engine: Engine,
    sql: &'static str,
    rows: usize,
    build: impl FnOnce() -> String,
) -> Arc<str> {
    Arc::clone(
        texts
            .entry((sql.as_ptr() as usize, rows))
            .or_insert_with(|| Arc::from(engine.text(&build()).as_str())),
    )
}

fn pg_args<'v>(args: &'v [Value<'v>]) -> Vec<&'v (dyn postgres::types::ToSql + Sync)> {
    args.iter().map(|arg| arg as &(dyn postgres::types::ToSql + Sync)).collect()
}

impl Tx<'_> {
    /// The engine underneath; only for what `dialect` cannot hide.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Inner::Sqlite(..) => Engine::Sqlite,
            Inner::Pg(..) => Engine::Postgres,
        }
    }

    /// Runs a statement; tells how many rows it changed.
    ///
    /// # Errors
    /// What the engine said.
    pub fn exec(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<u64> {
        match &mut self.0 {
            Inner::Sqlite(conn, texts) => {
                let text = worded(texts, Engine::Sqlite, sql, 0, || sql.to_owned());
                let changed = conn.prepare_cached(&text)?.execute(rusqlite::params_from_iter(args))?;
                Ok(changed as u64)
            }
            Inner::Pg(tx, texts, prepared) => {
                let text = worded(texts, Engine::Postgres, sql, 0, || sql.to_owned());
                let statement = prepare(tx, prepared, &text)?;
                Ok(tx.execute(&statement, &pg_args(args))?)
            }
        }
    }

    /// Runs a query and reads every row.
    ///
    /// # Errors
    /// What the engine said, or what reading a row said.
    pub fn rows<T>(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        match &mut self.0 {
            Inner::Sqlite(conn, texts) => {
                let text = worded(texts, Engine::Sqlite, sql, 0, || sql.to_owned());
                let mut statement = conn.prepare_cached(&text)?;
                let mut rows = statement.query(rusqlite::params_from_iter(args))?;
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(read(&Row::Sqlite(row))?);
                }
                Ok(out)
            }
            Inner::Pg(tx, texts, prepared) => {
                let text = worded(texts, Engine::Postgres, sql, 0, || sql.to_owned());
                let statement = prepare(tx, prepared, &text)?;
                tx.query(&statement, &pg_args(args))?.iter().map(|row| read(&Row::Pg(row))).collect()
            }
        }
    }

    /// Runs a query and reads the first row, if there is one.
    ///
    /// # Errors
    /// What the engine said, or what reading the row said.
    pub fn first<T>(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, args, read)?.into_iter().next())
    }

    /// Inserts many rows, each `insert.columns` values long, in as few round trips as the engine allows.
    ///
    /// # Errors
    /// What the engine said.
    pub fn insert(&mut self, insert: &Insert, values: &[Value<'_>]) -> Result<u64> {
        let build = |rows| format!("{} {} {}", insert.head, placeholders(rows, insert.columns), insert.tail);
        let mut changed = 0;
        match &mut self.0 {
            // One row at a time costs SQLite nothing more, if the statement is looked up once.
            Inner::Sqlite(conn, texts) => {
                let text = worded(texts, Engine::Sqlite, insert.head, 1, || build(1));
                let mut statement = conn.prepare_cached(&text)?;
                for row in values.chunks(insert.columns) {
                    changed += statement.execute(rusqlite::params_from_iter(row))? as u64;
                }
            }
            Inner::Pg(tx, texts, prepared) => {
                for chunk in values.chunks(insert.columns * ROWS_AT_ONCE) {
                    let rows = chunk.len() / insert.columns;
                    let text = worded(texts, Engine::Postgres, insert.head, rows, || build(rows));
                    let statement = prepare(tx, prepared, &text)?;
                    changed += tx.execute(&statement, &pg_args(chunk))?;
                }
            }
        }
        Ok(changed)
    }

    /// Inserts many rows and reads what the statement returns for each; the order of the answers is the engine's.
    ///
    /// # Errors
    /// What the engine said, or what reading a row said.
    pub fn insert_returning<T>(
        &mut self,
        insert: &Insert,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        for chunk in values.chunks(insert.columns * ROWS_AT_ONCE) {
            let rows = chunk.len() / insert.columns;
            let build = || format!("{} {} {}", insert.head, placeholders(rows, insert.columns), insert.tail);
            match &mut self.0 {
                Inner::Sqlite(conn, texts) => {
                    let text = worded(texts, Engine::Sqlite, insert.head, rows, build);
                    let mut statement = conn.prepare_cached(&text)?;
                    let mut found = statement.query(rusqlite::params_from_iter(chunk))?;
                    while let Some(row) = found.next()? {
                        out.push(read(&Row::Sqlite(row))?);
                    }
                }
                Inner::Pg(tx, texts, prepared) => {
                    let text = worded(texts, Engine::Postgres, insert.head, rows, build);
                    let statement = prepare(tx, prepared, &text)?;
                    for row in &tx.query(&statement, &pg_args(chunk))? {
                        out.push(read(&Row::Pg(row))?);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Runs a script of several statements: migrations only.
    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(conn, _) => Ok(conn.execute_batch(&Engine::Sqlite.text(sql))?),
            Inner::Pg(tx, ..) => Ok(tx.batch_execute(&Engine::Postgres.text(sql))?),
        }
    }

    /// Prepares a statement without running it, to see that it is one.
    ///
    /// # Errors
    /// What the engine said.
    pub fn check(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(conn, _) => Ok(conn.prepare(&Engine::Sqlite.text(sql)).map(|_| ())?),
            Inner::Pg(tx, ..) => Ok(tx.prepare(&Engine::Postgres.text(sql)).map(|_| ())?),
        }
    }
}

fn prepare(
    tx: &mut postgres::Transaction<'_>,
    prepared: &mut Prepared,
    text: &Arc<str>,
) -> Result<postgres::Statement> {
    if let Some(found) = prepared.get(text) {
        return Ok(found.clone());
    }
    let statement = tx.prepare(text)?;
    prepared.insert(Arc::clone(text), statement.clone());
    Ok(statement)
}

fn placeholders(rows: usize, columns: usize) -> String {
    let row = |r: usize| {
        let cells: Vec<String> = (1..=columns).map(|c| format!("${}", r * columns + c)).collect();
        format!("({})", cells.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// What is left to do for a closure once its commit succeeded or failed.
type Finish = Box<dyn FnOnce(Result<()>) + Send>;
/// A closure on its way to a database thread. It reports whether its own part may be committed.
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Finish) + Send>;

/// One database.
#[derive(Clone)]
pub struct Db {
    place: Place,
    read: Sender<Job>,
    write: Sender<Job>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.place)
    }
}

fn job<T, F>(work: F) -> (Job, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let job: Job = Box::new(move |tx| {
        let done = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(StoreError::Engine("a closure of ours panicked".into())));
        let keep = done.is_ok();
        let finish: Finish = Box::new(move |committed| {
            let _ = tell.send(committed.and(done));
        });
        (keep, finish)
    });
    (job, told)
}

impl Db {
    /// Opens a database; a file is created if there is none.
    ///
    /// # Errors
    /// What the engine said.
    pub fn open(place: Place) -> Result<Self> {
        let (write, writes) = channel::<Job>();
        let (read, reads) = channel::<Job>();
        match &place {
            Place::File(path) => {
                let writer = open_file(path)?;
                spawn("sqlite-writer", move || write_file(&writer, &writes));
                let reads = Arc::new(Mutex::new(reads));
                for _ in 0..READERS {
                    let (reader, reads) = (open_file(path)?, Arc::clone(&reads));
                    reader.execute_batch("PRAGMA query_only = on")?;
                    spawn("sqlite-reader", move || read_file(&reader, &reads));
                }
            }
            Place::Server(url) => {
                // The client brings a runtime of its own, so it is tried on a thread of its own.
                let first = url.clone();
                thread::spawn(move || connect(&first).map(drop)).join().map_err(|_| gone())??;
                // Reads and writes share the connections: PostgreSQL keeps them apart itself.
                let jobs = Arc::new(Mutex::new(writes));
                for _ in 0..CONNECTIONS {
                    let (url, jobs) = (url.clone(), Arc::clone(&jobs));
                    spawn("postgres", move || serve_server(&url, &jobs));
                }
                let forward = write.clone();
                spawn("postgres-reads", move || {
                    while let Ok(job) = reads.recv() {
                        if forward.send(job).is_err() {
                            return;
                        }
                    }
                });
            }
        }
        Ok(Self { place, read, write })
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Runs a closure that only reads, on one consistent view.
    ///
    /// # Errors
    /// What the closure or the engine said.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        send(&self.read, job)?;
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
        send(&self.write, job)?;
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

    /// Empties SQLite's write-ahead log, so that nothing old lies in it. PostgreSQL keeps sealed bytes only.
    ///
    /// # Errors
    /// What the engine said.
    pub async fn truncate_log(&self) -> Result<()> {
        let Place::File(path) = self.place.clone() else { return Ok(()) };
        let run = move || -> Result<()> {
            let conn = open_file(&path)?;
            Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| gone())?
    }

    /// Like [`Db::read`], for a thread that may wait.
    ///
    /// # Errors
    /// What the closure or the engine said.
    pub fn read_blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        send(&self.read, job)?;
        told.blocking_recv().map_err(|_| gone())?
    }

    /// Like [`Db::write`], for a thread that may wait.
    ///
    /// # Errors
    /// What the closure or the engine said; then nothing of it remains.
    pub fn write_blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (job, told) = job(work);
        send(&self.write, job)?;
        told.blocking_recv().map_err(|_| gone())?
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("nobody answers there at present".into())
}
fn send(to: &Sender<Job>, job: Job) -> Result<()> {
    to.send(job).map_err(|_| gone())
}
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    // A process that cannot start a thread cannot run at all; the sender then reports that the thread is gone.
    if let Err(error) = thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%error, "cannot start a database thread");
    }
}

fn open_file(path: &std::path::Path) -> Result<rusqlite::Connection> {
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

fn read_file(conn: &rusqlite::Connection, jobs: &Mutex<Receiver<Job>>) {
    let mut texts = Texts::new();
    while let Some(job) = next(jobs) {
        let begun = conn.execute_batch("BEGIN").map_err(StoreError::from);
        let (_, finish) = job(&mut Tx(Inner::Sqlite(conn, &mut texts)));
        let ended = conn.execute_batch("COMMIT").map_err(StoreError::from);
        finish(begun.and(ended));
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().ok()?.recv().ok()
}

fn write_file(conn: &rusqlite::Connection, jobs: &Receiver<Job>) {
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

fn connect(url: &str) -> Result<postgres::Client> {
    let mut config: postgres::Config =
        url.parse().map_err(|_| StoreError::Unavailable("the URL is not valid".into()))?;
    config.connect_timeout(Duration::from_secs(5)).application_name("assent");
    let mut client = config.connect(postgres::NoTls)?;
    client.batch_execute("SET idle_in_transaction_session_timeout = '10s'; SET synchronous_commit = on")?;
    Ok(client)
}

fn serve_server(url: &str, jobs: &Mutex<Receiver<Job>>) {
    let mut client: Option<postgres::Client> = None;
    let (mut texts, mut prepared) = (Texts::new(), Prepared::new());
    while let Some(job) = next(jobs) {
        if client.as_ref().is_none_or(postgres::Client::is_closed) {
            prepared.clear();
            client = connect(url).map_err(|error| tracing::warn!(%error, "database")).ok();
        }
        match client.as_mut() {
            Some(open) => run_server(open, &mut texts, &mut prepared, job),
            None => drop(job),
        }
    }
}

fn run_server(client: &mut postgres::Client, texts: &mut Texts, prepared: &mut Prepared, job: Job) {
    let Ok(tx) = client.transaction() else { return drop(job) };
    let mut tx = Tx(Inner::Pg(Box::new(tx), texts, prepared));
    let (keep, finish) = job(&mut tx);
    let Inner::Pg(tx, ..) = tx.0 else { return };
    let ended = if keep { tx.commit() } else { tx.rollback() };
    finish(ended.map_err(StoreError::from));
}
