//! A page of fifty people among many: found, decided, recorded, opened.

use std::time::{Duration, Instant};

use assent_gate::{NewFact, Newcomer, Whose};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::List;
use assent_kernel::{ContractId, PersonId, Role, Span};
use assent_store::home::{self, Order};
use assent_store::work::Reach;
use assent_testkit::{Engine, House, START, category};

use crate::report::{Bar, Figure, Section, cpu, percentiles, time};

const PAGES: usize = 400;

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for people in [100_000u64, 1_000_000] {
        let (row, times) = runtime.block_on(among(people))?;
        for (what, took) in ["a page among", "found by two words among"].into_iter().zip(times) {
            bars.push(Bar::ours(format!("{what} {people}"), took.as_secs_f64() * 1e6, time(took)));
        }
        rows.push(row);
    }
    Ok(Section {
        title: "A page of fifty people",
        about: "SQLite. A page of the directory, fifty people looked up sealed, six facts of each decided for support, \
                every use recorded durably, 300 values opened. Random pages; search is the same page by two words."
            .into(),
        columns: vec!["people", "p50", "p99", "CPU a page", "search p50", "search p99"],
        rows,
    }
    .drawn("half of the pages are within, microseconds", bars))
}

/// People with a contract and six facts, admitted in batches.
pub(crate) async fn crowd(house: &House, count: u64) -> anyhow::Result<Vec<PersonId>> {
    let mut all = Vec::new();
    for first in (0..count).step_by(1_000) {
        let batch: Vec<Newcomer> = (first..(first + 1_000).min(count)).map(newcomer).collect();
        all.extend(batch.iter().map(|one| one.id));
        house.gate.admit(assent_testkit::batch(house.company, batch), START).await?;
    }
    Ok(all)
}

fn newcomer(n: u64) -> Newcomer {
    let word = |salt: u64| {
        let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt);
        (0..6)
            .map(|_| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'a' + u8::try_from((x >> 33) % 26).unwrap_or(0))
            })
            .collect::<String>()
    };
    let fact = |kind: &str, value: String| NewFact { category: category(kind), value, anchors: Vec::new() };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n + 1).to_be_bytes());
    let contract = Contract {
        id: ContractId::from_bytes(bytes),
        kind: "household-customer".into(),
        from: START.minus(Span::days(10)),
        until: START.plus(Span::days(700)),
    };
    let (given, family) = (word(1), word(2));
    Newcomer {
        id: PersonId::from_bytes(bytes),
        residence: None,
        minor: false,
        contracts: vec![contract],
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![
            fact("contact.email", format!("{given}.{family}{n}@example.org")),
            fact("name.given", given),
            fact("name.family", family),
            fact("contact.phone", format!("+4930{:08}", n % 100_000_000)),
            fact("contact.address.city", "Bonn".into()),
            fact("contact.address.country", "DE".into()),
        ],
    }
}

async fn among(count: u64) -> anyhow::Result<(Vec<String>, [Duration; 2])> {
    let house = House::new(Engine::Sqlite).await?;
    let people = crowd(&house, count).await?;
    let company = house.company;
    let (mut waits, mut searches) = (Vec::new(), Vec::new());
    let before = cpu();
    for n in 0..PAGES {
        let begun = Instant::now();
        let from = people[n * 7_919 % people.len()];
        let page = house
            .gate
            .home()
            .read(move |tx| home::page(tx, (company, &Reach::all()), Order::Oldest, Some(from), 50))
            .await?;
        let ids: Vec<PersonId> = page.iter().map(|one| one.person).collect();
        open(&house, &ids).await?;
        waits.push(begun.elapsed());
    }
    let each = (cpu() - before) / u32::try_from(PAGES)?;
    for n in 0..PAGES {
        let one = newcomer((n as u64 * 104_729) % count);
        let text = format!("{} {}", &one.facts[1].value[..4], &one.facts[2].value[..3]);
        let begun = Instant::now();
        let query = house.gate.query(company, &text).await?;
        let ids = house.gate.find(&Whose::everybody(company), &query, None, 50).await?;
        anyhow::ensure!(ids.contains(&one.id), "the search finds whom it was made from");
        open(&house, &ids).await?;
        searches.push(begun.elapsed());
    }
    let ((p50, p99), (s50, s99)) = (percentiles(&mut waits), percentiles(&mut searches));
    Ok((vec![count.to_string(), time(p50), time(p99), time(each), time(s50), time(s99)], [p50, s50]))
}

async fn open(house: &House, ids: &[PersonId]) -> anyhow::Result<()> {
    let dossiers = house.gate.look(&Whose::everybody(house.company), ids).await?;
    let at = START.plus(Span::minutes(5));
    let questions = dossiers.iter().map(|dossier| {
        let matters = dossier.everything().expect("held");
        (house.question(List, dossier.id(), Role::Support, "service.support", matters, at), dossier)
    });
    let answers = house.gate.ask_many(questions.collect()).await?;
    let opened: usize = answers
        .iter()
        .zip(&dossiers)
        .map(|(answer, dossier)| dossier.facts().filter(|held| answer.open(*held).is_ok()).count())
        .sum();
    anyhow::ensure!(opened == ids.len() * 6, "everything is open for support");
    Ok(())
}
