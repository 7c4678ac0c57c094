//! Whoever sets a company up is led, step by step, until it is set up.

use assent_kernel::Role;
use assent_store::requests::{self, Request};
use assent_testkit::{Engine, START, newsletter};

use super::forms::notice;
use super::house::{Office, Someone};

/// How many steps the page tells as done, and which.
async fn done(someone: &Someone) -> (String, Vec<String>) {
    let page = someone.get("/settings/start").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let count = page.body.split("muted num nowrap\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let cards = page.body.split("<li class=\"card file\">").skip(1);
    let ticked = cards.filter(|card| card.contains("tag good"));
    let label =
        |card: &str| card.split("</svg>").nth(1).unwrap().split('<').next().unwrap().trim().to_owned();
    (count, ticked.map(label).collect())
}

async fn whoever_sets_it_up_is_led_until_it_is(engine: Engine) {
    let office = Office::new(engine).await;
    let (gate, company) = (&office.house.gate, office.house.company);
    let mut admin = office.enter(Role::Admin, 20).await;
    assert_eq!(admin.get("/").await.to, "/settings/start");
    let (count, before) = done(&admin).await;
    assert!(
        !before.iter().any(|label| label == "Invite a colleague" || label == "Bring people in"),
        "{before:?}"
    );
    assert_eq!(count, format!("{} of 7", before.len()));

    // Nobody ticks anything off: a colleague, a person, a notice in one's own words, a question to somebody.
    let officer = office.enter(Role::Dpo, 21).await;
    let person = office.house.customer(1, &[("contact.email", "mia@example.org")], START).await.unwrap();
    let (id, path) = (newsletter(START).id, format!("/settings/notices/{}/edit", newsletter(START).id));
    let base = officer.get(&path).await.field("base");
    let change = [("title-0", "News and offers"), ("material", "no"), ("do", "publish")];
    assert_eq!(officer.post(&path, &notice(&base, &change)).await.status, 303);
    let store = gate.region_db(&assent_testkit::eu()).unwrap();
    let request = Request {
        id: gate.fresh(START, assent_kernel::RequestId::new).unwrap(),
        person,
        purpose: newsletter(START).purpose,
        notice: id,
        notice_version: 1,
        staff: admin.id,
        role: Role::Sales.key().into(),
        at: START,
        state: requests::Asked::Open,
        answered_at: None,
        quiet_until: None,
        again: 0,
        again_at: None,
    };
    store.write(move |tx| requests::add(tx, company, &request)).await.unwrap();
    let (_, now) = done(&admin).await;
    for label in [
        "Invite a colleague",
        "Bring people in",
        "Ask the first person",
        "Say in your own words what you ask people for",
    ] {
        assert!(
            now.iter().any(|one| one == label) && !before.iter().any(|one| one == label),
            "{label}: {now:?}"
        );
    }

    // Letters stay in the house and the sign-in is a password, so the way goes on; who has had enough is not led there.
    assert_eq!(admin.get("/").await.to, "/settings/start");
    assert_eq!(admin.post("/settings/start/away", &[]).await.to, "/people");
    admin.keep("assent_started=yes");
    assert_eq!(admin.get("/").await.to, "/people");
    assert!(!admin.get("/settings/start").await.has("/settings/start/away"));
    // Who only works here begins with people, and does not see the steps.
    let sales = office.enter(Role::Sales, 22).await;
    assert_eq!(sales.get("/").await.to, "/people");
    assert_eq!(sales.get("/settings/start").await.status, 403);
}
assent_testkit::on_both!(whoever_sets_it_up_is_led_until_it_is);
