//! What pages do beside reading and writing one person, done by programs: two records of one human, views, finding, the line
//! of time, taking along, what the company lays down; a key's end; a program that hangs up. On both engines.

use assent_kernel::{PersonId, Role};
use assent_store::callers::LASTS;
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Told};

const SUPPORT: &str = "service.support";

fn is_problem(told: &Told, status: u16, code: &str) {
    assert_eq!((told.status, told.body["code"].as_str()), (status, Some(code)), "{}", told.text);
}

/// A second record of Mia: another spelling, the same address, and a contract.
async fn twin(desk: &Desk) -> PersonId {
    let facts = [("name.full", "M. Itoh"), ("contact.email", "mia.ito@example.org")];
    desk.house.customer(71, &facts, START).await.unwrap()
}

async fn two_records(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, twin) = (desk.customer().await, twin(&desk).await);
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let same = format!("/v1/people/{mia}/same");
    let pairs = support.get("/v1/doubles").await;
    let ids: Vec<&Value> =
        pairs.body["data"][0]["people"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert!(ids.contains(&&json!(mia)) && ids.contains(&&json!(twin)), "{}", pairs.text);
    assert_eq!(support.get(&same).await.body["alike"][0]["name"]["value"], "M. Itoh");
    // That somebody is here twice is told to nobody for whom they are closed.
    assert_eq!(sales.get("/v1/doubles").await.body["data"], json!([]));
    assert_eq!(sales.get(&same).await.body["alike"], json!([]));
    is_problem(&sales.post(&same, json!({ "other": twin })).await, 404, "not-found");
    is_problem(&support.get(&format!("{same}/{mia}")).await, 422, "invalid");

    assert_eq!(support.get(&format!("{same}/{twin}")).await.body["closes"], json!([]));
    let first = desk.fact(twin, "name.full").await;
    assert_eq!(support.post(&same, json!({ "other": twin, "first": [first] })).await.status, 204);
    assert_eq!(support.get(&same).await.body["joined"][0]["id"], json!(twin));
    let person = support.get(&format!("/v1/people/{mia}")).await;
    let of = |record: PersonId| {
        person.body["facts"].as_array().unwrap().iter().filter(|fact| fact["record"] == json!(record)).count()
    };
    assert_eq!((of(mia), of(twin)), (5, 2), "{}", person.text);
    let apart = format!("/v1/people/{mia}/apart");
    is_problem(&support.post(&apart, json!({ "record": mia })).await, 404, "not-found");
    assert_eq!(support.post(&apart, json!({ "record": twin })).await.status, 204);
    assert_eq!(support.get(&same).await.body["joined"], json!([]));
}

async fn around(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, stranger) = (desk.customer().await, desk.stranger().await);
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let officer = desk.program(3, Role::Dpo, None).await;

    let note = json!({ "text": "Call after six." });
    assert_eq!(support.post(&format!("/v1/people/{mia}/notes"), note).await.status, 201);
    let line = support.get(&format!("/v1/people/{mia}/timeline")).await;
    assert!(line.text.contains("Call after six.") && line.body["uses"] == true, "{}", line.text);
    let shut = sales.get(&format!("/v1/people/{mia}/timeline")).await;
    assert!(!shut.text.contains("after six") && shut.body["uses"] == false, "{}", shut.text);

    // Taken along as far as it may leave, and written down as that.
    let both = json!({ "people": [mia, stranger, mia] });
    let none = sales.post("/v1/people:export", both.clone()).await;
    assert_eq!(none.body["data"], json!([]), "{}", none.text);
    let taken = support.post("/v1/people:export", both).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert!(!taken.text.contains("Canaria"), "{}", taken.text);
    let uses = support.get(&format!("/v1/people/{mia}/uses")).await;
    let exported = |one: &Value| one["use"] == "Export" && one["who"] == "the shop (program)";
    assert!(uses.body["data"].as_array().unwrap().iter().any(exported), "{}", uses.text);

    // A receipt is the officer's to take.
    let entry = uses.body["data"][0]["entry"].as_str().unwrap().to_owned();
    let receipt = format!("/v1/people/{mia}/uses/{entry}/receipt");
    is_problem(&support.get(&receipt).await, 403, "forbidden");
    desk.house.gate.integrate_all(desk.ctx.now()).await.unwrap();
    let proof = officer.get(&receipt).await;
    assert!(
        proof.body["receipt"].as_str().is_some_and(|text| text.starts_with("c2sp.org/tlog-proof")),
        "{}",
        proof.text
    );

    // Found by what may be listed, and by nothing else.
    assert_eq!(support.get("/v1/find?q=mia").await.body["people"][0]["id"], json!(mia));
    assert_eq!(sales.get("/v1/find?q=mia").await.body["people"], json!([]));
    is_problem(&sales.get("/v1/find").await, 422, "invalid");
}

async fn laid_down(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, None).await;
    let admin = desk.program(4, Role::Admin, None).await;
    // Views: one's own, and what is about nobody for others.
    let view = json!({ "list": "deals", "name": "In May", "query": "f=stage.is.New" });
    let id = support.post("/v1/views", view.clone()).await.id();
    let mine = support.get("/v1/views?list=deals").await;
    assert_eq!(
        (&mine.body["data"][0]["name"], &mine.body["data"][0]["mine"]),
        (&json!("In May"), &json!(true))
    );
    assert_eq!(admin.get("/v1/views?list=deals").await.body["data"], json!([]), "another key's are its own");
    is_problem(&admin.post(&format!("/v1/views/{id}/remove"), json!({})).await, 404, "not-found");
    assert_eq!(support.post(&format!("/v1/views/{id}/remove"), json!({})).await.status, 204);
    is_problem(&support.get("/v1/views").await, 422, "invalid");

    for path in ["purposes", "categories", "notices", "colleagues"] {
        let told = support.get(&format!("/v1/{path}")).await;
        assert!(told.status == 200 && told.body["data"].is_array(), "{path}: {}", told.text);
    }
    let purposes = support.get("/v1/purposes").await;
    let contact = purposes.body["data"].as_array().unwrap().iter().find(|one| one["purpose"] == SUPPORT);
    assert_eq!(contact.unwrap()["basis"], "contract", "{}", purposes.text);
    for path in ["parties", "mandates"] {
        is_problem(&support.get(&format!("/v1/{path}")).await, 403, "forbidden");
        let told = admin.get(&format!("/v1/{path}")).await;
        assert!(told.body["data"].as_array().is_some_and(|all| !all.is_empty()), "{path}: {}", told.text);
    }
}

async fn a_key_ends(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let until = support.get("/v1/key").await.body["until"].as_str().unwrap().to_owned();
    assert!(until.starts_with("2027-05-01"), "{until}");
    desk.clock.advance(START.plus(LASTS).micros() - desk.clock.now() - 1);
    assert_eq!(support.get("/v1/key").await.status, 200);
    desk.clock.advance(1);
    let over = support.get("/v1/key").await;
    is_problem(&over, 401, "key-over");
    assert!(over.header("www-authenticate").starts_with("Bearer"));
}

async fn a_call_goes_on_when_the_program_hangs_up(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let (line, task) = ("POST /v1/tasks", json!({ "text": "Hung up" }));
    // Hung up after the first step, and after the second: wherever it was, the same key leads to one task and its answer.
    for steps in 1..12 {
        let key = format!("k-{steps}");
        let once = [("idempotency-key", key.as_str())];
        let mut call = Box::pin(support.call(line, &once, Some(task.clone())));
        for _ in 0..steps {
            let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
            if call.as_mut().poll(&mut nobody).is_ready() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        }
        drop(call);
        let mut again = support.call(line, &once, Some(task.clone())).await;
        for _ in 0..200 {
            if again.status != 409 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            again = support.call(line, &once, Some(task.clone())).await;
        }
        let _ = again.id();
    }
    let all = support.get("/v1/tasks?limit=200").await;
    assert_eq!(all.body["data"].as_array().map(Vec::len), Some(11), "one for each key: {}", all.text);
}

assent_testkit::on_both!(
    two_records,
    around,
    laid_down,
    a_key_ends,
    a_call_goes_on_when_the_program_hangs_up
);
