//! What is laid down, changed by programs: by the same verbs as the pages, and law by two people whatever is between.

use assent_gate::Act;
use assent_kernel::grant::Evidence;
use assent_kernel::{Asker, Role, Span, StaffId};
use assent_store::{access, callers};
use assent_testkit::{Engine, START, newsletter};
use assent_web::session;
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program, Told};

/// Somebody who may lay things down, and has been here for a while.
async fn somebody(desk: &Desk, n: u8) -> StaffId {
    let id = StaffId::from_bytes([n; 16]);
    let row = access::Staff {
        id,
        company: desk.house.company,
        email: format!("{n}@example.com"),
        name: format!("Nora {n}"),
        roles: Role::Admin.key().into(),
        password: None,
        disabled: false,
    };
    let add = desk.house.gate.home().write(move |tx| access::add_staff(tx, &row, START.minus(Span::days(2))));
    add.await.unwrap();
    id
}

/// A key that somebody made, or nobody.
async fn key(desk: &Desk, n: u8, made_by: Option<StaffId>) -> Program {
    let program = desk.program(n, Role::Admin, None).await;
    let set = move |tx: &mut assent_store::Tx<'_>| {
        let known =
            callers::by_id(tx, assent_kernel::CompanyId::from_bytes([1; 16]), StaffId::from_bytes([n; 16]))?;
        let old = known.unwrap();
        let again = callers::Caller { id: StaffId::from_bytes([n + 100; 16]), made_by, ..old };
        callers::add(tx, &session::digest(&[n + 100; 32]), &again)
    };
    desk.house.gate.home().write(set).await.unwrap();
    Program { key: session::key_of(&[n + 100; 32]), ..program }
}

fn is(told: &Told, status: u16, said: &str) {
    assert!(told.status == status && told.text.contains(said), "{} {}", told.status, told.text);
}

/// The tag of the first thing of a list with this value.
async fn tag(program: &Program, path: &str, name: &str, value: &Value) -> String {
    let all = program.get(path).await;
    let one = all.body["data"].as_array().unwrap().iter().find(|one| one[name] == *value);
    one.unwrap_or_else(|| panic!("{}", all.text))["etag"].as_str().unwrap().to_owned()
}

async fn purposes_and_parties(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = key(&desk, 1, None).await;
    let support = desk.program(2, Role::Support, None).await;
    let new = json!({
        "below": "marketing.newsletter", "name": "anniversary", "label": "Anniversary", "sentence": "So that you hear from us.",
        "uses": ["Message"], "roles": ["marketing"], "longest_days": 365,
    });
    is(&support.post("/v1/purposes", new.clone()).await, 403, "forbidden");
    let made = admin.post("/v1/purposes", new.clone()).await;
    assert_eq!(
        (made.status, made.body["id"].as_str()),
        (201, Some("marketing.newsletter.anniversary")),
        "{}",
        made.text
    );
    is(&admin.post("/v1/purposes", new.clone()).await, 422, "/name: There is one of that name already.");
    let wide = json!({ "below": "marketing.newsletter", "name": "x", "label": "X", "sentence": "S", "uses": ["Learn"],
        "roles": ["support"], "longest_days": 9000 });
    is(&admin.post("/v1/purposes", wide).await, 422, "/longest_days: ");
    is(
        &admin
            .post(
                "/v1/purposes",
                json!({ "below": "no.such", "name": "x", "label": "X", "sentence": "S", "uses": ["View"],
        "roles": ["support"], "longest_days": 1 }),
            )
            .await,
        404,
        "no such purpose",
    );

    let party = json!({ "code": "postlane", "name": "Postlane", "kind": "processor", "store": ["eu.ie"], "process": ["eu.ie"],
        "access": ["eu.ie"], "control": ["eu.ie"], "agreement": "DPA 1", "standing": "active" });
    let id = admin.post("/v1/parties", party.clone()).await.id();
    let etag = tag(&admin, "/v1/parties", "id", &json!(id)).await;
    let (path, mut changed) = (format!("/v1/parties/{id}"), party);
    changed.as_object_mut().unwrap().remove("code");
    changed["standing"] = json!("suspended");
    let put = format!("PUT {path}");
    assert_eq!(admin.call(&put, &[], Some(changed.clone())).await.status, 428);
    assert_eq!(admin.call(&put, &[("if-match", &etag)], Some(changed.clone())).await.status, 204);
    changed["name"] = json!("Post Lane");
    is(&admin.call(&put, &[("if-match", &etag)], Some(changed.clone())).await, 412, "changed this");
    is(&admin.call(&put, &[("if-match", "999999")], Some(changed.clone())).await, 412, "changed");
    changed["store"] = json!(["atlantis"]);
    is(
        &admin.call(&put, &[("if-match", "*")], Some(changed)).await,
        422,
        "/store: there is no `atlantis` here.",
    );
    assert_eq!(admin.post(&format!("{path}/confirm"), json!({})).await.status, 204);
}

async fn notices(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.house.customer(1, &[("contact.email", "mia@example.org")], START).await.unwrap();
    let yes = desk.house.yes(START).await.unwrap();
    let gate = &desk.house.gate;
    gate.record(desk.house.company, mia, Act::Give(Box::new(yes)), Asker::Person, Evidence::Portal, START)
        .await
        .unwrap();
    let officer = key(&desk, 1, None).await;
    let id = newsletter(START).id;
    let next = |title: &str, more: bool| {
        json!({
            "material": more, "categories": ["contact.email", "name"], "uses": ["View", "Message"], "regions": ["eu"], "lasts_days": 300,
            "wordings": [{ "lang": "en", "title": title, "benefit": "You hear of it first.", "text": "We write.", "if_no": "Nothing changes." }],
        })
    };
    let seen = officer.post(&format!("/v1/notices/{id}/check"), next("News", true)).await;
    assert_eq!(
        (seen.body["standing"].as_u64(), seen.body["version"].as_u64()),
        (Some(1), Some(2)),
        "{}",
        seen.text
    );
    assert!(!seen.body["differences"].as_array().unwrap().is_empty());

    let etag = tag(&officer, "/v1/notices", "id", &json!(id)).await;
    let line = format!("POST /v1/notices/{id}/versions");
    let once = [("if-match", etag.as_str()), ("idempotency-key", "k-1")];
    let told = officer.call(&line, &once, Some(next("News", true))).await;
    assert_eq!(
        (told.status, &told.body),
        (201, &json!({ "id": id, "version": 2, "asked_again": 1 })),
        "{}",
        told.text
    );
    let again = officer.call(&line, &once, Some(next("News", true))).await;
    assert_eq!((again.status, &again.body), (201, &told.body), "once");
    is(&officer.call(&line, &[("if-match", &etag)], Some(next("Other", false))).await, 412, "changed this");
    let twice = officer.call(&line, &[("if-match", "*")], Some(next("News again", true))).await;
    assert_eq!(twice.body["asked_again"], json!(0), "their yes did not count any more: {}", twice.text);
    let bad = json!({ "material": false, "categories": ["no.such"], "uses": ["View"], "regions": ["eu"], "lasts_days": 9,
        "wordings": [] });
    is(
        &officer.call(&line, &[("if-match", "*")], Some(bad)).await,
        422,
        "/categories: there is no `no.such` here.",
    );
    let silent = officer.call(&line, &[("if-match", "*")], Some(next("", false))).await;
    is(&silent, 422, "title");
    let mut second = next("News", false);
    second.as_object_mut().unwrap().remove("material");
    second["purpose"] = json!("marketing.newsletter");
    is(&officer.post("/v1/notices", second).await, 422, "There is a notice for");
}

async fn law(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (anna, bert) = (somebody(&desk, 31).await, somebody(&desk, 32).await);
    let (hers, other, his, none) = (
        key(&desk, 1, Some(anna)).await,
        key(&desk, 2, Some(anna)).await,
        key(&desk, 3, Some(bert)).await,
        key(&desk, 4, None).await,
    );
    let rule = |name: &str| {
        json!({
            "key": name, "effect": "forbid", "level": "industry", "cite": { "instrument": "Code", "article": "Art. 5",
            "url": "https://example.org/code", "jurisdiction": "eu" }, "sentence": "Nobody writes to you.", "purposes": ["marketing"],
            "categories": ["contact"], "uses": ["Message"], "when": "always", "binds": "every", "from": "2026-05-01",
        })
    };
    let draft = hers.post("/v1/mandates", rule("no-mail")).await.id();
    let decide = format!("/v1/drafts/{draft}/decision");
    // One human with two keys is one human; a key that nobody made is nobody.
    is(&hers.post(&decide, json!({ "approve": true })).await, 403, "Somebody else has to approve it");
    is(&other.post(&decide, json!({ "approve": true })).await, 403, "Somebody else has to approve it");
    is(&none.post(&decide, json!({ "approve": true })).await, 403, "command line");
    let waits = his.get("/v1/drafts").await;
    assert!(
        waits.body["data"][0]["decided"].is_null() && waits.body["data"][0]["mandate"]["key"] == "no-mail",
        "{}",
        waits.text
    );
    assert_eq!(his.post(&decide, json!({ "approve": true })).await.status, 204);
    is(&his.post(&decide, json!({ "approve": true })).await, 409, "");
    let policy = desk.house.gate.reload_policy(desk.house.company).await.unwrap();
    let mandate = policy.policy.mandate("no-mail").unwrap();
    assert_eq!(mandate.approved_by, [anna, bert], "the two who answer for it");
    assert!(mandate.in_force(START));

    // What came with the program stays; one's own ends by two as well.
    is(&his.post("/v1/mandates/gdpr-15-access/end", json!({})).await, 403, "came with Assent");
    let old = his.call("POST /v1/mandates/no-mail/end", &[("if-match", "99")], Some(json!({}))).await;
    is(&old, 412, "send the ETag you get");
    let end = his.post("/v1/mandates/no-mail/end", json!({})).await.id();
    is(
        &his.post(&format!("/v1/drafts/{end}/decision"), json!({ "approve": true })).await,
        403,
        "Somebody else",
    );
    assert_eq!(
        hers.post(&format!("/v1/drafts/{end}/decision"), json!({ "approve": true })).await.status,
        204
    );
    is(&his.post("/v1/mandates/no-mail/end", json!({})).await, 422, "over already");
    is(&his.post("/v1/legitimate-interest", json!({ "on": false })).await, 409, "so already");
    let nobody = none.post("/v1/mandates", rule("nobodys")).await.id();
    is(
        &his.post(&format!("/v1/drafts/{nobody}/decision"), json!({ "approve": true })).await,
        403,
        "command line",
    );
    assert_eq!(
        his.post(&format!("/v1/drafts/{nobody}/decision"), json!({ "approve": false })).await.status,
        204
    );
}

async fn fields(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = key(&desk, 1, None).await;
    let new = json!({ "label": "Brush model", "kind": "one-of", "category": "purchase.product", "choices": ["Clean 2"] });
    assert_eq!(admin.post("/v1/fields/person", new.clone()).await.id(), "brush-model");
    is(&admin.post("/v1/fields/person", new).await, 422, "/name: ");
    is(&admin.get("/v1/fields/things").await, 404, "no such kind of field");
    let etag = tag(&admin, "/v1/fields/person", "name", &json!("brush-model")).await;
    let line = "PATCH /v1/fields/person/brush-model";
    let more = json!({ "choices": ["Clean 2", "Clean Pro"] });
    assert_eq!(admin.call(line, &[("if-match", &etag)], Some(more)).await.status, 204);
    let late = [("if-match", etag.as_str())];
    is(&admin.call(line, &late, Some(json!({ "label": "Brush" }))).await, 412, "changed");
    let offer = "POST /v1/fields/person/brush-model/offer";
    is(&admin.call(offer, &late, Some(json!({ "offered": false }))).await, 412, "changed");
    assert_eq!(
        admin.post("/v1/fields/person/brush-model/offer", json!({ "offered": false })).await.status,
        204
    );
    assert_eq!(admin.post("/v1/fields/person/brush-model/move", json!({ "to": "up" })).await.status, 204);
    let all = admin.get("/v1/fields/person").await;
    let one = &all.body["data"][0];
    assert_eq!((&one["offered"], &one["choices"][1]), (&json!(false), &json!("Clean Pro")), "{}", all.text);
}

/// What was told, to be sent back: without what is told beside.
fn sendable(mut told: Value, beside: &[&str]) -> Value {
    beside.iter().for_each(|name| drop(told.as_object_mut().unwrap().remove(*name)));
    told
}

/// Whoever approves is told all that would be law, and whoever changes one sends back what they read.
async fn told_whole(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (anna, bert) = (somebody(&desk, 31).await, somebody(&desk, 32).await);
    let (hers, his) = (key(&desk, 1, Some(anna)).await, key(&desk, 2, Some(bert)).await);
    let rule = json!({
        "key": "repairs", "effect": "permit", "level": "contract", "cite": { "instrument": "Agreement", "article": "§ 4",
        "url": "https://example.org/a", "jurisdiction": "eu" }, "sentence": "A partner repairs it.", "sentence_de": "Ein Partner repariert es.", "purposes": ["service.support"],
        "categories": ["contact"], "uses": ["View"], "roles": ["marketing"], "kinds": ["partner"], "depth": 3, "when": "residents",
        "regions": ["eu"], "binds": "contract", "contract": "household-customer", "masked": true, "keeps_days": 36500,
        "from": "2026-05-01", "until": "2027-05-01",
    });
    let draft = hers.post("/v1/mandates", rule.clone()).await.id();
    let beside = ["version", "recipients", "zones", "whole", "shipped", "in_force", "etag"];
    let waits = his.get("/v1/drafts").await.body["data"][0]["mandate"].clone();
    assert_eq!(sendable(waits.clone(), &beside), rule, "told by the very names it was sent by");
    assert_eq!(waits["recipients"], json!([{ "parties": [], "kinds": ["partner"], "depth": 3 }]));
    let decide = |draft: &str| format!("/v1/drafts/{draft}/decision");
    assert_eq!(his.post(&decide(&draft), json!({ "approve": true })).await.status, 204);

    // Nobody's change is undone by whoever read it before.
    let mut next = sendable(waits, &[&beside[..], &["key"]].concat());
    next["depth"] = json!(1);
    let line = "POST /v1/mandates/repairs/changes";
    assert_eq!(hers.call(line, &[], Some(next.clone())).await.status, 428);
    let etag = tag(&hers, "/v1/mandates", "key", &json!("repairs")).await;
    let draft = hers.call(line, &[("if-match", &etag)], Some(next.clone())).await.id();
    assert_eq!(his.post(&decide(&draft), json!({ "approve": true })).await.status, 204);
    is(&his.call(line, &[("if-match", &etag)], Some(next.clone())).await, 412, "changed");
    // A name that no tree can hold is none that is left out without a word.
    next["purposes"] = json!(["x".repeat(70)]);
    is(&his.call(line, &[("if-match", "*")], Some(next)).await, 422, "/purposes: there is no");

    let party = json!({ "code": "overseas", "name": "Overseas", "kind": "processor", "engaged_by": null, "store": ["us"],
        "process": ["us"], "access": ["us"], "control": ["us"], "agreement": "DPA 1", "adequacy": null, "clauses": "2027-05-01",
        "binding_rules": null, "standing": "active", "from": null });
    let id = hers.post("/v1/parties", party.clone()).await.id();
    let all = hers.get("/v1/parties").await;
    let one = all.body["data"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap().clone();
    assert_eq!(sendable(one, &["id", "described_at", "etag"]), party);

    let all = hers.get("/v1/notices").await;
    let notice =
        all.body["data"].as_array().unwrap().iter().find(|one| !one["sent"].is_null()).unwrap().clone();
    let mut again = notice["sent"].clone();
    again["material"] = json!(false);
    let seen = hers.post(&format!("/v1/notices/{}/check", notice["id"].as_str().unwrap()), again).await;
    is(&seen, 422, "Nothing is different from the version that holds now.");
}

/// What a key may follows whoever made it, and no key makes a human who lays down law.
async fn makers(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (anna, bert) = (somebody(&desk, 31).await, somebody(&desk, 32).await);
    let (hers, his, none) =
        (key(&desk, 1, Some(anna)).await, key(&desk, 2, Some(bert)).await, key(&desk, 3, None).await);
    let staff = |name: &str, roles: Value| json!({ "name": name, "email": format!("{name}@example.org"), "roles": roles });
    for by in [&hers, &none] {
        is(&by.post("/v1/staff", staff("nora", json!(["admin"]))).await, 403, "No key makes anybody");
        is(&by.post("/v1/staff", staff("nora", json!(["sales", "dpo"]))).await, 403, "No key makes anybody");
    }
    let cleo = hers.post("/v1/staff", staff("cleo", json!(["sales"]))).await.id();
    let roles = async |who: &str, by: &Program, roles: Value| {
        by.call(&format!("PUT /v1/staff/{who}/roles"), &[], Some(json!({ "roles": roles }))).await
    };
    is(&roles(&cleo, &hers, json!(["dpo"])).await, 403, "No key makes anybody");
    is(&roles(&cleo, &none, json!(["support"])).await, 403, "command line");
    is(&roles(&anna.to_string(), &hers, json!(["admin", "sales"])).await, 422, "That is you");
    let all = his.get("/v1/staff").await;
    let told =
        all.body["data"].as_array().unwrap().iter().find(|one| one["id"] == json!(cleo)).unwrap().clone();
    let read = [("if-match", told["etag"].as_str().unwrap())];
    let (line, sent) = (format!("PUT /v1/staff/{cleo}/roles"), json!({ "roles": ["support"] }));
    assert_eq!(hers.call(&line, &read, Some(sent.clone())).await.status, 204);
    is(&his.call(&line, &read, Some(sent)).await, 412, "changed meanwhile");
    let door = format!("PUT /v1/staff/{cleo}/door");
    is(&his.call(&door, &read, Some(json!({ "shut_out": true }))).await, 412, "changed meanwhile");
    assert_eq!(
        roles(&anna.to_string(), &his, json!(["sales"])).await.status,
        204,
        "Bert takes the role away"
    );

    // A key for one purpose is for that purpose.
    let narrow = desk.program(8, Role::Admin, Some("rights.inform")).await;
    for path in ["/v1/staff", "/v1/keys", "/v1/drafts"] {
        is(&narrow.get(path).await, 403, "for the purpose rights.inform alone");
    }

    // A node remembers a key for a second.
    let forgotten = async || tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    forgotten().await;
    is(&hers.get("/v1/staff").await, 401, "key-maker");
    is(&roles(&anna.to_string(), &hers, json!(["admin"])).await, 401, "key-maker");
    is(&hers.post("/v1/staff", staff("nils", json!(["sales"]))).await, 401, "key-maker");
    let keys = his.get("/v1/keys").await;
    let told = keys.body["data"].as_array().unwrap();
    let of = |who: StaffId| told.iter().find(|one| one["made_by"] == json!(who)).unwrap()["stands"].clone();
    assert_eq!((of(anna), of(bert)), (json!(false), json!(true)), "{}", keys.text);

    let company = desk.house.company;
    let shut = move |tx: &mut assent_store::Tx<'_>| access::set_disabled(tx, company, bert, Some(START));
    desk.house.gate.home().write(shut).await.unwrap();
    forgotten().await;
    is(&his.get("/v1/staff").await, 401, "key-maker");
    // Whoever is let in again is let in by a human.
    is(
        &none.call(&format!("PUT /v1/staff/{bert}/door"), &[], Some(json!({ "shut_out": false }))).await,
        403,
        "",
    );
}

async fn staff(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (anna, bert) = (somebody(&desk, 31).await, somebody(&desk, 32).await);
    let hers = key(&desk, 1, Some(anna)).await;
    let none = key(&desk, 2, None).await;
    let new = json!({ "name": "Cleo", "email": "Cleo@example.org", "roles": ["sales", "support"] });
    let once = [("idempotency-key", "k-1")];
    let made = hers.call("POST /v1/staff", &once, Some(new.clone())).await;
    assert!(
        made.status == 201 && !made.text.contains("/invite/"),
        "no program is told a way in: {}",
        made.text
    );
    let again = hers.call("POST /v1/staff", &once, Some(new.clone())).await;
    assert_eq!(again.body["id"], made.body["id"]);
    is(&hers.post("/v1/staff", new).await, 422, "has that address already");
    is(
        &hers.post("/v1/staff", json!({ "name": "X", "email": "x@example.org", "roles": [] })).await,
        422,
        "at least one role",
    );

    let put = async |who: &str, what: &str, body: Value, by: &Program| {
        by.call(&format!("PUT /v1/staff/{who}/{what}"), &[], Some(body)).await
    };
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(put(id, "roles", json!({ "roles": ["billing"] }), &hers).await.status, 204);
    assert_eq!(put(id, "door", json!({ "shut_out": true }), &hers).await.status, 204);
    let all = hers.get("/v1/staff").await;
    let cleo = all.body["data"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(
        (&cleo["roles"], &cleo["shut_out"], &cleo["waits"]),
        (&json!(["billing"]), &json!(true), &json!(true))
    );
    // A key counts as whoever made it: nobody takes the last key out of their own hand through a program.
    let (anna, bert) = (anna.to_string(), bert.to_string());
    is(&put(&anna, "door", json!({ "shut_out": true }), &hers).await, 422, "That is you");
    is(&put(&anna, "roles", json!({ "roles": ["sales"] }), &hers).await, 422, "That is you");
    is(&put(&bert, "door", json!({ "shut_out": true }), &none).await, 403, "command line");
    let support = desk.program(9, Role::Support, None).await;
    is(&support.get("/v1/staff").await, 403, "forbidden");
    is(&support.get("/v1/keys").await, 403, "forbidden");
    let keys = hers.get("/v1/keys").await;
    let all = keys.body["data"].as_array().unwrap();
    assert!(
        all.iter().any(|one| one["made_by"] == json!(anna)) && all.iter().any(|one| one["made_by"].is_null()),
        "{}",
        keys.text
    );
    assert!(!keys.text.contains("assent_key_"), "never the key itself");
    let id = StaffId::from_bytes([9; 16]);
    assert_eq!(hers.post(&format!("/v1/keys/{id}/end"), json!({})).await.status, 204);
    is(&hers.post(&format!("/v1/keys/{id}/end"), json!({})).await, 404, "no key here");
}

assent_testkit::on_both!(purposes_and_parties, notices, law, fields, told_whole, makers, staff);
