//! Files: sealed and decided like every other fact, typed by what they hold, gone with their person.

use assent_gate::GateError;
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, Matter, NonEmpty, PersonId, Role};
use serde_json::json;

use super::fixture::{Desk, Engine, MIA, Someone};

/// Bytes that lie open nowhere.
const CANARY: &[u8] = b"%PDF-1.7 canary-of-the-file-in-the-store";

async fn keep(support: &Someone, mia: PersonId, name: &str, content: &[u8]) -> String {
    let there = format!("/people/{mia}/files");
    let kept = support.upload(&there, "note.free-text", name, content).await;
    assert!(kept.status == 303 && kept.to.contains("said=filed"), "{}: {}", kept.status, kept.body);
    let page = support.get(&format!("/people/{mia}?tab=files")).await;
    let (_, rest) = page.body.split_once(&format!("href=\"{there}/")).unwrap();
    format!("{there}/{}", rest.split('"').next().unwrap())
}

async fn a_file_is_kept_shown_and_taken_as_its_terms_say(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let href = keep(&support, mia, "Offer March.pdf", CANARY).await;
    let page = support.get(&format!("/people/{mia}?tab=files")).await;
    assert!(page.has("Offer March.pdf") && page.has("PDF, 40 bytes") && page.has("a file, from support"));
    assert!(!support.get(&format!("/people/{mia}?tab=notes")).await.has("Offer March.pdf"));
    let file = support.get(&href).await;
    assert!(file.status == 200 && file.body.as_bytes() == CANARY);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"Offer March.pdf\""));
    assert!(file.header("content-security-policy").contains("sandbox"));
    // Each time it is opened is a use of its own.
    let uses = support.get(&format!("/people/{mia}?tab=uses")).await;
    assert!(uses.has("Note"), "{}", uses.body);

    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let closed = sales.get(&format!("/people/{mia}?tab=files")).await;
    closed.has_none(&["Offer March", "canary"]);
    closed.has_none(&MIA);
    let refused = sales.get(&href).await;
    assert_eq!(refused.status, 403);
    refused.has_none(&["Offer March", "canary"]);
    let there = format!("/people/{mia}/files");
    assert_eq!(sales.upload(&there, "note.free-text", "x.txt", b"hello").await.status, 403);
}

async fn what_runs_is_refused_and_a_picture_is_shown_small(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let there = format!("/people/{mia}/files");
    let support = desk.enter(Role::Support, "service.support").await;
    let href = keep(&support, mia, "fridge.html", b"\x89PNG\r\n\x1a\n....").await;
    assert!(support.get(&format!("/people/{mia}?tab=files")).await.has(&format!("src=\"{href}\"")));
    assert!(support.get(&href).await.header("content-disposition").contains("fridge.html.png"));
    for bad in [b"<html>".as_slice(), b"MZ\x90", b"<svg/>", b"#!/bin/sh"] {
        assert_eq!(support.upload(&there, "note.free-text", "offer.pdf", bad).await.status, 422);
    }
    let large = vec![b'a'; desk.ctx.settings.limits.file_bytes + 1];
    for (content, word) in [(b"".as_slice(), "empty-file"), (&large, "large-file")] {
        assert!(support.upload(&there, "note.free-text", "a.txt", content).await.to.contains(word));
    }
    assert!(support.upload(&there, "note.free-text", "", b"x").await.to.contains("no-file"));
    assert_eq!(support.upload(&there, "contact.email", "a.txt", b"x").await.status, 422);
    assert_eq!(support.upload_as(&there, "forged", "", "a.txt", b"x").await.status, 403);
    let page = support.get(&format!("/people/{mia}?tab=files")).await;
    assert_eq!(page.body.matches("class=\"card file\"").count(), 1, "nothing else was kept");
}

async fn it_goes_when_it_is_removed_and_with_its_person(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let first = keep(&support, mia, "one.pdf", CANARY).await;
    let remove = first.replace("/files/", "/fact/") + "/remove";
    assert_eq!(support.post(&remove, &super::form(&[])).await.status, 303);
    assert_eq!(support.get(&first).await.status, 404);

    let second = keep(&support, mia, "two.pdf", CANARY).await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let dossier = desk.dossier(mia).await;
    let fact = second.rsplit('/').next().unwrap().parse().unwrap();
    let staff = Asker::Staff(assent_kernel::StaffId::from_bytes([9; 16]), Role::Support);
    let question = assent_kernel::Question {
        what: View,
        person: mia,
        asker: staff,
        purpose: assent_testkit::purpose("service.support"),
        matters: NonEmpty::one(Matter::Held(fact)),
        to: assent_kernel::To::Party(gate.policy(company).await.unwrap().policy.home),
        region: assent_testkit::eu(),
        at: assent_testkit::START,
        context: assent_kernel::Context::default(),
    };
    let answer = gate.ask(question, &dossier).await.unwrap();
    let permit = answer.permit().unwrap();
    assert_eq!(gate.open_file(permit, &dossier, fact).await.unwrap().content, CANARY);
    gate.erase(company, mia, Asker::Person, false, assent_testkit::START).await.unwrap();
    let gone = gate.open_file(permit, &dossier, fact).await;
    assert!(matches!(gone, Err(GateError::NoPerson)), "no permit from before opens what is erased");
    assert_eq!(support.get(&second).await.status, 404);
    if matches!(engine, Engine::Sqlite) {
        for entry in std::fs::read_dir(desk.house.folder()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(20).any(|w| w == &CANARY[9..29]), "never in the clear");
        }
    }
}

async fn programs_keep_list_and_take_files(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, foreign) = (desk.customer().await, desk.foreign().await);
    let shop = desk.program(7, Role::Support, Some("service.support")).await;
    let there = format!("/v1/people/{mia}/files");
    let file = json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" });
    let id = shop.post(&there, file.clone()).await.id();
    let list = shop.get(&there).await;
    assert_eq!(list.body["data"][0]["name"], "offer.txt", "{}", list.text);
    let one = shop.get(&format!("{there}/{id}")).await;
    assert_eq!(one.body["content"], "VHdvIHllYXJzLg==");
    assert_eq!(one.body["type"], "text/plain; charset=utf-8");
    for (bad, status) in [
        (json!({ "name": "a", "content": "PGh0bWw+" }), 422),
        (json!({ "name": "a", "content": "!!" }), 422),
        (json!({ "name": "", "content": "YQ==" }), 422),
        (json!({ "name": "a", "content": "YQ==", "more": 1 }), 422),
    ] {
        assert_eq!(shop.post(&there, bad).await.status, status);
    }
    assert_eq!(shop.post(&format!("/v1/people/{foreign}/files"), file).await.status, 404);
    let news = desk.program(8, Role::Marketing, Some("marketing.newsletter")).await;
    assert_eq!(news.get(&format!("{there}/{id}")).await.status, 403);
    assert_eq!(news.get(&there).await.body["data"][0]["name"], serde_json::Value::Null);
}

assent_testkit::on_both!(
    a_file_is_kept_shown_and_taken_as_its_terms_say,
    what_runs_is_refused_and_a_picture_is_shown_small,
    it_goes_when_it_is_removed_and_with_its_person,
    programs_keep_list_and_take_files,
);
