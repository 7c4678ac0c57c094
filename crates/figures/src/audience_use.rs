//! A use on very many people as one entry, beside one entry each: time, processor and bytes.

use std::path::Path;
use std::time::{Duration, Instant};

use assent_gate::{About, Cut, NewFact, Newcomer, Whose};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::List;
use assent_kernel::{ContractId, Matter, NonEmpty, PersonId, Question, Role, Span, Timestamp};
use assent_testkit::{Engine, House, START, category};

use crate::report::{Bar, Figure, Section, cpu, rate, time};

const PEOPLE: [u64; 2] = [100_000, 1_000_000];
/// Whom a caller looks up and asks about at once.
const AT_ONCE: usize = 1_024;

/// What one way of recording cost.
struct Cost {
    took: Duration,
    busy: Duration,
    bytes: u64,
}

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for people in PEOPLE {
        let (row, times) = runtime.block_on(measured(people))?;
        bars.push(Bar::ours(format!("{people} people, one entry"), 1.0, "1"));
        bars.push(Bar::other(format!("{people} people, one entry each"), times, format!("{times:.1} ×")));
        rows.push(row);
    }
    Ok(Section {
        title: "A use on very many people",
        about: format!(
            "SQLite. Everybody with a contract and an address, decided for support and the address opened: as one entry over \
             a tree of lines (`use_audience`, then `next_permits`), and as one entry each (`look` and `ask_many`, {AT_ONCE} at \
             a time). Both until the head is signed; bytes are what the region's file grew by. Own line: finding one person's \
             line among all. Load of the machine when it began: {load}, of two cores."
        ),
        columns: vec![
            "people",
            "one entry",
            "CPU a person",
            "bytes a person",
            "own line",
            "one entry each",
            "CPU a person",
            "bytes a person",
            "time",
            "bytes",
        ],
        rows,
    }
    .drawn("time, of one entry for all", bars))
}

fn id(n: u64) -> PersonId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n + 1).to_be_bytes());
    PersonId::from_bytes(bytes)
}

fn newcomer(n: u64) -> Newcomer {
    let value = format!("p{n}@example.org");
    Newcomer {
        id: id(n),
        residence: None,
        minor: false,
        contracts: vec![Contract {
            id: ContractId::from_bytes(id(n).to_bytes()),
            kind: "household-customer".into(),
            from: START.minus(Span::days(10)),
            until: START.plus(Span::days(700)),
        }],
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![NewFact { category: category("contact.email"), value, anchors: Vec::new() }],
    }
}

fn question(house: &House, at: Timestamp) -> Question<List> {
    let matters = NonEmpty::one(Matter::Kind(category("contact.email")));
    house.question(List, id(0), Role::Support, "service.support", matters, at)
}

async fn size(house: &House) -> anyhow::Result<u64> {
    house.gate.region_db(&assent_testkit::eu())?.truncate_log().await?;
    Ok(std::fs::metadata(Path::new(&house.folder()).join("eu.db"))?.len())
}

async fn measured(count: u64) -> anyhow::Result<(Vec<String>, f64)> {
    let house = House::new(Engine::Sqlite).await?;
    for first in (0..count).step_by(1_000) {
        let some = (first..(first + 1_000).min(count)).map(newcomer).collect();
        house.gate.admit(assent_testkit::batch(house.company, some), START).await?;
    }
    house.gate.integrate_all(START).await?;
    let people: Vec<PersonId> = (0..count).map(id).collect();
    let many = cost(&house, as_one(&house, &people)).await?;
    let line = own_line(&house, people[people.len() / 2]).await?;
    let each = cost(&house, one_by_one(&house, &people)).await?;
    let person = |cost: &Cost| {
        let n = u32::try_from(count).unwrap_or(u32::MAX);
        [time(cost.busy / n), (cost.bytes / count).to_string()]
    };
    let persons = usize::try_from(count)?;
    let mut row = vec![count.to_string(), format!("{} ({})", time(many.took), rate(persons, many.took))];
    row.extend(person(&many));
    row.push(time(line));
    row.push(format!("{} ({})", time(each.took), rate(persons, each.took)));
    row.extend(person(&each));
    row.push(format!("**{:.2} ×**", many.took.as_secs_f64() / each.took.as_secs_f64()));
    row.push(format!("**1 : {:.1}**", each.bytes as f64 / many.bytes as f64));
    Ok((row, each.took.as_secs_f64() / many.took.as_secs_f64()))
}

async fn cost(house: &House, work: impl Future<Output = anyhow::Result<u64>>) -> anyhow::Result<Cost> {
    let (before, busy, begun) = (size(house).await?, cpu(), Instant::now());
    let opened = work.await?;
    house.gate.integrate_all(START.plus(Span::minutes(9))).await?;
    let (took, busy) = (begun.elapsed(), cpu() - busy);
    anyhow::ensure!(opened > 0, "nothing was opened");
    Ok(Cost { took, busy, bytes: size(house).await?.saturating_sub(before) })
}

async fn as_one(house: &House, people: &[PersonId]) -> anyhow::Result<u64> {
    let at = START.plus(Span::minutes(5));
    let cut = Cut { people: people.to_vec(), version: "1:".into() };
    let mut used = house.gate.use_audience(house.company, question(house, at), About::Facts, &cut).await?;
    let mut opened = 0;
    while let Some(some) = house.gate.next_permits(&mut used, at).await? {
        opened += some
            .iter()
            .filter(|(dossier, permit)| dossier.facts().all(|held| permit.open(held).is_ok()))
            .count() as u64;
    }
    anyhow::ensure!(opened == people.len() as u64, "{opened} of {} were opened", people.len());
    Ok(opened)
}

async fn one_by_one(house: &House, people: &[PersonId]) -> anyhow::Result<u64> {
    let at = START.plus(Span::minutes(7));
    let mut opened = 0;
    for some in people.chunks(AT_ONCE) {
        let dossiers = house.gate.look(&Whose::everybody(house.company), some).await?;
        let ask = |dossier| {
            let matters = assent_gate::Dossier::of_categories(dossier, &[category("contact.email")])?;
            Some((Question { person: dossier.id(), matters, ..question(house, at) }, dossier))
        };
        let asked: Vec<_> = dossiers.iter().filter_map(ask).collect();
        let answers = house.gate.ask_many(asked).await?;
        opened += dossiers
            .iter()
            .zip(&answers)
            .filter(|(dossier, answer)| dossier.facts().all(|held| answer.open(held).is_ok()))
            .count() as u64;
    }
    anyhow::ensure!(opened == people.len() as u64, "{opened} of {} were opened", people.len());
    Ok(opened)
}

/// How long one person's list takes when they are one of all.
async fn own_line(house: &House, person: PersonId) -> anyhow::Result<Duration> {
    use assent_kernel::uses::kind::View;
    use assent_kernel::{Asker, To};
    let dossier = house.gate.look_one(&Whose::everybody(house.company), person).await?;
    let matters = dossier.everything().ok_or_else(|| anyhow::anyhow!("nothing is held"))?;
    let mine =
        house.question(View, person, Role::Support, "rights.access", matters, START.plus(Span::minutes(6)));
    let answer = house.gate.ask(Question { asker: Asker::Person, to: To::Person, ..mine }, &dossier).await?;
    let permit = answer.permit().ok_or_else(|| anyhow::anyhow!("refused"))?;
    house.gate.uses(permit, &dossier, assent_gate::After::default(), 25).await?;
    let begun = Instant::now();
    let lines = house.gate.uses(permit, &dossier, assent_gate::After::default(), 25).await?;
    let took = begun.elapsed();
    anyhow::ensure!(lines.iter().any(|line| line.among.is_some()), "the use is not in the list");
    Ok(took)
}
