//! Columns that are chosen, and fields that the company made: decided, shown, written and taken along like anything else.

use assent_kernel::{CompanyId, PersonId, Role};
use serde_json::json;

use super::fixture::{Answer, Desk, Engine, Someone, form};

const BRUSH: &str = "purchase.product.brush-model";

async fn what_is_not_shown_is_not_asked_for(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let page = support.get("/people?col=phone").await;
    assert!(page.has("Mia Ito") && page.has("+49 451 5550100"), "the name is always there");
    page.has_none(&["mia.ito@example.org", "Lübeck"]);
    let shop = desk.program(9, Role::Support, Some("service.support")).await;
    let uses = shop.get(&format!("/v1/people/{mia}/uses")).await;
    let listed = uses.body["data"].as_array().unwrap().iter().find(|line| line["use"] == "List").unwrap();
    assert_eq!(listed["categories"], json!(["contact.phone", "name.full"]), "{}", uses.text);

    // What a rule looks at is asked for, whether or not it is shown.
    let found = support.get("/people?col=phone&f=city.is.lubeck").await;
    assert!(found.has("Mia Ito") && !found.has(">Lübeck<"), "{}", found.body);
    // The name alone is a choice too; nonsense chooses nothing.
    support.get("/people?col=name").await.has_none(&["5550100", "mia.ito@example.org"]);
    assert!(support.get("/people?col=secret").await.has("mia.ito@example.org"));
}

async fn columns_are_chosen_and_ordered_in_a_form(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let ask = "show=all&columns=1&col=phone&at.phone=2&col=email&at.email=1&col=city&at.city=1";
    let to = support.get(&format!("/people?{ask}")).await;
    assert_eq!((to.status, to.to.as_str()), (303, "/people?show=all&col=email&col=city&col=phone"));
    let page = support.get(&to.to).await;
    let place = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("no {text}: {}", page.body));
    assert!(
        place(">mia.ito@example.org<") < place(">Lübeck<") && place(">Lübeck<") < place(">+49 451 5550100<")
    );
    assert!(page.has("name=\"at.email\" value=\"1\"") && page.has("name=\"at.phone\" value=\"3\""));
    for path in ["/deals", "/tasks", "/organisations"] {
        let (usual, other) = match path {
            "/deals" => ("stage", "state"),
            "/tasks" => ("due", "since"),
            _ => ("trade", "since"),
        };
        let ask = format!("{path}?columns=1&col={usual}&at.{usual}=2&col={other}&at.{other}=1");
        let to = support.get(&ask).await;
        assert_eq!((to.status, to.to), (303, format!("{path}?col={other}&col={usual}")));
    }
    // A view keeps its columns.
    let state = "col=email&col=city&col=phone";
    let view = form(&[("list", "people"), ("name", "Reach"), ("query", state), ("shared", "on")]);
    assert_eq!(support.post("/views", &view).await.status, 303);
    let views = desk.enter(Role::Sales, "sales.contact").await.get("/people").await;
    assert!(views.has("/people?col=email&#38;col=city&#38;col=phone"), "{}", views.body);
}

/// An administrator makes the field.
async fn made(desk: &Desk) -> Someone {
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let base = admin.get("/settings/fields/person").await.field("base");
    let field = [
        ("base", base.as_str()),
        ("label", "Brush model"),
        ("kind", "one-of"),
        ("category", "purchase.product"),
        ("choices", "Clean 2\nClean Pro"),
        ("choices_de", "Sauber 2\nSauber Pro"),
    ];
    let wrong = form(&[&field[..2], &field[3..]].concat());
    let wrong = admin.post("/settings/fields/person", &wrong).await;
    assert!(wrong.status == 422 && wrong.has("Say what may stand in it."), "{}", wrong.body);
    let done = admin.post("/settings/fields/person", &form(&field)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let twice = admin.post("/settings/fields/person", &form(&field)).await;
    assert!(twice.status == 422 && twice.has("There is one of that name already."));
    assert!(admin.get("/settings/history").await.has("Field “Brush model” of people added as"));
    admin
}

async fn add(someone: &Someone, person: PersonId, value: &str) -> Answer {
    someone.post(&format!("/people/{person}/fact"), &form(&[("category", BRUSH), ("value", value)])).await
}

async fn a_field_is_decided_like_its_kind(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let admin = made(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let path = format!("/people/{mia}");
    let record = support.get(&path).await;
    assert!(record.has("Brush model") && record.has(&format!("{path}/fact?category={BRUSH}")));
    assert!(support.get(&format!("{path}/fact?category={BRUSH}")).await.has("<option value=\"Clean Pro\">"));
    assert!(support.get(&format!("{path}/fact")).await.has("fill in a field of your own"));

    // Only what fits is kept, in the words of the choice.
    let wrong = add(&support, mia, "Clean 9").await;
    assert!(wrong.status == 422 && wrong.has("Choose of these: Clean 2, Clean Pro."), "{}", wrong.body);
    assert_eq!(add(&support, mia, "clean pro").await.status, 303);
    assert!(support.get(&path).await.has("Clean Pro"));
    let list = "/people?col=own-brush-model";
    assert!(support.get(list).await.has("Clean Pro"));
    assert!(support.get(&format!("{list}&f=own-brush-model.is.clean+pro")).await.has("Mia Ito"));
    assert!(!support.get(&format!("{list}&f=own-brush-model.is.Clean+2")).await.has("Mia Ito"));

    // Whoever reads German reads the choice in German, finds by it, and chooses from it; the address has the one that is kept.
    let german = support.get_in("de", &format!("{list}&f=own-brush-model.is.sauber+pro")).await;
    assert!(german.has("Mia Ito") && german.has("Brush model ist Sauber Pro"), "{}", german.body);
    assert!(german.has("<option value=\"Clean 2\">Sauber 2</option>") && !german.has(">Clean Pro<"));
    assert!(german.has("f=own-brush-model.is.Clean%20Pro") || german.has("f=own-brush-model.is.Clean+Pro"));

    // Closed for sales like the product itself: not shown, not found, not written.
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for query in ["&show=all", "&f=own-brush-model.set.&show=all", "&f=own-brush-model.not.x&show=all"] {
        let page = sales.get(&format!("{list}{query}")).await;
        let table = page.body.split("</details>").last().unwrap_or_default();
        assert!(!table.contains("Clean Pro"), "{query}");
        assert_eq!(page.has(&mia.to_string()), query == "&show=all", "{query}");
    }
    sales.get(&path).await.has_none(&["Clean Pro"]);
    assert_eq!(add(&sales, mia, "Clean 2").await.status, 403);

    // Changed like any other value; saving the same says so.
    let fact = format!("{path}/fact/{}", desk.fact(mia, BRUSH).await);
    let page = support.get(&fact).await;
    assert!(page.has("<option value=\"Clean Pro\" selected>"), "{}", page.body);
    let seen = page.field("seen");
    let same = support.post(&fact, &form(&[("value", "Clean Pro"), ("seen", &seen)])).await;
    assert!(same.status == 422 && same.has("Nothing changed."));
    assert_eq!(support.post(&fact, &form(&[("value", "Clean 2"), ("seen", &seen)])).await.status, 303);

    // Another name, other choices: what was chosen stays readable.
    let edit = "/settings/fields/person/brush-model";
    let read = admin.get(edit).await;
    let (base, seen) = (read.field("base"), read.field("seen"));
    let other =
        form(&[("base", &base), ("seen", &seen), ("label", "Brush at home"), ("choices", "Clean Pro")]);
    assert_eq!(admin.post(edit, &other).await.status, 303);
    assert!(
        admin.post(edit, &other).await.has("while you were writing"),
        "nobody undoes what they have not read"
    );
    let record = support.get(&path).await;
    assert!(record.has("Brush at home") && record.has("Clean 2") && !record.has("Brush model"));
    assert!(support.get(&fact).await.has("Clean 2 (no longer offered)"));

    // Offered no longer: nothing new, and what is there stays.
    assert_eq!(admin.post(&format!("{edit}/offer"), &form(&[("offer", "no")])).await.status, 303);
    assert!(support.get(&path).await.has("Clean 2"));
    assert!(!support.get("/people").await.has("own-brush-model"));
    assert_eq!(add(&support, mia, "Clean Pro").await.status, 422);
    assert_eq!(admin.post(&format!("{edit}/offer"), &form(&[("offer", "again")])).await.status, 303);
    assert!(support.get("/people").await.has("own-brush-model"));
    assert_eq!(support.get("/settings/fields").await.status, 403);
}

async fn a_field_is_typed_with_a_new_person_taken_along_and_told_to_programs(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.customer().await;
    let admin = made(&desk).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let typed = |brush: &'static str| {
        form(&[
            ("name", "Aiko Ito"),
            ("email", "aiko@example.org"),
            ("stands", "household-customer"),
            ("reference", "HH-1"),
            ("from", "2026-05-01"),
            ("until", "2028-05-01"),
            ("own-brush-model", brush),
        ])
    };
    let support = desk.enter(Role::Support, "service.support").await;
    let wrong = support.post("/people/new", &typed("Clean 9")).await;
    assert!(wrong.status == 422 && wrong.has("Choose of these"), "{}", wrong.body);
    let done = support.post("/people/new", &typed("Clean Pro")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let aiko = done.to.split(['/', '?']).nth(2).unwrap().to_owned();
    assert!(support.get(&format!("/people/{aiko}")).await.has("Clean Pro"));

    let file = form(&[("id", &aiko), ("form", "csv"), ("col", "own-brush-model")]);
    let file = billing.post("/people/export/file", &file).await;
    assert!(
        file.has("\"person\",\"name\",\"name_terms\",\"brush-model\",\"brush-model_terms\"\r\n"),
        "{}",
        file.body
    );

    let shop = desk.program(9, Role::Support, Some("service.support")).await;
    let fields = shop.get("/v1/people-fields").await;
    assert_eq!(fields.body["data"][0]["category"], BRUSH, "{}", fields.text);
    let facts = format!("/v1/people/{aiko}/facts");
    let wrong = shop.post(&facts, json!({ "category": BRUSH, "value": "Clean 9" })).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    assert_eq!(shop.post(&facts, json!({ "category": BRUSH, "value": "CLEAN 2" })).await.status, 201);
    let read = shop.get(&format!("/v1/people/{aiko}")).await;
    let values = read.body["facts"].as_array().unwrap().iter().filter(|fact| fact["category"] == BRUSH);
    let values: Vec<&str> = values.map(|fact| fact["value"].as_str().unwrap()).collect();
    assert!(values.contains(&"Clean 2") && values.contains(&"Clean Pro"), "{}", read.text);

    // Another company has no such field, and no way to this one.
    desk.foreign().await;
    let other = CompanyId::from_bytes([2; 16]);
    let stranger = desk.enter_at(other, Role::Admin, "rights.inform").await;
    assert!(!stranger.get("/settings/fields").await.has("Brush model"));
    assert_eq!(stranger.get("/settings/fields/person/brush-model").await.status, 404);
    assert_eq!(admin.get("/settings/fields/nobody").await.status, 404);
}

assent_testkit::on_both!(
    what_is_not_shown_is_not_asked_for,
    columns_are_chosen_and_ordered_in_a_form,
    a_field_is_decided_like_its_kind,
    a_field_is_typed_with_a_new_person_taken_along_and_told_to_programs
);
