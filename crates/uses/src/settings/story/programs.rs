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
        "/regions: there is no `atlantis` here.",
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
    assert_eq!(
        admin.post("/v1/fields/person/brush-model/offer", json!({ "offered": false })).await.status,
        204
    );
    assert_eq!(admin.post("/v1/fields/person/brush-model/move", json!({ "to": "up" })).await.status, 204);
    let all = admin.get("/v1/fields/person").await;
    let one = &all.body["data"][0];
    assert_eq!((&one["offered"], &one["choices"][1]), (&json!(false), &json!("Clean Pro")), "{}", all.text);
}

async fn staff(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (anna, bert) = (somebody(&desk, 31).await, somebody(&desk, 32).await);
    let hers = key(&desk, 1, Some(anna)).await;
    let none = key(&desk, 2, None).await;
    let new = json!({ "name": "Cleo", "email": "Cleo@example.org", "roles": ["sales", "support"] });
    let once = [("idempotency-key", "k-1")];
    let made = hers.call("POST /v1/staff", &once, Some(new.clone())).await;
    assert!(made.status == 201 && made.body["link"].as_str().unwrap().contains("/invite/"), "{}", made.text);
    let again = hers.call("POST /v1/staff", &once, Some(new.clone())).await;
    assert!(
        again.body["id"] == made.body["id"] && again.body["link"].is_null(),
        "a secret is told once: {}",
        again.text
    );
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

assent_testkit::on_both!(purposes_and_parties, notices, law, fields, staff);
