//! The append layer alone: entries that are encoded already, in batches, beside the plainest way to make the same bytes
//! durable, in turns within one run.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_kernel::{PersonId, Timestamp};
use assent_store::journal::{self, Encoded, Record};
use assent_store::ledger::{self, About, Line};
use assent_store::{Appending, Db, Kind, Place, migrate};

use crate::report::{Bar, cpu, percentiles, rate, time};

/// The bytes of an entry and of its sealed detail, as asks about one fact make them.
const LEAF: usize = 165;
const SEALED: usize = 330;
/// And with what the journal says of it.
pub(crate) const RECORD: usize = LEAF + SEALED + 40 + LOG.len();
const LOG: &str = "crm.example.org/ledger/halden/eu";
/// Turns that each side takes.
const TURNS: usize = 20;
/// The fewest batches of a turn: what is sustained, not what the first one waits for.
const FEWEST: usize = 20;
/// Batches that are hashed while others wait or sync.
const AHEAD: usize = 2;
/// Turns before those, until both files of the journal are as long as they get.
const FIRST_TURNS: usize = 14;

fn person(n: usize) -> PersonId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    PersonId::from_bytes(bytes)
}

fn record(n: usize, seq: i64) -> Record {
    let (leaf, sealed) = (vec![n as u8; LEAF], vec![seq as u8; SEALED]);
    Record { person: person(n), seq, at: Timestamp::from_micros(1), log: LOG.into(), leaf, sealed }
}

async fn journal(folder: &Path) -> anyhow::Result<Db> {
    let db = Db::open(Place::File(folder.join("eu.db")))?;
    migrate(&db, Kind::Region).await?;
    Ok(db.with_journal().await?)
}

/// A row of the table with its bar.
pub(crate) type Measured = (Vec<String>, Bar);

/// How fast ours was, in per cent of what stood beside it.
pub(crate) fn bar(engine: &str, what: &str, (ours, raw): (Duration, Duration)) -> Bar {
    let share = raw.as_secs_f64() / ours.as_secs_f64() * 100.0;
    let what = what.trim_start_matches("append layer, ");
    Bar::ours(format!("{engine}: {what}"), share, format!("{share:.0} %"))
}

/// The journal: batches beside raw write + fdatasync, then 64 producers that wait.
pub(crate) fn embedded(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<Measured>> {
    let mut rows = Vec::new();
    for batch in [64usize, 100, 1_000] {
        let folder = tempfile::tempdir()?;
        let db = runtime.block_on(journal(folder.path()))?;
        let mut raw = Raw::new(&folder.path().join("raw"))?;
        let each = (400_000 / batch / TURNS / 4).max(FEWEST);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for turn in 0..FIRST_TURNS + TURNS {
            let batch_of = |n| (0..batch).map(|i| record(i, (turn * each + n) as i64)).collect();
            // Kept to the end of the turn: freeing what was made up here is no part of it.
            let records: Vec<Arc<[Record]>> = (0..each).map(batch_of).collect();
            let times = runtime.block_on(appended(&db, &records))?;
            runtime.block_on(taken_over(&db))?;
            let plain = raw.batches(each, batch)?;
            if turn >= FIRST_TURNS {
                ours.extend(times);
                theirs.extend(plain);
            }
        }
        rows.push(row("Sqlite", format!("append layer, batches of {batch}"), batch, (ours, theirs), None));
    }
    rows.push(runtime.block_on(waiting())?);
    Ok(rows)
}

fn row(
    engine: &str,
    what: String,
    batch: usize,
    (mut ours, mut theirs): (Vec<Duration>, Vec<Duration>),
    each: Option<Duration>,
) -> Measured {
    let (one, other): (Duration, Duration) = (ours.iter().sum(), theirs.iter().sum());
    let (p50, p99) = percentiles(&mut ours);
    let (raw50, _) = percentiles(&mut theirs);
    let bar = bar(engine, &what, (one, other));
    let row = vec![
        engine.into(),
        what,
        rate(ours.len() * batch, one),
        time(p50),
        time(p99),
        each.map_or_else(|| "–".into(), time),
        format!("{}, p50 {}", rate(theirs.len() * batch, other), time(raw50)),
        format!(
            "{:.0} % (of the medians: {:.0} %)",
            other.as_secs_f64() / one.as_secs_f64() * 100.0,
            raw50.as_secs_f64() / p50.as_secs_f64() * 100.0
        ),
    ];
    (row, bar)
}

/// Batches one after another: while one syncs, the next waits, and those after it are hashed side by side, as those of
/// askers are. Tells the time from one acknowledgement to the next.
async fn appended(db: &Db, batches: &[Arc<[Record]>]) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(batches.len());
    let (mut hashed, mut waiting) = (VecDeque::new(), VecDeque::new());
    let mut last = Instant::now();
    let mut acknowledged = async |one: tokio::task::JoinHandle<assent_store::Result<()>>| {
        one.await??;
        times.push(last.elapsed());
        last = Instant::now();
        Ok::<_, anyhow::Error>(())
    };
    let hash = |records: Arc<[Record]>| async move {
        records.iter().map(Record::encode).collect::<assent_store::Result<Vec<Encoded>>>()
    };
    let mut batches = batches.iter().map(|records| tokio::spawn(hash(Arc::clone(records))));
    loop {
        hashed.extend(batches.by_ref().take(AHEAD - hashed.len()));
        let Some(next) = hashed.pop_front() else { break };
        let ready = next.await??;
        let db = db.clone();
        waiting.push_back(tokio::spawn(async move {
            // Handed back, as the gate does: whoever waits frees it.
            let append = move |pen: &mut Appending<'_>| {
                ready.iter().for_each(|one| pen.push(one));
                Ok(ready)
            };
            db.append(append).await.map(drop)
        }));
        if waiting.len() > 1
            && let Some(one) = waiting.pop_front()
        {
            acknowledged(one).await?;
        }
    }
    for one in waiting {
        acknowledged(one).await?;
    }
    Ok(times)
}

/// Moves the mark to the journal's end, as taking over into SQLite does: then its files are written again from the start.
async fn taken_over(db: &Db) -> anyhow::Result<()> {
    let reach = db.append(|pen| Ok(pen.reach())).await?;
    let moved = db.write_aside(move |tx| {
        let (_, mark) = journal::unabsorbed(tx, &reach, usize::MAX)?;
        journal::set_mark(tx, mark)
    });
    Ok(moved.await?)
}

/// The plainest way to make bytes durable: a file that is long enough, written again from its start.
struct Raw(File);

impl Raw {
    const ROOM: u64 = 16 * 1024 * 1024;

    fn new(path: &Path) -> anyhow::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(&vec![0; Self::ROOM as usize + 2 * 1024 * 1024])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self(file))
    }

    fn batches(&mut self, batches: usize, batch: usize) -> anyhow::Result<Vec<Duration>> {
        let bytes = vec![7u8; RECORD * batch];
        let mut times = Vec::with_capacity(batches);
        for _ in 0..batches {
            let begun = Instant::now();
            if self.0.stream_position()? > Self::ROOM {
                self.0.seek(SeekFrom::Start(0))?;
            }
            self.0.write_all(&bytes)?;
            self.0.sync_data()?;
            times.push(begun.elapsed());
        }
        Ok(times)
    }
}

/// 64 producers that each wait for their own entry.
async fn waiting() -> anyhow::Result<Measured> {
    const PRODUCERS: usize = 64;
    const EACH: usize = 5_000;
    let folder = tempfile::tempdir()?;
    let db = journal(folder.path()).await?;
    let (before, begun) = (cpu(), Instant::now());
    let produce = |n: usize| {
        let db = db.clone();
        async move {
            let mut times = Vec::with_capacity(EACH);
            for seq in 0..EACH {
                let begun = Instant::now();
                let one = record(n, seq as i64).encode()?;
                db.append(move |pen| {
                    pen.push(&one);
                    Ok(())
                })
                .await?;
                times.push(begun.elapsed());
            }
            Ok::<_, anyhow::Error>(times)
        }
    };
    let tasks: Vec<_> = (0..PRODUCERS).map(|n| tokio::spawn(produce(n))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let (took, each) = (begun.elapsed(), (cpu() - before) / u32::try_from(PRODUCERS * EACH)?);
    let raw: Duration =
        Raw::new(&folder.path().join("raw"))?.batches(PRODUCERS * EACH / 64, 64)?.iter().sum();
    let (p50, p99) = percentiles(&mut times);
    let what = format!("append layer, {PRODUCERS} producers waiting");
    let bar = bar("Sqlite", &what, (took, raw));
    let row = vec![
        "Sqlite".into(),
        what,
        rate(PRODUCERS * EACH, took),
        time(p50),
        time(p99),
        time(each),
        format!("raw {}", rate(PRODUCERS * EACH, raw)),
        format!("{:.0} %", raw.as_secs_f64() / took.as_secs_f64() * 100.0),
    ];
    Ok((row, bar))
}

/// The queue of a server beside a plain multi-row INSERT of the same rows, commit by commit.
pub(crate) fn server(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<Measured>> {
    let url = assent_testkit::pg_database("figures_append")?;
    let db = runtime.block_on(async {
        let db = Db::open(Place::parse(&url))?;
        migrate(&db, Kind::Region).await?;
        Ok::<_, anyhow::Error>(db)
    })?;
    let mut plain = postgres::Client::connect(&url, postgres::NoTls)?;
    plain.batch_execute(
        "CREATE TABLE plain (seq BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, log TEXT COLLATE \"C\" NOT NULL, \
         at BIGINT NOT NULL, leaf BYTEA NOT NULL, person BYTEA, used BIGINT, sealed BYTEA)",
    )?;
    let mut rows = Vec::new();
    for batch in [64usize, 100, 1_000] {
        let each = (20_000 / batch / TURNS).max(4);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let statement = plain.prepare(&format!(
            "INSERT INTO plain (log, at, leaf, person, used, sealed) VALUES {}",
            (0..batch)
                .map(|r| format!(
                    "(${},${},${},${},${},${})",
                    r * 6 + 1,
                    r * 6 + 2,
                    r * 6 + 3,
                    r * 6 + 4,
                    r * 6 + 5,
                    r * 6 + 6
                ))
                .collect::<Vec<_>>()
                .join(",")
        ))?;
        for turn in 0..=TURNS {
            for n in 0..each {
                let records: Vec<Record> = (0..batch).map(|i| record(i, (turn * each + n) as i64)).collect();
                let (id, log): (Vec<[u8; 16]>, &str) =
                    (records.iter().map(|r| r.person.to_bytes()).collect(), LOG);
                let id: Vec<&[u8]> = id.iter().map(<[u8; 16]>::as_slice).collect();
                let begun = Instant::now();
                let at = 1i64;
                let values: Vec<&(dyn postgres::types::ToSql + Sync)> = records
                    .iter()
                    .zip(&id)
                    .flat_map(|(r, id)| {
                        let row: [&(dyn postgres::types::ToSql + Sync); 6] =
                            [&log, &at, &r.leaf, id, &r.seq, &r.sealed];
                        row
                    })
                    .collect();
                let mut tx = plain.transaction()?;
                tx.execute(&statement, &values)?;
                tx.commit()?;
                let other = begun.elapsed();
                let lines: Vec<Line> = records
                    .into_iter()
                    .map(|Record { person, seq, leaf, sealed, .. }| Line {
                        leaf,
                        about: Some(About { person, seq, sealed }),
                    })
                    .collect();
                let begun = Instant::now();
                runtime.block_on(
                    db.write(move |tx| ledger::queue(tx, LOG, Timestamp::from_micros(1), &lines)),
                )?;
                if turn > 0 {
                    ours.push(begun.elapsed());
                    theirs.push(other);
                }
            }
        }
        rows.push(row("Postgres", format!("append layer, commits of {batch}"), batch, (ours, theirs), None));
    }
    Ok(rows)
}
