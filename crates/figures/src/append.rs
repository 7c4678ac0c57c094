//! Durable entries a second at 1, 64 and 1 024 concurrent askers, beside a raw append + fdatasync of the same batches.

use std::io::Write as _;
use std::time::{Duration, Instant};

use assent_kernel::uses::kind::View;
use assent_kernel::{PersonId, Role, Span};
use assent_testkit::{Engine, House, START, category};

use crate::report::{Section, percentiles, rate, time};

const PEOPLE: u64 = 2_000;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Section> {
    let mut rows = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let house = runtime.block_on(House::new(engine))?;
        let people = runtime.block_on(crowd(&house))?;
        for askers in [1usize, 64, 1_024] {
            let asks = match askers {
                1 => 2_000,
                64 => 30_000,
                _ => 60_000,
            };
            let (took, mut waits) = runtime.block_on(ask_all(&house, &people, askers, asks))?;
            let raw = raw_append(asks, askers)?;
            let (p50, p99) = percentiles(&mut waits);
            rows.push(vec![
                format!("{engine:?}"),
                askers.to_string(),
                rate(asks, took),
                time(p50),
                time(p99),
                rate(asks, raw),
                format!("{:.0} %", raw.as_secs_f64() / took.as_secs_f64() * 100.0),
            ]);
        }
    }
    Ok(Section {
        title: "Durable entries: decided, recorded, opened",
        about: "Askers each ask to view one fact, wait until the entry is durable, and open the value. Beside it: 200-byte \
                records appended to a file with one fdatasync for as many records as there are askers."
            .into(),
        columns: vec!["engine", "askers", "asks recorded", "p50", "p99", "raw append + fdatasync", "of raw"],
        rows,
    })
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
    Ok(people)
}

async fn ask_all(
    house: &House,
    people: &[PersonId],
    askers: usize,
    asks: usize,
) -> anyhow::Result<(Duration, Vec<Duration>)> {
    let begun = Instant::now();
    let each = asks / askers;
    let mut tasks = Vec::new();
    for asker in 0..askers {
        let gate = house.gate.clone();
        let dossiers = gate
            .look(house.company, &[people[asker % people.len()], people[(asker * 7 + 3) % people.len()]])
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
    Ok((begun.elapsed(), waits))
}

/// The same number of 200-byte records, `batch` to an fdatasync.
fn raw_append(records: usize, batch: usize) -> anyhow::Result<Duration> {
    let mut file = tempfile::tempfile()?;
    let record = [7u8; 200];
    let begun = Instant::now();
    for _ in 0..records.div_ceil(batch) {
        file.write_all(&record.repeat(batch))?;
        file.sync_data()?;
    }
    Ok(begun.elapsed())
}
