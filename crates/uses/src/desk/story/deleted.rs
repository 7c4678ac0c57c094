//! Deleting: nobody finds or uses them, their own rights go on, bringing back revives nothing, and after a while they go.

use assent_gate::{Act, Whose};
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, Context, PersonId, Question, Role, Span, StaffId, To};
use assent_testkit::{START, eu, purpose};
use serde_json::json;

use super::MIA;
use super::fixture::{Desk, Engine, form};

async fn delete(desk: &Desk, mia: PersonId) -> super::fixture::Someone {
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get(&format!("/people/{mia}")).await.has(&format!("/people/{mia}/delete")));
    let done = support.post(&format!("/people/{mia}/delete"), &form(&[])).await;
    assert!(done.status == 303 && done.to == format!("/people?said=deleted.{mia}"), "{}", done.body);
    support
}

async fn nobody_finds_or_uses_who_was_deleted(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, bird) = (desk.customer().await, desk.stranger().await);
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let before = desk.dossier(mia).await;
    let support = delete(&desk, mia).await;
    let page = support.get(&format!("/people?said=deleted.{mia}")).await;
    assert!(page.has("Deleted. Nobody finds or uses") && page.has("Undo"));
    for path in
        ["/people?show=all", "/people?q=ito", "/people?q=mia.ito%40example.org", "/people?sort=name&show=all"]
    {
        let page = support.get(path).await;
        assert!(page.status == 200 && !page.has(&format!("href=\"/people/{mia}\"")), "{path}");
        // What was typed into the box is shown again.
        page.has_none(&[MIA[0], MIA[2]]);
    }
    assert!(!support.get("/people?show=all").await.has("2 people"), "they are not counted");
    for path in [format!("/people/{mia}"), format!("/people/{mia}/fact"), format!("/v1/people/{mia}")] {
        assert_ne!(support.get(&path).await.status, 200, "{path}");
    }
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let file = billing.post("/people/export/file", &form(&[("id", &mia.to_string()), ("form", "csv")])).await;
    file.has_none(&MIA);
    assert!(
        gate.look(&Whose::everybody(company), &[mia, bird]).await.unwrap().iter().all(|one| one.id() == bird)
    );

    // What was looked up before is recorded no more.
    let question = Question {
        what: View,
        person: mia,
        asker: Asker::Staff(StaffId::from_bytes([9; 16]), Role::Support),
        purpose: purpose("service.support"),
        matters: before.everything().unwrap(),
        to: To::Party(gate.policy(company).await.unwrap().policy.home),
        region: eu(),
        at: START,
        context: Context::default(),
    };
    for asker in [question.asker, Asker::System] {
        let late = gate.ask(Question { asker, ..question.clone() }, &before).await.unwrap();
        assert_eq!(late.ruling().refusal().map(|reason| reason.code()), Some("UNKNOWN_PERSON"), "{asker:?}");
    }
}

async fn their_own_rights_go_on_and_bringing_back_revives_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    desk.say_yes(mia, "sales.contact").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(sales.get(&format!("/people/{mia}")).await.has("Mia Ito"));
    let support = delete(&desk, mia).await;

    let own = gate.look_own(company, mia).await.unwrap();
    assert_eq!(own.facts().count(), 5, "the person sees everything");
    let found = gate.deletion(company, mia).await.unwrap().unwrap();
    assert_eq!(found.until, START.plus(Span::days(30)));
    desk.record(mia, Act::Withdraw(purpose("sales.contact"))).await;

    let other = desk.enter(Role::Sales, "sales.offer").await;
    assert_eq!(other.post(&format!("/people/{mia}/restore"), &form(&[])).await.status, 403);
    assert!(!other.get("/people/deleted").await.has("/restore"), "others see their own alone");
    let list = support.get("/people/deleted").await;
    assert!(list.has("Mia Ito") && list.has("Bring back") && list.has("Nora support"), "{}", list.body);
    let back = support.post(&format!("/people/{mia}/restore"), &form(&[])).await;
    assert_eq!(back.to, format!("/people/{mia}?said=restored"));
    assert!(support.get(&format!("/people/{mia}?said=restored")).await.has("Mia Ito"));
    assert!(support.get("/people?q=ito").await.has("Mia Ito"));
    sales.get(&format!("/people/{mia}")).await.has_none(&MIA);
    assert_eq!(support.post(&format!("/people/{mia}/restore"), &form(&[])).await.status, 404, "once");
}

async fn after_a_while_they_are_erased_with_a_certificate(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    delete(&desk, mia).await;
    desk.clock.advance(Span::days(29).micros());
    crate::desk::end_deletions(&desk.ctx, desk.ctx.now()).await.unwrap();
    assert!(gate.look_own(company, mia).await.is_ok(), "not yet");
    desk.clock.advance(Span::days(2).micros());
    crate::desk::end_deletions(&desk.ctx, desk.ctx.now()).await.unwrap();
    crate::desk::end_deletions(&desk.ctx, desk.ctx.now()).await.unwrap();
    assert!(
        gate.look_own(company, mia).await.is_err() && gate.deletion(company, mia).await.unwrap().is_none()
    );
    let letter = gate.claim_letter(company, desk.ctx.now()).await.unwrap().unwrap();
    assert_eq!(letter.to, "mia.ito@example.org");
    assert!(letter.body.contains("5 values") && letter.body.contains("tlog-proof"), "{}", letter.body);
    gate.sent(letter.id, None).await.unwrap();
    assert!(gate.claim_letter(company, desk.ctx.now()).await.unwrap().is_none(), "once");
}

async fn what_broke_off_half_way_is_finished(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let by = StaffId::from_bytes([4; 16]);
    let out = move |tx: &mut assent_store::Tx<'_>| {
        assent_store::home::deleted::take_out(tx, company, mia, (START, START.plus(Span::days(30))), by)
    };
    assert!(gate.home().write(out).await.unwrap());
    let before = gate.look_own(company, mia).await.unwrap().person().epoch;
    for _ in 0..2 {
        gate.finish_deletions(START).await.unwrap();
    }
    let after = gate.look_own(company, mia).await.unwrap().person().epoch;
    assert_eq!(after, before + 1, "the region is told once");
    gate.bring_back(&Whose::everybody(company), mia, Asker::System, START).await.unwrap();
    assert!(gate.look_one(&Whose::everybody(company), mia).await.is_ok());
}

async fn erasing_at_once_is_still_their_right(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    delete(&desk, mia).await;
    gate.erase(company, mia, Asker::Person, false, START).await.unwrap();
    assert!(gate.deletion(company, mia).await.unwrap().is_none());
    assert!(gate.bring_back(&Whose::everybody(company), mia, Asker::System, START).await.is_err());
}

async fn programs_delete_and_bring_back(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, foreign) = (desk.customer().await, desk.foreign().await);
    let shop = desk.program(7, Role::Support, Some("service.support")).await;
    let there = format!("/v1/people/{mia}");
    assert_eq!(shop.call(&format!("POST {there}/deletion"), &[], None).await.status, 204);
    assert_eq!(shop.get(&there).await.status, 404);
    let list = shop.get("/v1/deleted-people").await;
    assert_eq!(list.body["data"][0]["id"], json!(mia.to_string()), "{}", list.text);
    assert_eq!(list.body["data"][0]["name"]["value"], "Mia Ito");
    assert_eq!(shop.call(&format!("POST {there}/restore"), &[], None).await.status, 204);
    assert_eq!(shop.get(&there).await.status, 200);
    for act in ["deletion", "restore"] {
        assert_eq!(shop.call(&format!("POST /v1/people/{foreign}/{act}"), &[], None).await.status, 404);
    }
    let news = desk.program(8, Role::Marketing, Some("marketing.newsletter")).await;
    assert_eq!(news.call(&format!("POST {there}/deletion"), &[], None).await.status, 403);
}

assent_testkit::on_both!(
    nobody_finds_or_uses_who_was_deleted,
    their_own_rights_go_on_and_bringing_back_revives_nothing,
    after_a_while_they_are_erased_with_a_certificate,
    what_broke_off_half_way_is_finished,
    erasing_at_once_is_still_their_right,
    programs_delete_and_bring_back,
);
