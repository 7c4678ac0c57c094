//! The ledger's rows: entries that wait for an index, tiles, heads; and the sealed detail of each use.

use assent_kernel::{PersonId, Timestamp};

use crate::db::{Insert, Tx};
use crate::dialect::Engine;
use crate::error::Result;
use crate::value::{Row, Value};

const QUEUE: &str = "INSERT INTO ledger_queue (log, at, leaf, person, used, sealed) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq";
const WAITING: &str =
    "SELECT seq, at, leaf, person, used, sealed FROM ledger_queue WHERE log = $1 ORDER BY seq LIMIT $2";
const TAKE: &str = "DELETE FROM ledger_queue WHERE seq IN (SELECT seq FROM ledger_queue WHERE log = $1 ORDER BY seq LIMIT $2) \
     RETURNING seq, at, leaf, person, used, sealed";
const DROP_WAITING: &str = "DELETE FROM ledger_queue WHERE seq = $1";
const HEAD: &str =
    "SELECT size, frontier, floor_at, checkpoint, signed_size, signed_at FROM ledger_head WHERE log = $1";
const HEAD_LOCKED: &str = "SELECT size, frontier, floor_at, checkpoint, signed_size, signed_at FROM ledger_head WHERE log = $1 {lock}";
const NEW_HEAD: &str = "INSERT INTO ledger_head (log, size, frontier, floor_at, checkpoint, signed_size, signed_at) \
     VALUES ($1, 0, $2, 0, NULL, 0, 0) ON CONFLICT (log) DO NOTHING";
const SET_HEAD: &str = "UPDATE ledger_head SET size = $2, frontier = $3 WHERE log = $1";
const SET_CHECKPOINT: &str = "UPDATE ledger_head SET checkpoint = $2, signed_size = $3, signed_at = $4 WHERE log = $1 AND signed_size <= $3";
const RAISE_FLOOR: &str = "UPDATE ledger_head SET floor_at = $2 WHERE log = $1 AND floor_at < $2";
const NEWEST_INTEGRATED: &str = "SELECT max(floor_at) FROM ledger_head";
const SERVER_TIME: &str = "SELECT {clock}";
const TILE: &str = "SELECT width, body FROM ledger_tile WHERE log = $1 AND level = $2 AND n = $3";
const TILES: &str = "SELECT level, n, width, body FROM ledger_tile WHERE log = $1 AND level = $2 AND n > $3 ORDER BY n LIMIT 64";
const PUT_TILE: &str = "INSERT INTO ledger_tile (log, level, n, width, body) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (log, level, n) DO UPDATE SET width = excluded.width, body = excluded.body";
const INDEX_OF: &str = "SELECT idx FROM ledger_index WHERE seq = $1";
const DETAILS: &str =
    "SELECT seq, idx, sealed FROM use_detail WHERE person = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
const NEWEST_WAITING: &str = "SELECT max(at) FROM ledger_queue";
const QUEUE_LENGTH: &str = "SELECT count(*) FROM ledger_queue";
const ADD_INDEX: Insert = Insert { head: "INSERT INTO ledger_index (seq, idx) VALUES", columns: 2, tail: "" };
const ADD_DETAIL: Insert =
    Insert { head: "INSERT INTO use_detail (person, seq, idx, sealed) VALUES", columns: 4, tail: "" };
const ADD_QUEUE: Insert = Insert {
    head: "INSERT INTO ledger_queue (log, at, leaf, person, used, sealed) VALUES",
    columns: 6,
    tail: "",
};
/// The same on a server: columns take less than as many values, and no round trip more.
const ADD_COLUMNS: &str = "INSERT INTO ledger_queue (log, at, leaf, person, used, sealed) \
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[])";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    QUEUE,
    WAITING,
    TAKE,
    DROP_WAITING,
    HEAD,
    HEAD_LOCKED,
    NEW_HEAD,
    SET_HEAD,
    SET_CHECKPOINT,
    RAISE_FLOOR,
    NEWEST_INTEGRATED,
    SERVER_TIME,
    TILE,
    TILES,
    PUT_TILE,
    INDEX_OF,
    DETAILS,
    NEWEST_WAITING,
    QUEUE_LENGTH,
];

/// The head of a log.
#[derive(Debug, Clone)]
pub struct Head {
    /// Entries that have an index.
    pub size: u64,
    /// The compact range of the tree, 32 bytes each.
    pub frontier: Vec<u8>,
    /// The newest time anything was recorded.
    pub floor: Timestamp,
    /// The newest signed checkpoint.
    pub checkpoint: Option<String>,
    /// The size it signs.
    pub signed_size: u64,
    /// When it was signed.
    pub signed_at: Timestamp,
}

fn number(v: i64) -> u64 {
    u64::try_from(v).unwrap_or(0)
}
fn signed(v: u64) -> i64 {
    i64::try_from(v).unwrap_or(i64::MAX)
}

/// The head of a log, made if there is none; `hold` keeps other integrators away until the commit.
///
/// # Errors
/// What the engine said.
pub fn head(tx: &mut Tx<'_>, log: &str, hold: bool) -> Result<Option<Head>> {
    let sql = if hold { HEAD_LOCKED } else { HEAD };
    tx.first(sql, &[log.into()], |row| {
        Ok(Head {
            size: number(row.int(0)?),
            frontier: row.blob(1)?,
            floor: row.time(2)?,
            checkpoint: row.text_opt(3)?,
            signed_size: number(row.int(4)?),
            signed_at: row.time(5)?,
        })
    })
}

/// Makes a log that has no entry yet.
///
/// # Errors
/// What the engine said.
pub fn new_log(tx: &mut Tx<'_>, log: &str) -> Result<()> {
    tx.exec(NEW_HEAD, &[log.into(), Value::Blob(&[])]).map(|_| ())
}

/// An entry, and for a use of somebody's facts the half that is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry's bytes.
    pub leaf: Vec<u8>,
    /// Whom it is about; none for entries of the log itself.
    pub about: Option<About>,
}

/// The half of an entry that only the person can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Whose.
    pub person: PersonId,
    /// Their count of uses.
    pub seq: i64,
    /// The detail, sealed under the person's key.
    pub sealed: Vec<u8>,
}

impl Line {
    /// An entry about nobody.
    #[must_use]
    pub const fn system(leaf: Vec<u8>) -> Self {
        Self { leaf, about: None }
    }
    fn values<'a>(&'a self, log: &'a str, at: Timestamp) -> [Value<'a>; 6] {
        let about = self.about.as_ref();
        [
            log.into(),
            at.into(),
            (&self.leaf).into(),
            about.map(|about| about.person).into(),
            about.map(|about| about.seq).into(),
            about.map(|about| about.sealed.as_slice()).into(),
        ]
    }
}

/// Queues entries for a log.
///
/// # Errors
/// What the engine said.
pub fn queue(tx: &mut Tx<'_>, log: &str, at: Timestamp, lines: &[Line]) -> Result<()> {
    match tx.engine() {
        Engine::Sqlite => {
            let values: Vec<Value<'_>> = lines.iter().flat_map(|line| line.values(log, at)).collect();
            tx.insert(&ADD_QUEUE, &values).map(|_| ())
        }
        Engine::Postgres => {
            let mut columns: [Vec<Value<'_>>; 6] = std::array::from_fn(|_| Vec::with_capacity(lines.len()));
            for line in lines {
                columns.iter_mut().zip(line.values(log, at)).for_each(|(column, value)| column.push(value));
            }
            tx.insert_columns(ADD_COLUMNS, &columns)
        }
    }
}

/// Queues one entry; tells its number in the queue, by which its index is found later if it is about nobody.
///
/// # Errors
/// What the engine said.
pub fn queue_one(tx: &mut Tx<'_>, log: &str, at: Timestamp, line: &Line) -> Result<i64> {
    Ok(tx.first(QUEUE, &line.values(log, at), |row| row.int(0))?.unwrap_or_default())
}

/// The newest time anything was recorded in this store, integrated or not.
///
/// # Errors
/// What the engine said.
pub fn floor(tx: &mut Tx<'_>) -> Result<Timestamp> {
    let mut newest = |sql| tx.first(sql, &[], |row| row.int_opt(0)).map(|found| found.flatten().unwrap_or(0));
    Ok(Timestamp::from_micros(newest(NEWEST_WAITING)?.max(newest(NEWEST_INTEGRATED)?)))
}

/// What the server's clock says; a file has none.
///
/// # Errors
/// What the engine said.
pub fn server_time(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    Ok(tx.first(SERVER_TIME, &[], |row| row.int_opt(0))?.flatten().map(Timestamp::from_micros))
}

/// An entry that waits for an index.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its number in the queue; none for what comes from the journal.
    pub queued: Option<i64>,
    /// When it was recorded.
    pub at: Timestamp,
    /// The entry.
    pub line: Line,
}

fn read_waiting(row: &Row<'_>) -> Result<Waiting> {
    let about = match (row.fixed_opt(3)?, row.int_opt(4)?, row.blob_opt(5)?) {
        (Some(person), Some(seq), Some(sealed)) => {
            Some(About { person: PersonId::from_bytes(person), seq, sealed })
        }
        _ => None,
    };
    let line = Line { leaf: row.blob(2)?, about };
    Ok(Waiting { queued: Some(row.int(0)?), at: row.time(1)?, line })
}

/// Entries that wait for an index, oldest first; they stay.
///
/// # Errors
/// What the engine said.
pub fn waiting(tx: &mut Tx<'_>, log: &str, most: u32) -> Result<Vec<Waiting>> {
    tx.rows(WAITING, &[log.into(), i64::from(most).into()], read_waiting)
}

/// Takes the oldest entries out of the queue; [`indexed`] puts them where they belong.
///
/// # Errors
/// What the engine said.
pub fn take(tx: &mut Tx<'_>, log: &str, most: u32) -> Result<Vec<Waiting>> {
    let mut taken = tx.rows(TAKE, &[log.into(), i64::from(most).into()], read_waiting)?;
    taken.sort_unstable_by_key(|one| one.queued);
    Ok(taken)
}

/// How many entries wait for an index.
///
/// # Errors
/// What the engine said.
pub fn waiting_count(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.first(QUEUE_LENGTH, &[], |row| row.int(0))?.unwrap_or(0))
}

/// Notes the index of each entry, the first's and so on: with its detail if it is about somebody, else under its number in the queue.
///
/// # Errors
/// What the engine said.
pub fn indexed(tx: &mut Tx<'_>, first: u64, entries: &[Waiting]) -> Result<()> {
    let (mut numbers, mut details): (Vec<Value<'_>>, Vec<Value<'_>>) = (Vec::new(), Vec::new());
    for (index, one) in (first..).zip(entries) {
        match (&one.line.about, one.queued) {
            (Some(about), _) => details.extend::<[Value<'_>; 4]>([
                about.person.into(),
                about.seq.into(),
                signed(index).into(),
                (&about.sealed).into(),
            ]),
            (None, Some(queued)) => numbers.extend::<[Value<'_>; 2]>([queued.into(), signed(index).into()]),
            // From the journal, of somebody who was erased since.
            (None, None) => {}
        }
    }
    tx.insert(&ADD_INDEX, &numbers)?;
    tx.insert(&ADD_DETAIL, &details).map(|_| ())
}

/// Takes one entry out of the queue that has its index already: for restoring only.
///
/// # Errors
/// What the engine said.
pub fn settle(tx: &mut Tx<'_>, one: &Waiting, index: u64) -> Result<()> {
    indexed(tx, index, std::slice::from_ref(one))?;
    tx.exec(DROP_WAITING, &[one.queued.into()]).map(|_| ())
}

/// Sets the head after integrating.
///
/// # Errors
/// What the engine said.
pub fn set_head(tx: &mut Tx<'_>, log: &str, size: u64, frontier: &[u8]) -> Result<()> {
    tx.exec(SET_HEAD, &[log.into(), signed(size).into(), frontier.into()]).map(|_| ())
}

/// Publishes a signed checkpoint, unless a larger one is published already.
///
/// # Errors
/// What the engine said.
pub fn set_checkpoint(tx: &mut Tx<'_>, log: &str, checkpoint: &str, size: u64, at: Timestamp) -> Result<()> {
    tx.exec(SET_CHECKPOINT, &[log.into(), checkpoint.into(), signed(size).into(), at.into()]).map(|_| ())
}

/// Notes the newest time anything was recorded.
///
/// # Errors
/// What the engine said.
pub fn raise_floor(tx: &mut Tx<'_>, log: &str, at: Timestamp) -> Result<()> {
    tx.exec(RAISE_FLOOR, &[log.into(), at.into()]).map(|_| ())
}

/// A tile: level −1 holds entry bundles, 0 and up hold hashes.
///
/// # Errors
/// What the engine said.
pub fn tile(tx: &mut Tx<'_>, log: &str, level: i64, n: u64) -> Result<Option<(u64, Vec<u8>)>> {
    tx.first(TILE, &[log.into(), level.into(), signed(n).into()], |row| {
        Ok((number(row.int(0)?), row.blob(1)?))
    })
}

/// Tiles of a level after number `after` (−1 for the first), at most 64: number, width, bytes.
///
/// # Errors
/// What the engine said.
pub fn tiles(tx: &mut Tx<'_>, log: &str, level: i64, after: i64) -> Result<Vec<(i64, u64, Vec<u8>)>> {
    tx.rows(TILES, &[log.into(), level.into(), after.into()], |row| {
        Ok((row.int(1)?, number(row.int(2)?), row.blob(3)?))
    })
}

/// Writes a tile, or a wider version of it.
///
/// # Errors
/// What the engine said.
pub fn put_tile(tx: &mut Tx<'_>, log: &str, level: i64, n: u64, width: u64, body: &[u8]) -> Result<()> {
    let row = [log.into(), level.into(), signed(n).into(), signed(width).into(), body.into()];
    tx.exec(PUT_TILE, &row).map(|_| ())
}

/// The index of a queued entry, once it has one.
///
/// # Errors
/// What the engine said.
pub fn index_of(tx: &mut Tx<'_>, queued: i64) -> Result<Option<u64>> {
    Ok(tx.first(INDEX_OF, &[queued.into()], |row| row.int(0))?.map(number))
}

/// A use of a person's facts, as the store knows it.
#[derive(Debug, Clone)]
pub struct Used {
    /// Counts the uses of this person.
    pub seq: i64,
    /// Its index in the log.
    pub index: u64,
    /// The detail, sealed under the person's key.
    pub sealed: Vec<u8>,
}

/// Uses of a person before number `before`, newest first: those that have their index.
///
/// # Errors
/// What the engine said.
pub fn details(tx: &mut Tx<'_>, person: PersonId, before: i64, most: u32) -> Result<Vec<Used>> {
    let args = [person.into(), before.into(), i64::from(most).into()];
    tx.rows(DETAILS, &args, |row| {
        Ok(Used { seq: row.int(0)?, index: number(row.int(1)?), sealed: row.blob(2)? })
    })
}
