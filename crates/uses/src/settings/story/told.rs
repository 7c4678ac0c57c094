//! A party says where it is told of erasures; whoever has no such address is told by hand, and that is written down.

use assent_kernel::{MailId, PersonId, Role};
use assent_store::told::{self, State, Telling};
use assent_testkit::{Engine, START, eu};

use super::forms::party;
use super::house::Office;

assent_testkit::on_both!(an_address_for_notices, by_hand);

async fn an_address_for_notices(engine: Engine) {
    let office = Office::new(engine).await;
    let admin = office.enter(Role::Admin, 41).await;
    let base = office.policy().await.version.to_string();
    for wrong in ["postlane", "a@b", "a b@example.org", "a@b@example.org"] {
        let page = admin.post("/settings/parties/new", &party(&base, &[("contact", wrong)])).await;
        assert!(page.status == 422 && page.has("That is no e-mail address."), "{wrong}: {}", page.body);
    }
    let made = party(&base, &[("contact", "privacy@postlane.example")]);
    assert_eq!(admin.post("/settings/parties/new", &made).await.status, 303);
    let id = office.policy().await.party("postlane").unwrap().id;
    let here = format!("/settings/parties/{id}");
    let page = admin.get(&here).await;
    assert!(page.has("value=\"privacy@postlane.example\""), "{}", page.body);
    let base = page.field("base");
    assert_eq!(admin.post(&here, &party(&base, &[("contact", "")])).await.status, 303);
    assert_eq!(office.house.gate.party_contact(office.house.company, id).await.unwrap(), None);
}

async fn by_hand(engine: Engine) {
    let office = Office::new(engine).await;
    let (gate, company) = (&office.house.gate, office.house.company);
    let one = Telling {
        id: MailId::from_bytes([3; 16]),
        company,
        erasure: [4; 32],
        person: PersonId::from_bytes([5; 16]),
        party: "gone-party".into(),
        kinds: "contact.email name.given".into(),
        last_at: START,
        erased_at: START,
        state: State::Fresh,
        told_at: None,
        told_by: None,
    };
    let row = one.clone();
    gate.region_db(&eu()).unwrap().write(move |tx| told::add(tx, &row)).await.unwrap();
    assent_web::told::tell(&office.ctx, office.ctx.now()).await.unwrap();
    let officer = office.enter(Role::Dpo, 42).await;
    assert!(officer.get("/settings").await.has("1 party has to be told by hand"));
    let list = officer.get("/settings/parties/told").await;
    let shown = [one.person.to_string(), "gone-party".into(), "tell by hand".into(), "E-mail".into()];
    for shown in shown {
        assert!(list.has(&shown), "{shown}: {}", list.body);
    }
    let id = one.id.to_string();
    let sales = office.enter(Role::Sales, 43).await;
    assert_eq!(sales.get("/settings/parties/told").await.status, 403);
    assert_eq!(sales.post("/settings/parties/told", &[("id", &id)]).await.status, 403);
    assert_eq!(officer.post("/settings/parties/told", &[("id", "x")]).await.status, 404);
    assert_eq!(officer.post("/settings/parties/told", &[("id", &id)]).await.status, 303);
    assert_eq!(officer.post("/settings/parties/told", &[("id", &id)]).await.status, 404, "once");
    assert!(officer.get("/settings/parties/told").await.has("Everybody was told."));
    assert!(!officer.get("/settings").await.has("to be told by hand"));
}
