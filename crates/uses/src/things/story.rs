//! A kind of things is made, filled, listed, changed, removed and brought back. What belongs to a person follows their terms.

mod around;
mod programs;
mod record;

use assent_kernel::{CompanyId, PersonId, Role};
use assent_testkit::Engine;
use serde_json::json;

use crate::desk::story::fixture::{Answer, Desk, Someone, form};
use crate::things::act;

/// An administrator makes an object and its fields: label, kind, category.
pub async fn made(desk: &Desk, names: (&str, &str), belongs: &str, fields: &[(&str, &str, &str)]) -> Someone {
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let object = form(&[("singular", names.0), ("plural", names.1), ("belongs", belongs)]);
    let done = admin.post("/settings/objects/new", &object).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let key = done.to.split(['/', '?']).nth(3).unwrap().to_owned();
    for (label, kind, category) in fields {
        let path = format!("/settings/fields/object.{key}");
        let base = admin.get(&path).await.field("base");
        let field = form(&[("base", &base), ("label", label), ("kind", kind), ("category", category)]);
        let done = admin.post(&path, &field).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(done.to, format!("/settings/objects/{key}?done=saved"));
    }
    admin
}

/// Devices of people: two values that a contract opens for support, and one that sales may be allowed.
async fn devices(desk: &Desk) -> Someone {
    let fields = [
        ("Model", "text", "purchase.product"),
        ("Bought on", "day", "purchase.product"),
        ("Manual", "link", "contact.website"),
    ];
    made(desk, ("Device", "Devices"), "person", &fields).await
}

const VALUES: [(&str, &str); 3] =
    [("own-model", "Cool 300"), ("own-bought-on", "2026-03-02"), ("own-manual", "https://example.org/cool")];

async fn put_down(someone: &Someone, person: PersonId) -> String {
    let sent = form(&[&[("whom", person.to_string().as_str())], &VALUES[..]].concat());
    home(&someone.post("/things/device/new", &sent).await)
}

fn home(made: &Answer) -> String {
    assert_eq!(made.status, 303, "{}", made.body);
    made.to.split('?').next().unwrap().to_owned()
}

async fn things_of_nobody(engine: Engine) {
    let desk = Desk::new(engine).await;
    let fields = [("Name", "text", ""), ("Seats", "number", ""), ("Opened", "day", "")];
    let admin = made(&desk, ("Branch shop", "Branch shops"), "nobody", &fields).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(
        sales.get("/deals").await.has("href=\"/things/branch-shop\" title=\"Branch shops\""),
        "in the menu"
    );
    assert!(sales.get("/things").await.has("/things/branch-shop"));
    assert!(sales.get("/things/branch-shop").await.has("No branch shops yet"));
    let page = sales.get("/things/branch-shop/new").await;
    assert!(page.has("Keep people out of these fields") && !page.has("name=\"whom\""));

    let wrong = form(&[("own-name", "Cork"), ("own-seats", "many")]);
    let wrong = sales.post("/things/branch-shop/new", &wrong).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number.") && wrong.has("value=\"Cork\""));
    let none = sales.post("/things/branch-shop/new", &form(&[("own-name", " ")])).await;
    assert!(none.status == 422 && none.has("Fill in at least one field."));
    let mut homes = Vec::new();
    for (name, seats, opened) in
        [("Cork", "12", "2020-01-02"), ("Kiel", "1 200", ""), ("Ahus", "7.5", "2024-05-06")]
    {
        let sent = form(&[("own-name", name), ("own-seats", seats), ("own-opened", opened)]);
        homes.push(home(&sales.post("/things/branch-shop/new", &sent).await));
    }
    let page = sales.get(&homes[1]).await;
    assert!(page.has("<h2>Kiel</h2>") && page.has("1200") && page.has("Here since"));
    for (query, found) in [
        ("q=ki", true),
        ("q=cork", false),
        ("f=own-seats.from.1000", true),
        ("f=own-seats.to.100", false),
        ("f=own-opened.set.", false),
        ("f=own-opened.empty.", true),
    ] {
        let list = sales.get(&format!("/things/branch-shop?{query}")).await;
        assert_eq!(list.has(&homes[1]), found, "{query}");
    }
    let sorted = sales.get("/things/branch-shop?sort=own-name&col=own-seats").await;
    let place = |text: &str| sorted.body.find(text).unwrap();
    assert!(
        place(">Ahus<") < place(">Cork<") && place(">Cork<") < place(">Kiel<") && !sorted.has("2020-01-02")
    );
    assert!(sorted.has("3 branch shops"));
    let view = form(&[
        ("list", "things.branch-shop"),
        ("name", "Large"),
        ("query", "f=own-seats.from.1000"),
        ("shared", "on"),
    ]);
    let saved = sales.post("/views", &view).await;
    assert_eq!((saved.status, saved.to.as_str()), (303, "/things/branch-shop?f=own-seats.from.1000"));
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get("/things/branch-shop").await.has("Seats from 1000"));

    let old = sales.get(&format!("{}/edit", homes[1])).await.field("ver");
    let change = form(&[("ver", &old), ("asked", "seats"), ("own-seats", "90")]);
    assert_eq!(sales.post(&format!("{}/edit", homes[1]), &change).await.status, 303);
    let stale = sales.post(&format!("{}/edit", homes[1]), &change).await;
    assert!(stale.status == 422 && stale.has("Somebody changed it meanwhile."));
    let page = sales.get(&homes[1]).await;
    assert!(page.has(">90<") && page.has("<h2>Kiel</h2>"), "one value changes alone: {}", page.body);

    let gone = sales.post(&format!("{}/remove", homes[1]), "").await;
    assert_eq!(gone.page(), format!("{}?said=removed", homes[1]));
    assert!(sales.get(&gone.to).await.has("Undo") && sales.get(&homes[1]).await.has("was removed"));
    assert!(!sales.get("/things/branch-shop").await.has(&homes[1]));
    assert!(sales.get("/things/branch-shop?show=removed").await.has(&homes[1]));
    assert_eq!(sales.post(&format!("{}/restore", homes[1]), "").await.status, 303);
    assert!(sales.get("/things/branch-shop").await.has(&homes[1]));

    // Out of use: nothing new, and what is there stays.
    let put = |word: &'static str| admin.post("/settings/objects/branch-shop/use", word);
    assert_eq!(put("use=no").await.status, 303);
    let page = sales.get("/things/branch-shop").await;
    assert!(page.has(&homes[1]) && page.has("out of use") && !page.has("title=\"Branch shops\""));
    let sent = form(&[("own-name", "Later")]);
    assert_eq!(sales.post("/things/branch-shop/new", &sent).await.status, 422);
    assert_eq!(put("use=again").await.status, 303);
    assert_eq!(sales.post("/things/branch-shop/new", &sent).await.status, 303);
    elsewhere(&desk, &sales, &homes[1]).await;
}

/// Nobody else gets there, and nonsense leads nowhere.
async fn elsewhere(desk: &Desk, sales: &Someone, home: &str) {
    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    for path in ["", "/edit"] {
        assert_eq!(other.get(&format!("{home}{path}")).await.status, 404, "{path}");
    }
    for path in ["/edit", "/remove", "/restore"] {
        assert_eq!(other.post(&format!("{home}{path}"), "own-name=x").await.status, 404, "{path}");
    }
    let list = home.rsplit_once('/').unwrap().0;
    for path in [list, &format!("{list}/new")] {
        assert_eq!(other.get(path).await.status, 404, "{path}");
    }
    for path in ["/things/nothing", "/things/nothing/new", &format!("{list}/itm_x"), &format!("{list}/edit")]
    {
        assert_eq!(sales.get(path).await.status, 404, "{path}");
    }
    assert_eq!(sales.get("/settings/objects").await.status, 403);
    assert_eq!(sales.post("/settings/objects/new", "singular=A").await.status, 403);
    assert_eq!(desk.nobody().get(home).await.status, 401);
    let auditor = desk.enter(Role::Auditor, "rights.audit").await;
    assert_eq!(auditor.get(home).await.status, 403);
}

async fn things_of_an_organisation(engine: Engine) {
    let desk = Desk::new(engine).await;
    made(&desk, ("Contract", "Contracts"), "organisation", &[("Number", "text", "")]).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let firm = home(&sales.post("/organisations/new", &form(&[("name", "Hafen AG")])).await);
    let id = firm.rsplit('/').next().unwrap().to_owned();
    let tab = format!("{firm}?tab=things");
    assert!(sales.get(&tab).await.has(&format!("/things/contract/new?organisation={id}")));
    assert!(sales.get(&format!("/things/contract/new?organisation={id}")).await.has("value=\"Hafen AG\""));
    for (whom, said) in [("", "Say whom it belongs to."), ("Nirgends", "There is no company of that name.")] {
        let sent = form(&[("whom", whom), ("own-number", "K-77")]);
        let wrong = sales.post("/things/contract/new", &sent).await;
        assert!(wrong.status == 422 && wrong.has(said) && wrong.has("K-77"), "{}", wrong.body);
    }
    let one = home(
        &sales.post("/things/contract/new", &form(&[("whom", "hafen ag"), ("own-number", "K-77")])).await,
    );
    assert!(sales.get(&tab).await.has(&one) && sales.get(&one).await.has(&firm));
    let list = sales.get("/things/contract?f=whom.is.hafen+ag").await;
    assert!(list.has("K-77") && list.has(&firm));
    assert!(!sales.get("/things/contract?q=galway").await.has("K-77"));
}

async fn things_of_a_person_follow_their_terms(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, bird) = (desk.customer().await, desk.stranger().await);
    let admin = devices(&desk).await;
    let policy = desk.ctx.gate.policy(desk.house.company).await.unwrap();
    let category = assent_testkit::category("purchase.product.device-model");
    assert_eq!(policy.policy.categories[&category].label, "Device: Model");
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;

    let new = format!("/things/device/new?person={mia}");
    assert!(support.get(&format!("/people/{mia}?tab=things")).await.has(&new));
    assert!(support.get(&new).await.has("they read it on their page"));
    // Nothing is written about somebody for a purpose for which it could not be seen.
    let closed = sales.get(&new).await;
    assert!(!closed.has("own-model") && closed.has("Nobody has asked"), "{}", closed.body);
    let sent = form(&[("whom", &mia.to_string()), ("own-model", "Cool 300")]);
    let refused = sales.post("/things/device/new", &sent).await;
    assert!(refused.status == 422 && refused.has("Closed for personal contact"), "{}", refused.body);
    assert_eq!(sales.get("/things/device").await.body.matches("/things/device/itm_").count(), 0);
    let sent = form(&[("whom", &bird.to_string()), ("own-model", "Cool 300")]);
    assert_eq!(support.post("/things/device/new", &sent).await.status, 422, "no terms, no value");

    let one = put_down(&support, mia).await;
    let facts = desk.dossier(mia).await.facts().count();
    assert_eq!(facts, 8, "five, and a fact for each value");
    let page = support.get(&one).await;
    assert!(page.has("<h2>Cool 300</h2>") && page.has("2026-03-02") && page.has("Mia Ito"));
    assert!(page.has("href=\"https://example.org/cool\""));
    let list = support.get("/things/device").await;
    assert!(list.has("Cool 300") && list.has("Mia Ito") && list.has("1 device"));
    let record = support.get(&format!("/people/{mia}?tab=things")).await;
    assert!(record.has(&one) && record.has("Cool 300") && !record.has("Device: Model"), "in their own place");
    let kinds = support.get(&format!("/people/{mia}/fact")).await;
    assert!(!kinds.has("device-model"), "a value of a thing is not added by itself");
    let alone = form(&[("category", "purchase.product.device-model"), ("value", "x")]);
    assert_eq!(support.post(&format!("/people/{mia}/fact"), &alone).await.status, 422);

    closed_for_sales(&sales, mia, &one).await;
    // One value opens, the others do not.
    desk.say_yes_about(mia, &["name", "contact"]).await;
    let page = sales.get(&one).await;
    assert!(page.has("https://example.org/cool") && page.has("Mia Ito"), "{}", page.body);
    page.has_none(&["Cool 300", "2026-03-02"]);
    assert!(page.has("says") && page.has("Closed for personal contact"));
    let list = sales.get("/things/device?f=own-manual.set.").await;
    assert!(list.has(&one) && !list.has("Cool 300"));
    assert!(sales.get(&format!("/people/{mia}?tab=things")).await.has(&one));
    changed(&support, &sales, &one).await;

    nothing_of_hers_is_undone(&desk, &support, mia).await;
    // Another word for many of them is nothing that people read.
    call_it(&admin, "Device", "Gadgets").await;
    let same = desk.ctx.gate.policy(desk.house.company).await.unwrap();
    assert_eq!(same.policy.categories, policy.policy.categories);

    // What is called otherwise is told otherwise.
    call_it(&admin, "Machine", "Machines").await;
    let policy = desk.ctx.gate.policy(desk.house.company).await.unwrap();
    assert_eq!(policy.policy.categories[&category].label, "Machine: Model");
}

async fn call_it(admin: &Someone, one: &str, many: &str) {
    let seen = admin.get("/settings/objects/device").await.field("seen");
    let called = form(&[("seen", &seen), ("singular", one), ("plural", many)]);
    assert_eq!(admin.post("/settings/objects/device", &called).await.status, 303);
}

/// The person puts a value of theirs right, on their own page.
async fn put_right(desk: &Desk, id: PersonId, fact: assent_kernel::FactId, value: &str) {
    let dossier = desk.dossier(id).await;
    let keeping = assent_gate::Keeping {
        category: dossier.fact(fact).unwrap().category().clone(),
        value: value.into(),
        source: "put right".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: Some(fact),
    };
    desk.house
        .gate
        .keep(&dossier, vec![keeping], assent_kernel::Asker::Person, desk.ctx.now())
        .await
        .unwrap();
}

/// A form that was made before the person put a value right does not undo that; nor does whoever is late in a race.
async fn nothing_of_hers_is_undone(desk: &Desk, support: &Someone, mia: PersonId) {
    let program = desk.program(31, Role::Support, Some("service.support")).await;
    let staff = desk.colleague(&program).await;
    let new = json!({ "person": mia, "fields": { "manual": "https://example.org/one" } });
    let made = program.post("/v1/objects/device/items", new).await.id();
    let (one, item) = (format!("/things/device/{made}"), format!("/v1/objects/device/items/{made}"));
    let sort = act::sort(&desk.ctx, &staff, "device").await.unwrap();
    let before = act::one(&desk.ctx, &staff, &sort, &made).await.unwrap();
    let seen = act::look(&desk.ctx, &staff, &before).await.unwrap();
    let fact = seen.0.texts().next().unwrap().clone();
    let made_for = support.get(&format!("{one}/edit")).await.field("ver");
    let tag = program.get(&item).await.header("etag").to_owned();

    let assent_store::work::Text::OfPerson(_, id) = fact else { panic!("about her") };
    put_right(desk, mia, id, "https://example.org/hers").await;
    let sent = form(&[("ver", &made_for), ("own-manual", "https://example.org/one"), ("owner", "")]);
    let stale = support.post(&format!("{one}/edit"), &sent).await;
    assert!(stale.status == 422 && stale.has("Somebody changed it meanwhile"), "{}", stale.body);
    let change = json!({ "fields": { "manual": "https://example.org/two" } });
    let late = program.call(&format!("PATCH {item}"), &[("if-match", &tag)], Some(change)).await;
    assert_eq!(late.status, 412, "{}", late.text);
    let typed = |text: &str| [("manual".to_owned(), text.to_owned())].into();
    let late = act::change(
        &desk.ctx,
        &staff,
        &sort,
        (&before, None, (&seen.0, &seen.1)),
        &typed("https://example.org/two"),
    )
    .await;
    assert_eq!(late.unwrap_err().code, "conflict", "it was seen before she put it right");
    assert!(support.get(&one).await.has("example.org/hers"));

    // Two read it as it is, one is first: the other is told so, and nothing of theirs stands there.
    let first = act::look(&desk.ctx, &staff, &before).await.unwrap();
    let sent = (&before, None, (&first.0, &first.1));
    act::change(&desk.ctx, &staff, &sort, sent, &typed("https://example.org/first")).await.unwrap().unwrap();
    let second = act::look(&desk.ctx, &staff, &before).await.unwrap();
    let sent = (&before, None, (&second.0, &second.1));
    let late = act::change(&desk.ctx, &staff, &sort, sent, &typed("https://example.org/second")).await;
    assert_eq!(late.unwrap_err().code, "conflict");
    let page = support.get(&one).await;
    assert!(page.has("example.org/first") && !page.has("example.org/second"), "{}", page.body);
    let links = desk.dossier(mia).await;
    let links =
        links.facts().filter(|held| held.category().to_string() == "contact.website.device-manual").count();
    assert_eq!(links, 2, "no value is left over");
}

/// A list shows that something is there, and tells nothing of it, whatever is asked.
async fn closed_for_sales(sales: &Someone, mia: PersonId, one: &str) {
    let list = sales.get("/things/device").await;
    assert!(list.has(one) && list.has("icons.svg") && list.has("Device · "), "{}", list.body);
    list.has_none(&["Cool 300", "Mia Ito", "2026-03-02", "example.org/cool", &format!("/people/{mia}")]);
    for query in [
        "q=cool",
        "q=mia",
        "f=own-model.set.",
        "f=own-model.not.x",
        "f=own-model.empty.",
        "f=whom.is.mia+ito",
        "f=own-bought-on.from.2020-01-01",
    ] {
        let found = sales.get(&format!("/things/device?{query}")).await;
        assert!(!found.has(one), "{query}");
    }
    let page = sales.get(one).await;
    assert_eq!(page.status, 200);
    page.has_none(&["Cool 300", "Mia Ito", "2026-03-02", "example.org/cool", &format!("/people/{mia}\"")]);
    assert!(!sales.get(&format!("/people/{mia}?tab=things")).await.has(one), "not on their record either");
}

/// Whoever sees a value changes it; nobody puts another in the place of one that is closed.
async fn changed(support: &Someone, sales: &Someone, one: &str) {
    let edit = format!("{one}/edit");
    let page = sales.get(&edit).await;
    assert!(page.has("own-manual") && !page.has("own-model"));
    page.has_none(&["Cool 300"]);
    let both = form(&[("own-model", "Taken"), ("own-manual", "https://example.org/new")]);
    assert_eq!(sales.post(&edit, &both).await.status, 422);
    assert!(support.get(one).await.has("example.org/cool"), "all or none");
    // What closed is told of also when something else is wrong; what was not on the form is shown as it stands.
    let wrong = form(&[("own-model", "Taken"), ("own-manual", "nowhere")]);
    let back = sales.post(&edit, &wrong).await;
    assert!(back.status == 422 && back.alert().contains("does not cover"), "{}", back.body);
    let late = form(&[("ver", "0"), ("own-model", "Taken")]);
    let back = sales.post(&edit, &late).await;
    let both = ["Somebody changed it meanwhile", "does not cover"];
    assert!(both.iter().all(|one| back.alert().contains(one)), "{}", back.body);
    let back = support.post(&edit, &form(&[("own-bought-on", "soon")])).await;
    assert!(back.status == 422 && back.has("value=\"Cool 300\"") && back.alert().is_empty(), "{}", back.body);
    assert_eq!(sales.post(&edit, &form(&[("own-manual", "https://example.org/new")])).await.status, 303);
    let sent = form(&[("own-model", "Cool 400"), ("asked", "bought-on"), ("own-bought-on", "")]);
    assert_eq!(support.post(&edit, &sent).await.status, 303);
    let page = support.get(one).await;
    assert!(page.has("Cool 400") && page.has("example.org/new"));
    page.has_none(&["Cool 300", "2026-03-02"]);
}

async fn things_of_a_person_go_where_they_go(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let one = put_down(&support, mia).await;
    let twin = [("name.full", "M. Itoh"), ("contact.email", "mia.ito@example.org")];
    let twin = desk.house.customer(71, &twin, assent_testkit::START).await.unwrap();
    let other = put_down(&support, twin).await;

    // Joined, both stand on one record; taken apart, each on its own.
    let tab = |id: PersonId| format!("/people/{id}?tab=things");
    assert_eq!(support.post(&format!("/people/{mia}/join/{twin}"), "").await.status, 303);
    let record = support.get(&tab(mia)).await;
    assert!(record.has(&one) && record.has(&other), "{}", record.body);
    let apart = form(&[("record", &twin.to_string())]);
    assert_eq!(support.post(&format!("/people/{mia}/split"), &apart).await.status, 303);
    let record = support.get(&tab(mia)).await;
    assert!(record.has(&one) && !record.has(&other));
    assert!(support.get(&tab(twin)).await.has(&other));

    // Deleted, nobody finds them; brought back, they are there.
    assert_eq!(support.post(&format!("/people/{twin}/delete"), "").await.status, 303);
    assert_eq!(support.get(&other).await.status, 404);
    let list = support.get("/things/device").await;
    assert!(list.has(&one) && !list.has(&other) && list.has("1 device"));
    assert_eq!(support.post(&format!("/people/{twin}/restore"), "").await.status, 303);
    assert_eq!(support.get(&other).await.status, 200);

    // Erased, nothing is left of them.
    let (gate, company) = (&desk.house.gate, desk.house.company);
    gate.erase(company, twin, assent_kernel::Asker::Person, false, assent_testkit::START).await.unwrap();
    assert_eq!(support.get(&other).await.status, 404);
    let store = gate.region_db(&assent_testkit::eu()).unwrap();
    let left = store.read(move |tx| {
        let items =
            assent_store::work::items::of_person(tx, company, &assent_store::work::Reach::all(), twin)?;
        let raw = other.rsplit('/').next().unwrap().parse::<assent_store::work::items::ItemId>().unwrap();
        Ok((items, assent_store::work::filled::of(tx, company, &[raw.to_bytes()])?))
    });
    let (items, filled) = left.await.unwrap();
    assert!(items.is_empty() && filled.is_empty());
    assert!(support.get(&one).await.has("Cool 300"));

    // The person took a value away: the thing is there without it.
    let fact = desk.fact(mia, "purchase.product.device-model").await;
    let gone = support.post(&format!("/people/{mia}/fact/{fact}/remove"), "").await;
    assert_eq!(gone.status, 303, "{}", gone.body);
    let page = support.get(&one).await;
    assert!(page.has("2026-03-02") && !page.has("Cool 300") && page.has("Device · "));
    let again = form(&[("own-model", "Cool 500")]);
    assert_eq!(support.post(&format!("{one}/edit"), &again).await.status, 303);
    assert!(support.get(&one).await.has("<h2>Cool 500</h2>"));
}

async fn programs_do_the_same(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    let shop = desk.program(9, Role::Support, Some("service.support")).await;
    let seller = desk.program(8, Role::Sales, Some("sales.contact")).await;
    let kinds = shop.get("/v1/objects").await;
    assert_eq!(
        kinds.body["data"][0]["fields"][0]["category"], "purchase.product.device-model",
        "{}",
        kinds.text
    );
    let items = "/v1/objects/device/items";
    let body = |fields: serde_json::Value| json!({ "person": mia, "fields": fields });
    for (wrong, status) in [
        (body(json!({})), 422),
        (body(json!({ "model": "" })), 422),
        (body(json!({ "nothing": "x" })), 422),
        (body(json!({ "bought-on": "soon" })), 422),
        (body(json!({ "model": 4 })), 422),
        (json!({ "fields": { "model": "x" } }), 422),
        (json!({ "person": "per_0000000000000000000000000z", "fields": { "model": "x" } }), 422),
        (json!({ "organisation": "org_0000000000000000000000000z", "fields": { "model": "x" } }), 422),
    ] {
        let told = shop.post(items, wrong.clone()).await;
        assert_eq!(told.status, status, "{wrong}: {}", told.text);
    }
    let refused = seller.post(items, body(json!({ "model": "Cool 300" }))).await;
    assert_eq!(
        (refused.status, refused.body["code"].as_str()),
        (403, Some("NEVER_ASKED")),
        "{}",
        refused.text
    );
    let made = shop.post(items, body(json!({ "model": "Cool 300", "bought-on": "2026-03-02" }))).await;
    let one = format!("{items}/{}", made.id());
    let read = shop.get(&one).await;
    assert_eq!(read.body["values"][0]["value"], "Cool 300", "{}", read.text);
    assert_eq!(read.body["person"], mia.to_string());
    // A program is told ids: nobody's name is asked for.
    let officer = desk.program(6, Role::Dpo, Some("rights.inform")).await;
    let uses = officer.get(&format!("/v1/people/{mia}/uses")).await.body["data"].clone();
    let model = json!("purchase.product.device-model");
    let viewed = |one: &&serde_json::Value| {
        one["role"] == "support" && one["categories"].as_array().unwrap().contains(&model)
    };
    let viewed: Vec<_> = uses.as_array().unwrap().iter().filter(viewed).collect();
    assert!(
        !viewed.is_empty() && viewed.iter().all(|one| !one["categories"].to_string().contains("name")),
        "{viewed:?}"
    );
    let shut = seller.get(&one).await;
    assert_eq!((shut.status, &shut.body["person"]), (200, &json!(null)), "{}", shut.text);
    assert_eq!(shut.body["values"][0]["closed"]["code"], "NEVER_ASKED");
    assert!(!shut.text.contains("Cool 300") && !shut.text.contains("2026-03-02"));
    assert_eq!(seller.get(items).await.body["data"].as_array().unwrap().len(), 1);

    let second = shop.post(items, body(json!({ "model": "Cool 400" }))).await.id();
    let first = shop.get(&format!("{items}?limit=1")).await;
    let next = first.body["next"].as_str().unwrap();
    let rest = shop.get(&format!("{items}?limit=1&after={next}")).await;
    assert_eq!(rest.body["next"], json!(null), "{}", rest.text);
    // Both were put down at one instant, so their order is by chance.
    let mut both = [&first, &rest].map(|page| page.body["data"][0]["id"].as_str().unwrap().to_owned());
    both.sort();
    let mut ids = [made.id(), second];
    ids.sort();
    assert_eq!(both, ids);

    let tag = |text: &str| vec![("if-match".to_owned(), format!("\"{text}\""))];
    let etag = async || shop.get(&one).await.body["etag"].as_str().unwrap().to_owned();
    let call = async |line: String, tag: &[(String, String)], body: Option<serde_json::Value>| {
        let tags: Vec<(&str, &str)> = tag.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        shop.call(&line, &tags, body).await
    };
    let change = json!({ "fields": { "model": "Cool 500", "bought-on": null } });
    assert_eq!(call(format!("PATCH {one}"), &[], Some(change.clone())).await.status, 428);
    assert_eq!(call(format!("PATCH {one}"), &tag("7"), Some(change.clone())).await.status, 412);
    let done = call(format!("PATCH {one}"), &tag(&etag().await), Some(change)).await;
    assert_eq!(done.status, 204, "{}", done.text);
    let values = &shop.get(&one).await.body["values"];
    assert_eq!((values.as_array().unwrap().len(), &values[0]["value"]), (1, &json!("Cool 500")));
    assert_eq!(call(format!("DELETE {one}"), &tag(&etag().await), None).await.status, 204);
    assert_eq!(shop.get(&format!("{items}?removed=true")).await.body["data"][0]["id"], made.id());
    assert_eq!(shop.post(&format!("{one}/restore"), json!({})).await.status, 204);
    for path in ["/v1/objects/nothing/items", &format!("{items}/itm_0000000000000000000000000z")] {
        assert_eq!(shop.get(path).await.status, 404, "{path}");
    }
    desk.foreign().await;
    let other = desk.program_of(CompanyId::from_bytes([2; 16]), 7, Role::Support, None).await;
    assert_eq!(other.get(&one).await.status, 404);
}

/// Of a kind that is not even named nobody learns whether something stands there.
async fn what_is_hidden_is_not_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let fields = [("Finding", "text", "purchase.product"), ("Model", "text", "purchase.product")];
    made(&desk, ("Case", "Cases"), "person", &fields).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let program = desk.program(31, Role::Support, Some("service.support")).await;
    let items = "/v1/objects/case/items";
    let put = async |fields: serde_json::Value| {
        program.post(items, json!({ "person": mia, "fields": fields })).await.id()
    };
    let with = put(json!({ "model": "Cool 300", "finding": "caries" })).await;
    let without = put(json!({ "model": "Cool 300" })).await;
    // What stands in the first field of one of them is such a kind from now on: it needs a yes in so many words.
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    let kind = assent_testkit::category("purchase.product.case-finding");
    policy.categories.get_mut(&kind).unwrap().class = assent_kernel::category::Class::Special;
    desk.house.gate.set_policy(policy, assent_testkit::START).await.unwrap();

    let page = support.get(&format!("/people/{mia}?tab=things")).await;
    assert!(page.has(&with) && page.has(&without), "{}", page.body);
    let told = async |one: &str| {
        let page = support.get(&format!("/things/case/{one}")).await;
        let item = format!("{items}/{one}");
        let tag = [("if-match", "*")];
        let none = json!({ "fields": { "finding": null } });
        let api = program.call(&format!("PATCH {item}"), &tag, Some(none)).await.status;
        let empty = form(&[("asked", "finding"), ("own-finding", "")]);
        let web = support.post(&format!("/things/case/{one}/edit"), &empty).await.status;
        let some = form(&[("own-finding", "x")]);
        let typed = support.post(&format!("/things/case/{one}/edit"), &some).await;
        assert!(typed.status == 422 && typed.has("cannot be filled in"), "{}", typed.body);
        (page.body.matches("class=\"lock").count(), page.has("Closed for"), api, web)
    };
    assert_eq!(told(&with).await, told(&without).await);
    assert_eq!(told(&with).await.2, 204);
}

assent_testkit::on_both!(
    things_of_nobody,
    what_is_hidden_is_not_told,
    things_of_an_organisation,
    things_of_a_person_follow_their_terms,
    things_of_a_person_go_where_they_go,
    programs_do_the_same
);
