//! A transaction on either engine: constant statements in, rows out.

use std::collections::HashMap;
use std::sync::Arc;

use assent_kernel::PersonId;
use postgres::types::ToSql;

use crate::dialect::Engine;
use crate::error::{Result, StoreError};
use crate::journal::{Journal, Reach};
use crate::value::{Row, Value};

/// The most rows of one multi-row insert.
const ROWS_AT_ONCE: usize = 256;

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
pub struct Tx<'a>(pub(crate) Inner<'a>);

pub(crate) enum Inner<'a> {
    /// With the journal, where the transaction holds its lock.
    Sqlite(&'a rusqlite::Connection, &'a mut Texts, Option<&'a Journal>),
    Pg(Box<postgres::Transaction<'a>>, &'a mut Texts, &'a mut Prepared),
    /// A connection for one statement that only reads, until it is used.
    Glance(Option<&'a mut postgres::Client>, &'a mut Texts, &'a mut Prepared),
}

impl std::fmt::Debug for Inner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(..) => "SQLite",
            Self::Pg(..) | Self::Glance(..) => "PostgreSQL",
        })
    }
}

/// Statements already put into the engine's words.
pub(crate) type Texts = HashMap<(usize, usize), Arc<str>>;
/// Statements already prepared on a connection.
pub(crate) type Prepared = HashMap<Arc<str>, postgres::Statement>;

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

fn pg_args<'v>(args: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    args.iter().map(|arg| arg as &(dyn ToSql + Sync)).collect()
}

impl Tx<'_> {
    /// The engine underneath; only for what `dialect` cannot hide.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Inner::Sqlite(..) => Engine::Sqlite,
            Inner::Pg(..) | Inner::Glance(..) => Engine::Postgres,
        }
    }

    /// Up to where the journal is durable, for a transaction that holds its lock.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        match &self.0 {
            Inner::Sqlite(_, _, journal) => journal.map(Journal::reach),
            Inner::Pg(..) | Inner::Glance(..) => None,
        }
    }

    /// The newest number of a person that is in the journal only.
    pub(crate) fn newest(&self, person: PersonId) -> Option<i64> {
        match &self.0 {
            Inner::Sqlite(_, _, journal) => journal.and_then(|journal| journal.newest(person)),
            Inner::Pg(..) | Inner::Glance(..) => None,
        }
    }

    /// Runs a statement; tells how many rows it changed.
    ///
    /// # Errors
    /// What the engine said.
    pub fn exec(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<u64> {
        match &mut self.0 {
            Inner::Sqlite(conn, texts, _) => {
                let text = worded(texts, Engine::Sqlite, sql, 0, || sql.to_owned());
                let changed = conn.prepare_cached(&text)?.execute(rusqlite::params_from_iter(args))?;
                Ok(changed as u64)
            }
            Inner::Pg(tx, texts, prepared) => {
                let text = worded(texts, Engine::Postgres, sql, 0, || sql.to_owned());
                let statement = prepare(tx.as_mut(), prepared, &text)?;
                Ok(tx.execute(&statement, &pg_args(args))?)
            }
            Inner::Glance(..) => Err(only_a_glance()),
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
            Inner::Sqlite(conn, texts, _) => {
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
                let statement = prepare(tx.as_mut(), prepared, &text)?;
                tx.query(&statement, &pg_args(args))?.iter().map(|row| read(&Row::Pg(row))).collect()
            }
            Inner::Glance(client, texts, prepared) => {
                let client = client.take().ok_or_else(only_a_glance)?;
                let text = worded(texts, Engine::Postgres, sql, 0, || sql.to_owned());
                let statement = prepare(client, prepared, &text)?;
                client.query(&statement, &pg_args(args))?.iter().map(|row| read(&Row::Pg(row))).collect()
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
            Inner::Sqlite(conn, texts, _) => {
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
                    let statement = prepare(tx.as_mut(), prepared, &text)?;
                    changed += tx.execute(&statement, &pg_args(chunk))?;
                }
            }
            Inner::Glance(..) => return Err(only_a_glance()),
        }
        Ok(changed)
    }

    /// Hands a server whole columns of rows to insert; a file takes rows.
    pub(crate) fn insert_columns(&mut self, sql: &'static str, columns: &[Vec<Value<'_>>]) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(..) => Err(StoreError::Engine("SQLite has no columns of values".into())),
            Inner::Pg(tx, texts, prepared) => {
                let text = worded(texts, Engine::Postgres, sql, 0, || sql.to_owned());
                let statement = prepare(tx.as_mut(), prepared, &text)?;
                let columns: Vec<&(dyn ToSql + Sync)> =
                    columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
                tx.execute(&statement, &columns)?;
                Ok(())
            }
            Inner::Glance(..) => Err(only_a_glance()),
        }
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
                Inner::Sqlite(conn, texts, _) => {
                    let text = worded(texts, Engine::Sqlite, insert.head, rows, build);
                    let mut statement = conn.prepare_cached(&text)?;
                    let mut found = statement.query(rusqlite::params_from_iter(chunk))?;
                    while let Some(row) = found.next()? {
                        out.push(read(&Row::Sqlite(row))?);
                    }
                }
                Inner::Pg(tx, texts, prepared) => {
                    let text = worded(texts, Engine::Postgres, insert.head, rows, build);
                    let statement = prepare(tx.as_mut(), prepared, &text)?;
                    for row in &tx.query(&statement, &pg_args(chunk))? {
                        out.push(read(&Row::Pg(row))?);
                    }
                }
                Inner::Glance(..) => return Err(only_a_glance()),
            }
        }
        Ok(out)
    }

    /// Runs a script of several statements: migrations only.
    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(conn, ..) => Ok(conn.execute_batch(&Engine::Sqlite.text(sql))?),
            Inner::Pg(tx, ..) => Ok(tx.batch_execute(&Engine::Postgres.text(sql))?),
            Inner::Glance(..) => Err(only_a_glance()),
        }
    }

    /// Prepares a statement without running it, to see that it is one.
    ///
    /// # Errors
    /// What the engine said.
    pub fn check(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(conn, ..) => Ok(conn.prepare(&Engine::Sqlite.text(sql)).map(|_| ())?),
            Inner::Pg(tx, ..) => Ok(tx.prepare(&Engine::Postgres.text(sql)).map(|_| ())?),
            Inner::Glance(..) => Err(only_a_glance()),
        }
    }
}

fn only_a_glance() -> StoreError {
    StoreError::Engine("a glance is one statement that reads; more of them are a transaction".into())
}

fn prepare(
    on: &mut impl postgres::GenericClient,
    prepared: &mut Prepared,
    text: &Arc<str>,
) -> Result<postgres::Statement> {
    if let Some(found) = prepared.get(text) {
        return Ok(found.clone());
    }
    let statement = on.prepare(text)?;
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
