//! What is begun is whole or not at all, on both engines: undoing an import is an erasure, nobody's newer value is lost,
//! one erasure that cannot be finished holds up no other, and "until when" is never told too late.

use assent_gate::{Act, Admission, Gate, GateError, Keeping, NewFact, Newcomer, Outcome, Whose};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::Evidence;
use assent_kernel::mandate::{Binds, Effect, When};
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CompanyId, ContractId, FactId, ImportId, KeySet, Mandate, MandateId, Matter, NonEmpty, PersonId,
    Question, Role, Span, StaffId, Timestamp, Use,
};
use assent_store::people::Life;
use assent_store::{StoreError, access, people};
use assent_testkit::{Engine, House, START, batch, category, eu, on_both, purpose};

on_both!(
    undoing_an_import_is_a_whole_erasure,
    one_erasure_that_cannot_be_finished_holds_up_no_other,
    nobody_s_newer_value_is_lost,
    what_came_to_nothing_leads_to_nobody,
    a_law_that_was_laid_down_elsewhere_counts_when_somebody_is_erased,
    memory_tells_no_end_that_is_too_late,
    tries_are_counted_one_at_a_time,
);

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}
fn days(n: u32) -> Timestamp {
    START.plus(Span::days(n))
}

fn newcomer(n: u8, email: &str) -> Newcomer {
    Newcomer {
        id: PersonId::from_bytes([n; 16]),
        residence: None,
        minor: false,
        contracts: Vec::new(),
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![NewFact {
            category: category("contact.email"),
            value: email.into(),
            anchors: Vec::new(),
        }],
    }
}

const MENTION: &str = "INSERT INTO mention (id, company, staff, made_by, kind, href, person, at) \
     VALUES ($1, $2, $3, $3, 1, '/people', $1, 1)";
const MENTIONS: &str = "SELECT count(*) FROM mention";
const FACTOR: &str = "INSERT INTO factor (id, staff, kind, label, lookup, sealed, counter, made_at, confirmed) \
     VALUES ($1, $1, 1, 'a key', $1, $1, 0, 1, 1)";
const FACTORS: &str = "SELECT count(*) FROM factor";
const ERASED: &str = "SELECT count(*) FROM event WHERE kind = 'person.erased'";

async fn undoing_an_import_is_a_whole_erasure(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let import = ImportId::from_bytes([6; 16]);
    let newcomers = vec![newcomer(1, "mia@example.org"), newcomer(2, "bo@example.org")];
    let batch = Admission { import: Some(import), ..batch(house.company, newcomers) };
    house.gate.admit(batch, START).await.unwrap();
    let (company, staff) = (house.company, house.staff);
    let (home, region) = (house.gate.home().clone(), house.gate.region_db(&eu()).unwrap().clone());
    for n in [1, 2] {
        let id = PersonId::from_bytes([n; 16]);
        home.write(move |tx| tx.exec(FACTOR, &[id.into()]).map(|_| ())).await.unwrap();
        let row = move |tx: &mut assent_store::Tx<'_>| {
            tx.exec(MENTION, &[id.into(), company.into(), staff.into()]).map(|_| ())
        };
        region.write(row).await.unwrap();
    }
    let (gone, stay) =
        house.gate.undo_import(&Whose::everybody(company), import, Asker::System, later(1)).await.unwrap();
    assert_eq!((gone, stay), (2, 0));
    let count = async |db: &assent_store::Db, sql| {
        db.read(move |tx| tx.first(sql, &[], |row| row.int(0))).await.unwrap().unwrap()
    };
    assert_eq!(count(&region, ERASED).await, 2, "programs are told of each");
    assert_eq!((count(&region, MENTIONS).await, count(&home, FACTORS).await), (0, 0));
}

/// The company of the one is gone, so there is nowhere to look for work about them.
const LOST: &str = "UPDATE person SET company = $2 WHERE id = $1";

async fn one_erasure_that_cannot_be_finished_holds_up_no_other(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, bo) = (house.person(1, MIA, START).await.unwrap(), house.person(2, MIA, START).await.unwrap());
    let region = house.gate.region_db(&eu()).unwrap().clone();
    let nowhere = CompanyId::from_bytes([99; 16]);
    region
        .write(move |tx| {
            for id in [mia, bo] {
                people::drop_all(tx, id, later(1))?;
                people::set_life(tx, id, Life::Erasing)?;
            }
            tx.exec(LOST, &[mia.into(), nowhere.into()]).map(|_| ())
        })
        .await
        .unwrap();
    let finished = house.gate.finish_erasures(later(2)).await;
    assert!(matches!(finished, Err(GateError::NoCompany)), "what went wrong is told: {finished:?}");
    let open = region.read(|tx| people::unfinished(tx, PersonId::from_bytes([0; 16]))).await.unwrap();
    assert_eq!(open, [(nowhere, mia)], "the other is erased");
    // And the next node opens all the same.
    let node = house.node(later(3)).await.unwrap();
    assert!(matches!(node.look_one(&Whose::everybody(house.company), bo).await, Err(GateError::NoPerson)));
}

const MIA: &[(&str, &str)] = &[("name.given", "Mia"), ("contact.email", "mia@example.org")];

fn email(value: &str, replaces: Option<FactId>) -> Keeping {
    Keeping {
        category: category("contact.email"),
        value: value.into(),
        source: "the person".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces,
    }
}

async fn nobody_s_newer_value_is_lost(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, MIA, START).await.unwrap();
    let seen = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let id = seen.facts().find(|held| held.category() == &category("contact.email")).unwrap().id();
    let keep = async |value, asker, at| house.gate.keep(&seen, vec![email(value, Some(id))], asker, at).await;
    keep("new@example.org", Asker::Person, later(1)).await.unwrap();
    // A colleague and a program had looked before it: what they would change or drop is another value by now.
    let staff = Asker::Staff(house.staff, Role::Support);
    assert!(matches!(keep("old@example.org", staff, later(2)).await, Err(GateError::Busy)));
    assert!(matches!(keep("own@example.org", Asker::Person, later(2)).await, Err(GateError::Busy)));
    let dropped = house.gate.forget(&seen, id, staff, later(3)).await;
    assert!(matches!(dropped, Err(GateError::Store(StoreError::Moved))), "{dropped:?}");
    let found = async |value| house.gate.find_email(house.company, value).await.unwrap();
    assert_eq!(found("new@example.org").await, [mia]);
    assert_eq!((found("old@example.org").await, found("mia@example.org").await), (vec![], vec![]));
}

async fn what_came_to_nothing_leads_to_nobody(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, MIA, START).await.unwrap();
    let seen = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(1)).await.unwrap();
    let keep = async |value| house.gate.keep(&seen, vec![email(value, None)], Asker::Person, later(2)).await;
    for value in ["second@example.org", "mia@example.org"] {
        assert!(matches!(keep(value).await, Err(GateError::Busy)), "her terms moved");
    }
    let found = async |value| house.gate.find_email(house.company, value).await.unwrap();
    assert_eq!(found("second@example.org").await, []);
    assert_eq!(found("mia@example.org").await, [mia], "what she has leads to her");
    house.gate.erase(house.company, mia, Asker::Person, false, later(3)).await.unwrap();
    assert!(matches!(keep("third@example.org").await, Err(GateError::Busy)));
    assert_eq!(found("third@example.org").await, [], "an erased person is led to by nothing");
}

/// A node that has heard of no newer policy erases under the one that is in force.
async fn a_law_that_was_laid_down_elsewhere_counts_when_somebody_is_erased(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let before = house.gate.policy(house.company).await.unwrap().policy.clone();
    let law = before.mandate("ao-147-invoices").unwrap().id;
    let mut one = newcomer(1, "mia@example.org");
    one.contracts.push(Contract {
        id: ContractId::from_bytes([3; 16]),
        kind: "household-customer".into(),
        from: START,
        until: days(700),
    });
    one.facts.push(NewFact {
        category: category("purchase.invoice"),
        value: "4711: 120 EUR".into(),
        anchors: vec![Anchor { mandate: law, until: days(500) }],
    });
    let left = house.gate.admit(batch(house.company, vec![one.clone()]), START).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let mut without = before.clone();
    without.mandates.remove(&law);
    house.gate.set_policy(without, later(1)).await.unwrap();
    let far = house.node(later(2)).await.unwrap();
    assert!(far.policy(house.company).await.unwrap().policy.mandate("ao-147-invoices").is_none());
    let version = house.gate.policy(house.company).await.unwrap().policy.version;
    let with = assent_kernel::Policy { version, ..before };
    house.gate.set_policy(with, later(3)).await.unwrap();
    let done = far.erase(house.company, one.id, Asker::Person, false, later(4)).await.unwrap();
    assert_eq!(done.kept.len(), 1, "the law demands it");
}

fn asked(house: &House, what: Use, role: Role, why: &str, kind: &str, at: Timestamp) -> Question<Use> {
    let matters = NonEmpty::one(Matter::Kind(category(kind)));
    house.question(what, PersonId::from_bytes([0; 16]), role, why, matters, at)
}

async fn until(gate: &Gate, house: &House, question: &Question<Use>, who: PersonId) -> Timestamp {
    loop {
        match gate.decide(house.company, question, &[who], None) {
            Ok(decided) => match decided.outcomes[0] {
                Outcome::Open(until) => return until,
                Outcome::Closed(n) => panic!("{:?}", decided.reasons[usize::from(n)]),
            },
            Err(GateError::Behind(_)) => {
                gate.look_at_changes(&eu(), question.at).await.unwrap();
            }
            Err(other) => panic!("{other}"),
        }
    }
}

async fn memory_tells_no_end_that_is_too_late(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mut one = newcomer(1, "mia@example.org");
    one.contracts.push(Contract {
        id: ContractId::from_bytes([3; 16]),
        kind: "household-customer".into(),
        from: START,
        until: days(10),
    });
    house.gate.admit(batch(house.company, vec![one.clone()]), START).await.unwrap();
    let yes = Act::Give(Box::new(house.yes(later(1)).await.unwrap()));
    house.gate.record(house.company, one.id, yes, Asker::Person, Evidence::Portal, later(1)).await.unwrap();
    house.gate.remember(house.company, later(2), |_, _| ()).await.unwrap();
    let served = asked(&house, Use::View, Role::Support, "service.support", "contact.email", later(2));
    assert_eq!(until(&house.gate, &house, &served, one.id).await, days(10), "as long as the contract runs");
    let news =
        asked(&house, Use::Message, Role::Marketing, "marketing.newsletter", "contact.email", later(2));
    let said = until(&house.gate, &house, &news, one.id).await;
    assert!(said > days(10), "{said:?}");
    // A prohibition that begins in two days.
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    let like = policy.mandates.values().next().unwrap().clone();
    let id = MandateId::from_bytes([77; 16]);
    let rule = Mandate {
        id,
        key: "no-more-mail".into(),
        effect: Effect::Forbid,
        purposes: [purpose("marketing")].into_iter().collect::<KeySet<_>>(),
        categories: [category("contact")].into_iter().collect::<KeySet<_>>(),
        uses: Use::ALL.iter().copied().collect(),
        when: When::Always,
        binds: Binds::Every,
        from: days(2),
        until: Timestamp::MAX,
        approved_by: vec![house.staff, StaffId::from_bytes([8; 16])],
        ..like
    };
    policy.mandates.insert(id, rule);
    house.gate.set_policy(policy, later(3)).await.unwrap();
    house.gate.look_at_changes(&eu(), later(4)).await.unwrap();
    let news = Question { at: later(4), ..news };
    assert!(until(&house.gate, &house, &news, one.id).await <= days(2));
}

/// So many knock at once as there are places: no more get in than may.
async fn tries_are_counted_one_at_a_time(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mut knocks = Vec::new();
    for n in 0..24 {
        let home = house.gate.home().clone();
        let knock = move |tx: &mut assent_store::Tx<'_>| {
            let at = Timestamp::from_micros(later(1).micros() + n);
            let counted = access::attempt(tx, &[5; 16], at, START, 5)?;
            std::thread::sleep(std::time::Duration::from_millis(5));
            Ok(counted)
        };
        knocks.push(tokio::spawn(async move { home.write(knock).await.unwrap() }));
    }
    let mut let_in = 0;
    for knock in knocks {
        let_in += u32::from(knock.await.unwrap());
    }
    assert_eq!(let_in, 5);
}
