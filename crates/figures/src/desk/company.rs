//! The company: people with a contract, notes, deals, tasks, what was done and what was used. The same every time.

use std::collections::HashMap;

use assent_gate::{NewFact, Newcomer, Own, Whose, Work};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::List;
use assent_kernel::{
    ActivityId, ContractId, DealId, FactId, OrganisationId, PersonId, PipelineId, Role, Span, StaffId,
    StageId, TaskId,
};
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::deals::{self, Deal, Ending, Lost, Pipeline, Stage};
use assent_store::work::organisations::{self, Organisation};
use assent_store::work::tasks::{self, Task};
use assent_store::work::{self, Reach, Text};
use assent_store::{Db, Tx};
use assent_testkit::{House, START, category, eu};
use assent_uses::Known;

const PEOPLE: usize = 100_000;
/// Notes on each person.
const NOTES: usize = 4;
const DEALS: usize = 50_000;
const TASKS: usize = 150_000;
/// Notes, calls and moves in deals and with organisations.
const ACTIVITIES: usize = 200_000;
/// Uses recorded of each person.
const USES: usize = 2;
const ORGANISATIONS: usize = 2_000;
const COLLEAGUES: u8 = 12;
/// Every so many people have a deal that is theirs, and a task about them.
const WITH_DEAL: usize = 4;
const AT_ONCE: usize = 1_000;

/// What was built.
pub(super) struct Made {
    pub(super) people: Vec<PersonId>,
    pub(super) deals: Vec<DealId>,
}

impl Made {
    pub(super) fn told(&self) -> String {
        format!(
            "{PEOPLE} people with a contract and six values each, {} notes on them, {DEALS} deals (half with a person, half \
             with one of {ORGANISATIONS} organisations), {TASKS} tasks, {ACTIVITIES} notes and moves in deals, {} recorded uses",
            PEOPLE * NOTES,
            PEOPLE * USES
        )
    }
}

fn id(kind: u8, n: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
    bytes[15] = kind;
    bytes
}

pub(super) fn staff(n: u8) -> StaffId {
    StaffId::from_bytes(id(9, usize::from(n)))
}

fn dice(n: usize, salt: u64) -> u64 {
    let x = (n as u64).wrapping_add(salt << 32).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

fn name(n: usize) -> (String, String) {
    const SYLLABLES: [&str; 12] =
        ["ka", "lo", "mi", "ren", "to", "sa", "vel", "jun", "ek", "ira", "bo", "nel"];
    let word =
        |seed: u64| -> String { (0..3u32).map(|i| SYLLABLES[(seed / 12u64.pow(i) % 12) as usize]).collect() };
    (word(dice(n, 1)), word(dice(n, 2)))
}

/// Two words by which somebody is found.
pub(super) fn words(n: usize) -> String {
    let (given, family) = name(n * 104_729 % PEOPLE);
    format!("{given}+{}", &family[..4])
}

/// Words of one note: of one that is about a person, or of one beside a deal.
pub(super) fn words_of_note(n: usize) -> String {
    match n % 2 {
        0 => format!("called+order+{}", n * 104_729 % (PEOPLE * NOTES)),
        _ => format!("spoke+offer+{}", n * 104_729 % ACTIVITIES),
    }
}

fn newcomer(n: usize) -> Newcomer {
    let fact = |kind: &str, value: String| NewFact { category: category(kind), value, anchors: Vec::new() };
    let (given, family) = name(n);
    let mut facts = vec![
        fact("contact.email", format!("{given}.{family}{n}@example.org")),
        fact("name.given", given),
        fact("name.family", family),
        fact("contact.phone", format!("+4930{n:08}")),
        fact("contact.address.city", "Bonn".into()),
        fact("contact.address.country", "DE".into()),
    ];
    for note in 0..NOTES {
        facts.push(fact(
            "note.free-text",
            format!("Called about order {}; wants an answer by mail.", n * NOTES + note),
        ));
    }
    if n.is_multiple_of(WITH_DEAL) {
        facts.push(fact("note.deal", format!("Second fridge, offer {n}")));
        facts.push(fact("note.task", format!("Ask whether brush {n} fits")));
    }
    let contract = Contract {
        id: ContractId::from_bytes(id(1, n)),
        kind: "household-customer".into(),
        from: START.minus(Span::days(10)),
        until: START.plus(Span::days(700)),
    };
    Newcomer {
        id: PersonId::from_bytes(id(0, n)),
        residence: None,
        minor: false,
        contracts: vec![contract],
        answers: Vec::new(),
        objections: Vec::new(),
        facts,
    }
}

/// Builds everything.
pub(super) async fn build(house: &House) -> anyhow::Result<Made> {
    let people: Vec<PersonId> = (0..PEOPLE).map(|n| PersonId::from_bytes(id(0, n))).collect();
    for first in (0..PEOPLE).step_by(AT_ONCE) {
        let batch = (first..first + AT_ONCE).map(newcomer).collect();
        let left = house.gate.admit(assent_testkit::batch(house.company, batch), START).await?;
        anyhow::ensure!(left.is_empty(), "everything may be kept");
    }
    eprintln!("people are here");
    let texts = typed(house, &people).await?;
    let own = house.gate.own(house.company).await?;
    let store = house.gate.region_db(&eu())?;
    let way = pipeline(house, store).await?;
    organisations(house, store, &own).await?;
    let deals = all_deals(house, store, (&own, &texts), &way).await?;
    all_tasks(house, store, &own, &texts).await?;
    all_activities(house, store, &own).await?;
    eprintln!("work is here");
    house.gate.integrate_all(START.plus(Span::minutes(9))).await?;
    Ok(Made { people, deals })
}

/// Uses everybody's values, and finds the facts that deals and tasks are called by.
async fn typed(house: &House, people: &[PersonId]) -> anyhow::Result<HashMap<usize, (FactId, FactId)>> {
    let mut texts = HashMap::new();
    for (first, some) in (0..).step_by(AT_ONCE).zip(people.chunks(AT_ONCE)) {
        let dossiers = house.gate.look(&Whose::everybody(house.company), some).await?;
        for turn in 0..USES as u32 {
            let at = START.plus(Span::minutes(1 + turn));
            let questions = dossiers.iter().map(|dossier| {
                let matters = dossier.of_categories(&[category("contact.email")]).expect("held");
                (house.question(List, dossier.id(), Role::Support, "service.support", matters, at), dossier)
            });
            house.gate.ask_many(questions.collect()).await?;
        }
        let of: HashMap<PersonId, &assent_gate::Dossier> =
            dossiers.iter().map(|one| (one.id(), one)).collect();
        for (n, person) in (first..).zip(some).filter(|(n, _): &(usize, _)| n.is_multiple_of(WITH_DEAL)) {
            let dossier = of.get(person).ok_or_else(|| anyhow::anyhow!("nobody"))?;
            let fact = |key: &str| {
                let held = dossier.facts().find(|held| held.category().to_string() == key);
                held.map(|held| held.id()).ok_or_else(|| anyhow::anyhow!("{key} was not kept"))
            };
            texts.insert(n, (fact("note.deal")?, fact("note.task")?));
        }
    }
    Ok(texts)
}

async fn pipeline(house: &House, store: &Db) -> anyhow::Result<Pipeline> {
    let pipeline = PipelineId::from_bytes(house.company.to_bytes());
    let stages = [
        ("New", 10, Ending::Open),
        ("In talks", 30, Ending::Open),
        ("Offer sent", 60, Ending::Open),
        ("Agreed", 100, Ending::Won),
        ("Lost", 0, Ending::Lost),
    ];
    let stage = |(n, (name, chance, ending)): (usize, (&str, i64, Ending))| Stage {
        id: StageId::from_bytes(id(2, n)),
        pipeline,
        name: name.into(),
        place: n as i64,
        chance,
        ending,
    };
    let way = Pipeline {
        id: pipeline,
        name: "Sales".into(),
        place: 0,
        stages: stages.into_iter().enumerate().map(stage).collect(),
        ver: 1,
    };
    let (company, one) = (house.company, way.clone());
    store.write(move |tx| deals::add_pipeline(tx, company, &one)).await?;
    Ok(way)
}

/// Writes rows, so many to a transaction.
async fn written<T, F>(store: &Db, rows: Vec<T>, add: F) -> anyhow::Result<()>
where
    T: Clone + Send + 'static,
    F: Fn(&mut Tx<'_>, &T) -> assent_store::Result<()> + Clone + Send + 'static,
{
    for some in rows.chunks(AT_ONCE) {
        let (some, add) = (some.to_vec(), add.clone());
        store.write(move |tx| some.iter().try_for_each(|one| add(tx, one))).await?;
    }
    Ok(())
}

async fn organisations(house: &House, store: &Db, own: &Own) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for n in 0..ORGANISATIONS {
        let (id, called) = (OrganisationId::from_bytes(id(3, n)), format!("{} Werke {n}", name(n).1));
        let known = Known { name: called.clone(), city: "Bonn".into(), ..Known::default() };
        let sealed = own.seal(id.to_bytes(), &serde_json::to_string(&known)?)?;
        let row = Organisation {
            id,
            own: sealed,
            owner: Some(staff((n % 12) as u8)),
            created_at: START,
            gone_at: None,
            ver: 1,
        };
        rows.push((row, own.tokens(Work::Organisation, &called)));
    }
    let company = house.company;
    written(store, rows, move |tx, (row, tokens)| {
        organisations::add(tx, company, row)?;
        work::set_words(tx, company, row.id.to_bytes(), tokens)
    })
    .await
}

async fn all_deals(
    house: &House,
    store: &Db,
    (own, texts): (&Own, &HashMap<usize, (FactId, FactId)>),
    way: &Pipeline,
) -> anyhow::Result<Vec<DealId>> {
    let mut rows = Vec::new();
    for n in 0..DEALS {
        let deal = DealId::from_bytes(id(4, n));
        // Half are with a person, whose own the title is.
        let person = (n / 2) * WITH_DEAL;
        let theirs = n.is_multiple_of(2).then(|| texts.get(&person)).flatten();
        let (title, tokens) = match theirs {
            Some((fact, _)) => (Text::OfPerson(PersonId::from_bytes(id(0, person)), *fact), Vec::new()),
            None => {
                let called = format!("Delivery, offer {n}");
                (Text::Own(own.seal(deal.to_bytes(), &called)?), own.tokens(Work::Deal, &called))
            }
        };
        // Most are over; one in five goes on.
        let stage = match dice(n, 3) % 10 {
            0 => 0,
            1 => 1 + (dice(n, 4) % 2) as usize,
            2..=5 => 3,
            _ => 4,
        };
        let stage = &way.stages[stage];
        let past = Span::days((dice(n, 5) % 600) as u32);
        rows.push((
            Deal {
                id: deal,
                pipeline: way.id,
                stage: stage.id,
                organisation: (n % 2 == 1).then(|| OrganisationId::from_bytes(id(3, n % ORGANISATIONS))),
                title,
                cents: Some((dice(n, 6) % 2_000_000) as i64),
                currency: if n % 20 == 0 { "SEK".into() } else { "EUR".into() },
                close_on: (n % 9 != 0)
                    .then(|| START.minus(Span::days(100)).plus(Span::days((dice(n, 7) % 300) as u32))),
                owner: Some(staff((dice(n, 8) % u64::from(COLLEAGUES)) as u8)),
                lost: (stage.ending == Ending::Lost).then(|| Lost::ALL[(dice(n, 9) % 6) as usize]),
                created_at: START.minus(past),
                staged_at: START.minus(Span::days((dice(n, 10) % 400) as u32)),
                gone_at: None,
                ver: 1,
            },
            tokens,
        ));
    }
    let (company, ids) = (house.company, rows.iter().map(|(deal, _)| deal.id).collect());
    written(store, rows, move |tx, (deal, tokens)| {
        deals::add(tx, company, deal)?;
        work::set_words(tx, company, deal.id.to_bytes(), tokens)
    })
    .await?;
    Ok(ids)
}

async fn all_tasks(
    house: &House,
    store: &Db,
    own: &Own,
    texts: &HashMap<usize, (FactId, FactId)>,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for n in 0..TASKS {
        let task = TaskId::from_bytes(id(5, n));
        let person = n / 6 * WITH_DEAL;
        let theirs = n.is_multiple_of(6).then(|| texts.get(&person)).flatten();
        let (text, tokens) = match theirs {
            Some((_, fact)) => (Text::OfPerson(PersonId::from_bytes(id(0, person)), *fact), Vec::new()),
            None => {
                let typed = format!("Send offer {n} to the workshop");
                (Text::Own(own.seal(task.to_bytes(), &typed)?), own.tokens(Work::Task, &typed))
            }
        };
        // Nine in ten are done.
        let open = dice(n, 11).is_multiple_of(10);
        let row = Task {
            id: task,
            text,
            organisation: None,
            deal: (n % 3 == 0).then(|| DealId::from_bytes(id(4, n % DEALS))),
            item: None,
            due_on: Some(START.minus(Span::days(20)).plus(Span::days((dice(n, 12) % 60) as u32))),
            remind_at: None,
            assignee: Some(staff((dice(n, 13) % u64::from(COLLEAGUES)) as u8)),
            made_by: staff(1),
            created_at: START.minus(Span::days(30)),
            done_at: (!open).then_some(START),
            gone_at: None,
            ver: 1,
        };
        rows.push((row, tokens));
    }
    let company = house.company;
    written(store, rows, move |tx, (task, tokens): &(Task, Vec<i64>)| {
        tasks::add(tx, company, task)?;
        work::set_words(tx, company, task.id.to_bytes(), tokens)?;
        tasks::set_done(tx, company, &Reach::all(), (task.id, 0), task.done_at).map(|_| ())
    })
    .await
}

async fn all_activities(house: &House, store: &Db, own: &Own) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for n in 0..ACTIVITIES {
        let activity = ActivityId::from_bytes(id(6, n));
        let note = n % 4 != 0;
        let (text, tokens) = if note {
            let text = format!("Spoke about offer {n}; they decide next week.");
            (Text::Own(own.seal(activity.to_bytes(), &text)?), own.tokens(Work::Note, &text))
        } else {
            (Text::Gone, Vec::new())
        };
        let deal = n % DEALS;
        let row = Activity {
            id: activity,
            kind: if note { Kind::Note } else { Kind::Moved },
            text,
            organisation: (deal % 2 == 1).then(|| OrganisationId::from_bytes(id(3, deal % ORGANISATIONS))),
            deal: Some(DealId::from_bytes(id(4, deal))),
            item: None,
            person: None,
            staff: staff((n % 12) as u8),
            at: START.minus(Span::days((dice(n, 14) % 600) as u32)),
            detail: if note { String::new() } else { "New → In talks".into() },
            gone_at: None,
        };
        rows.push((row, tokens));
    }
    let company = house.company;
    written(store, rows, move |tx, (one, tokens): &(Activity, Vec<i64>)| {
        activities::add(tx, company, one)?;
        work::set_words(tx, company, one.id.to_bytes(), tokens)
    })
    .await
}
