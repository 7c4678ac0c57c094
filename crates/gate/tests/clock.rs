//! A clock that jumps ahead, told to both engines: nothing is written down in a wrong future, so nothing stays closed when
//! the clock is mended; who slept for long goes on without a word; and a human can say that a clock is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use assent_gate::{Act, Gate, GateError, LogName, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, PersonId, Role, Span, Timestamp};
use assent_store::own_keys::{self, May};
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

/// Refused: by the computer's own count, or because the server's clock says otherwise.
fn jumped<T: std::fmt::Debug>(result: Result<T, GateError>) {
    assert!(matches!(result, Err(GateError::ClockJumped | GateError::ClocksApart)), "{result:?}");
}

/// What the server of a house's database says the time is; the clocks of these stories are their own.
async fn server_time(house: &House) -> Option<Timestamp> {
    let server = assent_store::Db::open(house.stores.regions[0].data.clone()).unwrap();
    server.read(assent_store::ledger::server_time).await.unwrap()
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
    // Switched off for three weeks more: nothing counted, and nobody is asked.
    let off = spring.plus(Span::days(21));
    let node = house.node(off).await.unwrap();
    Counted::from(off).held_against(&node, off).await.unwrap();
    assert!(opens(&house, &node, mia, off).await.unwrap());
    // Running and asked nothing: that its keys change tells that it ran.
    let quiet = spring.plus(Span::days(41));
    counted.to(quiet);
    house.gate.rotate_keys(quiet, false).await.unwrap();
    let summer = spring.plus(Span::days(70));
    let node = house.node(summer).await.unwrap();
    Counted::from(summer).held_against(&node, summer).await.unwrap();
    assert!(opens(&house, &node, mia, summer).await.unwrap());
}

/// The commonest wrong clock at a start is off by months, or by the year.
async fn a_start_a_year_off_erases_nothing(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    for days in [31, 184, 365] {
        let wrong = START.plus(Span::days(days));
        let node = house.node(wrong).await.unwrap();
        jumped(Counted::from(wrong).held_against(&node, wrong).await);
    }
    let node = house.node(later(1)).await.unwrap();
    Counted::from(later(1)).held_against(&node, later(1)).await.unwrap();
    assert!(opens(&house, &node, mia, later(1)).await.unwrap(), "nothing happened by those clocks");
}

/// Opening alone finishes no erasure: the keyring would remember it with the date of a wrong clock.
async fn an_erasure_waits_for_a_clock_that_stands(engine: Engine) {
    use assent_store::people::{self, Life};
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let region = house.gate.region_db(&eu()).unwrap().clone();
    let begin = move |tx: &mut assent_store::Tx<'_>| {
        people::drop_all(tx, mia, later(1))?;
        people::set_life(tx, mia, Life::Erasing)
    };
    region.write(begin).await.unwrap();
    let open = || region.read(|tx| people::unfinished(tx, PersonId::from_bytes([0; 16])));
    let wrong = START.plus(Span::days(3_650));
    let node = house.node(wrong).await.unwrap();
    assert_eq!(open().await.unwrap().len(), 1);
    Counted::from(later(2)).held_against(&node, later(2)).await.unwrap();
    jumped(node.finish_erasures(wrong).await);
    assert_eq!(open().await.unwrap().len(), 1);
    node.finish_erasures(later(2)).await.unwrap();
    assert!(open().await.unwrap().is_empty());
}

/// A computer without a battery starts with the clock of long ago and sets it by the network a moment later.
async fn a_clock_that_was_behind_at_the_start_is_put_right_once(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let old = START.minus(Span::days(9_000));
    let node = house.node(old).await.unwrap();
    let counted = Counted::from(old);
    counted.held_against(&node, old).await.unwrap();
    let behind = opens(&house, &node, mia, old).await;
    assert!(matches!(behind, Err(GateError::ClockWentBack)), "{behind:?}");
    let right = START.plus(Span::days(3));
    jumped(opens(&house, &node, mia, START.plus(Span::days(40))).await);
    assert!(opens(&house, &node, mia, right).await.unwrap());
    jumped(opens(&house, &node, mia, right.plus(Span::days(3))).await);
    counted.to(old.plus(Span::days(2)));
    assert!(opens(&house, &node, mia, right.plus(Span::days(2))).await.unwrap(), "it counts on from there");
}

/// It is put right a moment after the start, also when hardly anything is to be put right: no jump is believed later.
async fn it_is_put_right_by_the_first_time_that_is_not_behind(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let old = START.minus(Span::minutes(10));
    let node = house.node(old).await.unwrap();
    let counted = Counted::from(old);
    counted.held_against(&node, old).await.unwrap();
    assert!(opens(&house, &node, mia, later(1)).await.unwrap());
    jumped(opens(&house, &node, mia, START.plus(Span::days(20))).await);
    counted.to(old.plus(Span::days(20)));
    assert!(
        opens(&house, &node, mia, later(1).plus(Span::days(20))).await.unwrap(),
        "it counts on from there"
    );
}

/// Where a server tells the time, nobody is ahead of it; and what it counted, too, is believed.
async fn a_server_is_asked_at_every_use(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    Counted::from(START).held_against(&house.gate, START).await.unwrap();
    let Some(now) = server_time(&house).await else {
        // A file has nobody to ask: a few hours ahead may be a wrong zone, and are believed.
        assert!(opens(&house, &house.gate, mia, START.plus(Span::hours(3))).await.unwrap());
        return;
    };
    // The computer was behind by months and is put right: it counted nothing of that, but the server did.
    opens(&house, &house.gate, mia, now).await.unwrap();
    let zone = opens(&house, &house.gate, mia, now.plus(Span::minutes(10))).await;
    assert!(matches!(zone, Err(GateError::ClocksApart)), "{zone:?}");
    let node = house.node(now).await.unwrap();
    let soon = now.plus(Span::minutes(10));
    let apart = Counted::from(soon).held_against(&node, soon).await;
    assert!(matches!(apart, Err(GateError::ClocksApart)), "{apart:?}");
    assert!(matches!(house.gate.accept_clock(soon).await, Err(GateError::ClocksApart)), "whoever says so");
}

async fn a_start_far_ahead_waits_for_a_human(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let decades = START.plus(Span::days(12_000));
    let node = house.node(decades).await.unwrap();
    jumped(Counted::from(decades).held_against(&node, decades).await);
    let right = server_time(&house).await.unwrap_or(decades);
    let node = house.node(right).await.unwrap();
    jumped(Counted::from(right).held_against(&node, right).await);
    // Somebody says that it is right: that is written down, and holds on every node.
    let running = house.node(START.plus(Span::days(30))).await.unwrap();
    let watched = Counted::from(START);
    watched.held_against(&running, START).await.unwrap();
    let name = LogName { company: house.company, region: eu() };
    let before = house.gate.integrate(&name, later(1)).await.unwrap();
    assert!(!house.gate.accept_clock(later(1)).await.unwrap(), "there is nothing to accept");
    assert_eq!(house.gate.log_head(&name).await.unwrap().size, before);
    assert!(house.gate.accept_clock(right).await.unwrap());
    // One that is behind cannot be right, whoever says so.
    let behind = house.gate.accept_clock(later(1)).await;
    assert!(matches!(behind, Err(GateError::ClockWentBack)), "{behind:?}");
    assert_eq!(house.gate.log_head(&name).await.unwrap().size, before + 1);
    let node = house.node(right).await.unwrap();
    Counted::from(right).held_against(&node, right).await.unwrap();
    running.read_floors().await.unwrap();
    // Her contract may have ended by then; that she is asked about at all is what was to be seen.
    for gate in [&node, &running] {
        opens(&house, gate, mia, right.plus(Span::minutes(1))).await.unwrap();
    }
    let export = tempfile::tempdir().unwrap();
    node.export_log(&name, export.path(), |_, _| {}).await.unwrap();
    let report = assent_verify::check_export(export.path(), None, None).unwrap();
    assert_eq!(report.kinds.get("posture"), Some(&1));
}

/// A human's word holds at once where it was said, also on a node that is watched.
async fn a_word_is_enough_on_a_node_that_is_watched(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    Counted::from(START).held_against(&house.gate, START).await.unwrap();
    let right = START.plus(Span::days(60));
    jumped(opens(&house, &house.gate, mia, right).await);
    assert!(house.gate.accept_clock(right).await.unwrap());
    assert!(opens(&house, &house.gate, mia, right).await.is_ok());
}

/// When a key was used last is noted by a clock that stands, or not at all.
async fn a_wrong_clock_notes_no_use_of_a_program(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    Counted::from(START).held_against(&house.gate, START).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    house.gate.let_program(&dossier, [7; 32], ("butler", May::Read), later(1)).await.unwrap().unwrap();
    let used = async |at| {
        house.gate.own_key([7; 32], at).await.unwrap();
        house.gate.programs_of(&dossier, later(3)).await.unwrap()[0].used_at
    };
    assert_eq!(used(START.plus(Span::days(100))).await, None);
    assert_eq!(used(later(2)).await, Some(later(2)));
}

/// However many are asked for at once.
async fn no_more_programs_than_may_act(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("name.given", "Mia")], START).await.unwrap();
    let mut all = tokio::task::JoinSet::new();
    for n in 0..30u8 {
        let (gate, company) = (house.gate.clone(), house.company);
        all.spawn(async move {
            let dossier = gate.look_one(&Whose::everybody(company), mia).await.unwrap();
            gate.let_program(&dossier, [n; 32], ("butler", May::Read), later(1)).await.unwrap().is_some()
        });
    }
    let made = all.join_all().await.into_iter().filter(|made| *made).count();
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let have = house.gate.programs_of(&dossier, later(2)).await.unwrap().len();
    assert_eq!((made, have), (20, 20));
    // And none for somebody who is not here any more.
    let key = house.gate.programs_of(&dossier, later(2)).await.unwrap().remove(0);
    let gone = own_keys::OwnKey { person: PersonId::from_bytes([99; 16]), ..key };
    assert!(!house.gate.home().write(move |tx| own_keys::add(tx, &[99; 32], &gone)).await.unwrap());
}

on_both!(
    a_jump_ahead_is_refused_and_closes_nothing,
    who_slept_goes_on_without_a_word,
    a_start_a_year_off_erases_nothing,
    an_erasure_waits_for_a_clock_that_stands,
    a_clock_that_was_behind_at_the_start_is_put_right_once,
    it_is_put_right_by_the_first_time_that_is_not_behind,
    a_wrong_clock_notes_no_use_of_a_program,
    no_more_programs_than_may_act,
    a_server_is_asked_at_every_use,
    a_word_is_enough_on_a_node_that_is_watched,
    a_start_far_ahead_waits_for_a_human,
);
