//! Fields that a company made for deals: with a person they are the person's, of other deals the company's own.

use assent_kernel::{PersonId, Role, TreeKey as _};
use assent_testkit::{Engine, START};
use serde_json::json;

use super::stage;
use crate::desk::story::fixture::{Desk, Someone, form};

const COLOUR: &str = "purchase.product.deal-colour";

async fn fields(desk: &Desk) {
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    for (label, kind) in [("Colour", "text"), ("Seats", "number")] {
        let base = admin.get("/settings/fields/deal").await.field("base");
        let field =
            form(&[("base", &base), ("label", label), ("kind", kind), ("category", "purchase.product")]);
        let done = admin.post("/settings/fields/deal", &field).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    assert!(admin.get("/settings/fields").await.has("Of deals"));
}

fn typed<'a>(contact: &'a str, company: &'a str, colour: &'a str, seats: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("title", "Kühlschrank"),
        ("contact", contact),
        ("company", company),
        ("currency", "EUR"),
        ("owner", ""),
        ("own-colour", colour),
        ("own-seats", seats),
    ]
}

async fn make(someone: &Someone, fields: Vec<(&str, &str)>) -> String {
    let new = stage(someone, "New").await;
    let sent = form(&[&fields[..], &[("stage", new.as_str())]].concat());
    let made = someone.post("/deals/new", &sent).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.to.split('?').next().unwrap().to_owned()
}

async fn held(desk: &Desk, id: PersonId) -> usize {
    desk.dossier(id).await.facts().filter(|held| held.category().as_str() == COLOUR).count()
}

async fn fields_of_a_deal_are_whose_the_deal_is(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let bob = [("name.full", "Bob Lund"), ("contact.email", "bob@example.org")];
    let bob = desk.house.customer(71, &bob, START).await.unwrap();
    fields(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let (mia_id, bob_id) = (mia.to_string(), bob.to_string());

    let new = stage(&support, "New").await;
    let sent = form(&[&typed(&mia_id, "", "White", "many")[..], &[("stage", new.as_str())]].concat());
    let wrong = support.post("/deals/new", &sent).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number.") && wrong.has("value=\"White\""));
    assert_eq!(held(&desk, mia).await, 0, "nothing is kept of a form that is not right");

    let one = make(&support, typed(&mia_id, "", "White", "2.5")).await;
    assert_eq!(held(&desk, mia).await, 1);
    assert!(support.get(&one).await.has("White") && support.get(&one).await.has("2.5"));
    let list = "/deals?col=own-colour&col=own-seats";
    assert!(support.get(list).await.has("White"));
    let apart = support.get(&format!("/people/{mia}")).await;
    assert!(!apart.has("Deal: Colour"), "it stands with its deal");
    for (rule, fits) in
        [("own-colour.is.white", true), ("own-colour.is.red", false), ("own-seats.from.3", false)]
    {
        assert_eq!(support.get(&format!("{list}&f={rule}")).await.has(&one), fits, "{rule}");
        assert!(!sales.get(&format!("{list}&f={rule}")).await.has(&one), "a rule tells nothing: {rule}");
    }
    for path in [list, &one] {
        sales.get(path).await.has_none(&["White", "2.5"]);
    }
    assert_eq!(sales.get(&format!("{one}/edit")).await.status, 403);

    // About nobody it is the company's own.
    let other = make(&sales, typed("", "Hafen AG", "Green", "")).await;
    let ids = [&one, &other].map(|home| home.rsplit('/').next().unwrap());
    let both = form(&[("id", ids[0]), ("id", ids[1]), ("col", "own-colour")]);
    assert!(support.get("/deals/export?col=own-colour").await.has("values of your own fields"));
    let shut = sales.post("/deals/export/file", &both).await;
    assert!(shut.has("\"Green\",\"\"") && shut.has("closed: "), "{}", shut.body);
    shut.has_none(&["White"]);
    assert!(sales.get(&other).await.has("Green") && sales.get(list).await.has("Green"));
    assert!(sales.get(&format!("{list}&f=own-seats.empty.")).await.has(&other));

    // Where the terms let it leave, it leaves with them.
    desk.invoices_need(&["note", "purchase.product"]).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let file = billing.post("/deals/export/file", &both).await;
    assert!(file.has("\"colour\",\"colour_terms\"") && file.has("\"Green\",\"\""), "{}", file.body);
    assert!(file.has("\"White\",\"for billing.invoice, "), "{}", file.body);

    // One value changes, another goes; what is not sent stays.
    let edit = form(&[&typed(&mia_id, "", "Black", "")[..], &[("asked", "seats")]].concat());
    assert_eq!(support.post(&format!("{one}/edit"), &edit).await.status, 303);
    let page = support.get(&one).await;
    assert!(page.has("Black"));
    page.has_none(&["White", "2.5"]);
    assert!(support.get(&format!("{one}/edit")).await.has("value=\"Black\""));

    // A form that was made before somebody changed it does not undo that.
    let made_for = support.get(&format!("{one}/edit")).await.field("ver");
    let program = desk.program(31, Role::Support, Some("service.support")).await;
    let path = format!("/v1{one}");
    let red = json!({ "fields": { "colour": "Red" } });
    assert_eq!(program.call(&format!("PATCH {path}"), &[("if-match", "*")], Some(red)).await.status, 204);
    let late = form(&[&typed(&mia_id, "", "Black", "")[..], &[("ver", made_for.as_str())]].concat());
    let stale = support.post(&format!("{one}/edit"), &late).await;
    assert!(stale.status == 422 && stale.has("Somebody changed it meanwhile"), "{}", stale.body);
    let black = json!({ "fields": { "colour": "Black" } });
    assert_eq!(program.call(&format!("PATCH {path}"), &[("if-match", "*")], Some(black)).await.status, 204);

    // Handed over to somebody else, what was about her stays behind, and is forgotten with nothing leading to it.
    let over = |colour| {
        let all = typed(&bob_id, "", colour, "4").into_iter();
        form(&all.map(|(name, text)| (name, if name == "title" { "Ofen" } else { text })).collect::<Vec<_>>())
    };
    let carried = support.post(&format!("{one}/edit"), &over("Black")).await;
    assert!(carried.status == 422 && carried.has("is about the person before"), "{}", carried.body);
    assert_eq!((held(&desk, mia).await, held(&desk, bob).await), (1, 0));
    let moved = support.post(&format!("{one}/edit"), &over("")).await;
    assert_eq!(moved.status, 303, "{}", moved.body);
    let page = support.get(&one).await;
    assert!(page.has("Ofen") && page.has(">4<") && !page.has("Black"), "{}", page.body);
    assert_eq!((held(&desk, mia).await, held(&desk, bob).await), (0, 0));

    // What was about nobody goes along.
    let along = form(&typed(&bob_id, "Hafen AG", "Green", ""));
    assert_eq!(support.post(&format!("{other}/edit"), &along).await.status, 303);
    assert!(support.get(&other).await.has("Green"));
    assert_eq!(held(&desk, bob).await, 1);
    sales.get(&other).await.has_none(&["Green"]);
}

async fn programs_read_and_write_them(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let shop = desk.program(9, Role::Support, Some("service.support")).await;
    let seller = desk.program(8, Role::Sales, Some("sales.contact")).await;
    let new =
        json!({ "title": "Kühlschrank", "person": mia, "fields": { "colour": "White", "seats": "2,5" } });
    let id = shop.post("/v1/deals", new).await.id();
    let path = format!("/v1/deals/{id}");
    let read = shop.get(&path).await;
    assert_eq!(read.body["values"][0]["value"], "White", "{}", read.text);
    assert_eq!(read.body["values"][1]["value"], "2.5");
    let shut = seller.get(&path).await;
    assert_eq!(shut.body["values"][0]["closed"]["code"], "NEVER_ASKED", "{}", shut.text);
    assert!(!shut.text.contains("White") && !seller.get("/v1/deals").await.text.contains("White"));
    let read = read.header("etag").to_owned();
    let tag = [("if-match", read.as_str())];
    for wrong in [json!({ "nothing": "x" }), json!({ "seats": "many" })] {
        let refused = shop.call(&format!("PATCH {path}"), &tag, Some(json!({ "fields": wrong }))).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let change = json!({ "fields": { "colour": null, "seats": "3" } });
    assert_eq!(shop.call(&format!("PATCH {path}"), &tag, Some(change)).await.status, 204);
    let values = &shop.get(&path).await.body["values"];
    assert_eq!((values.as_array().unwrap().len(), &values[0]["value"]), (1, &json!("3")));
    assert_eq!(held(&desk, mia).await, 0);

    // Erased, the deal stays as a sum and nothing of her is left in it.
    let (gate, company) = (&desk.house.gate, desk.house.company);
    gate.erase(company, mia, assent_kernel::Asker::Person, false, START).await.unwrap();
    assert_eq!(shop.get(&path).await.body["values"], json!([]));
}

/// A field is changed where its value stands: by whoever may open it, and by nobody who is late.
async fn a_field_is_changed_in_its_place(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let one = make(&support, typed(&mia.to_string(), "", "White", "2.5")).await;
    let (pen, list) = (format!("{one}/value/own-colour"), "/deals?col=own-colour&col=own-seats");
    for path in [one.as_str(), list] {
        assert!(support.get(path).await.has(&format!("{pen}?back=")), "{path}");
        assert!(!sales.get(path).await.has("value/own-"), "{path}");
    }
    let small = support.get(&pen).await;
    assert!(small.has("value=\"White\"") && !small.has("own-seats"), "{}", small.body);
    let sent = form(&[("ver", &small.field("ver")), ("own-colour", "Red"), ("back", list)]);
    assert_eq!(support.post(&pen, &sent).await.to, format!("{list}&said=changed"));
    let page = support.get(&one).await;
    assert!(page.has("Red") && !page.has("White") && page.has("2.5"), "{}", page.body);
    assert_eq!(held(&desk, mia).await, 1, "nothing of the old value is left");
    let late = support.post(&pen, &sent.replace("Red", "Blue")).await;
    assert!(late.status == 409 && late.has("“Red”"), "{}", late.body);
    let wrong = support.get(&format!("{one}/value/own-seats")).await;
    let wrong = form(&[("ver", &wrong.field("ver")), ("own-seats", "many")]);
    let wrong = support.post(&format!("{one}/value/own-seats"), &wrong).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number."), "{}", wrong.body);

    let shut = sales.get(&pen).await;
    assert_eq!(shut.status, 403);
    shut.has_none(&["Red", "Mia Ito"]);
    assert_eq!(sales.post(&pen, &form(&[("own-colour", "Mine")])).await.status, 403);
    assert!(support.get(&one).await.has("Red"));
    assert_eq!(support.get(&format!("{one}/value/own-nothing")).await.status, 404);

    // With nobody it is the company's own, and emptied like any other.
    let shop = make(&sales, typed("", "Hafen AG", "Green", "")).await;
    let pen = format!("{shop}/value/own-colour");
    let sent = form(&[("ver", &sales.get(&pen).await.field("ver")), ("own-colour", "")]);
    assert_eq!(sales.post(&pen, &sent).await.to, format!("{shop}?said=changed"));
    let page = sales.get(&shop).await;
    assert!(!page.has("Green") && page.has(&format!("{pen}?back=")), "{}", page.body);

    // Handed to somebody else, its timeline says so.
    let pen = format!("{shop}/value/owner");
    let sent = form(&[("ver", &sales.get(&pen).await.field("ver")), ("owner", &owner(&sales, "Nora").await)]);
    assert_eq!(sales.post(&pen, &sent).await.status, 303);
    assert!(sales.get(&shop).await.has("handed it over: Nora"));
    let bulk = form(&[("id", shop.rsplit('/').next().unwrap()), ("owner", ""), ("stage", "")]);
    assert_eq!(sales.post("/deals/change", &bulk).await.status, 303);
    assert!(sales.get(&shop).await.has("handed it over to nobody"));
}

/// The id of a colleague, as a form offers it.
async fn owner(someone: &Someone, name: &str) -> String {
    let page = someone.get("/deals/new").await;
    let options = page.body.split("<option value=\"stf_").skip(1);
    let one = options.map(|rest| rest.split_once('>').unwrap()).find(|(_, rest)| rest.starts_with(name));
    format!("stf_{}", one.unwrap().0.split('"').next().unwrap())
}

/// How many of the deals are open is told of a list, and of no search: it would tell that a closed name holds the words.
async fn a_search_counts_nobody(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await.to_string();
    fields(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    make(&support, typed(&mia, "", "White", "4")).await;
    let counted = "deals with a person";
    assert!(sales.get("/deals").await.has(counted) && sales.get("/deals?f=amount.empty").await.has(counted));
    for words in ["kuhlschrank", "ito", "mia+kuhl", "nobody"] {
        let list = sales.get(&format!("/deals?q={words}")).await;
        assert!(list.status == 200 && !list.has(counted), "{words}: {}", list.body);
    }
    assert!(support.get("/deals?q=kuhlschrank").await.has("Kühlschrank"));
}

assent_testkit::on_both!(
    a_search_counts_nobody,
    fields_of_a_deal_are_whose_the_deal_is,
    programs_read_and_write_them,
    a_field_is_changed_in_its_place,
);
