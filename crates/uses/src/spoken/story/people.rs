//! Joined records, what is foreseen, what is stated, what is hidden, and who hangs up: told to programs as it is.

use assent_kernel::{PersonId, Role};
use assent_store::access;
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use super::{SUPPORT, is_problem};
use crate::desk::story::fixture::{Desk, Program};

/// A second record of Mia, joined into her first.
async fn twin(desk: &Desk, mia: PersonId) -> PersonId {
    let facts = [("name.full", "M. Itoh"), ("work.employer", "Halden")];
    let twin = desk.house.customer(71, &facts, START).await.unwrap();
    let (gate, company) = (&desk.house.gate, desk.house.company);
    gate.join(
        &assent_gate::Whose::everybody(company),
        (mia, twin),
        Vec::new(),
        assent_kernel::Asker::System,
        START,
    )
    .await
    .unwrap();
    twin
}

/// Every id of a list, page by page; how many pages.
async fn walked(program: &Program, path: &str) -> (Vec<Value>, usize) {
    let (mut all, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = program.get(&format!("{path}{after}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        all.extend(page.body["data"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        pages += 1;
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return (all, pages),
        }
    }
}

async fn joined(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (stranger, mia) = (desk.stranger().await, desk.customer().await);
    let twin = twin(&desk, mia).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    // The record that was joined is the newest: it is no row of its own, and the list goes on behind it.
    let (all, _) = walked(&support, "/v1/people?limit=1").await;
    assert_eq!(all, [json!(mia), json!(stranger)]);
    // Either id leads to the same person, and each value says where it belongs.
    for id in [mia, twin] {
        let told = support.get(&format!("/v1/people/{id}")).await.body;
        assert_eq!((&told["id"], &told["quarantined"]), (&json!(mia), &json!(false)), "{told}");
        let facts = told["facts"].as_array().unwrap();
        let of = |record: PersonId| facts.iter().filter(|fact| fact["record"] == json!(record)).count();
        assert_eq!((of(mia), of(twin), facts.len()), (5, 2, 7), "{told}");
        for fact in facts {
            let (record, fact) = (fact["record"].as_str().unwrap(), fact["id"].as_str().unwrap());
            let one = support.get(&format!("/v1/people/{record}/facts/{fact}")).await;
            assert_eq!((one.status, &one.body["record"]), (200, &json!(record)));
        }
    }
    // Each record has lines of its own.
    let of = async |id: PersonId| support.get(&format!("/v1/people/{id}/uses")).await.body["data"].clone();
    let (hers, others) = (of(mia).await, of(twin).await);
    assert!(hers.as_array().is_some_and(|lines| lines.len() > 5), "{hers}");
    assert!(others.as_array().is_some_and(|lines| !lines.is_empty()), "{others}");
    assert!(hers.to_string().contains("contact.email") && !others.to_string().contains("contact.email"));
}

async fn what_is_foreseen_is_no_use(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let lines = async || {
        let told = support.get(&format!("/v1/people/{mia}/uses")).await.body;
        told["data"].as_array().unwrap().len()
    };
    let (first, second) = (lines().await, lines().await);
    for _ in 0..3 {
        let terms = support.get(&format!("/v1/people/{mia}/terms")).await;
        assert!(terms.body["data"].as_array().is_some_and(|all| !all.is_empty()), "{}", terms.text);
    }
    assert_eq!(lines().await - second, second - first, "where a purpose stands is no use");
}

async fn a_yes_is_stated_for_the_keys_own_purpose(engine: Engine) {
    let desk = Desk::new(engine).await;
    let facts = json!([
        { "category": "name.full", "value": "Ada Quist" }, { "category": "contact.email", "value": "ada@example.org" },
    ]);
    let new = |purpose: &str| {
        let yes = json!([{ "purpose": purpose, "notice_version": 1, "given_on": "2026-04-01" }]);
        json!({ "facts": facts, "answers": yes, "twin": true })
    };
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let any = desk.program(2, Role::Support, None).await;
    let marketing = desk.program(3, Role::Marketing, Some("marketing.newsletter")).await;
    for (program, purpose) in
        [(&support, "marketing.newsletter"), (&any, "marketing.newsletter"), (&marketing, "sales.contact")]
    {
        is_problem(&program.post("/v1/people", new(purpose)).await, 403, "forbidden");
    }
    assert_eq!(support.get("/v1/people").await.body["data"], json!([]), "nobody was put down");
    marketing.post("/v1/people", new("marketing.newsletter")).await.id();
    let letter = desk.house.gate.claim_letter(desk.house.company, desk.ctx.now()).await.unwrap().unwrap();
    assert!(letter.body.contains("you said yes on") && letter.body.contains("/my/"), "they are told");
}

async fn what_is_not_named_is_not_named_by_its_id(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let fact = desk.fact(mia, "purchase.product").await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let path = format!("/v1/people/{mia}/facts/{fact}");
    assert_eq!(support.get(&path).await.status, 200);
    // Of a kind that the policy does not know (any more), a closed value is not even named.
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    policy.categories.retain(|key, _| !key.to_string().starts_with("purchase"));
    desk.house.gate.set_policy(policy, START).await.unwrap();
    let told = support.get(&format!("/v1/people/{mia}")).await;
    assert!(told.status == 200 && !told.text.contains("purchase"), "{}", told.text);
    is_problem(&support.get(&path).await, 404, "not-found");
}

async fn another_day_takes_a_task_from_nobody(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    desk.enter(Role::Sales, "sales.contact").await;
    let staff = desk.colleague(&support).await;
    let colleagues = crate::frame::colleagues(&desk.ctx, &staff).await.unwrap();
    let who = colleagues.choices("Nobody").pop().unwrap().0;
    let task = support.post("/v1/tasks", json!({ "text": "x", "assignee": who })).await.id();
    let (company, id) = (desk.house.company, who.parse().unwrap());
    let gone = desk.house.gate.home().write(move |tx| access::set_disabled(tx, company, id, Some(START)));
    gone.await.unwrap();
    let (any, patch) = ([("if-match", "*")], format!("PATCH /v1/tasks/{task}"));
    assert_eq!(support.call(&patch, &any, Some(json!({ "due_on": "2026-05-20" }))).await.status, 204);
    let path = format!("/v1/tasks/{task}");
    assert_eq!(support.get(&path).await.body["assignee"], json!(who));
    assert_eq!(support.call(&patch, &any, Some(json!({ "assignee": null }))).await.status, 204);
    let now = support.get(&path).await;
    assert_eq!(now.body["assignee"], Value::Null);
    // `If-Match` is heeded where it may be sent, too.
    let (done, body) = (format!("POST {path}/done"), json!({ "done": true }));
    is_problem(&support.call(&done, &[("if-match", "\"1\"")], Some(body.clone())).await, 412, "changed");
    is_problem(&support.call(&done, &[("if-match", "")], Some(body.clone())).await, 400, "bad-request");
    let tag = [("if-match", now.header("etag"))];
    assert_eq!(support.call(&done, &tag, Some(body)).await.status, 204);
}

async fn who_hangs_up_gets_the_answer_later(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let (line, key, task) = ("POST /v1/tasks", [("idempotency-key", "k-1")], json!({ "text": "Once" }));
    let begun = async {
        let home = desk.house.gate.home();
        let count = || home.read(|tx| tx.first("SELECT count(*) FROM once", &[], |row| row.int(0)));
        while count().await.unwrap() == Some(0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = begun => {}
        _ = support.call(line, &key, Some(task.clone())) => {}
    }
    for _ in 0..200 {
        let again = support.call(line, &key, Some(task.clone())).await;
        if again.status == 201 {
            assert_eq!(support.get("/v1/tasks").await.body["data"].as_array().map(Vec::len), Some(1));
            return;
        }
        is_problem(&again, 409, "at-work");
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("it never came to its end");
}

assent_testkit::on_both!(
    joined,
    what_is_foreseen_is_no_use,
    a_yes_is_stated_for_the_keys_own_purpose,
    what_is_not_named_is_not_named_by_its_id,
    another_day_takes_a_task_from_nobody,
    who_hangs_up_gets_the_answer_later,
);
