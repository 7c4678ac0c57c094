//! Work is taken along: what is about a person as their terms say, as an export, written down; the rest always.

use assent_kernel::{CompanyId, PersonId, Role};
use assent_testkit::{Engine, START, category};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Someone, form};

const TITLE: &str = "=Second fridge, for the garden";
const TASK: &str = "Ask about the brush";

/// A deal with somebody, and one with an organisation alone.
async fn deals(desk: &Desk, mia: PersonId) -> [String; 2] {
    let support = desk.program(1, Role::Support, Some("service.support")).await;
    let firm =
        support.post("/v1/organisations", json!({ "name": "Gartenfreunde", "city": "Kiel" })).await.id();
    let with = json!({ "title": TITLE, "person": mia, "organisation": firm, "cents": 129_950, "close_on": "2026-06-01" });
    let alone = json!({ "title": "Rain barrels", "organisation": firm });
    [support.post("/v1/deals", with).await.id(), support.post("/v1/deals", alone).await.id()]
}

/// How often somebody's values were taken along, as their own list of uses tells it.
async fn exports(desk: &Desk, mia: PersonId) -> usize {
    let officer = desk.program(9, Role::Dpo, None).await;
    let uses = officer.get(&format!("/v1/people/{mia}/uses")).await;
    uses.body["data"].as_array().unwrap().iter().filter(|one| one["use"] == "Export").count()
}

async fn deals_go_along(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let ids = deals(&desk, mia).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    assert!(support.get("/deals?f=amount.set.").await.has("/deals/export?f=amount.set."));

    // Foreseen: the one with her is closed for billing, and nothing is written down for looking.
    let page = billing.get("/deals/export?col=amount&col=contact").await;
    assert!(
        page.has("1 of 2") && page.has("titles") && page.has("contacts") && page.has("why?"),
        "{}",
        page.body
    );
    page.has_none(&[TITLE, "Mia Ito"]);
    assert!(billing.get("/deals/export?f=amount.set.").await.has("0 of 1"));
    assert_eq!(exports(&desk, mia).await, 0);

    let both = form(&[("id", &ids[0]), ("id", &ids[1]), ("col", "amount"), ("col", "contact")]);
    let shut = billing.post("/deals/export/file", &both).await;
    assert!(shut.status == 200 && shut.body.lines().count() == 3, "{}", shut.body);
    assert!(
        shut.has("\"deal\",\"title\",\"title_terms\",\"amount\",\"currency\",\"contact\",\"contact_terms\"")
    );
    assert!(
        shut.has("\"1299.50\",\"EUR\",\"\",\"closed: ") && shut.has("\"Rain barrels\",\"\""),
        "{}",
        shut.body
    );
    shut.has_none(&["fridge", "Mia Ito"]);
    let missing = form(&[("col", "amount")]);
    assert!(billing.post("/deals/export", &missing).await.to.contains("none-chosen"));
}

/// A company whose contract lets billing take along what was noted.
async fn billing_may(desk: &Desk) {
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    let invoice = policy.mandates.values_mut().find(|one| one.key == "household-invoice").unwrap();
    invoice.categories = invoice.categories.iter().cloned().chain([category("note")]).collect();
    desk.house.gate.set_policy(policy, START).await.unwrap();
}

async fn what_may_leave_leaves_with_its_terms(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let ids = deals(&desk, mia).await;
    billing_may(&desk).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let page = billing.get("/deals/export").await;
    assert!(page.has("All 2") && page.has("All 1"), "{}", page.body);
    let file = billing.post("/deals/export/file", &form(&[("id", &ids[0])])).await;
    assert!(file.has("\"'=Second fridge, for the garden\",\"for billing.invoice, "), "{}", file.body);
    assert!(
        file.has("\"Mia Ito\",\"for billing.invoice, ")
            && file.has("\"Gartenfreunde\"")
            && file.has("\"2026-06-01\"")
    );
    assert_eq!(exports(&desk, mia).await, 1);

    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    for path in ["/deals/export", "/deals/export/file"] {
        assert_eq!(other.post(path, &form(&[("id", &ids[0])])).await.status, 404, "{path}");
    }
}

async fn put(someone: &Someone, mia: PersonId) {
    let sent = form(&[("text", TASK), ("person", &mia.to_string()), ("due", "2026-05-03")]);
    assert_eq!(someone.post("/tasks/new", &sent).await.status, 303);
}

async fn tasks_and_organisations_go_along(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    deals(&desk, mia).await;
    let support = desk.enter(Role::Support, "service.support").await;
    put(&support, mia).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let page = sales.get("/tasks/export").await;
    assert!(page.has("0 of 1") && page.has("texts") && page.has("names"), "{}", page.body);
    page.has_none(&[TASK, "Mia Ito"]);
    let id = page.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = sales.post("/tasks/export/file", &form(&[("id", &id)])).await;
    assert!(file.has("\"2026-05-03\"") && file.has("\"closed: "), "{}", file.body);
    file.has_none(&[TASK, "Mia Ito"]);

    let list = sales.get("/organisations").await;
    assert!(list.has("form=\"bulk\"") && list.has("action=\"/organisations/export\""));
    let page = sales.get("/organisations/export?f=city.is.Kiel&col=city").await;
    assert!(page.has("1 row") && page.has("Nothing in this list is about a person"), "{}", page.body);
    let id = page.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = sales.post("/organisations/export/file", &form(&[("id", &id), ("col", "city")])).await;
    assert_eq!(
        file.body,
        format!("\"organisation\",\"name\",\"city\"\r\n\"{id}\",\"Gartenfreunde\",\"Kiel\"\r\n")
    );
    assert!(sales.get("/organisations/export?f=city.is.Rome").await.has("nothing in this list"));
}

async fn programs_take_along_the_same(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let ids = deals(&desk, mia).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let twice = sales.post("/v1/deals:export", json!({ "deals": [ids[1], ids[0], ids[1]] })).await;
    let all = twice.body["data"].as_array().unwrap();
    assert_eq!((all.len(), &all[0]["title"]["value"]), (2, &json!("Rain barrels")), "{}", twice.text);
    assert!(
        all[1]["title"]["closed"].is_object()
            && all[1]["contact"]["closed"].is_object()
            && all[1]["person"].is_null()
    );
    assert_eq!((&all[0]["contact"], &all[1]["cents"]), (&Value::Null, &json!(129_950)));
    let firm = all[0]["organisation"].clone();
    let taken = sales.post("/v1/organisations:export", json!({ "organisations": [firm] })).await;
    assert_eq!(taken.body["data"][0]["name"], "Gartenfreunde", "{}", taken.text);

    let support = desk.program(5, Role::Support, Some("service.support")).await;
    let task = support.post("/v1/tasks", json!({ "text": TASK, "person": mia })).await.id();
    let shut = sales.post("/v1/tasks:export", json!({ "tasks": [task] })).await;
    assert!(
        shut.body["data"][0]["text"]["closed"].is_object() && !shut.text.contains("brush"),
        "{}",
        shut.text
    );
    desk.foreign().await;
    let none = json!({ "deals": ["del_01jx6sk9c0000000000000000d"] });
    assert_eq!(sales.post("/v1/deals:export", none).await.status, 404);
}

assent_testkit::on_both!(
    deals_go_along,
    what_may_leave_leaves_with_its_terms,
    tasks_and_organisations_go_along,
    programs_take_along_the_same
);
