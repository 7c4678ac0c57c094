//! A kind of values is kept shorter, by page and by program, and never longer than it came with.

use assent_gate::{Act, Whose};
use assent_kernel::category::Retention;
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, CategoryKey, PersonId, Role, Span};
use assent_testkit::{Engine, START};
use serde_json::json;

use super::house::Office;
use crate::desk::story::fixture::{Desk, form};

/// Why the address that is held is closed to a letter, if it is.
async fn why_not(office: &Office, person: PersonId) -> Option<String> {
    let (house, email) = (&office.house, CategoryKey::new("contact.email").unwrap());
    let dossier = house.gate.look_one(&Whose::everybody(house.company), person).await.unwrap();
    let held = dossier.of_categories(&[email]).unwrap();
    let now = office.ctx.now();
    let ask = house.question(Message, person, Role::Marketing, "marketing.newsletter", held, now);
    let answer = house.gate.ask(ask, &dossier).await.unwrap();
    answer.ruling().refusal().map(|reason| reason.code().to_owned())
}

async fn shorter(engine: Engine) {
    let office = Office::new(engine).await;
    let mia = office.house.customer(1, &[("contact.email", "mia@example.org")], START).await.unwrap();
    let yes = office.house.yes(START).await.unwrap();
    let (gate, company) = (&office.house.gate, office.house.company);
    gate.record(company, mia, Act::Give(Box::new(yes)), Asker::Person, Evidence::Portal, START)
        .await
        .unwrap();
    office.clock.advance(Span::days(8).micros());
    assert_eq!(why_not(&office, mia).await, None, "two years are not over");

    let (path, officer) = ("/settings/retention", office.enter(Role::Dpo, 41).await);
    let email = CategoryKey::new("contact.email").unwrap();
    let base = officer.get(path).await.field("base");
    let week = [("base", base.as_str()), ("category", "contact.email"), ("class", "r0")];
    let seller = office.enter(Role::Sales, 42).await;
    assert_eq!(seller.post(path, &week).await.status, 403);
    for (category, class, said) in [
        ("device", "r2", "longer than people were told"),
        ("contact.email", "r2", "kept so already"),
        ("no.such", "r0", "no such kind"),
    ] {
        let wrong = [("base", base.as_str()), ("category", category), ("class", class)];
        let page = officer.post(path, &wrong).await;
        assert!(page.status == 422 && page.has(said), "{category} {class}: {} {}", page.status, page.body);
    }
    let done = officer.post(path, &week).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/settings/retention?done=saved"), "{}", done.body);
    assert_eq!(office.policy().await.categories[&email].retention, Retention::R0);
    assert_eq!(why_not(&office, mia).await.as_deref(), Some("RETENTION_OVER"), "at once");
    let page = officer.get(path).await;
    assert!(page.has("7 days after they were last confirmed; usually for 2 years"), "{}", page.body);

    // Whoever looked at what stood before is told; then it is as usual again, and so is the decision.
    let late = [("base", base.as_str()), ("category", "contact.email"), ("class", "r6")];
    assert_eq!(officer.post(path, &late).await.status, 422);
    assert_eq!(office.policy().await.categories[&email].retention, Retention::R0);
    let base = page.field("base");
    let back = [("base", base.as_str()), ("category", "contact.email"), ("class", "r2")];
    assert_eq!(officer.post(path, &back).await.status, 303);
    assert_eq!(why_not(&office, mia).await, None);
    assert!(officer.get("/settings/history").await.has("is whole for 730 days"));
}

/// A field of people is never kept longer than the kind it stands below.
async fn shorter_with_what_stands_below(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let base = admin.get("/settings/fields/person").await.field("base");
    let field =
        [("base", base.as_str()), ("label", "Brush model"), ("kind", "text"), ("category", "personal")];
    let made = admin.post("/settings/fields/person", &form(&field)).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let officer = desk.program(1, Role::Dpo, None).await;
    let class = async |key: &str| {
        let all = officer.get("/v1/retention").await;
        let all = all.body["data"].as_array().unwrap().clone();
        all.iter().find(|one| one["category"] == key).unwrap()["class"].as_str().unwrap().to_owned()
    };
    let set = async |key: &str, class: &str| {
        officer.call(&format!("PUT /v1/retention/{key}"), &[], Some(json!({ "class": class }))).await.status
    };
    let (kind, field) = ("personal", "personal.brush-model");
    let usual = class(kind).await;
    assert_eq!(class(field).await, usual);
    assert_eq!(set(kind, "r0").await, 204);
    assert_eq!((class(kind).await, class(field).await), ("r0".into(), "r0".into()));
    assert_eq!(set(kind, &usual).await, 204);
    assert_eq!(class(field).await, "r0", "nothing is kept longer by itself");
    assert_eq!(set(field, &usual).await, 204);
    assert_eq!(class(field).await, usual);
}

async fn by_a_program(engine: Engine) {
    let desk = Desk::new(engine).await;
    let officer = desk.program(1, Role::Dpo, None).await;
    let all = officer.get("/v1/retention").await;
    let email = |told: &serde_json::Value| {
        told["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["category"] == "contact.email")
            .unwrap()
            .clone()
    };
    let one = email(&all.body);
    assert_eq!((&one["class"], &one["usual"], &one["whole_days"]), (&json!("r2"), &json!("r2"), &json!(730)));
    let put = "PUT /v1/retention/contact.email";
    let set = async |class: &str| officer.call(put, &[], Some(json!({ "class": class }))).await.status;
    assert_eq!((set("r1").await, set("r3").await), (204, 422), "no law is made by hand");
    assert_eq!(email(&officer.get("/v1/retention").await.body)["whole_days"], 395);
    let nothing = officer.call("PUT /v1/retention/no.such", &[], Some(json!({ "class": "r0" }))).await;
    assert_eq!(nothing.status, 404);
    let sales = desk.program(2, Role::Sales, None).await;
    assert_eq!(sales.get("/v1/retention").await.status, 403);
}

assent_testkit::on_both!(shorter_with_what_stands_below, shorter, by_a_program);
