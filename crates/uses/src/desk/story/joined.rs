//! Two records of one human, as staff meet them: told of, looked at side by side, joined, taken apart.

use assent_gate::Act;
use assent_kernel::{PersonId, Role};
use assent_testkit::START;

use super::fixture::{Desk, Engine, form};

/// A second record of Mia: another spelling, the same address, and a contract.
async fn twin(desk: &Desk) -> PersonId {
    let facts =
        [("name.full", "M. Itoh"), ("contact.email", "mia.ito@example.org"), ("work.employer", "Halden")];
    desk.house.customer(71, &facts, START).await.unwrap()
}

async fn two_records_are_compared_joined_and_taken_apart(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, twin) = (desk.customer().await, twin(&desk).await);
    let support = desk.enter(Role::Support, "service.support").await;
    let page = support.get(&format!("/people/{mia}")).await;
    let compare = format!("/people/{mia}/join/{twin}");
    assert!(page.has("Maybe here twice") && page.has(&compare));
    assert!(support.get("/people/doubles").await.has(&compare));

    let side = support.get(&compare).await;
    assert!(side.has("Mia Ito") && side.has("M. Itoh") && side.has("Nothing. Neither refused"));
    let second = desk.fact(twin, "name.full").await.to_string();
    assert!(side.has(&format!("value=\"{second}\"")), "a choice between two names");
    let place =
        side.body.split(&format!("value=\"{second}\"")).next().unwrap().rsplit("name=\"").next().unwrap();
    let name = place.split('"').next().unwrap();
    let done = support.post(&compare, &form(&[(name, &second)])).await;
    assert_eq!(done.status, 303);

    let page = support.get(&done.to).await;
    assert!(page.has("counts as the same since") && page.has("Take apart"));
    assert!(page.has("<h2>M. Itoh</h2>"), "what was chosen comes first");
    assert!(page.has("Mia Ito") && page.has("Halden") && !page.has("Maybe here twice"));
    let email = desk.fact(twin, "contact.email").await;
    assert!(page.has(&format!("/people/{twin}/fact/{email}")), "each value is changed in its own record");
    assert_eq!(
        support.get(&format!("/people/{twin}?tab=terms")).await.to,
        format!("/people/{mia}?tab=terms")
    );

    let list = support.get("/people").await;
    assert!(list.has("M. Itoh"), "{}", list.body);
    assert!(!list.has(&format!("href=\"/people/{twin}\"")), "one row");
    assert!(support.get("/people?q=itoh").await.has(&format!("/people/{mia}")), "found by either name");

    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let card = form(&[("id", &mia.to_string()), ("form", "vcard")]);
    let cards = billing.post("/people/export/file", &card).await;
    assert!(cards.has("FN:M. Itoh\r\n"), "a file names them as a list does: {}", cards.body);

    let apart = support.post(&format!("/people/{mia}/split"), &form(&[("record", &twin.to_string())])).await;
    assert_eq!(apart.status, 303);
    assert!(support.get(&apart.to).await.has("<h2>Mia Ito</h2>"));
    assert_eq!(support.get(&format!("/people/{twin}")).await.status, 200);
}

async fn what_closes_is_said_before_it_closes(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, twin) = (desk.customer().await, twin(&desk).await);
    desk.say_yes(mia, "sales.contact").await;
    desk.record(twin, Act::Refuse(assent_testkit::purpose("sales.contact"))).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(sales.get("/people?show=all").await.has("Mia Ito"));
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    let compare = format!("/people/{mia}/join/{twin}");
    assert!(dpo.get(&compare).await.has("stops counting; the other said no"));
    assert_eq!(dpo.post(&compare, &form(&[])).await.status, 303);
    let closed = sales.get(&format!("/people/{mia}")).await;
    closed.has_none(&["Mia Ito", "Itoh"]);
}

async fn nobody_is_told_of_somebody_who_is_closed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    let twin = desk.house.customer(72, &[("contact.email", "canary@example.org")], START).await.unwrap();
    let support = desk.enter(Role::Support, "service.support").await;
    let page = support.get(&format!("/people/{twin}")).await;
    assert!(page.has("canary@example.org") && !page.has("Maybe here twice"));
    assert!(!support.get("/people/doubles").await.has(&bird.to_string()));
    assert_eq!(support.get(&format!("/people/{twin}/join/{bird}")).await.status, 404);
    assert_eq!(support.post(&format!("/people/{twin}/join/{bird}"), &form(&[])).await.status, 404);
    let typed = form(&[("name", "X"), ("email", "canary@example.org"), ("stands", "request")]);
    let new = support.post("/people/new", &typed).await;
    assert!(new.status == 409 && new.has(&twin.to_string()) && !new.has(&bird.to_string()));

    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    assert!(dpo.get(&format!("/people/{twin}")).await.has("Maybe here twice"));
    assert!(dpo.get("/people/doubles").await.has(&bird.to_string()));
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    assert_eq!(billing.get("/people/doubles").await.status, 403);
    let marketing = desk.enter(Role::Marketing, "marketing.newsletter").await;
    assert_eq!(marketing.post(&format!("/people/{twin}/join/{bird}"), &form(&[])).await.status, 403);
}

async fn a_search_leads_nowhere_by_a_closed_half(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, bird) = (desk.customer().await, desk.stranger().await);
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(dpo.post(&format!("/people/{mia}/join/{bird}"), &form(&[])).await.status, 303);
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get("/people?q=ito").await.has("Mia Ito"));
    for q in ["canaria", "canary%40example.org", "Vogelhaus"] {
        assert!(support.get(&format!("/people?q={q}")).await.has("Nobody found by"), "{q}");
    }
    support.get(&format!("/people/{mia}")).await.has_none(&super::SECRETS);
}

async fn erasing_takes_every_record(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, twin) = (desk.customer().await, twin(&desk).await);
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(dpo.post(&format!("/people/{mia}/join/{twin}"), &form(&[])).await.status, 303);
    assert!(dpo.get(&format!("/people/{mia}/erase")).await.has("All 2 records of this person go together"));
    let done = dpo.post(&format!("/people/{mia}/erase"), &form(&[])).await;
    assert!(done.status == 200 && done.has("8 values"), "{}", done.body);
    for id in [mia, twin] {
        assert_eq!(dpo.get(&format!("/people/{id}")).await.status, 404);
    }
}

assent_testkit::on_both!(
    two_records_are_compared_joined_and_taken_apart,
    what_closes_is_said_before_it_closes,
    nobody_is_told_of_somebody_who_is_closed,
    a_search_leads_nowhere_by_a_closed_half,
    erasing_takes_every_record,
);
