//! A program imports: sends a file, says what it means, tries, runs, reads what was not taken, and undoes it all.

use assent_gate::Whose;
use assent_kernel::{Asker, Role, StaffId, Timestamp};
use assent_store::callers::{self, Caller};
use assent_store::home::owner;
use assent_store::reach::{self, Object, Rule, Scope};
use assent_store::work::Reach;
use assent_web::{api, session};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::house::*;

struct Program {
    app: Router,
    key: String,
}

async fn program(world: &World, n: u8, role: Role) -> Program {
    let token = [n; 32];
    let caller = Caller {
        id: StaffId::from_bytes([n; 16]),
        company: world.house.company,
        name: "old shop".into(),
        role,
        purpose: None,
        created_at: Timestamp::MIN,
        until: Timestamp::MAX,
        ended_at: None,
        made_by: None,
    };
    let digest = session::digest(&token);
    world.ctx.gate.home().write(move |tx| callers::add(tx, &digest, &caller)).await.unwrap();
    let app = api::routes(world.ctx.rooms).with_state(world.ctx.clone());
    Program { app, key: session::key_of(&token) }
}

impl Program {
    async fn call(&self, line: &str, body: Option<Value>) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(&format!("POST {path}"), Some(body)).await
    }
    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(&format!("GET {path}"), None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
    async fn until(&self, path: &str, state: &str) -> Value {
        for _ in 0..400 {
            let told = self.get(path).await;
            if told["state"] == state && told["working"] == json!(false) {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{path} does not come to {state}: {}", self.get(path).await);
    }
}

async fn from_a_call_to_undo(engine: Engine) {
    let world = world(engine).await;
    let shop = program(&world, 1, Role::Sales).await;
    let text = String::from_utf8(DEMO.to_vec()).unwrap();
    let (status, made) = shop.post("/v1/imports", json!({ "name": "contacts.csv", "text": text })).await;
    assert_eq!(status, 201, "{made}");
    let at = format!("/v1/imports/{}", made["id"].as_str().unwrap());
    let draft = shop.get(&at).await;
    let means = |told: &Value, name: &str| {
        let all = told["columns"].as_array().unwrap();
        all.iter().find(|one| one["column"] == name).map(|one| one["means"].clone()).unwrap_or_default()
    };
    assert_eq!(
        (&draft["state"], &draft["total"], &draft["terms"]),
        (&json!("draft"), &json!(60), &Value::Null)
    );
    let first = draft["columns"][1]["column"].as_str().unwrap().to_owned();
    assert!(!draft.to_string().contains("@example"), "no value of anybody: {draft}");

    // It says what is wrong, and where.
    let run = format!("{at}/run");
    assert_eq!(shop.post(&run, json!({ "keep": true })).await.0, 409, "nothing was said about terms yet");
    let plan = format!("{at}/plan");
    for (wrong, place) in [
        (json!({ "columns": [{ "column": "No such" }] }), "/columns/0"),
        (json!({ "terms": { "stand": "contract" } }), "/terms"),
        (json!({ "terms": { "stand": "columns", "country": "Atlantis" } }), "/terms"),
        (json!({ "columns": [{ "column": first, "means": "family-name" }] }), "/columns"),
    ] {
        let (status, said) = shop.post(&plan, wrong).await;
        assert!(status == 422 && said["detail"].as_str().unwrap().starts_with(place), "{said}");
    }
    let fits = json!({
        "columns": [{ "column": first, "means": "given-name" }],
        "terms": {
            "stand": "columns", "contract": "household-customer", "country": "DE",
            "words": [{ "word": "Offers by e-mail", "purpose": "sales.offer" }],
        },
    });
    assert_eq!(shop.post(&plan, fits).await.0, 204);
    assert_eq!(means(&shop.get(&at).await, &first), "given-name");
    assert_eq!(shop.post(&run, json!({ "keep": false })).await.0, 204);
    let tried = shop.until(&at, "draft").await;
    assert_eq!((&tried["tried"]["taken"], &tried["counts"]["taken"]), (&json!(55), &json!(0)), "{tried}");
    assert_eq!(shop.post(&run, json!({ "keep": true })).await.0, 204);
    let done = shop.until(&at, "done").await;
    assert_eq!(
        (&done["counts"]["taken"], &done["counts"]["quarantined"]),
        (&json!(55), &json!(24)),
        "{done}"
    );
    assert_eq!(people(&world).await.len(), 55);

    // Rows that were not taken, a page at a time; to nobody else.
    let page = shop.get(&format!("{at}/rejected?limit=2")).await;
    let next = page["next"].as_str().unwrap();
    let rest = shop.get(&format!("{at}/rejected?limit=200&after={next}")).await;
    let rows = [page["data"].as_array().unwrap().clone(), rest["data"].as_array().unwrap().clone()].concat();
    assert!(rest["next"].is_null() && rows.len() >= 5, "{rows:?}");
    let row = rows.iter().find(|row| row["cells"].to_string().contains("jonas.brandtner(at)example.org"));
    assert!(row.is_some_and(|row| row["reason"].as_str().unwrap().contains("one @")), "{rows:?}");
    let other = program(&world, 2, Role::Marketing).await;
    assert_eq!(other.call(&format!("GET {at}/rejected"), None).await.0, 403);
    assert_eq!(other.get("/v1/imports").await["data"][0]["counts"]["taken"], 55);

    assert_eq!(shop.post(&format!("{at}/undo"), json!({})).await.0, 204);
    let undone = shop.until(&at, "undone").await;
    assert_eq!((&undone["erased"], &undone["stayed"]), (&json!(55), &json!(0)));
    assert!(people(&world).await.is_empty());
}

async fn only_who_may_and_only_what_is_one(engine: Engine) {
    let world = world(engine).await;
    let billing = program(&world, 3, Role::Billing).await;
    let file = json!({ "name": "contacts.csv", "text": "Name,E-mail\nPia,pia@example.org\n" });
    assert_eq!(billing.post("/v1/imports", file.clone()).await.0, 403);
    let shop = program(&world, 1, Role::Sales).await;
    for wrong in [
        json!({ "name": "contacts.xlsx", "text": "PK\u{3}\u{4} a spreadsheet" }),
        json!({ "name": "", "text": "a,b\n" }),
        json!({ "name": "a.csv", "text": "E-mail\na@example.org\n", "region": "moon" }),
        json!({ "name": "a.csv" }),
        json!({ "name": "a.csv", "text": "x", "more": 1 }),
    ] {
        let (status, said) = shop.post("/v1/imports", wrong.clone()).await;
        assert_eq!(status, 422, "{wrong}: {said}");
    }
    let left = std::fs::read_dir(world.ctx.settings.data_dir.join("imports")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "no file is left behind");
    let (_, made) = shop.post("/v1/imports", file).await;
    let at = format!("/v1/imports/{}", made["id"].as_str().unwrap());
    // The list goes on to the last, a page at a time.
    let another = json!({ "name": "more.csv", "text": "Name,E-mail\nRea,rea@example.org\n" });
    let (_, second) = shop.post("/v1/imports", another).await;
    let first = shop.get("/v1/imports?limit=1").await;
    let last = shop.get(&format!("/v1/imports?limit=1&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((first["data"].as_array().unwrap().len(), &last["next"]), (1, &Value::Null));
    let mut told = [first["data"][0]["id"].to_string(), last["data"][0]["id"].to_string()];
    let mut there = [made["id"].to_string(), second["id"].to_string()];
    told.sort();
    there.sort();
    assert_eq!(told, there);
    for step in ["undo", "resume"] {
        assert_eq!(shop.post(&format!("{at}/{step}"), json!({})).await.0, 409, "{step} of a draft");
    }
    assert_eq!(shop.post(&format!("{at}/discard"), json!({})).await.0, 204);
    assert_eq!(shop.call(&format!("GET {at}"), None).await.0, 404);
}

/// An import tells who is here already; undoing it leaves alone whoever is somebody else's by then, also after it was asked for.
async fn only_who_sees_everybody_and_only_what_is_theirs(engine: Engine) {
    let world = world(engine).await;
    let shop = program(&world, 1, Role::Sales).await;
    let all = import(&world, DEMO, rules(&world).await).await;
    let (company, kim) = (world.house.company, StaffId::from_bytes([9; 16]));
    let given = people(&world).await[0].0;
    let seen = [(given, None)];
    let narrow = Rule { role: Role::Sales, object: Object::People, see: Scope::Team, change: Scope::Team };
    let lay_down = move |tx: &mut assent_store::Tx<'_>| {
        owner::give(tx, company, &seen, Some(kim), Timestamp::MIN)?;
        reach::put(tx, company, narrow)
    };
    world.ctx.gate.home().write(lay_down).await.unwrap();
    let key = program(&world, 2, Role::Sales).await;
    let file = json!({ "name": "contacts.csv", "text": String::from_utf8(DEMO.to_vec()).unwrap() });
    let (_, made) = key.post("/v1/imports", file).await;
    let at = format!("/v1/imports/{}", made["id"].as_str().unwrap());
    for keep in [false, true] {
        let (status, said) = key.post(&format!("{at}/run"), json!({ "keep": keep })).await;
        assert!(status == 403 && said["detail"].as_str().unwrap().contains("sees all people"), "{said}");
    }
    let (status, said) = key.post(&format!("/v1/imports/{}/undo", all.id), json!({})).await;
    assert!(status == 403 && said["detail"].as_str().unwrap().contains("looked after by others"), "{said}");
    assert_eq!(shop.get(&format!("/v1/imports/{}", all.id)).await["state"], "done");
    // Asked for by somebody who then could: whoever is not theirs when it is done stays.
    let whose = Whose::within(company, Reach::of(&[], true));
    let mut told = (0, 0);
    loop {
        let (erased, stay) =
            world.ctx.gate.undo_import(&whose, all.id, Asker::System, world.ctx.now()).await.unwrap();
        if (erased, stay) == (0, 0) {
            break;
        }
        told = (told.0 + erased, told.1 + stay);
    }
    assert_eq!(told.1, 1);
    assert_eq!(people(&world).await.iter().map(|one| one.0).collect::<Vec<_>>(), [given]);
}

assent_testkit::on_both!(
    from_a_call_to_undo,
    only_who_may_and_only_what_is_one,
    only_who_sees_everybody_and_only_what_is_theirs,
);
