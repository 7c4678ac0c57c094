//! Programs ask: one by one, many at once, as a count; with a key or not at all. On both engines.

use std::sync::Arc;

use assent_gate::{Act, Giving, Whose};
use assent_kernel::grant::{Evidence, Restricted};
use assent_kernel::ledger::Detail;
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, PersonId, PurposeKey, Question, Role, Span, StaffId, To, UseSet};
use assent_store::callers::{self, Caller};
use assent_store::home;
use assent_store::reach::{self, Object, Rule, Scope};
use assent_testkit::{Engine, House, START, eu, purpose};
use assent_web::{Clock, Ctx, Post, Room, Settings, session};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct World {
    house: House,
    app: Router,
    people: Vec<PersonId>,
    clock: Clock,
}

static ROOMS: &[&dyn Room] = &[&super::Decide];

impl World {
    async fn new(engine: Engine) -> Self {
        let house = House::new(engine).await.unwrap();
        let mut people = Vec::new();
        for n in 1..=5 {
            people.push(house.person(n, &[("contact.email", "mia@example.org")], START).await.unwrap());
        }
        let settings = Settings {
            base_url: "https://desk.example".into(),
            post: Post::Local,
            data_dir: house.folder(),
            country: "DE".into(),
            network: assent_web::Network::default(),
            limits: assent_web::Limits::default(),
        };
        let at = START.plus(Span::minutes(1));
        let clock = Clock::fixed(at.micros());
        let ctx = Ctx {
            gate: house.gate.clone(),
            clock: clock.clone(),
            settings: Arc::new(settings),
            rooms: ROOMS,
        };
        let yes = Act::Give(Box::new(house.yes(at).await.unwrap()));
        house.gate.record(house.company, people[0], yes, Asker::Person, Evidence::Portal, at).await.unwrap();
        house.gate.remember(house.company, at, |_, _| ()).await.unwrap();
        Self { app: assent_web::api::routes(ROOMS).with_state(ctx), house, people, clock }
    }

    async fn key(&self, number: u8, role: Role, purpose: Option<PurposeKey>) -> String {
        let token = [number; 32];
        let caller = Caller {
            id: StaffId::from_bytes([number; 16]),
            company: self.house.company,
            name: "the shop".into(),
            role,
            purpose,
            created_at: START,
            until: START.plus(Span::days(500)),
            ended_at: None,
            made_by: None,
        };
        let digest = session::digest(&token);
        self.house.gate.home().write(move |tx| callers::add(tx, &digest, &caller)).await.unwrap();
        session::key_of(&token)
    }

    /// As every node does all the time.
    async fn look(&self) {
        let now = assent_kernel::Timestamp::from_micros(self.clock.now());
        self.house.gate.look_at_changes(&eu(), now).await.unwrap();
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        self.post_as(path, key, "", body).await
    }

    /// The same with an `Idempotency-Key`, if there is one.
    async fn post_as(&self, path: &str, key: &str, once: &str, body: &Value) -> (u16, Value) {
        let mut request = Request::post(path);
        if !once.is_empty() {
            request = request.header("idempotency-key", once);
        }
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

fn news() -> Value {
    json!({ "use": "Message", "purpose": "marketing.newsletter", "categories": ["contact.email"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_asks() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        let ask = |person: PersonId| json!({ "question": news(), "person": person });
        let (status, yes) = world.post("/v1/decide", &key, &ask(world.people[0])).await;
        assert_eq!((status, &yes["code"], &yes["permitted"]), (200, &json!("PERMIT"), &json!(true)), "{yes}");
        // The yes lasts a year; but in ninety days the company must have said anew where it keeps what it keeps.
        assert!(yes["until"].as_str().is_some_and(|until| until.starts_with("2026-07-30")), "{yes}");
        let (_, no) = world.post("/v1/decide", &key, &ask(world.people[1])).await;
        assert_eq!((&no["code"], &no["remedy"]), (&json!("NEVER_ASKED"), &json!("ask-person")));
        assert!(no["sentence"].as_str().is_some_and(|sentence| !sentence.is_empty()));
        let (_, stranger) = world.post("/v1/decide", &key, &ask(PersonId::from_bytes([77; 16]))).await;
        assert_eq!(stranger["code"], "UNKNOWN_PERSON");

        let many = json!({ "question": news(), "people": world.people });
        let (_, batch) = world.post("/v1/decide:batch", &key, &many).await;
        let never = "NEVER_ASKED";
        assert_eq!(batch["codes"], json!(["PERMIT", never, never, never, never]));
        assert_eq!((&batch["permitted"], batch["reasons"].as_array().map(Vec::len)), (&json!(1), Some(1)));

        let (_, count) = world.post("/v1/audience", &key, &json!({ "question": news(), "list": true })).await;
        assert_eq!((&count["permitted"], &count["askable"]), (&json!(1), &json!(4)), "{count}");
        assert_eq!(count["people"], json!([world.people[0]]));
        assert_eq!(
            (&count["refused"][0]["code"], &count["refused"][0]["people"]),
            (&json!(never), &json!(4))
        );

        // A key for every purpose counts, and lists nobody.
        let any = world.key(2, Role::Marketing, None).await;
        let listed = world.post("/v1/audience", &any, &json!({ "question": news(), "list": true })).await;
        assert_eq!((listed.0, listed.1.get("people")), (403, None), "{}", listed.1);
        let (_, counted) = world.post("/v1/audience", &any, &json!({ "question": news() })).await;
        assert_eq!(counted["permitted"], json!(1));

        // What is handed back as `least` was seen here; a version of tomorrow was not.
        let mut question = news();
        question["least"] = batch["version"].clone();
        let again = json!({ "question": question, "person": world.people[0] });
        assert_eq!(world.post("/v1/decide", &key, &again).await.0, 200);
        assert_eq!(yes["version"], batch["version"], "one answer names what it had seen, too");
        assert_eq!(world.post("/v1/audience", &key, &json!({ "question": question })).await.0, 200);
        for (least, status) in [("eu=9999999999:", 503), ("mars=1:", 422)] {
            question["least"] = json!(least);
            for (path, body) in [
                ("/v1/decide", json!({ "question": question, "person": world.people[0] })),
                ("/v1/decide:batch", json!({ "question": question, "people": world.people })),
                ("/v1/audience", json!({ "question": question })),
                ("/v1/audience", json!({ "question": question, "list": true })),
            ] {
                assert_eq!(world.post(path, &key, &body).await.0, status, "{path} {least}");
            }
        }
    }
}

/// A question that was put before is not looked up again, in whichever way it is written; and nothing that changes its
/// answer is missed.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_put_again_is_answered_anew() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let (house, at) = (&world.house, START.plus(Span::minutes(1)));
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        let support = world.key(2, Role::Support, None).await;
        let times = std::cell::Cell::new(0);
        let body = |n: usize| {
            let mut question = news();
            times.set(times.get() + 1);
            if times.get() % 5 < 2 {
                question["to"] = Value::Null;
            }
            json!({ "question": question, "person": world.people[n] })
        };
        let ask = async |key: &str, n: usize| {
            let (status, answer) = world.post("/v1/decide", key, &body(n)).await;
            assert_eq!(status, 200, "{answer}");
            answer["code"].as_str().unwrap_or_default().to_owned()
        };
        world.look().await;
        for _ in 0..4 {
            assert_eq!((ask(&key, 0).await, ask(&key, 1).await), ("PERMIT".into(), "NEVER_ASKED".into()));
            // The same words of another caller are another question.
            assert_eq!(ask(&support, 0).await, "ROLE_OUTSIDE_PURPOSE");
        }
        let yes = Act::Give(Box::new(house.yes(at).await.unwrap()));
        let no = Act::Withdraw(purpose("marketing.newsletter"));
        for (n, act, code) in [(1, yes, "PERMIT"), (0, no, "WITHDRAWN")] {
            let person = world.people[n];
            world.look().await;
            house.gate.record(house.company, person, act, Asker::Person, Evidence::Portal, at).await.unwrap();
            assert_eq!(ask(&key, n).await, code);
        }
        // Another policy: the purpose allows nothing any more.
        let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
        policy.purposes.get_mut(&purpose("marketing.newsletter")).unwrap().uses = UseSet::NONE;
        house.gate.set_policy(policy, at).await.unwrap();
        world.look().await;
        let told = loop {
            let (status, told) = world.post("/v1/decide", &key, &body(1)).await;
            if status == 200 {
                break told;
            }
            assert_eq!(status, 503, "its memory is built anew: {told}");
            world.look().await;
        };
        assert_eq!(told["code"], "USE_OUTSIDE_PURPOSE");
        // A question that is wrong is refused as before, however often it is put.
        for _ in 0..2 {
            let wrong = json!({ "question": news(), "person": world.people[0], "recrod": true });
            assert_eq!(world.post("/v1/decide", &key, &wrong).await.0, 422);
            let claim = json!({ "question": { "use": "Message", "purpose": "marketing.newsletter",
                "categories": ["contact.email"], "context": { "claim": true } }, "person": world.people[0] });
            assert_eq!(world.post("/v1/decide", &key, &claim).await.0, 422);
        }
    }
}

/// What ends by the clock ends for a question that was put before, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_put_again_is_about_now() {
    let world = World::new(Engine::Sqlite).await;
    let key = world.key(1, Role::Marketing, None).await;
    let ask = json!({ "question": news(), "person": world.people[0] });
    for _ in 0..4 {
        assert_eq!(world.post("/v1/decide", &key, &ask).await.1["code"], "PERMIT");
    }
    // The yes came at 12:01 and lasts a year.
    world.clock.advance(Span::days(365).micros() - 1);
    world.look().await;
    assert_eq!(world.post("/v1/decide", &key, &ask).await.1["code"], "PERMIT");
    world.clock.advance(1);
    let (status, over) = world.post("/v1/decide", &key, &ask).await;
    assert_eq!((status, &over["permitted"]), (200, &json!(false)), "{over}");
    world.clock.advance(Span::days(400).micros());
    assert_eq!(world.post("/v1/decide", &key, &ask).await.0, 401, "the key has run out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_uses_an_audience_and_it_is_one_entry() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        let stranger = PersonId::from_bytes([77; 16]);
        let named = [world.people[1], world.people[0], stranger];
        let body = json!({ "question": news(), "people": named, "version": "crm-2026-05-01" });
        let (status, used) = world.post("/v1/audience:use", &key, &body).await;
        assert_eq!(status, 200, "{used}");
        assert_eq!(used["codes"], json!(["NEVER_ASKED", "PERMIT", "UNKNOWN_PERSON"]));
        assert_eq!((&used["permitted"], &used["unknown"], &used["alone"]), (&json!(1), &json!(1), &json!(0)));
        assert_eq!(used["entries"], json!([{ "region": "eu", "people": 2, "permitted": 1 }]));
        assert_eq!(
            (&used["refused"][0]["code"], &used["refused"][0]["people"]),
            (&json!("NEVER_ASKED"), &json!(1))
        );
        // Everybody for whom it is open: only they are asked about.
        let (_, cut) = world.post("/v1/audience:use", &key, &json!({ "question": news() })).await;
        assert_eq!((&cut["people"], &cut["codes"]), (&json!([world.people[0]]), &Value::Null), "{cut}");
        assert_eq!(cut["entries"], json!([{ "region": "eu", "people": 1, "permitted": 1 }]));
        let mut nobody = news();
        nobody["purpose"] = json!("marketing.events");
        let events = world.key(2, Role::Marketing, Some(purpose("marketing.events"))).await;
        let (status, none) = world.post("/v1/audience:use", &events, &json!({ "question": nobody })).await;
        assert_eq!((status, &none["permitted"], &none["entries"]), (200, &json!(0), &json!([])), "{none}");
        let mut past = news();
        past["at"] = json!("2026-05-01T12:00");
        for wrong in [
            json!({ "question": news(), "people": [] }),
            json!({ "question": news(), "people": named, "version": "x".repeat(81) }),
            json!({ "question": news(), "people": named, "version": "two words" }),
            json!({ "question": news(), "people": named, "version": "" }),
            json!({ "question": past, "people": named }),
            json!({ "question": news(), "list": true }),
        ] {
            assert_eq!(world.post("/v1/audience:use", &key, &wrong).await.0, 422, "{wrong}");
        }
        let any = world.key(3, Role::Marketing, None).await;
        assert_eq!(world.post("/v1/audience:use", &any, &json!({ "question": news() })).await.0, 403);
        assert_eq!(world.post("/v1/audience:use", "", &body).await.0, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_asks_about_the_past() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        // The yes came at 12:01 on 1 May 2026, and it is 12:01 now.
        let ask = |at: &str| {
            let mut question = news();
            question["at"] = json!(at);
            json!({ "question": question, "person": world.people[0] })
        };
        let (status, before) = world.post("/v1/decide", &key, &ask("2026-05-01T12:00")).await;
        assert_eq!((status, &before["code"]), (200, &json!("NEVER_ASKED")), "{before}");
        assert_eq!(before["as_of"]["proof"], json!([]));
        let (_, then) = world.post("/v1/decide", &key, &ask("2026-05-01T14:01:00+02:00")).await;
        assert_eq!((&then["code"], &then["as_of"]["at"]), (&json!("PERMIT"), &json!("2026-05-01T12:01:00Z")));
        assert_eq!(then["as_of"]["proof"][0]["entry"], json!(2), "{then}");
        assert_eq!(then["as_of"]["policy"]["version"], json!(1), "{then}");
        assert_eq!(then["entry"], Value::Null, "nothing was written down");
        let (status, ahead) = world.post("/v1/decide", &key, &ask("2026-05-01T12:02")).await;
        assert_eq!(status, 422);
        assert!(ahead["detail"].as_str().is_some_and(|said| said.contains("not come yet")), "{ahead}");
        for (path, body) in [
            ("/v1/decide", ask("soon")),
            (
                "/v1/decide",
                json!({ "question": ask("2026-05-01T12:00")["question"], "person": world.people[0], "record": true }),
            ),
            (
                "/v1/decide:batch",
                json!({ "question": ask("2026-05-01T12:00")["question"], "people": world.people }),
            ),
            ("/v1/audience", json!({ "question": ask("2026-05-01T12:00")["question"] })),
        ] {
            assert_eq!(world.post(path, &key, &body).await.0, 422, "{path} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_permit_is_given_twice() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        let (house, at) = (&world.house, START.plus(Span::minutes(1)));
        let ask = json!({ "question": news(), "people": [world.people[0]] });
        let (status, first) = world.post_as("/v1/audience:use", &key, "k-1", &ask).await;
        assert_eq!((status, &first["codes"]), (200, &json!(["PERMIT"])), "{first}");
        let no = Act::Withdraw(purpose("marketing.newsletter"));
        house
            .gate
            .record(house.company, world.people[0], no, Asker::Person, Evidence::Portal, at)
            .await
            .unwrap();
        let (status, again) = world.post_as("/v1/audience:use", &key, "k-1", &ask).await;
        assert_eq!((status, &again["permitted"]), (200, &json!(0)), "{again}");
        assert_ne!(again["codes"], json!(["PERMIT"]), "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_any_purpose_lists_nobody() {
    let world = World::new(Engine::Sqlite).await;
    let key = world.key(1, Role::Marketing, None).await;
    let many = json!({ "question": news(), "people": world.people });
    let (status, told) = world.post("/v1/decide:batch", &key, &many).await;
    assert_eq!((status, &told["code"]), (403, &json!("forbidden")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_decided_at_the_door() {
    let world = World::new(Engine::Sqlite).await;
    let key = world.key(1, Role::Marketing, None).await;
    let mut ask = json!({ "question": news(), "person": world.people[0], "record": true });
    let (status, first) = world.post("/v1/decide", &key, &ask).await;
    assert_eq!((status, &first["code"]), (200, &json!("PERMIT")), "{first}");
    let (_, second) = world.post("/v1/decide", &key, &ask).await;
    assert_eq!(second["entry"].as_u64(), first["entry"].as_u64().map(|entry| entry + 1));
    ask["person"] = json!(world.people[1]);
    let (_, refused) = world.post("/v1/decide", &key, &ask).await;
    assert_eq!(refused["code"], "NEVER_ASKED");
    assert!(refused["entry"].as_u64().is_some(), "a refusal is written down too");
    ask["person"] = json!(PersonId::from_bytes([77; 16]));
    let (status, nobody) = world.post("/v1/decide", &key, &ask).await;
    assert_eq!((status, &nobody["code"], &nobody["entry"]), (200, &json!("UNKNOWN_PERSON"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_answer_is_all_or_nothing_and_its_entry_says_the_same() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, None).await;
        let (house, at) = (&world.house, START.plus(Span::minutes(1)));
        let once = Act::Give(Box::new(Giving { uses: Some(1), ..house.yes(at).await.unwrap() }));
        house
            .gate
            .record(house.company, world.people[2], once, Asker::Person, Evidence::Portal, at)
            .await
            .unwrap();
        let ask = |categories: Value| {
            let mut question = news();
            question["categories"] = categories;
            json!({ "question": question, "person": world.people[2], "record": true })
        };
        // Her yes is to e-mail and name; asked for her phone as well, the answer is no, and so is the entry.
        let (status, no) =
            world.post("/v1/decide", &key, &ask(json!(["contact.email", "contact.phone"]))).await;
        assert_eq!(
            (status, &no["permitted"], &no["code"]),
            (200, &json!(false), &json!("CATEGORY_NOT_GRANTED"))
        );
        let written = written(&world, no["entry"].as_u64().unwrap()).await;
        assert_eq!((written.outcome.as_str(), written.warrant.as_str()), ("CATEGORY_NOT_GRANTED", ""));
        assert_eq!(written.categories, ["contact.phone"], "what was closed");
        // Nothing of the one use was used up by it; then it is used, and there is no other.
        let (_, yes) = world.post("/v1/decide", &key, &ask(json!(["contact.email", "name"]))).await;
        assert_eq!(yes["code"], "PERMIT", "{yes}");
        let (_, over) = world.post("/v1/decide", &key, &ask(json!(["contact.email"]))).await;
        assert_eq!(over["code"], "USED_UP", "{over}");
    }
}

/// The sealed half of an entry about the third person, as they may read it.
async fn written(world: &World, entry: u64) -> Detail {
    let (house, person) = (&world.house, world.people[2]);
    let dossier = house.gate.look_one(&Whose::everybody(house.company), person).await.unwrap();
    let question = Question {
        asker: Asker::Person,
        to: To::Person,
        ..house.question(
            View,
            person,
            Role::Person,
            "rights.access",
            dossier.everything().unwrap(),
            START.plus(Span::minutes(1)),
        )
    };
    let answer = house.gate.ask(question, &dossier).await.unwrap();
    let lines = house
        .gate
        .uses(answer.permit().unwrap(), &dossier, assent_gate::After::default(), 100)
        .await
        .unwrap();
    lines.into_iter().find(|line| line.id == entry.into()).unwrap().detail
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_written_down_with_its_ticket_or_not_heard() {
    let world = World::new(Engine::Sqlite).await;
    let key = world.key(1, Role::Marketing, None).await;
    let (house, at) = (&world.house, START.plus(Span::minutes(1)));
    let stop = Act::Restrict(Restricted::All);
    house
        .gate
        .record(house.company, world.people[0], stop, Asker::Person, Evidence::Portal, at)
        .await
        .unwrap();
    let ask = |context: Value, record: bool| {
        let mut question = news();
        question["context"] = context;
        json!({ "question": question, "person": world.people[0], "record": record })
    };
    let (_, closed) = world.post("/v1/decide", &key, &ask(json!({}), true)).await;
    assert_eq!(closed["code"], "RESTRICTED", "{closed}");
    let claim = json!({ "claim": true, "ticket": "court 12/26" });
    for (context, record) in [
        (claim.clone(), false),
        (json!({ "claim": true }), true),
        (json!({ "claim": true, "ticket": " " }), true),
    ] {
        assert_eq!(
            world.post("/v1/decide", &key, &ask(context.clone(), record)).await.0,
            422,
            "{context} {record}"
        );
    }
    let mut question = news();
    question["context"] = claim.clone();
    let many = json!({ "question": question, "people": world.people });
    assert_eq!(world.post("/v1/decide:batch", &key, &many).await.0, 422);
    assert_eq!(world.post("/v1/audience", &key, &json!({ "question": question })).await.0, 422);
    let (_, open) = world.post("/v1/decide", &key, &ask(claim, true)).await;
    assert_eq!(open["code"], "PERMIT", "{open}");
    assert!(open["entry"].as_u64().is_some(), "{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_or_with_nonsense_nothing_is_said() {
    let world = World::new(Engine::Sqlite).await;
    let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
    let ask = json!({ "question": news(), "person": world.people[0] });
    for wrong in ["", "assent_key_", "assent_key_AAAA", "x", &session::key_of(&[9; 32])] {
        assert_eq!(world.post("/v1/decide", wrong, &ask).await.0, 401, "{wrong}");
    }
    let with = |field: &str, value: Value| {
        let mut question = news();
        question[field] = value;
        json!({ "question": question, "person": world.people[0] })
    };
    for (field, value, status) in [
        ("purpose", json!("service.support"), 403),
        ("categories", json!([]), 422),
        ("categories", json!(["Contact"]), 422),
        ("use", json!("Sell"), 422),
        ("to", json!("nobody-we-know"), 422),
        ("least", json!("yesterday"), 422),
        ("colour", json!("blue"), 422),
    ] {
        assert_eq!(world.post("/v1/decide", &key, &with(field, value)).await.0, status, "{field}");
    }
    // What the law refuses is an answer, not an error.
    for (field, value, code) in [
        ("region", json!("mars"), "UNKNOWN_REGION"),
        ("categories", json!(["aura"]), "UNKNOWN_CATEGORY"),
        ("use", json!("Share"), "USE_OUTSIDE_PURPOSE"),
    ] {
        let (status, answer) = world.post("/v1/decide", &key, &with(field, value)).await;
        assert_eq!((status, &answer["code"]), (200, &json!(code)), "{answer}");
    }
    let nobody = json!({ "question": news(), "people": [] });
    assert_eq!(world.post("/v1/decide:batch", &key, &nobody).await.0, 422);
    assert_eq!(world.house.gate.region_of(world.house.company, world.people[0]).await.unwrap(), eu());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_reach_everybody_counts_nobody() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::new(engine).await;
        let key = world.key(1, Role::Marketing, Some(purpose("marketing.newsletter"))).await;
        let (company, mine, me) = (world.house.company, world.people[1], StaffId::from_bytes([1; 16]));
        let lay_down = move |tx: &mut assent_store::Tx<'_>| {
            reach::put(tx, company, Rule::new(Role::Marketing, Object::People, Scope::Own, Scope::Own))?;
            home::owner::give(tx, company, &[(mine, None)], Some(me), START)
        };
        world.house.gate.home().write(lay_down).await.unwrap();
        // The first is open, and beyond reach: it is answered as about somebody who is not here.
        let ask = |person: PersonId| json!({ "question": news(), "person": person });
        let mut recorded = ask(world.people[0]);
        recorded["record"] = json!(true);
        let mut past = ask(world.people[0]);
        past["question"]["at"] = json!("2026-05-01T12:00");
        for beyond in [ask(world.people[0]), recorded, past] {
            let (_, told) = world.post("/v1/decide", &key, &beyond).await;
            assert_eq!(told["code"], "UNKNOWN_PERSON", "{told}");
        }
        assert_eq!(world.post("/v1/decide", &key, &ask(mine)).await.1["code"], "NEVER_ASKED");
        let unknown = "UNKNOWN_PERSON";
        let codes = json!([unknown, "NEVER_ASKED", unknown, unknown, unknown]);
        let many = json!({ "question": news(), "people": world.people });
        assert_eq!(world.post("/v1/decide:batch", &key, &many).await.1["codes"], codes);
        let (_, used) = world.post("/v1/audience:use", &key, &many).await;
        assert_eq!((&used["codes"], &used["permitted"]), (&codes, &json!(0)), "{used}");
        for (path, body) in [
            ("/v1/audience", json!({ "question": news() })),
            ("/v1/audience", json!({ "question": news(), "list": true })),
            ("/v1/audience:use", json!({ "question": news() })),
        ] {
            let (status, told) = world.post(path, &key, &body).await;
            assert_eq!(status, 403, "{path} {told}");
            assert!(told["detail"].as_str().is_some_and(|why| why.contains("does not reach everybody")));
        }
        // Another role's key is as it was.
        let officer = world.key(2, Role::Dpo, None).await;
        let inform = json!({ "use": "View", "purpose": "rights.inform", "categories": ["contact.email"] });
        assert_eq!(world.post("/v1/audience", &officer, &json!({ "question": inform })).await.0, 200);
    }
}
