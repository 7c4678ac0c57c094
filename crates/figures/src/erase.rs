//! Erasing: how long it takes, and how many bytes of planted values are left in any file afterwards.

use std::path::Path;
use std::time::Instant;

use assent_kernel::{Asker, Span};
use assent_store::{Db, Place};
use assent_testkit::{Engine, House, START};

use crate::report::{Bar, Figure, Section, percentiles, time};

const PLANTED: u64 = 1_000;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    runtime.block_on(measure())
}

fn canary(n: u64) -> String {
    format!("Canary{:08x}Zwölf", n.wrapping_mul(2_654_435_761))
}

async fn measure() -> anyhow::Result<Figure> {
    let house = House::new(Engine::Sqlite).await?;
    let mut people = Vec::new();
    for n in 1..=PLANTED {
        let mail = format!("{}@example.org", canary(n).to_lowercase());
        let name = canary(n);
        people.push(
            house
                .customer(
                    n,
                    &[("name.full", &name), ("contact.email", &mail), ("note.free-text", &name)],
                    START,
                )
                .await?,
        );
    }
    house.gate.integrate_all(START).await?;
    let backup = tempfile::tempdir()?;
    let place = |file| Place::File(house.folder().join(file));
    Db::open(place("home.db"))?.copy_to(backup.path().join("home.db")).await?;
    assent_gate::settled(place("eu.db"), place("keys.db"))
        .await?
        .copy_to(backup.path().join("eu.db"))
        .await?;
    // Before erasing: sealed already, in the files and in the copy.
    let before = found(&house.folder())? + found(backup.path())?;
    let mut waits = Vec::new();
    for person in people {
        let begun = Instant::now();
        house.gate.erase(house.company, person, Asker::Person, false, START.plus(Span::minutes(1))).await?;
        waits.push(begun.elapsed());
    }
    let after = found(&house.folder())? + found(backup.path())?;
    let control = positive_control()?;
    let (p50, p99) = percentiles(&mut waits);
    anyhow::ensure!(before == 0 && after == 0, "planted values were found: {before} before, {after} after");
    anyhow::ensure!(control >= PLANTED, "the search itself does not find what lies open");
    Ok(Section {
        title: "Erasing",
        about: format!(
            "{PLANTED} people with three planted values each, erased one by one: record, drop, destroy the key, empty the \
             write-ahead logs, sign, write the receipt. Then every byte of database files, write-ahead logs, keyring, key \
             file and backup is searched for the 3 000 values. The control is the same search over the same values in a \
             plain SQLite table after DELETE."
        ),
        columns: vec![
            "p50",
            "p99",
            "values found before",
            "values found after",
            "control: plain SQLite after DELETE",
        ],
        rows: vec![vec![
            time(p50),
            time(p99),
            before.to_string(),
            format!("**{after}**"),
            control.to_string(),
        ]],
    }
    .drawn(
        "values found in the files afterwards",
        vec![
            Bar::ours("erased here", after as f64, after.to_string()),
            Bar::other("plain SQLite after DELETE", control as f64, control.to_string()),
        ],
    ))
}

/// How many planted values occur in the files of a folder.
fn found(folder: &Path) -> anyhow::Result<u64> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            count += found(&path)?;
            continue;
        }
        count += occurrences(&std::fs::read(&path)?);
    }
    Ok(count)
}

fn occurrences(bytes: &[u8]) -> u64 {
    // Every planted value begins with the same rare word, in either case.
    bytes.windows(6).filter(|six| six.eq_ignore_ascii_case(b"canary")).count() as u64
}

fn positive_control() -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let conn = rusqlite::Connection::open(folder.path().join("plain.db"))?;
    conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (name TEXT)")?;
    for n in 1..=PLANTED {
        conn.execute("INSERT INTO t VALUES (?1)", [canary(n)])?;
    }
    conn.execute_batch("DELETE FROM t")?;
    found(folder.path())
}
