//! Withdrawals racing asks on two nodes over one PostgreSQL database: permits recorded after an acknowledged withdrawal.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use assent_gate::{Act, Gate, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, PersonId, Role, Span, Timestamp};
use assent_testkit::{Engine, House, START, category, purpose};

use crate::report::{Figure, Section, rate};

/// Operations in all.
const OPERATIONS: u64 = 100_000;
/// People that everybody fights over.
const PEOPLE: u64 = 40;

struct Race {
    house: House,
    nodes: [Gate; 2],
    people: Vec<PersonId>,
    /// For each person: 1 while a yes stands and no withdrawal has been acknowledged, 0 from the acknowledgement on.
    allowed: Vec<AtomicI64>,
    /// Rounds of each person's state: an ask that saw the same round before and after was not overlapped by an act.
    round: Vec<AtomicU64>,
    clock: AtomicI64,
    left: AtomicI64,
}

#[derive(Default)]
struct Count {
    asks: AtomicU64,
    permits: AtomicU64,
    acts: AtomicU64,
    wrong: AtomicU64,
}

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let (count, took) = runtime.block_on(whole())?;
    let get = |n: &AtomicU64| n.load(Ordering::SeqCst);
    let row = vec![
        (get(&count.asks) + get(&count.acts)).to_string(),
        get(&count.asks).to_string(),
        get(&count.permits).to_string(),
        get(&count.acts).to_string(),
        format!("**{}**", get(&count.wrong)),
        rate(usize::try_from(OPERATIONS)?, took),
    ];
    anyhow::ensure!(get(&count.wrong) == 0, "a permit was recorded after an acknowledged withdrawal");
    anyhow::ensure!(get(&count.permits) > 1_000 && get(&count.acts) > 1_000, "the race must have both");
    Ok(Section {
        title: "Withdrawals racing asks on two nodes",
        about: format!(
            "Two nodes over one PostgreSQL database, 16 askers and 8 people-actors, {PEOPLE} people: yes and withdrawal in \
             turn, while everybody asks. A permit counts as wrong when the ask began after a withdrawal was acknowledged and \
             no new yes had begun."
        ),
        columns: vec![
            "operations",
            "asks",
            "permits",
            "acts",
            "permits after an acknowledged withdrawal",
            "rate",
        ],
        rows: vec![row],
    }
    .plain())
}

async fn whole() -> anyhow::Result<(Arc<Count>, std::time::Duration)> {
    let house = House::new(Engine::Postgres).await?;
    let mut people = Vec::new();
    for n in 1..=PEOPLE {
        people.push(house.person(n, &[("contact.email", "mia@example.org")], START).await?);
    }
    let nodes = [house.gate.clone(), house.node(START).await?];
    let race = Arc::new(Race {
        nodes,
        allowed: people.iter().map(|_| AtomicI64::new(0)).collect(),
        round: people.iter().map(|_| AtomicU64::new(0)).collect(),
        people,
        house,
        clock: AtomicI64::new(START.micros()),
        left: AtomicI64::new(i64::try_from(OPERATIONS)?),
    });
    let count = Arc::new(Count::default());
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for n in 0..16u64 {
        tasks.push(tokio::spawn(asker(Arc::clone(&race), Arc::clone(&count), n)));
    }
    for n in 0..8u64 {
        tasks.push(tokio::spawn(actor(Arc::clone(&race), Arc::clone(&count), n)));
    }
    for task in tasks {
        task.await??;
    }
    Ok((count, begun.elapsed()))
}

impl Race {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.fetch_add(10, Ordering::SeqCst))
    }
    fn go_on(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) > 0
    }
}

async fn asker(race: Arc<Race>, count: Arc<Count>, seed: u64) -> anyhow::Result<()> {
    let mut n = seed;
    while race.go_on() {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let who = usize::try_from((n >> 33) % PEOPLE)?;
        let gate = &race.nodes[usize::try_from((n >> 20) & 1)?];
        let (round, allowed) =
            (race.round[who].load(Ordering::SeqCst), race.allowed[who].load(Ordering::SeqCst));
        let dossier = gate.look_one(&Whose::everybody(race.house.company), race.people[who]).await?;
        let matters = dossier.of_categories(&[category("contact.email")]).expect("held");
        let at = race.now();
        let question =
            race.house.question(Message, dossier.id(), Role::Marketing, "marketing.newsletter", matters, at);
        let permitted = match gate.ask(question, &dossier).await {
            Ok(answer) => answer.permit().is_some(),
            Err(assent_gate::GateError::Busy) => false,
            Err(other) => return Err(other.into()),
        };
        count.asks.fetch_add(1, Ordering::SeqCst);
        count.permits.fetch_add(u64::from(permitted), Ordering::SeqCst);
        let undisturbed = race.round[who].load(Ordering::SeqCst) == round;
        if permitted && allowed == 0 && undisturbed {
            count.wrong.fetch_add(1, Ordering::SeqCst);
        }
    }
    Ok(())
}

/// Each actor owns some people, so that what is acknowledged is known.
async fn actor(race: Arc<Race>, count: Arc<Count>, actor: u64) -> anyhow::Result<()> {
    let mut turn = 0u64;
    while race.go_on() {
        turn += 1;
        let who = usize::try_from((turn % (PEOPLE / 8)) * 8 + actor)?;
        let gate = &race.nodes[usize::try_from(turn & 1)?];
        let gives = race.allowed[who].load(Ordering::SeqCst) == 0;
        let at = race.now();
        let act = if gives {
            // From here on a permit may be right.
            race.round[who].fetch_add(1, Ordering::SeqCst);
            race.allowed[who].store(1, Ordering::SeqCst);
            Act::Give(Box::new(race.house.yes(at.plus(Span::minutes(0))).await?))
        } else {
            Act::Withdraw(purpose("marketing.newsletter"))
        };
        gate.record(race.house.company, race.people[who], act, Asker::Person, Evidence::Portal, at).await?;
        if !gives {
            race.allowed[who].store(0, Ordering::SeqCst);
            race.round[who].fetch_add(1, Ordering::SeqCst);
        }
        count.acts.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}
