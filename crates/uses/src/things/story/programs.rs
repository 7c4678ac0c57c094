//! What pages do with objects, programs do: make one and its fields, call it something else, put it out of use, save views
//! of it; and they are told what happens to its items.

use assent_kernel::{CompanyId, Role};
use assent_store::events;
use assent_testkit::Engine;
use serde_json::{Value, json};

use super::{devices, home, put_down};
use crate::desk::story::fixture::{Desk, Program, Told, form};

assent_testkit::on_both!(an_object_is_laid_down, what_happens_to_items_is_told, two_at_once);

fn is(told: &Told, status: u16, said: &str) {
    assert!(told.status == status && told.text.contains(said), "{} {}", told.status, told.text);
}

/// An object as it is listed.
async fn object(program: &Program, key: &str) -> Value {
    let all = program.get("/v1/objects").await;
    let found = all.body["data"].as_array().unwrap().iter().find(|one| one["key"] == key).cloned();
    found.unwrap_or_else(|| panic!("{}", all.text))
}

async fn an_object_is_laid_down(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let support = desk.program(2, Role::Support, Some("service.support")).await;
    let narrow = desk.program(3, Role::Admin, Some("rights.inform")).await;
    let new = json!({ "singular": "Branch shop", "plural": "Branch shops", "belongs_to": "nobody" });
    is(&support.post("/v1/objects", new.clone()).await, 403, "forbidden");
    is(&narrow.post("/v1/objects", new.clone()).await, 403, "any purpose of its role");
    let once = [("idempotency-key", "shop-1")];
    let made = admin.call("POST /v1/objects", &once, Some(new.clone())).await;
    assert_eq!((made.status, &made.body["id"]), (201, &json!("branch-shop")), "{}", made.text);
    let again = admin.call("POST /v1/objects", &once, Some(new.clone())).await;
    assert_eq!((again.status, &again.body), (201, &made.body), "once");
    is(&admin.post("/v1/objects", new).await, 422, "/key: There is an object of that key already.");
    for (wrong, said) in [
        (json!({ "singular": "A", "plural": "branch SHOPS", "belongs_to": "nobody" }), "/plural: "),
        (json!({ "singular": "A", "plural": "B", "belongs_to": "everybody" }), "/belongs_to: "),
        (json!({ "singular": "A", "plural": "B", "belongs_to": "nobody", "key": "Not a key" }), "/key: "),
        (json!({ "singular": "A", "plural": "B", "belongs_to": "nobody", "key": "new" }), "/key: "),
        (json!({ "singular": "A", "belongs_to": "nobody" }), "plural"),
    ] {
        is(&admin.post("/v1/objects", wrong).await, 422, said);
    }
    fields_and_items(&admin, &support).await;
    called_otherwise(&admin).await;
    views(&admin, &support).await;
}

async fn fields_and_items(admin: &Program, support: &Program) {
    let fields = "/v1/fields/object.branch-shop";
    for (label, kind) in [("Name", "text"), ("Seats", "number")] {
        let made = admin.post(fields, json!({ "label": label, "kind": kind })).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let items = "/v1/objects/branch-shop/items";
    let shop = json!({ "fields": { "name": "Kiel", "seats": "90" } });
    let once = [("idempotency-key", "kiel")];
    let [first, second] = [
        support.call(&format!("POST {items}"), &once, Some(shop.clone())).await,
        support.call(&format!("POST {items}"), &once, Some(shop.clone())).await,
    ];
    assert_eq!(first.id(), second.id(), "once");
    assert_eq!(support.get(items).await.body["data"].as_array().unwrap().len(), 1);
    // A field goes out of use and comes back; then the object does.
    let seats = format!("{fields}/seats/offer");
    assert_eq!(admin.post(&seats, json!({ "offered": false })).await.status, 204);
    assert_eq!(object(support, "branch-shop").await["fields"][1]["offered"], json!(false));
    assert_eq!(admin.post(&seats, json!({ "offered": true })).await.status, 204);
    let put = "/v1/objects/branch-shop/use";
    let old = object(admin, "branch-shop").await["etag"].as_str().unwrap().to_owned();
    assert_eq!(admin.post(put, json!({ "in_use": false })).await.status, 204);
    assert_eq!(object(support, "branch-shop").await["in_use"], json!(false));
    is(&support.post(items, shop.clone()).await, 422, "out of use");
    let late =
        admin.call(&format!("POST {put}"), &[("if-match", &old)], Some(json!({ "in_use": true }))).await;
    is(&late, 412, "changed meanwhile");
    assert_eq!(admin.post(put, json!({ "in_use": true })).await.status, 204);
    support.post(items, shop).await.id();
    is(&admin.post("/v1/objects/nothing/use", json!({ "in_use": true })).await, 404, "no such object");
}

async fn called_otherwise(admin: &Program) {
    let device = json!({ "singular": "Device", "plural": "Devices", "belongs_to": "person" });
    assert_eq!(admin.post("/v1/objects", device).await.id(), "device");
    let own = json!({ "label": "Serial number", "kind": "text", "category": "identifier" });
    is(&admin.post("/v1/fields/object.device", own).await, 422, "/category: This kind tells who people are");
    let own = json!({ "label": "Model", "kind": "text", "category": "purchase.product" });
    assert_eq!(admin.post("/v1/fields/object.device", own).await.id(), "model");
    let path = "PATCH /v1/objects/device";
    let names = json!({ "singular": "Machine", "plural": "Machines" });
    assert_eq!(admin.call(path, &[], Some(names.clone())).await.status, 428);
    let etag = object(admin, "device").await["etag"].as_str().unwrap().to_owned();
    let done = admin.call(path, &[("if-match", &etag)], Some(names.clone())).await;
    assert_eq!(done.status, 204, "{}", done.text);
    is(&admin.call(path, &[("if-match", &etag)], Some(names)).await, 412, "changed meanwhile");
    let now = object(admin, "device").await;
    assert_eq!((&now["singular"], &now["plural"]), (&json!("Machine"), &json!("Machines")));
    let kinds = admin.get("/v1/categories").await;
    assert!(kinds.text.contains("Machine: Model") && !kinds.text.contains("Device: Model"), "{}", kinds.text);
    let taken = json!({ "plural": "Branch shops" });
    is(&admin.call(path, &[("if-match", "*")], Some(taken)).await, 422, "/plural: ");
}

async fn views(admin: &Program, support: &Program) {
    let view = json!({ "list": "things.branch-shop", "name": "Large", "query": "f=own-seats.from.50", "shared": true });
    let id = admin.post("/v1/views", view).await.id();
    let all = support.get("/v1/views?list=things.branch-shop").await;
    assert_eq!((&all.body["data"][0]["id"], &all.body["data"][0]["mine"]), (&json!(id), &json!(false)));
    is(&support.get("/v1/views?list=nothing").await, 422, "no such list");
    is(&support.get("/v1/views?list=things.nothing").await, 404, "no such object");
    let lost = json!({ "list": "things.nothing", "name": "x", "query": "" });
    is(&admin.post("/v1/views", lost).await, 404, "no such object");
}

/// The items that programs would be told of, in the order of what happened.
async fn told(desk: &Desk) -> Vec<String> {
    let store = desk.house.gate.region_db(&assent_testkit::eu()).unwrap();
    let all = store.read(|tx| events::oldest(tx, 1000)).await.unwrap().into_iter();
    all.filter(|one| one.kind == events::Kind::ItemChanged).map(|one| one.thing).collect()
}

async fn what_happens_to_items_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let program = desk.program(9, Role::Support, Some("service.support")).await;
    let one = put_down(&support, mia).await;
    let id = one.rsplit('/').next().unwrap().to_owned();
    assert_eq!(told(&desk).await, [id.as_str()], "made");
    let edit = form(&[("own-model", "Cool 400")]);
    assert_eq!(support.post(&format!("{one}/edit"), &edit).await.status, 303);
    assert_eq!(told(&desk).await.len(), 2, "changed");
    assert_eq!(support.post(&format!("{one}/remove"), "").await.status, 303);
    assert_eq!(support.post(&format!("{one}/restore"), "").await.status, 303);
    assert_eq!(told(&desk).await.len(), 4, "removed and brought back");
    // What was refused did not happen.
    let stale = form(&[("ver", "7"), ("own-model", "Cool 500")]);
    assert_eq!(support.post(&format!("{one}/edit"), &stale).await.status, 422);
    assert_eq!(told(&desk).await, [id.as_str(); 4]);

    // The id alone leads there, for whoever may see it.
    let found = program.get(&format!("/v1/items/{id}")).await;
    let known = program.get(&format!("/v1/objects/device/items/{id}")).await;
    assert_eq!((found.status, &found.body), (200, &known.body), "{}", found.text);
    assert_eq!((&found.body["object"], found.header("etag")), (&json!("device"), known.header("etag")));
    desk.foreign().await;
    let other = desk.program_of(CompanyId::from_bytes([2; 16]), 7, Role::Support, None).await;
    for path in [&format!("/v1/items/{id}"), "/v1/items/itm_x", "/v1/items/itm_0000000000000000000000000z"] {
        assert_eq!(other.get(path).await.status, 404, "{path}");
    }
    let hook = json!({ "url": "https://shop.example/hooks", "events": ["item.changed"] });
    let admin = desk.program(1, Role::Admin, None).await;
    assert_eq!(admin.post("/v1/webhooks", hook).await.status, 201);
}

/// Two administrators, one object: whoever is second is told so, beside what they typed.
async fn two_at_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = devices(&desk).await;
    let page = "/settings/objects/device";
    let seen = admin.get(page).await.field("seen");
    let names = |one: &str, many: &str| form(&[("seen", &seen), ("singular", one), ("plural", many)]);
    assert_eq!(admin.post(page, &names("Machine", "Machines")).await.status, 303);
    let second = admin.post(page, &names("Gadget", "Gadgets")).await;
    assert!(second.status == 422 && second.has("Somebody changed this object"), "{}", second.body);
    assert!(second.has("value=\"Gadget\"") && admin.get(page).await.has("value=\"Machine\""));
    // Saved again, over what holds now.
    let again = form(&[("seen", &second.field("seen")), ("singular", "Gadget"), ("plural", "Gadgets")]);
    assert_eq!(home(&admin.post(page, &again).await), page);

    let twin =
        form(&[("singular", "Device"), ("plural", "Devices"), ("belongs", "nobody"), ("key", "device")]);
    let twin = admin.post("/settings/objects/new", &twin).await;
    assert!(twin.status == 422 && twin.has("There is an object of that key already"), "{}", twin.body);
}
