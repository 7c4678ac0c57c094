//! Three nodes over one PostgreSQL database: how far their memories of terms lag, and whether any permits what was
//! withdrawn before, in a version that was asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use assent_gate::{Act, Gate, GateError, Outcome, Version};
use assent_kernel::grant::Evidence;
use assent_kernel::{Asker, Context, Matter, NonEmpty, PersonId, Question, Role, Span, Timestamp, To, Use};
use assent_store::{Db, changes};
use assent_testkit::{Engine, House, START, category, eu, purpose};

use crate::report::{Figure, Section, percentiles, rate, time};

/// Asks and acts together.
const OPERATIONS: u64 = 1_000_000;
const WRITERS: usize = 8;
/// People of each writer, so that what is acknowledged is known; enough that nobody changes their mind hundreds of times.
const EACH: usize = 50;
/// Asks of each node after each acknowledged withdrawal.
const ASKS: u64 = 150;
/// After so many asks others have their turn, as between the calls of a service.
const IN_A_ROW: u64 = 5;
/// How long a writer rests after each round: not at all, so that the machine has more to do than it can, or for so long
/// that it has time left.
const RESTS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(200)];
/// Who has not seen a change for so long never will.
const LONGEST: Duration = Duration::from_secs(60);
/// How long one transaction is held open, again and again.
const HELD: Duration = Duration::from_millis(40);

struct World {
    house: House,
    people: Vec<PersonId>,
    nodes: Vec<Gate>,
    clock: AtomicU64,
    done: AtomicU64,
    acts: AtomicU64,
    wrong: AtomicU64,
}

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let rows = RESTS.iter().map(|rest| row(runtime, *rest)).collect::<anyhow::Result<_>>()?;
    Ok(Section {
        title: "Three nodes and a change log",
        about: format!(
            "Three nodes over one PostgreSQL database, {WRITERS} writers that give and withdraw in turn on changing nodes, \
             one more that holds a transaction open for {} ms again and again. After each acknowledged withdrawal every \
             node is asked {ASKS} times with the version of that moment as `least`: a permit would be wrong. Lag: from the \
             acknowledgement on one node until another has seen that version. Writers that do not rest keep both cores \
             busy, the server's share most of all: their lag is mostly waiting for a core. A change that is missed would \
             never be seen: the run would not end.",
            HELD.as_millis()
        ),
        columns: vec![
            "each writer rests",
            "operations",
            "acts",
            "permits after an acknowledged withdrawal",
            "changes missed",
            "lag p50",
            "lag p99",
            "operations",
            "acts",
        ],
        rows,
    }
    .plain())
}

fn row(runtime: &tokio::runtime::Runtime, rest: Duration) -> anyhow::Result<Vec<String>> {
    let (world, mut lags, took) = runtime.block_on(whole(rest))?;
    let get = |n: &AtomicU64| n.load(Ordering::SeqCst);
    anyhow::ensure!(get(&world.wrong) == 0, "permitted from memory after an acknowledged withdrawal");
    let (p50, p99) = percentiles(&mut lags);
    let per_second = |n: &AtomicU64| Ok::<_, anyhow::Error>(rate(usize::try_from(get(n))?, took));
    Ok(vec![
        if rest.is_zero() { "never".into() } else { time(rest) },
        get(&world.done).to_string(),
        get(&world.acts).to_string(),
        "**0**".into(),
        "**0**".into(),
        time(p50),
        time(p99),
        per_second(&world.done)?,
        per_second(&world.acts)?,
    ])
}

async fn whole(rest: Duration) -> anyhow::Result<(Arc<World>, Vec<Duration>, Duration)> {
    let house = House::new(Engine::Postgres).await?;
    let at = START.plus(Span::minutes(1));
    let mut people = Vec::new();
    for n in 1..=(WRITERS * EACH) as u64 {
        people.push(house.person(n, &[("contact.email", "mia@example.org")], START).await?);
    }
    let nodes = vec![house.gate.clone(), house.node(at).await?, house.node(at).await?];
    let zero = || AtomicU64::new(0);
    let world = World { people, nodes, house, clock: zero(), done: zero(), acts: zero(), wrong: zero() };
    let world = Arc::new(world);
    let mut following = Vec::new();
    for node in &world.nodes {
        node.remember(world.house.company, at, |_, _| ()).await?;
        let (node, clock) = (node.clone(), Arc::clone(&world));
        following.push(tokio::spawn(async move { node.follow(eu(), move || clock.now()).await }));
    }
    let (stop, begun) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let holder = tokio::spawn(hold_open(Arc::clone(&world), Arc::clone(&stop)));
    let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(write(Arc::clone(&world), n, rest))).collect();
    let mut lags = Vec::new();
    for writer in writers {
        lags.extend(writer.await??);
    }
    let took = begun.elapsed();
    stop.store(true, Ordering::SeqCst);
    holder.await??;
    following.iter().for_each(tokio::task::JoinHandle::abort);
    Ok((world, lags, took))
}

impl World {
    fn now(&self) -> Timestamp {
        let ticks = i64::try_from(self.clock.fetch_add(10, Ordering::SeqCst)).unwrap_or(0);
        Timestamp::from_micros(START.plus(Span::minutes(2)).micros() + ticks)
    }

    async fn says(&self, gate: &Gate, who: PersonId, act: Act) -> anyhow::Result<()> {
        gate.record(self.house.company, who, act, Asker::Person, Evidence::Portal, self.now()).await?;
        self.acts.fetch_add(1, Ordering::SeqCst);
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn question(&self) -> Question<Use> {
        Question {
            what: Use::Message,
            person: PersonId::from_bytes([0; 16]),
            asker: Asker::Staff(self.house.staff, Role::Marketing),
            purpose: purpose("marketing.newsletter"),
            matters: NonEmpty::one(Matter::Kind(category("contact.email"))),
            to: To::Party(self.house.home),
            region: eu(),
            at: self.now(),
            context: Context::default(),
        }
    }

    /// Asks one node many times about somebody who took their yes back.
    async fn ask(&self, node: &Gate, who: PersonId, version: &Version) -> anyhow::Result<()> {
        for n in 1..=ASKS {
            if n.is_multiple_of(IN_A_ROW) {
                tokio::task::yield_now().await;
            }
            match node.decide(self.house.company, &self.question(), &[who], Some(version)) {
                Ok(decided) if matches!(decided.outcomes[..], [Outcome::Closed(_)]) => {}
                Ok(_) => drop(self.wrong.fetch_add(1, Ordering::SeqCst)),
                Err(GateError::Behind(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(other) => return Err(other.into()),
            }
            self.done.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Waits until a node has seen a version; tells how long that was after it was acknowledged.
async fn seen(
    world: Arc<World>,
    node: usize,
    version: Version,
    acknowledged: Instant,
) -> anyhow::Result<Duration> {
    let seen = world.nodes[node].caught_up(&version, LONGEST).await?;
    anyhow::ensure!(seen, "a change was missed");
    Ok(acknowledged.elapsed())
}

async fn write(world: Arc<World>, writer: usize, rest: Duration) -> anyhow::Result<Vec<Duration>> {
    let mut lags = Vec::new();
    for round in 0.. {
        if world.done.load(Ordering::SeqCst) >= OPERATIONS {
            break;
        }
        let who = world.people[writer * EACH + round % EACH];
        let gate = &world.nodes[(writer + round) % world.nodes.len()];
        let yes = world.house.yes(START.plus(Span::minutes(1))).await?;
        world.says(gate, who, Act::Give(Box::new(yes))).await?;
        world.says(gate, who, Act::Withdraw(purpose("marketing.newsletter"))).await?;
        let since = Instant::now();
        let version = gate.version().await?;
        let nodes = 0..world.nodes.len();
        let waits: Vec<_> =
            nodes.map(|n| tokio::spawn(seen(Arc::clone(&world), n, version.clone(), since))).collect();
        for wait in waits {
            lags.push(wait.await??);
        }
        for node in &world.nodes {
            world.ask(node, who, &version).await?;
        }
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
    }
    Ok(lags)
}

async fn hold_open(world: Arc<World>, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    let data = Db::open(world.house.stores.regions[0].data.clone())?;
    let someone = world.people[0];
    while !stop.load(Ordering::SeqCst) {
        data.write(move |tx| {
            changes::note(tx, someone)?;
            std::thread::sleep(HELD);
            Ok(())
        })
        .await?;
    }
    Ok(())
}
