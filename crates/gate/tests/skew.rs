//! Three nodes whose clocks are up to three minutes apart, and people who say yes and no all the time, by any of them: once it
//! is acknowledged, no node permits what it closed, whatever it had looked up or remembered before; and what was opened is
//! open. At random, on both engines.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assent_gate::{Act, Gate, GateError, Outcome, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    AsUse, Asker, ContractId, Matter, NonEmpty, PersonId, Question, Role, Span, Timestamp, Use,
};
use assent_testkit::{Engine, House, START, category, eu, on_both, purpose};

const PEOPLE: u64 = 6;
/// How long it goes on, and how many answers are to be held against what was acknowledged.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(40);
const ENOUGH: u64 = 60;
/// How far each node's clock is off, in seconds: at first the slowest may answer nothing, and then all may.
const OFF: [[i64; 3]; 2] = [[-90, 25, 90], [-50, 0, 65]];

/// Where somebody stands, by what was acknowledged.
#[derive(Clone, Copy, Debug)]
struct Stand {
    yes: bool,
    objected: bool,
    /// Restricted, and whether a yes came after it.
    restricted: Option<bool>,
    contract: bool,
    /// How many acts were begun; nothing is sure while one is under way.
    acts: u64,
    moving: bool,
}

impl Stand {
    fn reads_news(&self) -> bool {
        self.yes && !self.objected && self.restricted.is_none_or(|yes_after| yes_after)
    }
    fn is_served(&self) -> bool {
        self.contract && self.restricted.is_none()
    }
}

struct World {
    house: House,
    nodes: Vec<Gate>,
    people: Vec<PersonId>,
    stands: Vec<Mutex<Stand>>,
    begun: Instant,
    off: [i64; 3],
    stop: AtomicBool,
    seed: AtomicU64,
    sure: AtomicU64,
}

impl World {
    fn any(&self, below: usize) -> usize {
        let step = |seed: u64| Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        let seed = self.seed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step).unwrap();
        usize::try_from(seed >> 33).unwrap() % below
    }
    /// What a node's clock says.
    fn now(&self, node: usize) -> Timestamp {
        let base =
            START.plus(Span::hours(1)).micros() + i64::try_from(self.begun.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(base + self.off[node] * 1_000_000)
    }
    fn stand(&self, who: usize) -> Stand {
        *self.stands[who].lock().unwrap()
    }
    fn ask<U: AsUse>(
        &self,
        what: U,
        role: Role,
        why: &str,
        kind: &str,
        who: usize,
        at: Timestamp,
    ) -> Question<U> {
        let matters = NonEmpty::one(Matter::Kind(category(kind)));
        self.house.question(what, self.people[who], role, why, matters, at)
    }
    fn news<U: AsUse>(&self, what: U, who: usize, at: Timestamp) -> Question<U> {
        self.ask(what, Role::Marketing, "marketing.newsletter", "contact.email", who, at)
    }
    fn served<U: AsUse>(&self, what: U, who: usize, at: Timestamp) -> Question<U> {
        self.ask(what, Role::Support, "service.support", "name.given", who, at)
    }
    /// Holds an answer against what was acknowledged, if nothing was under way while it was given.
    fn check(&self, who: usize, before: Stand, permitted: [Option<bool>; 2], how: &str) {
        let after = self.stand(who);
        if before.moving || after.acts != before.acts {
            return;
        }
        for (told, right, what) in
            [(permitted[0], before.reads_news(), "news"), (permitted[1], before.is_served(), "served")]
        {
            if let Some(told) = told {
                assert_eq!(told, right, "{what} {how}: {before:?}");
                self.sure.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

fn refused<T>(result: Result<T, GateError>) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        // Two minutes behind what is recorded, a node answers nothing.
        Err(GateError::ClockWentBack | GateError::Behind(_) | GateError::Busy) => None,
        Err(other) => panic!("{other}"),
    }
}

/// Somebody's acts, one after the other, each by any node.
async fn acts(world: Arc<World>, who: usize) {
    let contract = |until| Contract {
        id: ContractId::from_bytes([u8::try_from(who + 1).unwrap(); 16]),
        kind: "household-customer".into(),
        from: START.minus(Span::days(10)),
        until,
    };
    while !world.stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(u64::try_from(world.any(60)).unwrap())).await;
        let node = world.any(world.off.len());
        let (gate, at) = (&world.nodes[node], world.now(node));
        let yes = world.house.yes(at).await.unwrap();
        let mut next = world.stand(who);
        let act = match world.any(9) {
            0 | 1 => {
                (next.yes, next.restricted) = (true, next.restricted.map(|_| true));
                Act::Give(Box::new(yes))
            }
            2 => {
                (next.yes, next.restricted) = (false, next.restricted.map(|_| false));
                Act::Withdraw(purpose("marketing.newsletter"))
            }
            3 => {
                next.objected = true;
                Act::Object(ObjectionScope::DirectMarketing)
            }
            4 => {
                next.objected = false;
                Act::Lift(ObjectionScope::DirectMarketing)
            }
            5 => {
                next.restricted = Some(false);
                Act::Restrict(Restricted::All)
            }
            6 => {
                next.restricted = None;
                Act::Release
            }
            7 => {
                next.contract = false;
                Act::Contract(contract(at))
            }
            _ => {
                next.contract = true;
                Act::Contract(contract(START.plus(Span::days(300))))
            }
        };
        {
            let mut stand = world.stands[who].lock().unwrap();
            (stand.moving, stand.acts) = (true, stand.acts + 1);
        }
        let done =
            gate.record(world.house.company, world.people[who], act, Asker::Person, Evidence::Portal, at);
        let done = refused(done.await).is_some();
        let mut stand = world.stands[who].lock().unwrap();
        let acts = stand.acts;
        *stand = if done { Stand { acts, moving: false, ..next } } else { Stand { moving: false, ..*stand } };
    }
}

/// Asks at the door: of what was looked up just now, or a while ago.
async fn asks(world: Arc<World>, node: usize) {
    let gate = &world.nodes[node];
    while !world.stop.load(Ordering::SeqCst) {
        let who = world.any(world.people.len());
        let Some(dossier) =
            refused(gate.look_one(&Whose::everybody(world.house.company), world.people[who]).await)
        else {
            continue;
        };
        let at = world.now(node);
        tokio::time::sleep(Duration::from_millis(u64::try_from(world.any(40)).unwrap())).await;
        let before = world.stand(who);
        let news = refused(gate.ask(world.news(Message, who, at), &dossier).await);
        let served = refused(gate.ask(world.served(View, who, at), &dossier).await);
        let told = [news.map(|one| one.permit().is_some()), served.map(|one| one.permit().is_some())];
        world.check(who, before, told, "at the door");
    }
}

/// Asks a memory for answers at least as new as what was acknowledged by then.
async fn remembers(world: Arc<World>, node: usize) {
    let gate = &world.nodes[node];
    while !world.stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let who = world.any(world.people.len());
        let before = world.stand(who);
        let at = world.now(node);
        let version = world.nodes[world.any(world.off.len())].version().await.unwrap();
        if world.any(2) == 0 {
            gate.look_at_changes(&eu(), at).await.unwrap();
        }
        let ask = |question: Question<Use>| {
            let decided = gate.decide(world.house.company, &question, &[question.person], Some(&version));
            refused(decided).map(|decided| matches!(decided.outcomes[0], Outcome::Open(_)))
        };
        let told = [ask(world.news(Use::Message, who, at)), ask(world.served(Use::View, who, at))];
        world.check(who, before, told, "from memory");
    }
}

async fn nothing_acknowledged_is_passed_over(engine: Engine) {
    for off in OFF {
        run(engine, off).await;
    }
}

async fn run(engine: Engine, off: [i64; 3]) {
    let house = House::new(engine).await.unwrap();
    let mut people = Vec::new();
    for n in 1..=PEOPLE {
        let facts = [("name.given", "Mia"), ("contact.email", "mia@example.org")];
        people.push(house.customer(n, &facts, START).await.unwrap());
    }
    let at = START.plus(Span::minutes(30));
    let nodes = vec![house.gate.clone(), house.node(at).await.unwrap(), house.node(at).await.unwrap()];
    for node in &nodes {
        node.remember(house.company, at, |_, _| ()).await.unwrap();
    }
    let nobody =
        Stand { yes: false, objected: false, restricted: None, contract: true, acts: 0, moving: false };
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let seed = u64::try_from(seed & u128::from(u64::MAX)).unwrap();
    let world = Arc::new(World {
        stands: people.iter().map(|_| Mutex::new(nobody)).collect(),
        house,
        nodes,
        people,
        begun: Instant::now(),
        off,
        stop: AtomicBool::new(false),
        seed: AtomicU64::new(seed),
        sure: AtomicU64::new(0),
    });
    let mut all = tokio::task::JoinSet::new();
    (0..world.people.len()).for_each(|who| drop(all.spawn(acts(Arc::clone(&world), who))));
    for node in 0..world.off.len() {
        all.spawn(asks(Arc::clone(&world), node));
        all.spawn(remembers(Arc::clone(&world), node));
        let (gate, clock) = (world.nodes[node].clone(), Arc::clone(&world));
        let following = async move { gate.follow(eu(), || clock.now(node)).await };
        let stopped = Arc::clone(&world);
        all.spawn(async move {
            let until = async {
                while !stopped.stop.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::select! { () = following => {}, () = until => {} }
        });
    }
    // A slow machine takes longer for as much.
    let sure = || world.sure.load(Ordering::SeqCst);
    while world.begun.elapsed() < SHORTEST || (sure() < ENOUGH && world.begun.elapsed() < LONGEST) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.stop.store(true, Ordering::SeqCst);
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    assert!(sure() >= ENOUGH, "only {} answers could be held against anything; seed {seed}", sure());
}

on_both!(nothing_acknowledged_is_passed_over);
