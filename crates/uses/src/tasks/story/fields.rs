//! Fields that a company made for tasks: about a person they are the person's, of other tasks the company's own.

mod after;

use assent_kernel::{PersonId, Role, TaskId, TreeKey as _};
use assent_store::work::filled;
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Answer, Desk, Program, Someone, form};

const COLOUR: &str = "purchase.product.task-colour";
const SUPPORT: &str = "service.support";

/// What an administrator makes: a colour, some hours, a way, a bill, and what is never even named.
async fn fields(desk: &Desk) -> Program {
    let admin = desk.program(77, Role::Admin, None).await;
    for field in [
        json!({ "label": "Colour", "label_de": "Farbe", "kind": "text", "category": "purchase.product" }),
        json!({ "label": "Hours", "kind": "number", "category": "purchase.product" }),
        json!({ "label": "Way", "label_de": "Weg", "kind": "one-of", "category": "contact.website",
            "choices": ["Phone", "Letter"], "choices_de": ["Telefon", "Brief"] }),
        json!({ "label": "Bill", "kind": "text", "category": "purchase.invoice" }),
        json!({ "label": "Ache", "kind": "text", "category": "health" }),
    ] {
        let made = admin.post("/v1/fields/task", field).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    admin
}

fn typed<'a>(text: &'a str, [colour, hours, way]: [&'a str; 3]) -> Vec<(&'a str, &'a str)> {
    vec![("text", text), ("who", ""), ("own-colour", colour), ("own-hours", hours), ("own-way", way)]
}

/// The address of the task of this text, as the list shows it.
fn home(list: &Answer, text: &str) -> String {
    let before = list.body.split(&format!(">{text}<")).next().unwrap();
    let id = before.rsplit("href=\"/tasks/tsk_").next().unwrap().split(['"', '?']).next().unwrap();
    format!("/tasks/tsk_{id}")
}

async fn make(someone: &Someone, sent: &[(&str, &str)]) -> String {
    let made = someone.post("/tasks/new", &form(sent)).await;
    assert_eq!(made.status, 303, "{}", made.body);
    home(&someone.get("/tasks").await, sent.iter().find(|(name, _)| *name == "text").unwrap().1)
}

async fn held(desk: &Desk, id: PersonId) -> usize {
    desk.dossier(id).await.facts().filter(|held| held.category().as_str() == COLOUR).count()
}

/// What stands in the fields of a task, and who is said to stand there.
async fn rows(desk: &Desk, home: &str) -> Option<filled::Filled> {
    let (company, id): (_, TaskId) = (desk.house.company, home.rsplit('/').next().unwrap().parse().unwrap());
    let store = desk.house.gate.region_db(&assent_testkit::eu()).unwrap();
    let read = move |tx: &mut assent_store::Tx<'_>| filled::of(tx, company, &[id.to_bytes()]);
    store.read(read).await.unwrap().remove(&id.to_bytes())
}

/// They are made, called in German, put in order, taken out of use and offered again, on pages and by programs.
async fn fields_of_tasks_are_made(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let page = admin.get("/settings/fields").await;
    assert!(page.has("Of tasks") && page.has("/settings/fields/task"), "{}", page.body);
    assert!(admin.get_in("de", "/settings/fields").await.has("Von Aufgaben"));
    for (label, german, kind) in [("Colour", "Farbe", "text"), ("Hours", "", "number")] {
        let base = admin.get("/settings/fields/task").await.field("base");
        let field = [("base", base.as_str()), ("label", label), ("label_de", german), ("kind", kind)];
        let field = form(&[&field[..], &[("category", "purchase.product")]].concat());
        let done = admin.post("/settings/fields/task", &field).await;
        assert_eq!((done.status, done.to.as_str()), (303, "/settings/fields?done=saved"), "{}", done.body);
    }
    let policy = desk.ctx.gate.policy(desk.house.company).await.unwrap();
    let category = &policy.policy.categories[&assent_testkit::category(COLOUR)];
    assert_eq!(
        (category.label.as_str(), category.labels.get("de")),
        ("Task: Colour", Some("Aufgabe: Farbe"))
    );

    // A deal may have one of the same name; neither is a field of people, nor of the other.
    let program = desk.program(77, Role::Admin, None).await;
    let twin = json!({ "label": "Colour", "kind": "text", "category": "purchase.product" });
    assert_eq!(program.post("/v1/fields/deal", twin.clone()).await.status, 201);
    assert_eq!(program.post("/v1/fields/task", twin).await.status, 422);
    let names = async || {
        let told = program.get("/v1/fields/task").await.body;
        let all = told["data"].as_array().unwrap().clone();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["colour", "hours"]);
    assert_eq!(admin.post("/settings/fields/task/hours/move", "to=up").await.status, 303);
    assert_eq!(names().await, ["hours", "colour"]);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let form_of = sales.get("/tasks/new").await;
    assert!(form_of.has("own-colour") && form_of.has(">Colour<"), "{}", form_of.body);
    assert!(sales.get_in("de", "/tasks/new").await.has(">Farbe<"));
    let out = json!({ "offered": false });
    assert_eq!(program.post("/v1/fields/task/colour/offer", out).await.status, 204);
    assert!(!sales.get("/tasks/new").await.has("own-colour") && !sales.get("/tasks").await.has("own-colour"));
    assert_eq!(admin.post("/settings/fields/task/colour/offer", "offer=again").await.status, 303);
    assert!(sales.get("/tasks/new").await.has("own-colour"));
    assert_eq!(sales.get("/settings/fields/task").await.status, 403);
}

async fn fields_of_a_task_are_whose_the_task_is(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let person = mia.to_string();
    let of = |all: &[(&'static str, &'static str)]| {
        let about = [("person", person.as_str())];
        form(&[all, &about[..]].concat())
    };

    // Whoever may not see it does not fill it in: a lock with the sentence why, and what is not even named is not there.
    let new = support.get(&format!("/tasks/new?person={mia}")).await;
    assert!(new.has("own-colour") && !new.has("own-ache") && !new.has("Ache"), "{}", new.body);
    let closed = sales.get(&format!("/tasks/new?person={mia}")).await;
    assert!(!closed.has("own-colour") && closed.has("Colour") && closed.has("Nobody has asked"));
    let wrong = support.post("/tasks/new", &of(&typed("Ring", ["White", "many", ""]))).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number.") && wrong.has("value=\"White\""));
    assert!(wrong.has(&format!("value=\"{mia}\"")), "it is still about her: {}", wrong.body);
    assert_eq!(held(&desk, mia).await, 0, "nothing is kept of a form that is not right");
    let before = desk.dossier(mia).await.facts().count();
    let mut nosy = typed("Nosy", ["Mine", "", ""]);
    nosy.push(("own-ache", "Back"));
    assert_eq!(support.post("/tasks/new", &of(&nosy)).await.status, 403);
    assert_eq!(desk.dossier(mia).await.facts().count(), before, "all or none, the text too");

    let one = typed("Ring about the lamp", ["White", "2.5", "Phone"]);
    let sent: Vec<(&str, &str)> = [&one[..], &[("person", person.as_str())]].concat();
    let one = make(&support, &sent).await;
    assert_eq!(held(&desk, mia).await, 1);
    let page = support.get(&one).await;
    assert!(page.has("value=\"White\"") && page.has("value=\"2.5\"") && page.has("Phone"), "{}", page.body);

    // The list: columns, rules, an order; what is closed fits no rule and tells nothing.
    let list = "/tasks?col=own-colour&col=own-hours&col=own-way";
    let shown = support.get(list).await;
    assert!(shown.has("White") && shown.has("2.5") && shown.has(">Phone<"), "{}", shown.body);
    assert!(support.get_in("de", list).await.has("Telefon"));
    support.get("/tasks").await.has_none(&["White", ">Phone<"]);
    for (rule, fits) in [
        ("own-colour.is.white", true),
        ("own-colour.is.red", false),
        ("own-hours.from.3", false),
        ("own-way.is.Phone", true),
    ] {
        assert_eq!(support.get(&format!("{list}&f={rule}")).await.has(&one), fits, "{rule}");
        assert!(!sales.get(&format!("{list}&f={rule}")).await.has(&one), "a rule tells nothing: {rule}");
    }
    assert!(!sales.get(&format!("{list}&f=own-colour.empty.")).await.has(&one), "nor an empty one");
    for path in [list.to_owned(), one.clone(), format!("{list}&sort=own-colour")] {
        sales.get(&path).await.has_none(&["White", "2.5", "Mia Ito"]);
    }
    // By itself it stands nowhere else, and the tasks on her record are as they were.
    let record = support.get(&format!("/people/{mia}")).await;
    assert!(!record.has("Task: Colour") && !record.has("White"), "it stands with its task: {}", record.body);
    let tab = support.get(&format!("/people/{mia}?tab=tasks")).await;
    assert!(tab.has("Ring about the lamp") && !tab.has("White"));

    // About nobody it is the company's own.
    let other = make(&sales, &typed("Paint the shop", ["Green", "", "Letter"])).await;
    assert!(rows(&desk, &other).await.is_some_and(|row| row.own.is_some() && row.facts.is_empty()));
    assert!(sales.get(&other).await.has("Green") && sales.get(list).await.has("Green"));
    assert!(sales.get(&format!("{list}&f=own-hours.empty.")).await.has(&other));
    let sorted = support.get(&format!("{list}&sort=own-colour")).await;
    assert!(sorted.body.find("Green").unwrap() < sorted.body.find("White").unwrap());
    assert_eq!(held(&desk, mia).await, 1);

    one_value_opens(&desk, &support, &one).await;
}

/// Of a task that is open one value is and another is not: neither replaced nor told, with the sentence why.
async fn one_value_opens(desk: &Desk, support: &Someone, one: &str) {
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    let invoice = policy.mandates.values_mut().find(|one| one.key == "household-invoice").unwrap();
    invoice.categories =
        invoice.categories.iter().cloned().chain([assent_testkit::category("note")]).collect();
    desk.house.gate.set_policy(policy, START).await.unwrap();
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let page = billing.get(one).await;
    assert!(page.has("Ring about the lamp") && page.has("name=\"own-bill\""), "{}", page.body);
    assert!(page.has("<span>Colour</span>") && page.has("The contract does not need this"), "{}", page.body);
    assert!(!page.has("own-colour") && !page.has("Ache"), "{}", page.body);
    page.has_none(&["White", "2.5"]);
    let sent = |more: &[(&'static str, &'static str)]| {
        form(&[&[("text", "Ring about the lamp"), ("who", "")][..], more].concat())
    };
    let both = sent(&[("own-colour", "Taken"), ("own-bill", "R-77")]);
    assert_eq!(billing.post(one, &both).await.status, 403, "nobody replaces what is closed");
    assert!(!billing.get(one).await.has("R-77"), "all or none");
    assert_eq!(billing.post(one, &sent(&[("own-bill", "R-77")])).await.status, 303);
    assert!(billing.get(one).await.has("value=\"R-77\""));
    let page = support.get(one).await;
    assert!(page.has("value=\"White\"") && page.has("value=\"2.5\"") && page.has("<span>Bill</span>"));
    assert!(!page.has("R-77") && page.has("The contract does not need this"), "{}", page.body);

    // Whoever may look only reads the same, lock and all.
    let admin = lays_down(desk).await;
    reach(&admin, "billing", ("all", "own")).await;
    let page = billing.get(one).await;
    assert!(page.has("it is not yours") && page.has("R-77") && page.has("The contract does not need this"));
    assert!(!page.has("name=\"own-bill\"") && !page.has("White") && page.has("Colour"), "{}", page.body);
    assert!(!page.has("Ache"), "what is not even named is not there");
    for path in [format!("{one}/value/own-bill"), one.to_owned()] {
        assert_eq!(billing.post(&path, &sent(&[("own-bill", "R-78")])).await.status, 403, "{path}");
    }
}

/// An administrator's program that lays down how far roles reach.
async fn lays_down(desk: &Desk) -> Program {
    desk.enter(Role::Admin, "rights.inform").await;
    let company = desk.house.company;
    let all = desk.house.gate.home().read(move |tx| assent_store::access::staff(tx, company)).await.unwrap();
    let admin = all.iter().find(|one| one.name == "Nora admin").unwrap();
    desk.program_by(91, Role::Admin, admin.id).await
}

async fn reach(admin: &Program, role: &str, (see, change): (&str, &str)) {
    let rule = json!({ "role": role, "object": "tasks", "see": see, "change": change });
    let done = admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
    assert_eq!(done.status, 204, "{}", done.text);
}

/// A field is changed where its value stands: by whoever may open it, and by nobody who is late.
async fn a_field_is_changed_in_its_place(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let person = mia.to_string();
    let all = [&typed("Ring", ["White", "2.5", ""])[..], &[("person", person.as_str())]].concat();
    let one = make(&support, &all).await;
    let (pen, list) = (format!("{one}/value/own-colour"), "/tasks?col=own-colour&col=own-hours");
    assert!(support.get(list).await.has(&format!("{pen}?back=")));
    assert!(!sales.get(list).await.has("value/own-"));
    let small = support.get(&pen).await;
    assert!(small.has("value=\"White\"") && !small.has("own-hours"), "{}", small.body);
    let sent = form(&[("ver", &small.field("ver")), ("own-colour", "Red"), ("back", list)]);
    assert_eq!(support.post(&pen, &sent).await.to, format!("{list}&said=changed"));
    let page = support.get(&one).await;
    assert!(page.has("value=\"Red\"") && !page.has("White") && page.has("2.5"), "{}", page.body);
    assert_eq!(held(&desk, mia).await, 1, "nothing of the old value is left");
    let late = support.post(&pen, &sent.replace("Red", "Blue")).await;
    assert!(late.status == 409 && late.has("“Red”"), "{}", late.body);
    let hours = format!("{one}/value/own-hours");
    let wrong = form(&[("ver", &support.get(&hours).await.field("ver")), ("own-hours", "many")]);
    let wrong = support.post(&hours, &wrong).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number."), "{}", wrong.body);
    let shut = sales.get(&pen).await;
    assert_eq!(shut.status, 403);
    shut.has_none(&["Red", "Mia Ito"]);
    assert_eq!(sales.post(&pen, &form(&[("own-colour", "Mine")])).await.status, 403);
    assert!(support.get(&one).await.has("Red"));
    for word in ["own-nothing", "own-"] {
        assert_eq!(support.get(&format!("{one}/value/{word}")).await.status, 404, "{word}");
    }

    // About nobody it is the company's own, emptied like any other, and found by its words as before.
    let shop = make(&sales, &typed("Paint the shop", ["Green", "", ""])).await;
    let pen = format!("{shop}/value/own-colour");
    let sent = form(&[("ver", &sales.get(&pen).await.field("ver")), ("own-colour", "")]);
    assert_eq!(sales.post(&pen, &sent).await.to, format!("{shop}?said=changed"));
    assert!(!sales.get(&shop).await.has("Green"));
    let due = form(&[("due", "2026-05-09"), ("back", "/tasks")]);
    assert_eq!(sales.post(&format!("{shop}/value/due"), &due).await.status, 303);
    assert!(sales.get("/tasks?q=paint").await.has(&shop), "it says the same: it is found by the same words");
}

async fn programs_and_files_carry_them(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let seller = desk.program(8, Role::Sales, Some("sales.contact")).await;
    for wrong in [json!({ "nothing": "x" }), json!({ "hours": "many" }), json!({ "way": "Pigeon" })] {
        let refused = shop.post("/v1/tasks", json!({ "text": "Ring", "fields": wrong })).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let new = |person: Value, colour: &str| json!({ "text": "Ring", "person": person, "fields": { "colour": colour, "hours": "2,5" } });
    let shut = seller.post("/v1/tasks", new(json!(mia), "Red")).await;
    assert_eq!((shut.status, &shut.body["code"]), (403, &json!("NEVER_ASKED")), "{}", shut.text);
    let id = shop.post("/v1/tasks", new(json!(mia), "White")).await.id();
    let own = json!({ "text": "Paint", "fields": { "colour": "Green" } });
    let own = seller.post("/v1/tasks", own).await.id();
    let path = format!("/v1/tasks/{id}");
    let read = shop.get(&path).await;
    assert_eq!(read.body["values"][0]["value"], "White", "{}", read.text);
    assert_eq!(read.body["values"][1]["value"], "2.5");
    let shut = seller.get(&path).await;
    assert_eq!(shut.body["values"][0]["closed"]["code"], "NEVER_ASKED", "{}", shut.text);
    for query in ["", "?f=own-colour.set.", "?sort=own-colour", "?q=white"] {
        let told = seller.get(&format!("/v1/tasks{query}")).await;
        assert!(told.status == 200 && !told.text.contains("White"), "{query}: {}", told.text);
    }
    let ruled = shop.get("/v1/tasks?f=own-colour.is.white&limit=1").await;
    assert_eq!(
        (&ruled.body["data"][0]["id"], &ruled.body["data"][0]["values"][1]["value"]),
        (&json!(id), &json!("2.5"))
    );
    assert_eq!(shop.get("/v1/tasks?f=own-nothing.is.white").await.status, 422);
    let any = [("if-match", "*")];
    let mine = json!({ "fields": { "colour": null, "hours": "3" } });
    assert_eq!(shop.call(&format!("PATCH {path}"), &any, Some(mine)).await.status, 204);
    let values = &shop.get(&path).await.body["values"];
    assert_eq!((values.as_array().unwrap().len(), &values[0]["value"]), (1, &json!("3")));
    assert_eq!(held(&desk, mia).await, 0);
    let back = json!({ "fields": { "colour": "White" } });
    assert_eq!(shop.call(&format!("PATCH {path}"), &any, Some(back)).await.status, 204);

    // Taken along, each is asked for by itself.
    let along = seller.post("/v1/tasks:export", json!({ "tasks": [id, own] })).await;
    let data = &along.body["data"];
    assert!(data[0]["values"][0]["closed"]["code"].is_string() && data[1]["values"][0]["value"] == "Green");
    assert!(!along.text.contains("White"), "{}", along.text);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let both = form(&[("id", &id), ("id", &own), ("col", "own-colour")]);
    assert!(sales.get("/tasks/export?col=own-colour").await.has("values of your own fields"));
    let shut = sales.post("/tasks/export/file", &both).await;
    assert!(
        shut.has("\"colour\",\"colour_terms\"") && shut.has("\"Green\",\"\"") && shut.has("closed: "),
        "{}",
        shut.body
    );
    shut.has_none(&["White"]);
    // Where the terms let it leave, it leaves with them.
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    let invoice = policy.mandates.values_mut().find(|one| one.key == "household-invoice").unwrap();
    let more = ["note", "purchase.product"].map(assent_testkit::category);
    invoice.categories = invoice.categories.iter().cloned().chain(more).collect();
    desk.house.gate.set_policy(policy, START).await.unwrap();
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let file = billing.post("/tasks/export/file", &both).await;
    assert!(file.has("\"White\",\"for billing.invoice, "), "{}", file.body);
}

/// The kinds of values that were asked for of somebody last by support.
async fn asked_last(officer: &Program, mia: PersonId) -> Vec<String> {
    let uses = officer.get(&format!("/v1/people/{mia}/uses")).await.body;
    let all = uses["data"].as_array().unwrap();
    let one = all.iter().find(|one| one["role"] == "support").unwrap();
    one["categories"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

async fn a_list_opens_what_it_needs(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let (shop, officer) = (
        desk.program(9, Role::Support, Some(SUPPORT)).await,
        desk.program(6, Role::Dpo, Some("rights.inform")).await,
    );
    let support = desk.enter(Role::Support, SUPPORT).await;
    let new = json!({ "text": "Ring", "person": mia, "fields": { "colour": "White", "hours": "2" } });
    let id = shop.post("/v1/tasks", new).await.id();
    let of = |kind: &str| format!("purchase.product.task-{kind}");
    let (text, name) = ("note.task".to_owned(), "name.full".to_owned());
    // A page shows what is to be done, and what columns it has; a rule looks at its field alone.
    for (path, asked, not) in [
        ("/tasks", vec![&text, &name], vec![of("colour"), of("hours")]),
        ("/tasks?col=own-hours", vec![&text, &name, &of("hours")], vec![of("colour")]),
        ("/tasks?f=own-hours.from.100", vec![&of("hours")], vec![of("colour"), text.clone(), name.clone()]),
        ("/tasks?f=state.is.open&sort=-own-colour&col=due", vec![&text, &name], vec![of("hours")]),
        ("/day", vec![&text], vec![of("colour"), of("hours")]),
        // A program is told whom a task is about by an id.
        ("/v1/tasks", vec![&text, &of("colour"), &of("hours")], vec![name.clone()]),
        ("/v1/tasks?f=text.has.lamp", vec![&text], vec![name.clone(), of("colour")]),
        ("/v1/tasks?f=about.has.nobody", vec![&text, &name], vec![of("colour")]),
        (&format!("/v1/tasks/{id}"), vec![&text, &of("colour"), &of("hours")], vec![name.clone()]),
    ] {
        let status = match path.starts_with("/v1") {
            true => shop.get(path).await.status,
            false => support.get(path).await.status,
        };
        assert_eq!(status, 200, "{path}");
        let told = asked_last(&officer, mia).await;
        assert!(asked.iter().all(|one| told.contains(one)), "{path}: {told:?}");
        assert!(not.iter().all(|one| !told.contains(one)), "{path}: {told:?}");
    }
}

assent_testkit::on_both!(
    a_list_opens_what_it_needs,
    fields_of_tasks_are_made,
    fields_of_a_task_are_whose_the_task_is,
    a_field_is_changed_in_its_place,
    programs_and_files_carry_them,
);
