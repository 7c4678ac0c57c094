//! One ask end to end: look up, decide, record durably, open. CPU and time for each.

use std::time::{Duration, Instant};

use assent_kernel::uses::kind::View;
use assent_kernel::{Role, Span};
use assent_testkit::{Engine, House, START};

use crate::report::{Bar, Figure, Section, cpu, percentiles, time};

const ASKS: usize = 5_000;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (row, p50) = runtime.block_on(one_engine(engine))?;
        bars.push(Bar::ours(format!("{engine:?}"), p50.as_secs_f64() * 1e6, time(p50)));
        rows.push(row);
    }
    Ok(Section {
        title: "One ask, end to end",
        about: "One person after another: look up sealed, decide ten facts, record durably, open all ten. One asker, \
                so each waits for its own fsync."
            .into(),
        columns: vec!["engine", "p50", "p99", "CPU of this process for each"],
        rows,
    }
    .drawn("half of the asks are within, microseconds", bars))
}

async fn one_engine(engine: Engine) -> anyhow::Result<(Vec<String>, Duration)> {
    let house = House::new(engine).await?;
    let facts: Vec<(&str, &str)> = vec![
        ("name.given", "Mia"),
        ("name.family", "Ito"),
        ("contact.email", "mia@example.org"),
        ("contact.phone", "+493023125001"),
        ("contact.address.street", "Lindenweg 4"),
        ("contact.address.city", "Bonn"),
        ("contact.address.postal-code", "53111"),
        ("contact.address.country", "DE"),
        ("purchase.product", "Halden Clean"),
        ("note.free-text", "prefers mornings"),
    ];
    let mut people = Vec::new();
    for n in 1..=500 {
        people.push(house.customer(n, &facts, START).await?);
    }
    let (mut waits, before) = (Vec::with_capacity(ASKS), cpu());
    for n in 0..ASKS {
        let begun = Instant::now();
        let dossier = house
            .gate
            .look_one(&assent_gate::Whose::everybody(house.company), people[n * 31 % people.len()])
            .await?;
        let matters = dossier.everything().expect("held");
        let at = START.plus(Span::minutes(5));
        let question = house.question(View, dossier.id(), Role::Support, "service.support", matters, at);
        let answer = house.gate.ask(question, &dossier).await?;
        assert_eq!(dossier.facts().filter(|held| answer.open(*held).is_ok()).count(), 10);
        waits.push(begun.elapsed());
    }
    let each = (cpu() - before) / u32::try_from(ASKS)?;
    let (p50, p99) = percentiles(&mut waits);
    Ok((vec![format!("{engine:?}"), time(p50), time(p99), time(each)], p50))
}
