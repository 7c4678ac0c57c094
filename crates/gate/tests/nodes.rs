//! Stories of several nodes, told to both engines: what one acknowledged counts for every other, whatever its clock says and
//! whatever it had looked up or remembered before.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use assent_gate::{Act, Gate, GateError, Outcome, Whose};
use assent_kernel::grant::{Evidence, Restricted, Said};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::View;
use assent_kernel::{AsUse, Asker, Matter, NonEmpty, PersonId, Question, Reason, Role, Span, Timestamp, Use};
use assent_store::{Db, changes};
use assent_testkit::{Engine, House, START, category, eu, on_both, purpose};

const MIA: &[(&str, &str)] = &[("name.given", "Mia"), ("contact.email", "mia@example.org")];

/// What a clock says that lags, and one that goes right.
const LAGS: Timestamp = START.plus(Span::minutes(10));
const RIGHT: Timestamp = LAGS.plus(Span::minutes(1)).plus(Span::minutes(1));

fn seconds_later(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_micros(at.micros() + seconds * 1_000_000)
}

fn view<U: AsUse>(house: &House, what: U, who: PersonId, at: Timestamp) -> Question<U> {
    let name = NonEmpty::one(Matter::Kind(category("name.given")));
    house.question(what, who, Role::Support, "service.support", name, at)
}

fn code(reason: Option<&Reason>) -> &'static str {
    reason.map_or("PERMIT", Reason::code)
}

/// What a node answers from memory, once it is built and fresh.
async fn remembered(gate: &Gate, house: &House, question: &Question<Use>) -> &'static str {
    let begun = Instant::now();
    loop {
        match gate.decide(house.company, question, &[question.person], None) {
            Ok(decided) => match decided.outcomes[0] {
                Outcome::Open(_) => return "PERMIT",
                Outcome::Closed(n) => return decided.reasons[usize::from(n)].code(),
            },
            Err(GateError::Behind(_)) if begun.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                gate.look_at_changes(&eu(), question.at).await.unwrap();
            }
            Err(other) => panic!("{other}"),
        }
    }
}

async fn record(gate: &Gate, house: &House, who: PersonId, act: Act, at: Timestamp) {
    gate.record(house.company, who, act, Asker::Person, Evidence::Portal, at).await.unwrap();
}

/// An act is acknowledged by a node whose clock goes right; everything that another node answers by a clock that lags.
async fn answers_after(engine: Engine, act: impl Fn() -> Act) -> [&'static str; 5] {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, MIA, START).await.unwrap();
    let other = house.node(LAGS).await.unwrap();
    other.remember(house.company, LAGS, |_, _| ()).await.unwrap();
    let before = other.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    assert_eq!(remembered(&other, &house, &view(&house, Use::View, mia, LAGS)).await, "PERMIT");
    assert_eq!(
        code(other.foresee(&view(&house, View, mia, LAGS), &before).await.unwrap().refusal()),
        "PERMIT"
    );
    let at = seconds_later(LAGS, 90);
    record(&house.gate, &house, mia, act(), at).await;
    other.look_at_changes(&eu(), LAGS).await.unwrap();
    let from_memory = remembered(&other, &house, &view(&house, Use::View, mia, LAGS)).await;
    let counts = other.count(house.company, &view(&house, Use::View, mia, LAGS), None).unwrap();
    let answer = other.ask(view(&house, View, mia, LAGS), &before).await.unwrap();
    let looked_before = code(answer.ruling().refusal());
    let dossier = other.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let answer = other.ask(view(&house, View, mia, LAGS), &dossier).await.unwrap();
    let asked_anew = code(answer.ruling().refusal());
    let foreseen = other.foresee(&view(&house, View, mia, LAGS), &dossier).await.unwrap();
    let counted = if counts.permitted == 0 { from_memory } else { "PERMIT" };
    [from_memory, counted, looked_before, asked_anew, code(foreseen.refusal())]
}

async fn a_stop_counts_for_a_clock_that_lags(engine: Engine) {
    let said = answers_after(engine, || Act::Restrict(Restricted::All)).await;
    assert_eq!(said, ["RESTRICTED"; 5]);
}

async fn the_end_of_a_contract_counts_for_a_clock_that_lags(engine: Engine) {
    let end = || {
        Act::Contract(Contract {
            id: assent_kernel::ContractId::from_bytes([1; 16]),
            kind: "household-customer".into(),
            from: START.minus(Span::days(10)),
            until: seconds_later(LAGS, 90),
        })
    };
    let said = answers_after(engine, end).await;
    assert!(said.iter().all(|one| *one == said[0] && *one != "PERMIT"), "{said:?}");
}

/// Nobody has said anything for so long that the log of changes was cut; a node that slept does not miss what was in it.
async fn changes_that_are_gone_are_not_missed(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, MIA, START).await.unwrap();
    let other = house.node(LAGS).await.unwrap();
    other.remember(house.company, LAGS, |_, _| ()).await.unwrap();
    record(&house.gate, &house, mia, Act::Restrict(Restricted::All), LAGS).await;
    let data = Db::open(house.stores.regions[0].data.clone()).unwrap();
    data.write(|tx| changes::prune(tx, 0)).await.unwrap();
    other.look_at_changes(&eu(), LAGS).await.unwrap();
    assert_eq!(remembered(&other, &house, &view(&house, Use::View, mia, RIGHT)).await, "RESTRICTED");
    // What was seen before it went is no reason to begin anew.
    data.write(|tx| changes::prune(tx, 0)).await.unwrap();
    record(&house.gate, &house, mia, Act::Release, RIGHT).await;
    assert_eq!(other.look_at_changes(&eu(), RIGHT).await.unwrap(), 1);
    assert_eq!(remembered(&other, &house, &view(&house, Use::View, mia, RIGHT)).await, "PERMIT");
}

/// Two statements of one reading see one moment, whatever is committed between them.
async fn a_reading_sees_one_moment(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    house.customer(1, MIA, START).await.unwrap();
    let data = Db::open(house.stores.regions[0].data.clone()).unwrap();
    let count = |tx: &mut assent_store::Tx<'_>| {
        Ok(tx.first("SELECT count(*) FROM person", &[], |row| row.int(0))?.unwrap_or(0))
    };
    let ((tell, told), (go_on, wait)) = (channel(), channel());
    let reader = data.clone();
    let reading = tokio::spawn(async move {
        let both = reader.read(move |tx| {
            let first = count(tx)?;
            tell.send(()).ok();
            wait.recv().ok();
            Ok((first, count(tx)?))
        });
        both.await.unwrap()
    });
    tokio::task::spawn_blocking(move || told.recv().unwrap()).await.unwrap();
    house.customer(2, &[("name.given", "Bo")], START).await.unwrap();
    go_on.send(()).unwrap();
    assert_eq!(reading.await.unwrap(), (1, 1));
    assert_eq!(data.read(count).await.unwrap(), 2);
}

/// A glance reads by one statement. On a server nothing holds two of them together, so a second one is refused.
async fn a_glance_is_one_statement(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    house.customer(1, MIA, START).await.unwrap();
    let data = Db::open(house.stores.regions[0].data.clone()).unwrap();
    let count = |tx: &mut assent_store::Tx<'_>| {
        Ok(tx.first("SELECT count(*) FROM person", &[], |row| row.int(0))?.unwrap_or(0))
    };
    assert_eq!(data.glance(count).await.unwrap(), 1);
    let twice = data.glance(move |tx| Ok((count(tx)?, count(tx)?))).await;
    let changed = data.glance(|tx| tx.exec("UPDATE person SET minor = 1", &[])).await;
    assert!(changed.is_err());
    assert_eq!(twice.is_err(), engine == Engine::Postgres);
    assert_eq!(data.glance(count).await.unwrap(), 1, "the connection is as it was");
}

/// Facts on a grant go thirty days after it was withdrawn, although nobody but the sweeper knows of it.
async fn what_no_terms_cover_goes_without_a_job(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, &[("name.given", "Mia")], START).await.unwrap();
    let day = |n| START.plus(Span::days(n));
    record(&house.gate, &house, mia, Act::Give(Box::new(house.yes(day(1)).await.unwrap())), day(1)).await;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let Said::Yes(grant) = &dossier.person().answers[&purpose("marketing.newsletter")].said else {
        panic!("a yes")
    };
    let grant = grant.id;
    let keeping = assent_gate::Keeping {
        category: category("contact.email"),
        value: "mia@example.org".into(),
        source: "form".into(),
        warrant: Some(assent_kernel::Warrant::Grant(grant)),
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    house.gate.keep(&dossier, vec![keeping], Asker::Person, day(2)).await.unwrap();
    record(&house.gate, &house, mia, Act::Withdraw(purpose("marketing.newsletter")), day(20)).await;
    for (n, gone) in [(21, 0), (40, 0), (49, 0), (51, 1), (90, 0)] {
        assert_eq!(house.gate.sweep(day(n)).await.unwrap(), gone, "day {n}");
    }
    let left = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    assert_eq!(left.facts().map(|held| held.category().to_string()).collect::<Vec<_>>(), ["name.given"]);
}

on_both!(
    a_stop_counts_for_a_clock_that_lags,
    the_end_of_a_contract_counts_for_a_clock_that_lags,
    changes_that_are_gone_are_not_missed,
    a_reading_sees_one_moment,
    a_glance_is_one_statement,
    what_no_terms_cover_goes_without_a_job,
);
