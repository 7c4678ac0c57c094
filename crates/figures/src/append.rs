//! Durable entries a second: the append layer beside a raw write + fdatasync of the same batches, and whole asks at 1, 64
//! and 1 024 concurrent askers, with and without the integrator at work.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use assent_kernel::uses::kind::View;
use assent_kernel::{PersonId, Role, Span};
use assent_testkit::{Engine, House, START, category};

use crate::layer;
use crate::report::{Figure, Section, cpu, percentiles, rate, time};

const PEOPLE: u64 = 2_000;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (row, bar) in layer::embedded(runtime)?.into_iter().chain(layer::server(runtime)?) {
        rows.push(row);
        bars.push(bar);
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let house = runtime.block_on(House::new(engine))?;
        let people = runtime.block_on(crowd(&house))?;
        for (askers, integrates) in [(1usize, false), (64, false), (64, true), (1_024, false)] {
            let asks = match (engine, askers) {
                (_, 1) => 2_000,
                (Engine::Sqlite, 64) => 200_000,
                _ => 60_000,
            };
            let (before, begun) = (cpu(), Instant::now());
            let (took, mut waits) = runtime.block_on(ask_all(&house, &people, askers, asks, integrates))?;
            let each = (cpu() - before) / u32::try_from(asks)?;
            runtime.block_on(house.gate.integrate_all(START.plus(Span::minutes(6))))?;
            let sustained = begun.elapsed();
            let raw = raw_append(asks, askers.min(1_000), layer::RECORD)?;
            let (p50, p99) = percentiles(&mut waits);
            let what = match (askers, integrates) {
                (1, _) => "whole ask, 1 asker".to_owned(),
                (n, false) => format!("whole ask, {n} askers"),
                (n, true) => format!("whole ask, {n} askers, integrated at the same time"),
            };
            let took = if integrates { sustained } else { took };
            bars.push(layer::bar(&format!("{engine:?}"), &what, (took, raw)));
            rows.push(vec![
                format!("{engine:?}"),
                what,
                rate(asks, took),
                time(p50),
                time(p99),
                time(each),
                format!("raw {}", rate(asks, raw)),
                format!("{:.0} %", raw.as_secs_f64() / took.as_secs_f64() * 100.0),
            ]);
        }
    }
    Ok(Section {
        title: "Durable entries",
        about: "Append layer: entries that are sealed and encoded already, hashed (SHA-256) and made durable in batches; \
                beside it the same bytes and batches by a plain write + fdatasync into a file that is long enough, in turns \
                within one run (SQLite; the journal's two files are long too, as they are once the program has run for a \
                while, and what they held was taken over between the turns), or the same rows and commits by a plain multi-row INSERT (PostgreSQL). Waiting: \
                64 tasks that each encode one entry, wait until it is durable, and go on. Whole ask: decide, draft, seal, \
                append, open, by askers that each wait for their own entry; with the integrator at work the rate counts \
                until every entry has its index and the head is signed."
            .into(),
        columns: vec!["engine", "what", "entries", "p50", "p99", "CPU each", "beside it", "of that"],
        rows,
    }
    .drawn("entries a second, per cent of the raw append beside it", bars))
}

async fn crowd(house: &House) -> anyhow::Result<Vec<PersonId>> {
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(
            house
                .customer(n + 1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START)
                .await?,
        );
    }
    house.gate.integrate_all(START).await?;
    Ok(people)
}

/// As the worker does: whatever there is, again and again, with a pause between.
async fn integrator(gate: assent_gate::Gate, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    while !stop.load(Ordering::Relaxed) {
        gate.integrate_all(START.plus(Span::minutes(6))).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn ask_all(
    house: &House,
    people: &[PersonId],
    askers: usize,
    asks: usize,
    integrates: bool,
) -> anyhow::Result<(Duration, Vec<Duration>)> {
    let each = asks / askers;
    let stop = Arc::new(AtomicBool::new(!integrates));
    let aside = tokio::spawn(integrator(house.gate.clone(), Arc::clone(&stop)));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for asker in 0..askers {
        let gate = house.gate.clone();
        let dossiers = gate
            .look(
                &assent_gate::Whose::everybody(house.company),
                &[people[asker % people.len()], people[(asker * 7 + 3) % people.len()]],
            )
            .await?;
        let questions: Vec<_> = dossiers
            .iter()
            .map(|d| {
                let matters = d.of_categories(&[category("name")]).expect("held");
                house.question(
                    View,
                    d.id(),
                    Role::Support,
                    "service.support",
                    matters,
                    START.plus(Span::minutes(5)),
                )
            })
            .collect();
        tasks.push(tokio::spawn(async move {
            let mut waits = Vec::with_capacity(each);
            for n in 0..each {
                let (question, dossier) = (&questions[n % questions.len()], &dossiers[n % dossiers.len()]);
                let begun = Instant::now();
                let answer = gate.ask(question.clone(), dossier).await?;
                let held = dossier.facts().find(|h| h.category() == &category("name.given")).expect("held");
                assert!(answer.open(held).is_ok());
                waits.push(begun.elapsed());
            }
            Ok::<_, anyhow::Error>(waits)
        }));
    }
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    aside.await??;
    Ok((took, waits))
}

/// The same number of records of that many bytes, `batch` to an fdatasync, into a file that is long enough.
fn raw_append(records: usize, batch: usize, bytes: usize) -> anyhow::Result<Duration> {
    let mut file = tempfile::tempfile()?;
    let (frame, room) = (vec![7u8; bytes * batch], 16 * 1024 * 1024);
    file.write_all(&vec![0; room + frame.len()])?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let begun = Instant::now();
    for _ in 0..records.div_ceil(batch) {
        if file.stream_position()? > room as u64 {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&frame)?;
        file.sync_data()?;
    }
    Ok(begun.elapsed())
}
