//! A clock that jumps ahead, told to both engines: nothing is written down in a wrong future, so nothing stays closed when
//! the clock is mended; who slept for long goes on without a word; and a human can say that a clock is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use assent_gate::{Act, Gate, GateError, LogName, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, PersonId, Role, Span, Timestamp};
use assent_testkit::{Engine, House, START, category, eu, on_both, purpose};

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

/// What a computer counts by itself.
#[derive(Clone)]
struct Counted(Arc<AtomicI64>);

impl Counted {
    fn from(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.micros())))
    }
    fn to(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::SeqCst);
    }
    async fn held_against(&self, gate: &Gate, at: Timestamp) -> Result<(), GateError> {
        let counted = self.0.clone();
        gate.watch_clock(at, move || Timestamp::from_micros(counted.load(Ordering::SeqCst))).await
    }
}

async fn opens(house: &House, gate: &Gate, who: PersonId, at: Timestamp) -> Result<bool, GateError> {
    let dossier = gate.look_one(&Whose::everybody(house.company), who).await?;
    let matters = dossier.of_categories(&[category("name")]).unwrap();
    let question = house.question(View, who, Role::Support, "service.support", matters, at);
    Ok(gate.ask(question, &dossier).await?.permit().is_some())
}

fn jumped<T: std::fmt::Debug>(result: Result<T, GateError>) {
    assert!(matches!(result, Err(GateError::ClockJumped)), "{result:?}");
}

async fn a_jump_ahead_is_refused_and_closes_nothing(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let counted = Counted::from(START);
    counted.held_against(&house.gate, START).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    assert!(opens(&house, &house.gate, mia, later(1)).await.unwrap());
    let (gate, company) = (&house.gate, house.company);
    let wrong = START.plus(Span::days(3_650));
    jumped(opens(&house, gate, mia, wrong).await);
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    jumped(gate.record(company, mia, no, Asker::Person, Evidence::Portal, wrong).await);
    jumped(gate.erase(company, mia, Asker::Person, false, wrong).await);
    jumped(gate.sweep(wrong).await);
    jumped(gate.rotate_keys(wrong, true).await);
    let policy = gate.policy(company).await.unwrap().policy.clone();
    jumped(gate.set_policy(policy, wrong).await);
    jumped(gate.clock_stands(wrong));
    assert!(house.customer(2, &[("name.given", "Bo")], wrong).await.is_err());
    // The clock is mended: at once everything is as before, on every node.
    assert!(opens(&house, gate, mia, later(2)).await.unwrap());
    let other = house.node(later(3)).await.unwrap();
    assert!(opens(&house, &other, mia, later(3)).await.unwrap());
    // The control: whoever is not told to watch believes it, and then nothing opens before that time.
    let wrong = START.plus(Span::days(30));
    assert!(opens(&house, &other, mia, wrong).await.unwrap());
    other.integrate_all(wrong).await.unwrap();
    gate.read_floors().await.unwrap();
    assert!(matches!(opens(&house, gate, mia, later(4)).await, Err(GateError::ClockWentBack)));
}

async fn who_slept_goes_on_without_a_word(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let counted = Counted::from(START);
    counted.held_against(&house.gate, START).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    // Running, and asked nothing for three months: the computer counted them too.
    let spring = START.plus(Span::days(90));
    counted.to(spring);
    assert!(opens(&house, &house.gate, mia, spring).await.unwrap());
    // Switched off for three months more: nothing counted, and nobody is asked.
    let summer = START.plus(Span::days(180));
    let node = house.node(summer).await.unwrap();
    Counted::from(summer).held_against(&node, summer).await.unwrap();
    assert!(opens(&house, &node, mia, summer).await.unwrap());
}

async fn a_start_far_ahead_waits_for_a_human(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let decades = START.plus(Span::days(12_000));
    let node = house.node(decades).await.unwrap();
    jumped(Counted::from(decades).held_against(&node, decades).await);
    // A server knows better already after a few days; the clock of this story is its own.
    let server = assent_store::Db::open(house.stores.regions[0].data.clone()).unwrap();
    let told = server.read(assent_store::ledger::server_time).await.unwrap();
    assert_eq!(told.is_some(), engine == Engine::Postgres);
    if let Some(now) = told {
        house.person(2, &[("name.given", "Bo")], now).await.unwrap();
        let node = house.node(now).await.unwrap();
        let soon = now.plus(Span::days(3));
        jumped(Counted::from(soon).held_against(&node, soon).await);
        Counted::from(now).held_against(&node, now).await.unwrap();
    }
    // Somebody says that it is right: that is written down, and holds on every node.
    let running = house.node(START.plus(Span::days(300))).await.unwrap();
    let name = LogName { company: house.company, region: eu() };
    let before = house.gate.integrate(&name, later(1)).await.unwrap();
    house.gate.accept_clock(decades).await.unwrap();
    // One that is behind cannot be right, whoever says so.
    let behind = house.gate.accept_clock(later(1)).await;
    assert!(matches!(behind, Err(GateError::ClockWentBack)), "{behind:?}");
    assert_eq!(house.gate.log_head(&name).await.unwrap().size, before + 1);
    let node = house.node(decades).await.unwrap();
    Counted::from(decades).held_against(&node, decades).await.unwrap();
    running.read_floors().await.unwrap();
    // Her contract has ended by then; that she is asked about at all is what was to be seen.
    for gate in [&node, &running] {
        assert!(!opens(&house, gate, mia, decades.plus(Span::minutes(1))).await.unwrap());
    }
    let export = tempfile::tempdir().unwrap();
    node.export_log(&name, export.path(), |_, _| {}).await.unwrap();
    let report = assent_verify::check_export(export.path(), None, None).unwrap();
    assert_eq!(report.kinds.get("posture"), Some(&1));
}

on_both!(
    a_jump_ahead_is_refused_and_closes_nothing,
    who_slept_goes_on_without_a_word,
    a_start_far_ahead_waits_for_a_human,
);
