//! Importing 100 000 rows of ten columns, beside inserting the same rows raw into one SQLite table.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_gate::Gate;
use assent_sources::intake::{Order, run_import_cli};
use assent_testkit::{Engine, House, START};
use assent_web::{Clock, Ctx, Post, Settings};

use crate::report::{Bar, Figure, Section, cpu, rate, time};

const ROWS: usize = 100_000;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("contacts.csv");
    std::fs::write(&file, contacts())?;
    let raw = raw_insert(&std::fs::read_to_string(&file)?)?;
    let (took, busy) = runtime.block_on(imported(&file))?;
    let times = took.as_secs_f64() / raw.as_secs_f64();
    Ok(Section {
        title: "Import of 100 000 rows × 10 columns",
        about: "SQLite. The file is read, every value parsed, duplicates looked up by blind token, each person sealed under \
                a key of their own, made findable, given their terms from the file's columns, and written to the ledger. \
                Beside it: the same rows inserted as text into one table of one SQLite file, 1 000 to a transaction."
            .into(),
        columns: vec!["import", "rows", "CPU", "raw insert", "ratio"],
        rows: vec![vec![
            rate(ROWS, took),
            time(took),
            time(busy),
            rate(ROWS, raw),
            format!("{times:.1} ×"),
        ]],
    }
    .drawn(
        "time, of the raw insert",
        vec![
            Bar::ours("import", times, format!("{times:.0} ×")),
            Bar::other("raw insert into one table", 1.0, "1"),
        ],
    ))
}

fn contacts() -> String {
    let mut out = String::from(
        "First Name,Last Name,Email,Phone Number,Street Address,City,Postal Code,Country,Company Name,Job Title\n",
    );
    let syllables = ["ka", "lo", "mi", "ren", "to", "sa", "vel", "jun", "ek", "ira", "bo", "nel"];
    let word = |n: usize| (0..3).map(|i| syllables[(n / 12usize.pow(i)) % 12]).collect::<String>();
    for n in 0..ROWS {
        let (given, family) = (word(n * 7 + 3), word(n * 13 + 5));
        let _ = writeln!(
            out,
            "{given},{family},{given}.{family}{n}@example.org,+49 30 23{n:06},Lindenweg {},Bonn,{:05},Germany,{} GmbH,Buyer",
            n % 200,
            53_000 + n % 500,
            word(n * 3)
        );
    }
    out
}

async fn imported(file: &std::path::Path) -> anyhow::Result<(Duration, Duration)> {
    let house = House::new(Engine::Sqlite).await?;
    let gate: Gate = house.gate.clone();
    let settings = Settings {
        base_url: "http://figures.example".into(),
        post: Post::Local,
        data_dir: house.folder(),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    let ctx = Ctx { gate, clock: Clock::fixed(START.micros()), settings: Arc::new(settings), rooms: &[] };
    let contract = Some("household-customer".into());
    let order = Order { contract, ..Order::plain(file.to_path_buf(), house.company) };
    let (begun, before) = (Instant::now(), cpu());
    let done = run_import_cli(&ctx, &order, |_| {}).await?;
    let (took, busy) = (begun.elapsed(), cpu() - before);
    anyhow::ensure!(done.counts.taken() == ROWS as u64, "every row comes in: {:?}", done.counts);
    Ok((took, busy))
}

fn raw_insert(text: &str) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut conn = rusqlite::Connection::open(folder.path().join("raw.db"))?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE t (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT, i TEXT, j TEXT)",
    )?;
    let begun = Instant::now();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    for chunk in lines.chunks(1_000) {
        let tx = conn.transaction()?;
        {
            let mut statement = tx.prepare_cached("INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?,?)")?;
            for line in chunk {
                statement.execute(rusqlite::params_from_iter(line.split(',')))?;
            }
        }
        tx.commit()?;
    }
    Ok(begun.elapsed())
}
