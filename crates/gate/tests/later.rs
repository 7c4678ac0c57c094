//! Stories of what happens without anybody asking, told to both engines: what a law kept goes when its time is over,
//! letters leave from one node at a time, admissions that broke off are finished.

use assent_gate::{Act, Gate, GateError, Letter, LogName, NewFact, Newcomer, Whose};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::Evidence;
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{Asker, ContractId, MailId, PersonId, Role, Span, Timestamp};
use assent_store::{Db, StoreError, keyring};
use assent_testkit::{Engine, House, START, batch, category, eu};

fn days(n: u32) -> Timestamp {
    START.plus(Span::days(n))
}
fn minutes(n: u32) -> Timestamp {
    START.plus(Span::minutes(n))
}

const MIA: PersonId = PersonId::from_bytes([7; 16]);

/// A customer until then, with a name that a law holds for 400 days, an invoice that it holds for 500, and an address
/// that nothing holds.
async fn customer(house: &House, until: Timestamp) {
    let law = house.gate.policy(house.company).await.unwrap().policy.mandate("ao-147-invoices").unwrap().id;
    let fact = |kind: &str, value: &str, until: Option<u32>| NewFact {
        category: category(kind),
        value: value.into(),
        anchors: until.map(|n| Anchor { mandate: law, until: days(n) }).into_iter().collect(),
    };
    let contract = Contract {
        id: ContractId::from_bytes([3; 16]),
        kind: "household-customer".into(),
        from: START,
        until,
    };
    let facts = vec![
        fact("name.full", "Mia Itō", Some(400)),
        fact("purchase.invoice", "4711: 120 EUR", Some(500)),
        fact("contact.email", "mia@example.org", None),
    ];
    let one = Newcomer {
        id: MIA,
        residence: None,
        minor: false,
        contracts: vec![contract],
        answers: Vec::new(),
        objections: Vec::new(),
        facts,
    };
    let left = house.gate.admit(batch(house.company, vec![one]), START).await;
    assert_eq!(left.unwrap(), []);
}

/// What the accountant is told about one kind of fact.
async fn books(house: &House, kind: &str, at: Timestamp) -> Result<String, String> {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), MIA).await.unwrap();
    let matters = dossier.of_categories(&[category(kind)]).unwrap();
    let question = house.question(View, MIA, Role::Billing, "billing.bookkeeping", matters, at);
    let answer = house.gate.ask(question, &dossier).await.unwrap();
    let held = dossier.facts().find(|held| held.category() == &category(kind)).unwrap();
    match answer.open(held) {
        Ok(value) => Ok(value.to_string()),
        Err(not) => Err(not.0.map_or("?", |reason| reason.code()).to_owned()),
    }
}

async fn facts(house: &House) -> i64 {
    let region = house.gate.region_db(&eu()).unwrap();
    let count = region.read(|tx| tx.first("SELECT count(*) FROM fact", &[], |row| row.int(0)));
    count.await.unwrap().unwrap()
}

async fn has_key(house: &House) -> bool {
    let db = Db::open(house.stores.regions[0].keys.clone()).unwrap();
    !db.read(|tx| keyring::person_keys(tx, &[MIA])).await.unwrap().is_empty()
}

async fn what_a_law_kept_goes_when_its_time_is_over(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    customer(&house, days(700)).await;
    let done = house.gate.erase(house.company, MIA, Asker::Person, false, days(1)).await.unwrap();
    assert_eq!((done.erased, done.kept.len()), (1, 2));
    assert_eq!(books(&house, "name.full", days(399)).await, Ok("Mia Itō".into()));
    assert_eq!(house.gate.sweep(days(399)).await.unwrap(), 0);
    // The sweeper is late: the bytes lie there, and the decision refuses anyway.
    assert_eq!(facts(&house).await, 2);
    assert_eq!(books(&house, "name.full", days(401)).await, Err("RETENTION_OVER".into()));
    assert_eq!(books(&house, "purchase.invoice", days(401)).await, Ok("4711: 120 EUR".into()));
    let nodes = [house.gate.clone(), house.node(days(401)).await.unwrap()];
    let (one, other) = tokio::join!(nodes[0].sweep(days(401)), nodes[1].sweep(days(401)));
    // Two nodes at once: one of them may find that the other was here first, and nothing else may go wrong.
    for swept in [&one, &other] {
        assert!(matches!(swept, Ok(_) | Err(GateError::Store(StoreError::Moved))), "{swept:?}");
    }
    assert!(one.is_ok() || other.is_ok());
    nodes[0].sweep(days(401).plus(Span::hours(2))).await.unwrap();
    assert_eq!((facts(&house).await, has_key(&house).await), (1, true));
    assert_eq!(books(&house, "purchase.invoice", days(402)).await, Ok("4711: 120 EUR".into()));
    // The last of it goes, and the key with it.
    assert_eq!(house.gate.sweep(days(500)).await.unwrap(), 1);
    assert_eq!((facts(&house).await, has_key(&house).await), (0, false));
    for gate in &nodes {
        assert!(matches!(
            gate.look_one(&Whose::everybody(house.company), MIA).await,
            Err(GateError::NoPerson)
        ));
    }
    assert_eq!(house.gate.sweep(days(900)).await.unwrap(), 0);
    the_ledger_holds(&house, days(900)).await;
}

async fn the_ledger_holds(house: &House, at: Timestamp) {
    let name = LogName { company: house.company, region: eu() };
    house.gate.integrate(&name, at).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    house.gate.export_log(&name, folder.path(), |_, _| {}).await.unwrap();
    let good = assent_verify::check_export(folder.path(), None, None);
    assert!(good.is_ok(), "{:?}", good.err());
}

async fn what_is_older_than_its_kind_may_be_goes(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    customer(&house, days(700)).await;
    // The contract ended at 700 days, and with it what the invoice stood on beside the law.
    for at in [399, 450, 699] {
        assert_eq!(house.gate.sweep(days(at)).await.unwrap(), 0, "{at}");
    }
    assert_eq!(house.gate.sweep(days(701).plus(Span::days(30))).await.unwrap(), 2, "name and invoice");
    assert_eq!(house.gate.sweep(days(1094)).await.unwrap(), 0);
    assert_eq!(
        house.gate.sweep(days(1095)).await.unwrap(),
        1,
        "an address that nobody confirmed for three years"
    );
    assert_eq!((facts(&house).await, has_key(&house).await), (0, true));
    assert!(house.gate.find_email(house.company, "mia@example.org").await.unwrap().is_empty());
    the_ledger_holds(&house, days(1096)).await;
}

async fn what_a_contract_covers_stays_closed_but_there(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    customer(&house, days(2000)).await;
    assert_eq!(house.gate.sweep(days(1100)).await.unwrap(), 0, "old, and a customer still");
    assert_eq!(facts(&house).await, 3);
    assert_eq!(house.gate.sweep(days(2031)).await.unwrap(), 3);
    assert_eq!(facts(&house).await, 0);
}

/// Writes a letter to somebody who said yes.
async fn write(house: &House, who: PersonId, at: Timestamp) -> MailId {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), who).await.unwrap();
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
    let answer = house.gate.ask(question, &dossier).await.unwrap();
    let to = dossier.facts().find(|held| held.category() == &category("contact.email")).unwrap();
    let letter = Letter { subject: "News".into(), body: "A new brush.".into() };
    house.gate.post(answer.permit().unwrap(), &dossier, to, letter, at).await.unwrap()
}

async fn reader(house: &House, n: u64) -> PersonId {
    let address = format!("reader{n}@example.org");
    let who = house.person(n, &[("contact.email", &address)], START).await.unwrap();
    let yes = Act::Give(Box::new(house.yes(minutes(1)).await.unwrap()));
    house.gate.record(house.company, who, yes, Asker::Person, Evidence::Portal, minutes(1)).await.unwrap();
    who
}

async fn claimed(gate: &Gate, house: &House, at: Timestamp) -> Vec<MailId> {
    let mut all = Vec::new();
    while let Some(letter) = gate.claim_letter(house.company, at).await.unwrap() {
        all.push(letter.id);
    }
    all
}

async fn a_letter_is_one_nodes_at_a_time(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mut written = Vec::new();
    for n in 1..=12 {
        let who = reader(&house, n).await;
        written.push(write(&house, who, minutes(2)).await);
    }
    written.sort_unstable();
    let other = house.node(minutes(3)).await.unwrap();
    let both = tokio::join!(claimed(&house.gate, &house, minutes(3)), claimed(&other, &house, minutes(3)));
    let mut taken = [both.0.clone(), both.1].concat();
    taken.sort_unstable();
    assert_eq!(taken, written, "each once, whoever was quicker");
    // All but one are handed over; then the node dies. While the claim holds, nobody sends that one.
    let lost = written[5];
    for id in written.iter().filter(|id| **id != lost) {
        house.gate.sent(*id, None).await.unwrap();
    }
    assert_eq!(claimed(&other, &house, minutes(10)).await, []);
    assert_eq!(claimed(&other, &house, minutes(11)).await, [lost]);
    other.sent(lost, None).await.unwrap();
    assert_eq!(claimed(&house.gate, &house, minutes(60)).await, []);
    let letters = house.gate.letters(house.company, 100).await.unwrap();
    assert!(letters.len() == 12 && letters.iter().all(|letter| letter.sent));
}

async fn a_letter_whose_terms_moved_is_held_back(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (stays, leaves) = (reader(&house, 1).await, reader(&house, 2).await);
    let (_, kept) = (write(&house, stays, minutes(2)).await, write(&house, leaves, minutes(2)).await);
    let no = Act::Withdraw(assent_testkit::purpose("marketing.newsletter"));
    house.gate.record(house.company, stays, no, Asker::Person, Evidence::Portal, minutes(3)).await.unwrap();
    assert_eq!(claimed(&house.gate, &house, minutes(4)).await, [kept]);
    assert_eq!(claimed(&house.gate, &house, minutes(30)).await, [kept], "the other one never comes again");
}

async fn who_came_half_way_is_listed(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let home = Db::open(house.stores.home.clone()).unwrap();
    let aside = |sql: &'static str| home.write(move |tx| tx.exec(sql, &[]));
    // The region's store takes the facts; the directory does not answer.
    aside("ALTER TABLE token RENAME TO token_aside").await.unwrap();
    assert!(house.person(1, &[("contact.email", "mia@example.org")], START).await.is_err());
    aside("ALTER TABLE token_aside RENAME TO token").await.unwrap();
    assert_eq!(facts(&house).await, 1);
    let found = async || house.gate.find_email(house.company, "mia@example.org").await.unwrap();
    assert!(found().await.is_empty());
    assert_eq!(house.gate.list_coming(minutes(9)).await.unwrap(), 0, "somebody may still be at it");
    assert_eq!(house.gate.list_coming(minutes(10)).await.unwrap(), 1);
    let mia = found().await;
    assert_eq!(mia.len(), 1);
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia[0]).await.unwrap();
    assert_eq!(dossier.facts().count(), 1);
    // Whoever came all the way leaves nothing to do, and a batch that was struck out stays so.
    house.person(2, &[("contact.email", "ole@example.org")], minutes(11)).await.unwrap();
    assert_eq!(house.gate.list_coming(minutes(60)).await.unwrap(), 0);
    let open = home.read(|tx| tx.first("SELECT count(*) FROM coming", &[], |row| row.int(0)));
    assert_eq!(open.await.unwrap(), Some(0));
}

async fn a_signer_is_moved_on_from_what_was_read(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let keys = Db::open(house.stores.regions[0].keys.clone()).unwrap();
    let moved = async |last: Option<(u64, [u8; 32])>, next: (u64, [u8; 32])| {
        keys.write(move |tx| keyring::move_signer(tx, "log", last, next)).await.is_ok()
    };
    let (a, b, c) = ((3, [1; 32]), (5, [2; 32]), (6, [3; 32]));
    assert!(moved(None, a).await);
    assert!(!moved(None, b).await, "somebody was first");
    assert!(moved(Some(a), b).await);
    assert!(moved(Some(b), b).await, "a crash between note and signature");
    assert!(!moved(Some(a), c).await, "the check was of before");
    // Two nodes that read the same memory: one moves it.
    let both = tokio::join!(moved(Some(b), c), moved(Some(b), (7, [4; 32])));
    assert!(both.0 != both.1, "{both:?}");
}

assent_testkit::on_both!(
    what_a_law_kept_goes_when_its_time_is_over,
    what_is_older_than_its_kind_may_be_goes,
    what_a_contract_covers_stays_closed_but_there,
    a_letter_is_one_nodes_at_a_time,
    a_letter_whose_terms_moved_is_held_back,
    who_came_half_way_is_listed,
    a_signer_is_moved_on_from_what_was_read,
);
