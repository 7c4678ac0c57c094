//! Programs read, write and are refused like colleagues of their role, and what they did bears their name. On both engines.

mod people;

use assent_kernel::Role;
use assent_testkit::Engine;
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program, Told};

const SUPPORT: &str = "service.support";

fn fact<'a>(person: &'a Value, category: &str) -> &'a Value {
    let all = person["facts"].as_array().unwrap();
    all.iter().find(|fact| fact["category"] == category).unwrap()
}

fn is_problem(told: &Told, status: u16, code: &str) {
    assert_eq!((told.status, told.body["code"].as_str()), (status, Some(code)), "{}", told.text);
    assert_eq!(told.header("content-type"), "application/problem+json");
    assert_eq!(told.body["status"], status);
}

async fn read(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, stranger) = (desk.customer().await, desk.stranger().await);
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;

    let own = support.get("/v1/key").await;
    assert_eq!((&own.body["role"], &own.body["purpose"]), (&json!("support"), &json!(SUPPORT)));
    let open = support.get(&format!("/v1/people/{mia}")).await;
    assert_eq!(fact(&open.body, "contact.email")["value"], "mia.ito@example.org", "{}", open.text);
    assert_eq!(open.header("cache-control"), "");
    let shut = sales.get(&format!("/v1/people/{mia}")).await;
    let closed = &fact(&shut.body, "contact.email")["closed"];
    assert_eq!((&closed["code"], &closed["remedy"]), (&json!("NEVER_ASKED"), &json!("ask-person")));
    assert!(!shut.text.contains("mia.ito") && !shut.text.contains("Mia"), "{}", shut.text);

    // Found by a whole address, by the beginning of a name; not by what is closed.
    for query in ["email=mia.ito@example.org", "name=mi"] {
        let found = support.get(&format!("/v1/people?{query}")).await;
        assert_eq!(found.body["data"][0]["id"], json!(mia), "{query}: {}", found.text);
        assert_eq!(sales.get(&format!("/v1/people?{query}")).await.body["data"], json!([]), "{query}");
    }
    let page = support.get("/v1/people?limit=1").await;
    let next = page.body["next"].as_str().unwrap().to_owned();
    assert!(page.header("link").contains(&next) && page.header("ratelimit").contains("r="));
    let rest = support.get(&format!("/v1/people?limit=1&after={next}")).await;
    let ids = [&page.body["data"][0]["id"], &rest.body["data"][0]["id"]];
    assert!(ids.contains(&&json!(mia)) && ids.contains(&&json!(stranger)) && rest.body["next"].is_null());

    // What the programs did is in the ledger under their name, for the page and for the interface.
    let uses = support.get(&format!("/v1/people/{mia}/uses")).await;
    let by = |who: &str, outcome: &str| {
        let lines = uses.body["data"].as_array().unwrap();
        lines.iter().any(|line| line["who"] == who && line["outcome"] == outcome && line["use"] == "View")
    };
    assert!(by("the shop (program)", "PERMIT"), "{}", uses.text);
    assert!(!by("the shop (program)", "NEVER_ASKED"), "what sales asked for is told to sales: {}", uses.text);
    let colleague = desk.enter(Role::Support, SUPPORT).await;
    assert!(colleague.get(&format!("/people/{mia}?tab=uses")).await.has("the shop (program)"));
    is_problem(&sales.get(&format!("/v1/people/{mia}/uses")).await, 403, "NEVER_ASKED");
    let terms = sales.get(&format!("/v1/people/{mia}/terms")).await;
    assert!(terms.body["data"].as_array().unwrap().iter().any(|one| one["purpose"] == "sales.contact"));
}

async fn written(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let person = support.get(&format!("/v1/people/{mia}")).await.body;
    let email = fact(&person, "contact.email");
    let path = format!("/v1/people/{mia}/facts/{}", email["id"].as_str().unwrap());
    let (change, put) = (json!({ "value": "mia@example.org" }), format!("PATCH {path}"));
    is_problem(&support.call(&put, &[], Some(change.clone())).await, 428, "if-match");
    is_problem(&support.call(&put, &[("if-match", "\"1\"")], Some(change.clone())).await, 412, "changed");
    let seen = support.get(&path).await;
    let tag = [("if-match", seen.header("etag"))];
    is_problem(&sales.call(&put, &tag, Some(change.clone())).await, 403, "NEVER_ASKED");
    let bad = support.call(&put, &tag, Some(json!({ "value": "nonsense" }))).await;
    is_problem(&bad, 422, "invalid");
    assert!(bad.body["detail"].as_str().unwrap().starts_with("/value"));
    desk.clock.advance(1_000_000);
    assert_eq!(support.call(&put, &tag, Some(change.clone())).await.status, 204);
    is_problem(&support.call(&put, &tag, Some(change)).await, 412, "changed");
    assert_eq!(support.get(&path).await.body["value"], "mia@example.org");

    let note = support.post(&format!("/v1/people/{mia}/notes"), json!({ "text": "Call after six." })).await;
    let there = note.header("location").to_owned();
    assert_eq!(support.get(&there).await.body["value"], "Call after six.");
    is_problem(
        &sales.post(&format!("/v1/people/{mia}/notes"), json!({ "text": "x" })).await,
        403,
        "NEVER_ASKED",
    );
    let added = support
        .post(
            &format!("/v1/people/{mia}/facts"),
            json!({ "category": "contact.phone", "value": "+49 451 5550177" }),
        )
        .await;
    let added = format!("/v1/people/{mia}/facts/{}", added.id());
    let tag = support.get(&added).await.header("etag").to_owned();
    assert_eq!(support.call(&format!("DELETE {added}"), &[("if-match", &tag)], None).await.status, 204);
    is_problem(&support.get(&added).await, 404, "not-found");

    // Asking: once, and then it makes no sense.
    let ask = format!("/v1/people/{mia}/requests");
    assert_eq!(sales.post(&ask, json!({})).await.status, 204);
    is_problem(&sales.post(&ask, json!({})).await, 409, "open-already");
    let asked = sales.get(&ask).await.body;
    assert_eq!(
        (&asked["data"][0]["state"], &asked["data"][0]["asked_by"]),
        (&json!("open"), &json!("the shop (program)"))
    );
}

async fn new_people(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let facts = json!([{ "category": "name.full", "value": "Ada Quist" }, { "category": "contact.email", "value": "ada@example.org" }]);
    let ada = support.post("/v1/people", json!({ "facts": facts })).await.id();
    let apart = support.get(&format!("/v1/people/{ada}")).await.body;
    assert_eq!(apart["quarantined"], json!(true));
    assert!(fact(&apart, "contact.email")["closed"]["code"].is_string(), "{apart}");
    let twin = support.post("/v1/people", json!({ "facts": facts })).await;
    is_problem(&twin, 409, "twin");
    let detail = twin.body["detail"].as_str().unwrap();
    assert!(
        !detail.contains(&ada) && detail.contains("closed for this key"),
        "she was not asked yet: {detail}"
    );
    let contract = json!([{ "kind": "household-customer", "from": "2026-04-01", "until": "2028-04-01" }]);
    let again = json!({ "facts": facts, "contracts": contract, "twin": true });
    let bound = support.post("/v1/people", again).await.id();
    let open = support.get(&format!("/v1/people/{bound}")).await.body;
    assert_eq!(
        (&open["quarantined"], &fact(&open, "contact.email")["value"]),
        (&json!(false), &json!("ada@example.org"))
    );
    // A yes that was given elsewhere counts with the text that was seen, and not in the future.
    let marketing = desk.program(3, Role::Marketing, Some("marketing.newsletter")).await;
    let said = |day: &str, version: u32| {
        let yes = json!([{ "purpose": "marketing.newsletter", "notice_version": version, "given_on": day }]);
        json!({ "facts": facts, "answers": yes, "twin": true })
    };
    for wrong in [said("2027-01-01", 1), said("2026-04-01", 9)] {
        is_problem(&marketing.post("/v1/people", wrong).await, 422, "invalid");
    }
    let yes = marketing.post("/v1/people", said("2026-04-01", 1)).await.id();
    assert_eq!(marketing.get(&format!("/v1/people/{yes}")).await.body["quarantined"], json!(false));
    // Erasing takes the role, and the id twice.
    let way = format!("/v1/people/{ada}/erasure");
    is_problem(&support.post(&way, json!({ "confirm": ada })).await, 403, "forbidden");
    let dpo = desk.program(4, Role::Dpo, None).await;
    is_problem(&dpo.post(&way, json!({ "confirm": bound })).await, 422, "invalid");
    let gone = dpo.post(&way, json!({ "confirm": ada })).await;
    assert_eq!((gone.status, &gone.body["data"][0]["erased"]), (200, &json!(2)), "{}", gone.text);
    is_problem(&dpo.get(&format!("/v1/people/{ada}")).await, 404, "not-found");
}

async fn worked(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let ways = support.get("/v1/pipelines").await.body;
    let stage = |state: &str| {
        let all = ways["data"][0]["stages"].as_array().unwrap();
        all.iter().find(|one| one["state"] == state).unwrap()["id"].clone()
    };
    let firm = support.post("/v1/organisations", json!({ "name": "Gartenfreunde" })).await.id();
    is_problem(&support.post("/v1/organisations", json!({ "name": "gartenfreunde" })).await, 409, "twin");
    let new = json!({ "title": "Second fridge", "person": mia, "organisation": firm, "cents": 129_950 });
    is_problem(&sales.post("/v1/deals", new.clone()).await, 403, "NEVER_ASKED");
    let deal = format!("/v1/deals/{}", support.post("/v1/deals", new).await.id());
    let shown = support.get(&deal).await;
    assert_eq!(
        (&shown.body["title"]["value"], &shown.body["cents"]),
        (&json!("Second fridge"), &json!(129_950))
    );
    let shut = sales.get(&deal).await;
    assert_eq!(
        (&shut.body["title"]["closed"]["code"], &shut.body["cents"]),
        (&json!("NEVER_ASKED"), &json!(129_950))
    );
    assert!(!shut.text.contains("fridge"));
    let of_mia = format!("?person={mia}");
    for filter in ["", "?limit=1", &of_mia, &format!("?organisation={firm}")] {
        let list = sales.get(&format!("/v1/deals{filter}")).await;
        // A closed deal hangs on nobody.
        let there = if filter == of_mia { 0 } else { 1 };
        assert_eq!(list.body["data"].as_array().map(Vec::len), Some(there), "{filter}: {}", list.text);
        assert!(!list.text.contains("fridge") && !list.text.contains(&mia.to_string()));
    }
    let hers = support.get(&format!("/v1/deals{of_mia}")).await;
    assert_eq!(hers.body["data"][0]["person"], json!(mia), "{}", hers.text);
    let tag = shown.header("etag").to_owned();
    let change = json!({ "cents": null, "close_on": "2026-06-01" });
    let patch = format!("PATCH {deal}");
    assert_eq!(support.call(&patch, &[("if-match", &tag)], Some(change.clone())).await.status, 204);
    is_problem(&support.call(&patch, &[("if-match", &tag)], Some(change)).await, 412, "changed");
    let now = support.get(&deal).await.body;
    assert_eq!(
        (&now["cents"], &now["close_on"], &now["title"]["value"]),
        (&Value::Null, &json!("2026-06-01"), &json!("Second fridge"))
    );
    let lost = format!("{deal}/stage");
    is_problem(&support.post(&lost, json!({ "stage": stage("lost") })).await, 422, "invalid");
    assert_eq!(support.post(&lost, json!({ "stage": stage("lost"), "lost": "price" })).await.status, 204);
    assert_eq!(support.get(&deal).await.body["state"], "lost");
    assert_eq!(support.call(&format!("DELETE {deal}"), &[("if-match", "*")], None).await.status, 204);
    assert_eq!(support.get("/v1/deals").await.body["data"], json!([]));
    assert_eq!(support.call(&format!("POST {deal}/restore"), &[], None).await.status, 204);

    let task = json!({ "text": "Send the offer", "person": mia, "due_on": "2026-05-20" });
    let task = format!("/v1/tasks/{}", support.post("/v1/tasks", task).await.id());
    assert!(!sales.get("/v1/tasks").await.text.contains("offer"));
    assert_eq!(support.post(&format!("{task}/done"), json!({ "done": true })).await.status, 204);
    let done = support.get(&task).await;
    assert!(done.body["done_at"].is_string() && done.body["text"]["value"] == "Send the offer");
    let later = json!({ "due_on": "2026-05-21" });
    let tag = done.header("etag").to_owned();
    assert_eq!(support.call(&format!("PATCH {task}"), &[("if-match", &tag)], Some(later)).await.status, 204);
    let city = json!({ "city": "Kiel" });
    let path = format!("PATCH /v1/organisations/{firm}");
    assert_eq!(support.call(&path, &[("if-match", "*")], Some(city)).await.status, 204);
    let firm = support.get(&format!("/v1/organisations/{firm}")).await.body;
    assert_eq!((&firm["city"], &firm["name"]), (&json!("Kiel"), &json!("Gartenfreunde")));
}

async fn met(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let nobody = Program { key: "assent_key_x".into(), ..support.clone() };
    let refused = nobody.get("/v1/people").await;
    is_problem(&refused, 401, "key");
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    // Another company's ids are nobody's.
    let foreign = desk.foreign().await;
    let other = desk.program_of(assent_kernel::CompanyId::from_bytes([2; 16]), 9, Role::Dpo, None).await;
    assert_eq!(other.get(&format!("/v1/people/{foreign}")).await.status, 200);
    for id in [&mia.to_string(), "per_x", "per_00000000000000000000000000", "%FF", "x%2Fy"] {
        is_problem(&other.get(&format!("/v1/people/{id}")).await, 404, "not-found");
    }
    let firm = support.post("/v1/organisations", json!({ "name": "Ours" })).await.id();
    is_problem(&other.get(&format!("/v1/organisations/{firm}")).await, 404, "not-found");
    is_problem(&other.post("/v1/deals", json!({ "title": "x", "person": mia })).await, 422, "invalid");
    // The purpose of a key is its own; a key without one says it, within its role.
    let wish = [("assent-purpose", "marketing.newsletter")];
    is_problem(&support.call("GET /v1/people", &wish, None).await, 403, "forbidden");
    is_problem(&other.call("GET /v1/people", &wish, None).await, 403, "forbidden");
    assert_eq!(other.call("GET /v1/people", &[("assent-purpose", "rights.inform")], None).await.status, 200);
    // What cannot be done, accepted or read.
    let put = support.call("PUT /v1/deals", &[], None).await;
    is_problem(&put, 405, "method");
    assert_eq!(put.header("allow"), "GET, POST, HEAD");
    is_problem(&support.call("GET /v1/deals", &[("accept", "text/html")], None).await, 406, "accept");
    is_problem(
        &support.call("POST /v1/tasks", &[("content-type", "text/plain")], None).await,
        415,
        "content-type",
    );
    is_problem(&support.post("/v1/tasks", json!({ "text": "a".repeat(300_000) })).await, 413, "too-large");
    is_problem(&support.post("/v1/tasks", json!({ "text": "a", "colour": "blue" })).await, 422, "invalid");
    is_problem(&support.get("/v1/tasks?limit=0").await, 422, "invalid");
    is_problem(&support.get("/v1/tasks?colour=blue").await, 422, "invalid");
    is_problem(&support.get("/v1/tasks?after=x").await, 422, "invalid");
}

async fn done_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (support, other) =
        (desk.program(1, Role::Support, None).await, desk.program(2, Role::Support, None).await);
    let (line, task) = ("POST /v1/tasks", json!({ "text": "Once" }));
    let key = [("idempotency-key", "k-1")];
    let first = support.call(line, &key, Some(task.clone())).await;
    let again = support.call(line, &key, Some(task.clone())).await;
    assert_eq!((first.id(), first.header("location")), (again.id(), again.header("location")));
    assert_eq!(support.get("/v1/tasks").await.body["data"].as_array().map(Vec::len), Some(1));
    is_problem(&support.call(line, &key, Some(json!({ "text": "Twice" }))).await, 422, "key-reused");
    assert_ne!(
        other.call(line, &key, Some(task.clone())).await.id(),
        first.id(),
        "another key's keys are its own"
    );
    // What failed did nothing, and may be tried again.
    let second = [("idempotency-key", "k-2")];
    is_problem(
        &support
            .call(line, &second, Some(json!({ "text": "a", "assignee": "stf_00000000000000000000000000" })))
            .await,
        422,
        "invalid",
    );
    assert_eq!(support.call(line, &second, Some(task.clone())).await.status, 201);
    // Two at the same moment: one is done, the other waits or gets its answer.
    let third = [("idempotency-key", "k-3")];
    let (one, two) = tokio::join!(
        support.call(line, &third, Some(task.clone())),
        support.call(line, &third, Some(task.clone()))
    );
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert!(both == [201, 409] || (both == [201, 201] && one.body == two.body), "{both:?}");
    assert_eq!(support.get("/v1/tasks").await.body["data"].as_array().map(Vec::len), Some(4));
    // After a day the key is free.
    desk.clock.advance(25 * 3_600_000_000);
    assert_ne!(support.call(line, &key, Some(task)).await.id(), first.id());
}

assent_testkit::on_both!(read, written, new_people, worked, met, done_once);

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_calls_too_often_waits() {
    let desk = Desk::new(Engine::Sqlite).await;
    let program = desk.program(1, Role::Support, None).await;
    let quota = assent_web::api::Quota::new(2);
    let app = assent_web::api::routes_within(desk.ctx.rooms, quota).with_state(desk.ctx.clone());
    let hurried = Program { app, ..program };
    assert_eq!(hurried.get("/v1/key").await.header("ratelimit").split(';').nth(1), Some("r=1"));
    assert_eq!(hurried.get("/v1/key").await.status, 200);
    let over = hurried.get("/v1/key").await;
    is_problem(&over, 429, "too-many");
    assert!(over.header("retry-after").parse::<u32>().is_ok_and(|wait| (1..=60).contains(&wait)));
    desk.clock.advance(60_000_000);
    assert_eq!(hurried.get("/v1/key").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_the_routes_are_one() {
    let desk = Desk::new(Engine::Sqlite).await;
    let program = desk.program(1, Role::Support, None).await;
    let document = program.get("/v1/openapi.json").await.body;
    let mut told = 0;
    for (path, verbs) in document["paths"].as_object().unwrap() {
        let there = path.replace("{id}", "x").replace("{fact}", "x");
        let mut allowed: Vec<String> =
            verbs.as_object().unwrap().keys().map(|verb| verb.to_uppercase()).collect();
        told += allowed.len();
        if allowed.iter().any(|verb| verb == "GET") {
            allowed.push("HEAD".into());
        }
        // Whatever the document does not tell is not allowed, and the router says exactly what is.
        let answer = program.call(&format!("TRACE {there}"), &[], None).await;
        let mut said: Vec<&str> = answer.header("allow").split(", ").collect();
        said.sort_unstable();
        allowed.sort_unstable();
        assert_eq!(
            (answer.status, said),
            (405, allowed.iter().map(String::as_str).collect::<Vec<_>>()),
            "{path}"
        );
    }
    assert!(told > 35, "{told} operations");
    let page = program.get("/v1").await;
    let ids =
        document["paths"].as_object().unwrap().values().flat_map(|verbs| verbs.as_object().unwrap().values());
    for id in ids.map(|one| one["operationId"].as_str().unwrap()) {
        assert!(page.text.contains(&format!("id=\"{id}\"")), "{id} is not explained");
    }
}
