//! What was there before its words were kept is found once it was walked through, and the walk goes on where it ended.

use assent_kernel::{PersonId, Role};
use assent_store::findable::{self, Walk};
use assent_testkit::{Engine, START, batch, eu};
use serde_json::json;

use super::{SUPPORT, found, is_found, leads, object, told_of};
use crate::desk::story::fixture::Desk;

/// As it was before: no word leads anywhere, and nothing was walked through.
async fn as_before(desk: &Desk) {
    let gate = &desk.house.gate;
    let clear = |tx: &mut assent_store::Tx<'_>| {
        tx.exec("DELETE FROM token", &[])?;
        findable::begin_anew(tx)
    };
    gate.home().write(clear).await.unwrap();
    let clear = |tx: &mut assent_store::Tx<'_>| tx.exec("DELETE FROM own_word", &[]).map(|_| ());
    gate.region_db(&eu()).unwrap().write(clear).await.unwrap();
}

async fn old_texts_are_found_once_they_were_walked_through(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let mia = told_of(&desk, &support).await;
    object(&desk, "branch", "nobody", &[("name", "text", "")]).await;
    let firm = support.post("/v1/organisations", json!({ "name": "Hafen AG" })).await.id();
    let note = json!({ "text": "Closed on Mondays." });
    assert_eq!(support.post(&format!("/v1/organisations/{firm}/notes"), note).await.status, 204);
    let file = json!({ "name": "Tender.txt", "content": "VHdvIHllYXJzLg==" });
    support.post(&format!("/v1/organisations/{firm}/files"), file).await.id();
    support.post("/v1/objects/branch/items", json!({ "fields": { "name": "Kiel" } })).await.id();
    // Somebody whose key is gone is led to by nothing afterwards either.
    let bird = desk.house.customer(75, &[("note.free-text", "Sings at dawn")], START).await.unwrap();
    desk.house
        .gate
        .erase(desk.house.company, bird, assent_kernel::Asker::Person, false, START)
        .await
        .unwrap();

    as_before(&desk).await;
    let all = [
        ("notes", "tall"),
        ("files", "floor"),
        ("items", "polar"),
        ("notes", "mondays"),
        ("files", "tender"),
        ("items", "kiel"),
    ];
    for (kind, words) in all {
        is_found(&support, kind, words, &[]).await;
    }
    let newest = async || {
        let told = support.get(&format!("/v1/people/{mia}/uses")).await;
        told.body["data"][0]["entry"].as_str().unwrap().parse::<u64>().unwrap()
    };
    let uses = newest().await;
    assert!(desk.house.gate.make_findable().await.unwrap() > 0);
    assert_eq!(newest().await, uses + 1, "nothing was used but that list");
    for (kind, words) in all {
        assert_eq!(found(&support, kind, words).await.len(), 1, "{kind} by {words}");
    }
    is_found(&support, "people", "mia", &["Mia Ito"]).await;
    assert!(!leads(&desk, "sings").await);
    assert_eq!(desk.house.gate.make_findable().await.unwrap(), 0, "it ends");
}

async fn it_goes_on_where_it_ended(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let person = |n: u16| {
        let mut bytes = [0x40; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        PersonId::from_bytes(bytes)
    };
    let one = |n: u16| assent_gate::Newcomer {
        id: person(n),
        residence: None,
        minor: false,
        contracts: vec![assent_kernel::person::Contract {
            id: assent_kernel::ContractId::from_bytes(person(n).to_bytes()),
            kind: "household-customer".into(),
            from: START.minus(assent_kernel::Span::days(1)),
            until: START.plus(assent_kernel::Span::days(99)),
        }],
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![assent_gate::NewFact {
            category: assent_testkit::category("note.free-text"),
            value: format!("Number{n} waits"),
            anchors: Vec::new(),
        }],
    };
    gate.admit(batch(company, (0..300).map(one).collect()), START).await.unwrap();
    as_before(&desk).await;
    // A process that ended after the two hundredth.
    let came = person(199).to_bytes();
    let set =
        move |tx: &mut assent_store::Tx<'_>| findable::set(tx, (company, &eu(), Walk::People), came, false);
    gate.home().write(set).await.unwrap();
    let node = desk.house.node(START).await.unwrap();
    while node.make_findable().await.unwrap() > 0 {}
    for (words, there) in [("number199", false), ("number200", true), ("number299", true)] {
        assert_eq!(leads(&desk, words).await, there, "{words}");
    }
    gate.home().write(findable::begin_anew).await.unwrap();
    while gate.make_findable().await.unwrap() > 0 {}
    assert!(leads(&desk, "number0").await && leads(&desk, "number199").await);
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    assert_eq!(found(&support, "notes", "waits").await.len(), 8, "so many are shown");
    assert_eq!(found(&support, "notes", "number250 waits").await, ["Number250 waits"]);
}

assent_testkit::on_both!(old_texts_are_found_once_they_were_walked_through, it_goes_on_where_it_ended);
