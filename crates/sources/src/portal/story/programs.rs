//! A program of the person's: it reads and answers with a key of theirs, says so in their history, and can no more than it
//! was let.

use assent_kernel::Span;
use assent_kernel::grant::{ObjectionScope, Said};
use assent_kernel::uses::kind::Message;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::world::*;

/// A program with a key.
struct Butler<'a> {
    world: &'a World,
    key: String,
}

impl Butler<'_> {
    async fn call(&self, method: &str, path: &str, body: Option<Value>, more: &[(&str, &str)]) -> Response {
        let bearer = format!("Bearer {}", self.key);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(more);
        let mut request = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in all {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(axum::body::Body::empty, |body| body.to_string().into());
        let router = self.world.router.clone();
        tower::ServiceExt::oneshot(router, request.body(body).unwrap()).await.unwrap()
    }
    async fn get(&self, path: &str) -> Value {
        let response = self.call("GET", path, None, &[]).await;
        let status = response.status();
        let body = text(response).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }
    async fn does(&self, what: &str, body: Option<Value>) -> StatusCode {
        let (method, path) = what.split_once(' ').unwrap();
        self.call(method, path, body, &[]).await.status()
    }
}

/// Mia makes a key on her page.
async fn made<'a>(mia: &Browser<'a>, name: &str, may: &str) -> Butler<'a> {
    let page = mia.post("/me/programs", &[("name", name), ("may", may)]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = text(page).await;
    let key = page.split("assent_own_").nth(1).unwrap();
    let key = format!("assent_own_{}", key.split('<').next().unwrap().trim());
    Butler { world: mia.world, key }
}

async fn a_program_reads_what_the_person_reads(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let butler = made(&mia, "Butler", "read").await;
    let me = butler.get("/v1/me").await;
    assert_eq!(
        (&me["company"], &me["program"], &me["may"]),
        (&json!("Halden Home"), &json!("Butler"), &json!("read"))
    );
    let first = butler.get("/v1/me/facts?limit=2").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let rest = butler.get(&format!("/v1/me/facts?after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["next"]), (3, &Value::Null));
    let all = format!("{first}{rest}");
    assert!(all.contains("mia@example.org") && !all.contains("ole@example.org"), "{all}");
    let id = first["data"][0]["id"].as_str().unwrap();
    assert_eq!(butler.get(&format!("/v1/me/facts/{id}")).await["id"], id);
    for path in [
        "items",
        "kinds",
        "terms",
        "terms/marketing.newsletter",
        "stops",
        "requests",
        "uses?show=everything",
        "laws",
        "erasure",
        "export",
        "export/table",
        "export/card",
        "consent-record",
    ] {
        butler.get(&format!("/v1/me/{path}")).await;
    }
    let uses = butler.get("/v1/me/uses?show=everything&limit=1").await;
    let number = uses["data"][0]["number"].as_str().unwrap();
    assert!(
        butler.get(&format!("/v1/me/uses/{number}/receipt")).await["receipt"]
            .as_str()
            .unwrap()
            .contains("tlog-proof")
    );
    let german = butler.call("GET", "/v1/me/kinds", None, &[("accept-language", "de")]).await;
    assert!(text(german).await.contains("Vorname"));
    // Reading is what it may, and not one thing more.
    for what in ["PUT /v1/me/stops/all", "DELETE /v1/me/stops/all", &format!("DELETE /v1/me/facts/{id}")] {
        assert_eq!(butler.does(what, None).await, StatusCode::FORBIDDEN, "{what}");
    }
    let yes = json!({ "answer": "yes", "version": 1 });
    let answer = "POST /v1/me/terms/marketing.newsletter/answer";
    assert_eq!(butler.does(answer, Some(yes)).await, StatusCode::FORBIDDEN);
    // Its reading stands in her list under its name, and its key as she made it.
    let page = mia.ok("/me/uses?show=everything").await;
    assert!(page.contains("You, by your program “Butler” looked at"), "{page}");
    assert!(page.contains("a program may act for you now: Butler"), "{page}");
}

/// How many calls are left in this minute, after one more.
async fn left(butler: &Butler<'_>, path: &str) -> u32 {
    let answer = butler.call("GET", path, None, &[]).await;
    let said = answer.headers()["ratelimit"].to_str().unwrap().to_owned();
    said.split("r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

async fn the_programs_of_one_person_are_counted_together(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let (one, other) = (made(&mia, "Butler", "read").await, made(&mia, "Valet", "answer").await);
    let first = left(&one, "/v1/me").await;
    assert_eq!(left(&other, "/v1/me").await, first - 1);
    let ole = world.enter("ole@example.org").await;
    assert_eq!(left(&made(&ole, "Butler", "read").await, "/v1/me").await, first, "another person's are not");
    // What is asked and what is read weighs, whichever of them does it: 250 of it are a call.
    let (mut calls, mut now) = (1, first - 1);
    while calls < 100 && now == first - calls {
        now = left(&one, "/v1/me/uses?show=everything&limit=1").await;
        calls += 1;
    }
    assert!(now < first - calls, "{now} left after {calls} calls");
}

async fn a_program_answers_and_says_so(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let butler = made(&mia, "Butler", "answer").await;
    let answer = "POST /v1/me/terms/marketing.newsletter/answer";
    let stands = async || {
        let own = world.ctx.gate.look_own(world.company, world.mia).await.unwrap();
        own.person().answers.get(&purpose("marketing.newsletter")).map(|answer| answer.said.clone())
    };
    // Less than was asked for, and nothing beyond it.
    let less = json!({ "answer": "limited", "version": 1, "kinds": ["contact.email"], "regions": ["eu"], "uses": 3 });
    assert_eq!(butler.does(answer, Some(less)).await, StatusCode::NO_CONTENT);
    let Some(Said::Yes(grant)) = stands().await else { panic!("no yes") };
    assert_eq!((grant.uses_left, grant.terms.categories.clone()), (Some(3), keys(&["contact.email"])));
    assert_eq!(grant.evidence, assent_kernel::grant::Evidence::Agent);
    for wrong in [
        json!({ "answer": "limited", "version": 1, "kinds": ["contact.phone"] }),
        json!({ "answer": "limited", "version": 1, "kinds": [] }),
        json!({ "answer": "limited", "version": 1, "regions": [] }),
        json!({ "answer": "limited", "version": 1, "regions": ["jp"] }),
        json!({ "answer": "yes", "version": 1, "kinds": ["contact.email"] }),
        json!({ "answer": "yes" }),
        json!({ "answer": "yes", "version": 2 }),
        json!({ "answer": "perhaps", "version": 1 }),
    ] {
        let status = butler.does(answer, Some(wrong.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(butler.does(answer, Some(json!({ "answer": "withdraw" }))).await, StatusCode::NO_CONTENT);
    assert_eq!(stands().await, Some(Said::NoLonger));
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(1)).await, "WITHDRAWN");
    // What is specially protected takes the person's own words.
    let special = "POST /v1/me/terms/sales.contact/answer";
    let yes = json!({ "answer": "yes", "version": 1 });
    assert_eq!(butler.does(special, Some(yes)).await, StatusCode::FORBIDDEN);
    assert_eq!(butler.does(special, Some(json!({ "answer": "no" }))).await, StatusCode::NO_CONTENT);
    let quiet = json!({ "answer": "not-again", "quiet_days": 91 });
    assert_eq!(butler.does(answer, Some(quiet)).await, StatusCode::NO_CONTENT);
    let requests = butler.get("/v1/me/requests").await;
    let again = format!("POST /v1/me/requests/{}/again", requests["data"][0]["id"].as_str().unwrap());
    assert_eq!(butler.does(&again, None).await, StatusCode::NO_CONTENT);
    // Stops, and one purpose alone.
    for what in [
        "PUT /v1/me/stops/marketing",
        "PUT /v1/me/stops/all",
        "DELETE /v1/me/stops/all",
        "PUT /v1/me/objections/security.fraud",
    ] {
        assert_eq!(butler.does(what, None).await, StatusCode::NO_CONTENT, "{what}");
    }
    for what in ["PUT /v1/me/stops/purpose", "PUT /v1/me/stops/x", "PUT /v1/me/objections/no.such"] {
        assert_eq!(butler.does(what, None).await, StatusCode::NOT_FOUND, "{what}");
    }
    let own = world.ctx.gate.look_own(world.company, world.mia).await.unwrap();
    let scopes: Vec<_> = own.person().objections.iter().map(|one| one.scope.clone()).collect();
    let fraud = ObjectionScope::Purpose(purpose("security.fraud"));
    assert_eq!(scopes.len(), 2);
    assert!(scopes.contains(&fraud) && scopes.contains(&ObjectionScope::DirectMarketing), "{scopes:?}");
    let page = mia.ok("/me").await;
    assert!(page.contains("Not for “Stop fraud”"), "{page}");
    assert_eq!(
        mia.post("/me/stop", &[("what", "purpose"), ("purpose", "security.fraud"), ("act", "lift")])
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    let uses = mia.ok("/me/uses?show=everything").await;
    for said in [
        "You, by your program “Butler”: yes to “Newsletter”.",
        "You, by your program “Butler”: no longer yes to “Newsletter”.",
        "You, by your program “Butler”: no advertising.",
        "You: allowed again “Stop fraud”",
    ] {
        assert!(uses.contains(said), "{said}: {uses}");
    }
}

async fn a_program_puts_right_but_opens_no_door(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let butler = made(&mia, "Butler", "answer").await;
    let facts = butler.get("/v1/me/facts").await;
    let id = |kind: &str| {
        let all = facts["data"].as_array().unwrap();
        all.iter().find(|one| one["category"] == kind).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let name = format!("/v1/me/facts/{}", id("name.given"));
    let read = butler.call("GET", &name, None, &[]).await;
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let put = |value: &str| Some(json!({ "value": value }));
    assert_eq!(
        butler.call("PUT", &name, put("Mio"), &[("if-match", &tag)]).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        butler.call("PUT", &name, put("Mia"), &[("if-match", &tag)]).await.status(),
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(butler.get(&name).await["value"], "Mio");
    // Sent twice under one key, it is added once.
    let add = json!({ "category": "contact.phone", "value": "+49 30 901820" });
    for _ in 0..2 {
        let added =
            butler.call("POST", "/v1/me/facts", Some(add.clone()), &[("idempotency-key", "one")]).await;
        assert_eq!(added.status(), StatusCode::NO_CONTENT, "{}", text(added).await);
    }
    let phones = butler.get("/v1/me/facts").await.to_string().matches("+49 30 901820").count();
    assert_eq!(phones, 1);
    let email = format!("/v1/me/facts/{}", id("contact.email"));
    assert_eq!(butler.does(&format!("PUT {email}"), put("thief@example.org")).await, StatusCode::FORBIDDEN);
    assert_eq!(butler.does(&format!("DELETE {email}"), None).await, StatusCode::FORBIDDEN);
    let door = json!({ "category": "contact.email", "value": "thief@example.org" });
    assert_eq!(butler.does("POST /v1/me/facts", Some(door)).await, StatusCode::FORBIDDEN);
    let invoice = format!("DELETE /v1/me/facts/{}", id("purchase.product"));
    assert_eq!(butler.does(&invoice, None).await, StatusCode::UNPROCESSABLE_ENTITY);
    let phone = format!("DELETE /v1/me/facts/{}", id("contact.phone"));
    assert_eq!(butler.does(&phone, None).await, StatusCode::NO_CONTENT);
    let uses = mia.ok("/me/uses?show=everything").await;
    assert!(uses.contains("You, by your program “Butler” – removed: Phone number"), "{uses}");
    assert!(uses.contains("You, by your program “Butler” – stored: Given name"), "{uses}");
}

async fn a_key_is_made_and_ended_by_the_person_alone(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let ole = world.enter("ole@example.org").await;
    let butler = made(&mia, "Butler <b>", "read").await;
    assert!(!mia.ok("/me/programs").await.contains(&butler.key), "shown once");
    assert!(mia.ok("/me/programs").await.contains("Butler &#60;b&#62;"));
    assert!(!ole.ok("/me/programs").await.contains("Butler"));
    for (name, may) in [("", "read"), (&*"x".repeat(61), "read")] {
        let made = mia.post("/me/programs", &[("name", name), ("may", may)]).await;
        assert_eq!(made.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Another person's values are nobody's here.
    let theirs = made(&ole, "Other", "read").await;
    let fact = butler.get("/v1/me/facts").await["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(theirs.does(&format!("GET /v1/me/facts/{fact}"), None).await, StatusCode::NOT_FOUND);
    let page = mia.ok("/me/programs").await;
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(ole.post("/me/programs/end", &[("id", &id)]).await.status(), StatusCode::NOT_FOUND);
    // An open browser makes no key and erases nothing; ending one is always open.
    world.ctx.clock.advance(Span::minutes(16).micros());
    assert_eq!(
        mia.post("/me/programs", &[("name", "Late"), ("may", "answer")]).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(mia.post("/me/erase", &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(butler.does("GET /v1/me", None).await, StatusCode::OK);
    assert_eq!(mia.post("/me/programs/end", &[("id", &id)]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(butler.does("GET /v1/me", None).await, StatusCode::UNAUTHORIZED);
    assert!(mia.ok("/me/uses?show=everything").await.contains("may act for you no more: Butler"));
    // Who is erased has no program either.
    let ole = world.enter("ole@example.org").await;
    assert_eq!(theirs.does("GET /v1/me", None).await, StatusCode::OK);
    assert_eq!(ole.post("/me/erase", &[]).await.status(), StatusCode::OK);
    assert_eq!(theirs.does("GET /v1/me", None).await, StatusCode::UNAUTHORIZED);
    let nobody = Butler { world: &world, key: "assent_own_x".into() };
    assert_eq!(nobody.does("GET /v1/me", None).await, StatusCode::UNAUTHORIZED);
}

/// Whoever came in by the old address may have made a key; it is not theirs any more.
async fn a_changed_address_ends_what_it_let_in(engine: Engine) {
    for (value, act) in [("mia.ito@example.org", "save"), ("", "remove")] {
        let world = world(engine).await;
        let (mia, ole) = (world.enter("mia@example.org").await, world.enter("ole@example.org").await);
        let (butler, theirs) = (made(&mia, "Butler", "answer").await, made(&ole, "Butler", "read").await);
        let facts = butler.get("/v1/me/facts").await;
        let id = |category: &str| {
            let all = facts["data"].as_array().unwrap();
            all.iter().find(|one| one["category"] == category).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let name = format!("/me/fact/{}", id("name.given"));
        assert_eq!(mia.post(&name, &[("value", "Mio")]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(butler.does("GET /v1/me", None).await, StatusCode::OK, "a name lets nobody in");
        let email = format!("/me/fact/{}", id("contact.email"));
        let done = mia.post(&email, &[("value", value), ("act", act)]).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{}", text(done).await);
        assert_eq!(butler.does("GET /v1/me", None).await, StatusCode::UNAUTHORIZED, "{act}");
        assert!(!mia.ok("/me/programs").await.contains("Butler"));
        assert_eq!(theirs.does("GET /v1/me", None).await, StatusCode::OK, "nobody else's");
    }
}

assent_testkit::on_both!(
    a_changed_address_ends_what_it_let_in,
    the_programs_of_one_person_are_counted_together,
    a_program_reads_what_the_person_reads,
    a_program_answers_and_says_so,
    a_program_puts_right_but_opens_no_door,
    a_key_is_made_and_ended_by_the_person_alone,
);
