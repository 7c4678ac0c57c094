//! What follows: whoever is late is told, and values go where the task and its person go.

use assent_gate::Keeping;
use assent_kernel::{Asker, FactId, PersonId, Role, TaskId};
use assent_store::work;
use assent_testkit::{Engine, START};
use serde_json::json;

use super::{COLOUR, SUPPORT, fields, held, lays_down, reach, rows};
use crate::desk::story::fixture::{Desk, form};
use crate::tasks::act;
use crate::tasks::model::Typed;

/// The person puts a value of theirs right, on their own page.
async fn put_right(desk: &Desk, id: PersonId, fact: FactId, value: &str) {
    let dossier = desk.dossier(id).await;
    let keeping = Keeping {
        category: dossier.fact(fact).unwrap().category().clone(),
        value: value.into(),
        source: "put right".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: Some(fact),
    };
    desk.house.gate.keep(&dossier, vec![keeping], Asker::Person, desk.ctx.now()).await.unwrap();
}

async fn whoever_is_late_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let program = desk.program(31, Role::Support, Some(SUPPORT)).await;
    let new = json!({ "text": "Ring", "person": mia, "fields": { "colour": "White", "hours": "2,5" } });
    let id = program.post("/v1/tasks", new).await.id();
    let (page, path) = (format!("/tasks/{id}"), format!("/v1/tasks/{id}"));
    let (made_for, tag) =
        (support.get(&page).await.field("ver"), program.get(&path).await.header("etag").to_owned());

    // She puts it right: what was made before does not undo that.
    put_right(&desk, mia, desk.fact(mia, COLOUR).await, "Hers").await;
    let text = [("text", "Ring"), ("who", ""), ("ver", made_for.as_str()), ("own-colour", "Black")];
    let stale = support.post(&page, &form(&text)).await;
    assert!(stale.status == 422 && stale.has("Somebody changed it meanwhile"), "{}", stale.body);
    assert!(support.get(&page).await.has("value=\"Hers\""));
    assert_ne!(program.get(&path).await.header("etag"), tag);
    for line in [format!("PATCH {path}"), format!("DELETE {path}")] {
        let late = program.call(&line, &[("if-match", &tag)], Some(json!({ "text": "Ring" }))).await;
        assert_eq!(late.status, 412, "{line}: {}", late.text);
    }
    let listed = program.get("/v1/tasks").await.body["data"][0]["etag"].clone();
    let day = program.get("/v1/tasks?f=own-colour.is.hers").await.body["data"][0]["etag"].clone();
    let now = program.get(&path).await;
    assert_eq!((&listed, &day), (&now.body["etag"], &now.body["etag"]));
    assert_eq!(now.header("etag"), format!("\"{}\"", now.body["etag"].as_str().unwrap()));

    // A form that was made for it as it stands is saved, and what it does not hold stays.
    let made_for = support.get(&page).await.field("ver");
    let text = [("text", "Ring"), ("who", ""), ("ver", made_for.as_str()), ("own-colour", "Black")];
    assert_eq!(support.post(&page, &form(&text)).await.status, 303);
    let now = support.get(&page).await;
    assert!(now.has("value=\"Black\"") && now.has("value=\"2.5\""), "{}", now.body);
    assert_eq!(held(&desk, mia).await, 1, "nothing of the old value is left");
    // A form without any of them, such as one of before, changes none.
    assert_eq!(support.post(&page, &form(&[("text", "Ring her"), ("who", "")])).await.status, 303);
    let now = support.get(&page).await;
    assert!(now.has("value=\"Black\"") && now.has("Ring her"));

    // In a race one is first, and of the other nothing is left over.
    let staff = desk.colleague(&program).await;
    let colleagues = crate::frame::colleagues(&desk.ctx, &staff).await.unwrap();
    let task = act::one(&desk.ctx, &staff, id.parse().unwrap()).await.unwrap();
    let more = |colour: &str| [("colour".to_owned(), colour.to_owned())].into();
    let with = |text: &str, colour| Typed { text: text.into(), more: more(colour), ..Typed::default() };
    let seen = act::look(&desk.ctx, &staff, &task).await.unwrap();
    let first = with("Ring her", "First");
    let done = act::change(&desk.ctx, &staff, (&task, &seen), ("Ring her", &first), &colleagues).await;
    done.unwrap().unwrap();
    let seen = act::look(&desk.ctx, &staff, &task).await.unwrap();
    let late = with("Another text", "Second");
    let late = act::change(&desk.ctx, &staff, (&task, &seen), ("Ring her", &late), &colleagues).await;
    assert_eq!(late.unwrap_err().code, "conflict");
    let now = support.get(&page).await;
    assert!(now.has("value=\"First\"") && now.has("Ring her") && !now.has("Another text"), "{}", now.body);
    assert_eq!(held(&desk, mia).await, 1);
}

/// A search finds neither a note nor an item in them; a removed task leads to nothing; once she is erased nothing is left.
async fn they_go_where_the_task_goes(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let admin = fields(&desk).await;
    let said = json!({ "label": "Said", "kind": "text", "category": "communication" });
    assert_eq!(admin.post("/v1/fields/task", said).await.status, 201);
    let support = desk.enter(Role::Support, SUPPORT).await;
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let new =
        json!({ "text": "Ring", "person": mia, "fields": { "colour": "Zebra", "said": "Zebra stripes" } });
    let id = shop.post("/v1/tasks", new).await.id();
    let home = format!("/tasks/{id}");
    let found = shop.get("/v1/find?q=zebra").await;
    assert!(found.status == 200 && !found.text.to_lowercase().contains("zebra"), "{}", found.text);

    // Led to by its task it stands on her record in no other place; by a removed one it stands by itself.
    let record = format!("/people/{mia}");
    assert!(!support.get(&record).await.has("Zebra"));
    assert_eq!(support.post(&format!("{home}/remove"), "").await.status, 303);
    let page = support.get(&record).await;
    assert!(page.has("Zebra") && page.has("Task: Colour"), "{}", page.body);
    assert_eq!(support.post(&format!("{home}/restore"), "").await.status, 303);
    assert!(!support.get(&record).await.has("Zebra"));

    // Where a role does not reach the task, it reaches the value no more by way of her.
    let fact = desk.fact(mia, COLOUR).await;
    let (admin, other) = (lays_down(&desk).await, desk.program(92, Role::Support, Some(SUPPORT)).await);
    for (see, change, status) in [("all", "own", 403), ("own", "own", 404), ("all", "all", 204)] {
        reach(&admin, "support", (see, change)).await;
        let line = format!("PATCH /v1/people/{mia}/facts/{fact}");
        let done = other.call(&line, &[("if-match", "*")], Some(json!({ "value": "Mare" }))).await;
        assert_eq!(done.status, status, "{see} {change}: {}", done.text);
        let told = other.get(&format!("/v1/people/{mia}")).await.text;
        assert_eq!(told.contains("Zebra") || told.contains("Mare"), status != 404, "{see} {change}: {told}");
    }

    // Once she is erased nothing of it is left.
    let kept = rows(&desk, &home).await.unwrap();
    assert_eq!(kept.facts.len(), 2);
    desk.house.gate.erase(desk.house.company, mia, Asker::Person, false, START).await.unwrap();
    assert_eq!(shop.get(&format!("/v1{home}")).await.status, 404);
    assert_eq!(rows(&desk, &home).await, None);
}

/// Tasks beside an item go with it when its person is erased: nothing of what stood in them is left, whomever they were about.
async fn what_stood_beside_an_item_goes_with_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let bob = [("name.full", "Bob Lund"), ("contact.email", "bob@example.org")];
    let bob = desk.house.customer(71, &bob, START).await.unwrap();
    let admin = fields(&desk).await;
    let object =
        json!({ "key": "device", "singular": "Device", "plural": "Devices", "belongs_to": "person" });
    assert!(admin.post("/v1/objects", object).await.status < 300);
    let model = json!({ "label": "Model", "kind": "text", "category": "purchase.product" });
    assert_eq!(admin.post("/v1/fields/object.device", model).await.status, 201);
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let item = json!({ "person": mia, "fields": { "model": "Cool 300" } });
    let item = shop.post("/v1/objects/device/items", item).await.id();
    let mut homes = Vec::new();
    for about in [None, Some(bob)] {
        let mut new = json!({ "text": "Ring", "fields": { "colour": "Green" } });
        if let Some(bob) = about {
            new["person"] = json!(bob);
        }
        homes.push(format!("/tasks/{}", shop.post("/v1/tasks", new).await.id()));
    }
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&assent_testkit::eu()).unwrap());
    // No page puts a task of nobody, or of somebody else, beside a thing of hers: rows of before may lie there.
    let ids: Vec<TaskId> =
        homes.iter().map(|home| home.rsplit('/').next().unwrap().parse().unwrap()).collect();
    let item: work::items::ItemId = item.parse().unwrap();
    let lay = move |tx: &mut assent_store::Tx<'_>| {
        ids.iter().try_for_each(|id| {
            tx.exec("UPDATE task SET item = $1 WHERE id = $2", &[item.into(), (*id).into()]).map(|_| ())
        })
    };
    store.write(lay).await.unwrap();
    for home in &homes {
        assert!(rows(&desk, home).await.is_some());
    }
    store.write(move |tx| work::forget_person(tx, company, mia)).await.unwrap();
    for home in &homes {
        assert_eq!(rows(&desk, home).await, None, "{home}");
    }
    assert_eq!(held(&desk, bob).await, 1, "what is about him is his");
}

/// What was not on the form that was sent is not emptied by it; and what stands in the fields of a task whose text went is
/// read there still.
async fn what_nobody_saw_stays(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let program = desk.program(32, Role::Support, Some(SUPPORT)).await;
    let new = json!({ "text": "Ring", "person": mia, "fields": { "colour": "White", "hours": "2" } });
    let page = format!("/tasks/{}", program.post("/v1/tasks", new).await.id());
    let ver = support.get(&page).await.field("ver");
    let sent = [("text", "Ring"), ("who", ""), ("due", "soon"), ("ver", ver.as_str()), ("own-hours", "3")];
    let wrong = support.post(&page, &form(&sent)).await;
    assert!(wrong.status == 422 && wrong.has("That is not a day"), "{}", wrong.body);
    assert!(wrong.has("value=\"White\"") && wrong.has("value=\"3\""), "{}", wrong.body);

    let (text, now) = (desk.fact(mia, "note.task").await, desk.ctx.now());
    desk.house.gate.forget(&desk.dossier(mia).await, text, Asker::Person, now).await.unwrap();
    let closed = support.get(&page).await;
    assert!(closed.status == 403 && closed.has("Colour") && closed.has("White"), "{}", closed.body);
    assert!(!closed.has("Way") && !closed.has("Ache") && !closed.has("<form class=\"form\""));
}

/// What was typed into a field that closed meanwhile is not taken, and the form that comes back says so: why, or, of a kind
/// that is not even named, nothing more.
async fn what_closed_meanwhile_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let program = desk.program(32, Role::Support, Some(SUPPORT)).await;
    let new = json!({ "text": "Ring", "person": mia, "fields": { "colour": "White", "hours": "2" } });
    let page = format!("/tasks/{}", program.post("/v1/tasks", new).await.id());
    desk.invoices_need(&["note", "purchase.product"]).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let before = billing.get(&page).await;
    assert!(before.has("value=\"White\"") && before.alert().is_empty(), "{}", before.body);
    let (ver, person) = (before.field("ver"), mia.to_string());
    desk.invoices_need(&["note"]).await;

    let why = "The contract does not need this";
    let sent = |ver: &str, due: &str, own: &[(&str, &str)]| {
        form(&[&[("text", "Ring"), ("who", ""), ("ver", ver), ("due", due)][..], own].concat())
    };
    for (sent, said) in [
        // It cannot be read; or it could be, and something else is wrong, or somebody else was first.
        (sent(&ver, "", &[("own-hours", "many")]), vec![why]),
        (sent(&ver, "soon", &[("own-colour", "Black")]), vec![why]),
        (sent("0", "", &[("own-colour", "Black")]), vec!["Somebody changed it meanwhile", why]),
        (sent(&ver, "soon", &[("own-ache", "Back")]), vec!["cannot be filled in by you"]),
        // Nothing was typed there that was not taken.
        (sent(&ver, "soon", &[("asked", "colour"), ("own-colour", "")]), Vec::new()),
    ] {
        let back = billing.post(&page, &sent).await;
        assert!(back.status == 422 && !back.has("own-colour") && !back.has("Ache"), "{sent}: {}", back.body);
        let alert = back.alert();
        assert!(said.iter().all(|one| alert.contains(one)), "{sent}: {alert}");
        assert_eq!(alert.is_empty(), said.is_empty(), "{sent}: {alert}");
    }
    assert_eq!(billing.post(&page, &sent(&ver, "", &[("own-colour", "Black")])).await.status, 403);

    // The same of a new one.
    let about =
        [("person", person.as_str()), ("text", "Ring"), ("who", ""), ("due", "soon"), ("own-colour", "Red")];
    let back = billing.post("/tasks/new", &form(&about)).await;
    assert!(back.status == 422 && back.alert().contains(why), "{}", back.body);
}

assent_testkit::on_both!(
    what_closed_meanwhile_is_told,
    what_nobody_saw_stays,
    whoever_is_late_is_told,
    they_go_where_the_task_goes,
    what_stood_beside_an_item_goes_with_it,
);
