//! Whoever is named in a note, or given a task, is told by a letter, once and never more than one in a quarter of an hour.

use assent_gate::Posted;
use assent_kernel::{Role, Span, StaffId};
use assent_testkit::Engine;
use serde_json::json;

use crate::desk::story::fixture::{Desk, Someone, form};
use crate::tasks::write_letters;

/// What leaves now, after the letters that are due were written, twice.
async fn left(desk: &Desk) -> Vec<Posted> {
    let now = desk.ctx.now();
    write_letters(&desk.ctx, now).await.unwrap();
    write_letters(&desk.ctx, now).await.unwrap();
    let mut out = Vec::new();
    while let Some(letter) = desk.house.gate.claim_letter(desk.house.company, now).await.unwrap() {
        desk.house.gate.sent(letter.id, None).await.unwrap();
        out.push(letter);
    }
    out
}

async fn named(sales: &Someone, home: &str) {
    let said = form(&[("text", "Wants a cold room. @Nora Support please call."), ("kind", "call")]);
    assert_eq!(sales.post(&format!("{home}/note"), &said).await.status, 303);
}

async fn letters(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let support = desk.enter(Role::Support, "service.support").await;
    let made = sales.post("/organisations/new", &form(&[("name", "Blaue Tür")])).await;
    let home = made.to.split('?').next().unwrap().to_owned();
    let later = |span: Span| desk.clock.advance(span.micros());

    // Not at once: who is at work reads it meanwhile. Then one letter for two words, with nothing of what was written.
    named(&sales, &home).await;
    named(&sales, &home).await;
    assert!(left(&desk).await.is_empty());
    later(Span::minutes(3));
    let all = left(&desk).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let letter = &all[0];
    assert_eq!(letter.to, "support-service.support@example.com");
    assert_eq!(letter.body.matches("Nora sales named you in a note.").count(), 1, "{}", letter.body);
    assert!(letter.body.contains("https://desk.example/inbox") && letter.body.contains("Notiz genannt"));
    for secret in ["cold room", "Blaue", &home] {
        assert!(!letter.body.contains(secret) && !letter.subject.contains(secret), "{}", letter.body);
    }

    // The next one a quarter of an hour after it, and only if it was not read by then.
    named(&sales, &home).await;
    later(Span::minutes(5));
    assert!(left(&desk).await.is_empty(), "too soon");
    later(Span::minutes(10));
    assert_eq!(left(&desk).await.len(), 1);
    later(Span::minutes(20));
    named(&sales, &home).await;
    assert_eq!(support.post("/inbox", "").await.status, 303);
    later(Span::minutes(20));
    assert!(left(&desk).await.is_empty(), "it was read");

    // Who wants none gets none, also not of what was said meanwhile once they want them again.
    assert!(support.get("/you").await.has("name=\"letters\" value=\"on\" checked"));
    assert_eq!(support.post("/you/letters", "x=1").await.to, "/you?done=letters");
    let page = support.get("/you?done=letters").await;
    assert!(
        page.has("name=\"letters\" value=\"on\" aria-describedby") && page.has("Saved."),
        "{}",
        page.body
    );
    named(&sales, &home).await;
    later(Span::minutes(20));
    assert!(left(&desk).await.is_empty());
    assert_eq!(support.post("/you/letters", "letters=on").await.status, 303);
    later(Span::minutes(20));
    assert!(left(&desk).await.is_empty(), "that was before");
    named(&sales, &home).await;
    later(Span::minutes(20));
    assert_eq!(left(&desk).await.len(), 1);
    // What is older than a day is told by no letter.
    named(&sales, &home).await;
    later(Span::days(2));
    assert!(left(&desk).await.is_empty());
}

async fn programs_set_it_too(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.enter(Role::Support, "service.support").await;
    let all = desk.house.gate.home();
    let company = desk.house.company;
    let staff = all.read(move |tx| assent_store::access::staff(tx, company)).await.unwrap();
    let nora: StaffId = staff.iter().find(|one| one.name == "Nora support").unwrap().id;
    let key = desk.program_by(5, Role::Support, nora).await;
    assert_eq!(key.get("/v1/inbox/letters").await.body, json!({ "on": true }));
    let off = key.call("PUT /v1/inbox/letters", &[], Some(json!({ "on": false }))).await;
    assert_eq!(off.status, 204, "{}", off.text);
    assert_eq!(key.get("/v1/inbox/letters").await.body, json!({ "on": false }));
    let nobodys = desk.program(6, Role::Support, None).await;
    assert_eq!(nobodys.get("/v1/inbox/letters").await.status, 403);
}

assent_testkit::on_both!(letters, programs_set_it_too);
