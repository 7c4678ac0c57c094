//! Programs are told what happens: signed, thin, again and again by the clock, and never at a private address unasked.

use std::sync::{Arc, Mutex};

use assent_gate::Act;
use assent_kernel::grant::Evidence;
use assent_kernel::{Asker, HookId, Role};
use assent_store::outbox;
use assent_testkit::{Engine, purpose};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{deliver, model};
use crate::desk::story::fixture::{Desk, Program, form};

const MINUTE: i64 = 60_000_000;

/// A receiver of its own, with a status that can be set: everything it got, head and body.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(String, String)>>>,
    says: Arc<Mutex<u16>>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let (got, says) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (all, status) = (Arc::clone(&got), Arc::clone(&says));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                let mut bytes = [0; 4096];
                while !text.contains("\r\n\r\n") || !text.ends_with('}') {
                    let read = stream.read(&mut bytes).await.unwrap_or(0);
                    if read == 0 {
                        break;
                    }
                    text.push_str(&String::from_utf8_lossy(&bytes[..read]));
                }
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                all.lock().unwrap().push((head.to_owned(), body.to_owned()));
                let status = *status.lock().unwrap();
                let answer =
                    format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, got, says, task }
    }
    fn say(&self, status: u16) {
        *self.says.lock().unwrap() = status;
    }
    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
    fn last(&self) -> (String, Value) {
        let got = self.got.lock().unwrap();
        let (head, body) = got.last().unwrap();
        (head.clone(), serde_json::from_str(body).unwrap())
    }
    /// Checks every signature of the last message as the specification says; how many there are, and how many fit.
    fn checked(&self, secret: &str) -> (usize, usize) {
        let got = self.got.lock().unwrap();
        let (head, body) = got.last().unwrap();
        let line = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap().trim().to_owned()
        };
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{body}", line("webhook-id"), line("webhook-timestamp")).as_bytes());
        let own = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let all = line("webhook-signature");
        (all.split(' ').count(), all.split(' ').filter(|one| *one == own).count())
    }
}

/// What the worker does in a round: carry, then every job that is due, one after another.
async fn round(desk: &Desk) {
    deliver::carry(&desk.ctx, desk.ctx.now()).await.unwrap();
    let at = desk.ctx.now();
    let until = at.plus(assent_kernel::Span::minutes(10));
    let claim = desk.house.gate.home().write(move |tx| outbox::claim(tx, deliver::KIND, at, until, 100));
    for job in claim.await.unwrap() {
        let hook: HookId = String::from_utf8(job.body).unwrap().parse().unwrap();
        for one in deliver::take(&desk.ctx, hook, at, 100).await.unwrap() {
            deliver::attempt(&desk.ctx, one).await.unwrap();
        }
        let id = job.id;
        desk.house.gate.home().write(move |tx| outbox::done(tx, id, until, at)).await.unwrap();
    }
}

async fn listen(admin: &Program, url: &str, events: Value) -> (String, String) {
    let made = admin.post("/v1/webhooks", json!({ "url": url, "events": events, "private": true })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    (format!("/v1/webhooks/{}", made.body["id"].as_str().unwrap()), secret)
}

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let admin = desk.program(1, Role::Admin, None).await;
    let support = desk.program(2, Role::Support, Some("service.support")).await;
    let receiver = Receiver::new().await;
    let wanted = json!(["deal.changed", "task.changed", "person.terms-changed", "person.erased"]);
    let (hook, secret) = listen(&admin, &receiver.url, wanted).await;

    let deal = support.post("/v1/deals", json!({ "title": "Zweiter Kühlschrank", "person": mia })).await.id();
    round(&desk).await;
    let (head, body) = receiver.last();
    assert_eq!(
        body,
        json!({ "type": "deal.changed", "timestamp": body["timestamp"], "data": { "id": deal } })
    );
    assert!(head.starts_with("POST /hooks HTTP/1.1") && !head.contains("Kühl"), "{head}");
    assert_eq!(receiver.checked(&secret), (1, 1));
    round(&desk).await;
    assert_eq!(receiver.count(), 1, "once is enough");

    // What a person says is told, too: that, and not what.
    let yes = Act::Withdraw(purpose("sales.contact"));
    desk.house
        .gate
        .record(desk.house.company, mia, yes, Asker::Person, Evidence::Portal, desk.ctx.now())
        .await
        .unwrap();
    round(&desk).await;
    assert_eq!(receiver.last().1["type"], "person.terms-changed");
    assert_eq!(receiver.last().1["data"], json!({ "id": mia }));

    // Another secret: for a day both sign.
    let fresh = admin.call(&format!("POST {hook}/secret"), &[], None).await.body["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    support.post("/v1/tasks", json!({ "text": "x" })).await.id();
    round(&desk).await;
    assert_eq!((receiver.checked(&secret), receiver.checked(&fresh)), ((2, 1), (2, 1)));
    desk.clock.advance(25 * 60 * MINUTE);
    support.post("/v1/tasks", json!({ "text": "x" })).await.id();
    round(&desk).await;
    assert_eq!((receiver.checked(&secret), receiver.checked(&fresh)), ((1, 0), (1, 1)));

    // The log, and once more under the same id.
    let log = admin.get(&format!("{hook}/deliveries")).await.body;
    assert_eq!(log["data"].as_array().map(Vec::len), Some(4), "{log}");
    assert!(log["data"].as_array().unwrap().iter().all(|one| one["state"] == "delivered"));
    let (id, before) = (log["data"][0]["id"].as_str().unwrap(), receiver.count());
    assert_eq!(admin.call(&format!("POST {hook}/deliveries/{id}/again"), &[], None).await.status, 204);
    round(&desk).await;
    assert_eq!(receiver.count(), before + 1);
    assert!(receiver.last().0.contains(id));

    // What is off, removed, or not wanted is not told.
    let tag = admin.get(&hook).await.header("etag").to_owned();
    let off = admin.call(&format!("PATCH {hook}"), &[("if-match", &tag)], Some(json!({ "on": false }))).await;
    assert_eq!(off.status, 204, "{}", off.text);
    support.post("/v1/tasks", json!({ "text": "x" })).await.id();
    support.post("/v1/organisations", json!({ "name": "x" })).await.id();
    round(&desk).await;
    assert_eq!(receiver.count(), before + 1);
    assert_eq!(admin.call(&format!("DELETE {hook}"), &[("if-match", "*")], None).await.status, 204);
    assert_eq!(admin.get(&hook).await.status, 404);
}

async fn again(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let mut boss = None;
    let receiver = Receiver::new().await;
    let (hook, secret) = listen(&admin, &receiver.url, json!(["task.changed"])).await;
    // Nobody listens at first: the receiver is gone.
    receiver.task.abort();
    let gone = receiver.url.clone();
    admin.post("/v1/tasks", json!({ "text": "x" })).await.id();
    round(&desk).await;
    let log = || async { admin.get(&format!("{hook}/deliveries")).await.body["data"][0].clone() };
    let first = log().await;
    assert_eq!((&first["state"], &first["tries"]), (&json!("waiting"), &json!(1)), "{first}");
    // Somebody listens there again, and refuses; each pause is the specification's, to the second.
    let back = Receiver::new().await;
    let tag = admin.get(&hook).await.header("etag").to_owned();
    let url = json!({ "url": back.url });
    assert_eq!(admin.call(&format!("PATCH {hook}"), &[("if-match", &tag)], Some(url)).await.status, 204);
    assert_ne!(gone, back.url);
    back.say(500);
    let pauses: Vec<i64> =
        [5, 300, 1800].into_iter().chain([2, 5, 10, 14, 20, 24].map(|hour| hour * 3600)).collect();
    for (tried, pause) in pauses.iter().enumerate() {
        desk.clock.advance(pause * 1_000_000 - 1_000_000);
        if tried + 1 == pauses.len() {
            // A session ends sooner than the pauses.
            boss = Some(desk.enter(Role::Admin, "rights.inform").await);
        }
        round(&desk).await;
        assert_eq!(back.count(), tried, "not before its time");
        desk.clock.advance(1_000_000);
        round(&desk).await;
        assert_eq!(back.count(), tried + 1, "after {pause} seconds");
        assert_eq!(back.checked(&secret), (1, 1));
    }
    let ids: std::collections::BTreeSet<String> = {
        let got = back.got.lock().unwrap();
        let id = |head: &String| {
            head.lines().find_map(|line| line.strip_prefix("webhook-id: ").map(str::to_owned))
        };
        got.iter().filter_map(|(head, _)| id(head)).collect()
    };
    assert_eq!(ids.len(), 1, "always the same id");
    let over = log().await;
    assert_eq!((&over["state"], &over["tries"]), (&json!("given-up"), &json!(10)), "{over}");
    // After the last it is off, and administrators read why.
    let off = admin.get(&hook).await.body;
    assert_eq!((&off["on"], &off["off_because"]), (&json!(false), &json!("127.0.0.1 answers 500")));
    let page = format!("/programs/hooks/{}", off["id"].as_str().unwrap());
    let boss = boss.unwrap();
    let inbox = boss.get("/inbox").await;
    assert!(inbox.has("A webhook was turned off") && inbox.has(&page));
    assert!(boss.get(&page).await.has("answers 500"));

    // On again, and once more; a receiver that says it is gone is believed at once.
    let tag = admin.get(&hook).await.header("etag").to_owned();
    admin.call(&format!("PATCH {hook}"), &[("if-match", &tag)], Some(json!({ "on": true }))).await;
    let id = over["id"].as_str().unwrap();
    assert_eq!(admin.call(&format!("POST {hook}/deliveries/{id}/again"), &[], None).await.status, 204);
    back.say(410);
    round(&desk).await;
    assert_eq!(admin.get(&hook).await.body["on"], json!(false));
}

async fn many_messages_are_one_job(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let receiver = Receiver::new().await;
    let (hook, _) = listen(&admin, &receiver.url, json!(["task.changed"])).await;
    for _ in 0..5 {
        admin.post("/v1/tasks", json!({ "text": "x" })).await.id();
    }
    deliver::carry(&desk.ctx, desk.ctx.now()).await.unwrap();
    let home = desk.house.gate.home();
    let jobs = || home.read(|tx| tx.first("SELECT count(*) FROM job", &[], |row| row.int(0)));
    assert_eq!(jobs().await.unwrap(), Some(1), "however many wait");
    // Two are under way; the others wait their turn, and none is taken twice.
    let id: HookId = hook.rsplit('/').next().unwrap().parse().unwrap();
    let at = desk.ctx.now();
    let first = deliver::take(&desk.ctx, id, at, 2).await.unwrap();
    assert_eq!((first.len(), deliver::take(&desk.ctx, id, at, 0).await.unwrap().len()), (2, 0));
    desk.clock.advance(1_000_000);
    round(&desk).await;
    assert_eq!(receiver.count(), 3);
    for one in first {
        deliver::attempt(&desk.ctx, one).await.unwrap();
    }
    desk.clock.advance(120 * 1_000_000);
    round(&desk).await;
    assert_eq!((receiver.count(), jobs().await.unwrap()), (5, Some(1)));
}

async fn told_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let new = json!({ "url": "https://shop.example/hooks", "events": ["task.changed"] });
    let key = [("idempotency-key", "k-1")];
    let first = admin.call("POST /v1/webhooks", &key, Some(new.clone())).await;
    let again = admin.call("POST /v1/webhooks", &key, Some(new)).await;
    assert!(first.text.contains("whsec_") && !again.text.contains("whsec_"), "{}", again.text);
    assert_eq!(first.id(), again.id());
    let rotate = format!("POST /v1/webhooks/{}/secret", first.id());
    let first = admin.call(&rotate, &key, None).await;
    assert!(first.status == 422 && first.body["code"] == "key-reused", "{}", first.text);
    let key = [("idempotency-key", "k-2")];
    assert!(admin.call(&rotate, &key, None).await.text.contains("whsec_"));
    let again = admin.call(&rotate, &key, None).await;
    assert_eq!((again.status, again.body), (200, json!({})));
    // What no database takes leads nowhere, on either.
    let nul = format!(
        "POST /v1/webhooks/{}/deliveries/msg_%00/again",
        admin.get("/v1/webhooks").await.body["data"][0]["id"].as_str().unwrap()
    );
    assert_eq!(admin.call(&nul, &[], None).await.status, 404);
}

async fn guarded(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let receiver = Receiver::new().await;
    let refused =
        admin.post("/v1/webhooks", json!({ "url": receiver.url, "events": ["task.changed"] })).await;
    assert_eq!(refused.status, 422, "http is not taken: {}", refused.text);
    // Nor is a private host that only the company's administrator allows.
    let elsewhere = receiver.url.replace("127.0.0.1", "127.0.0.2");
    let alone = json!({ "url": elsewhere, "events": ["task.changed"], "private": true });
    let refused = admin.post("/v1/webhooks", alone).await;
    assert!(refused.status == 422 && refused.text.contains("private_hosts"), "{}", refused.text);
    // A private address under https is found out when it is asked, by what its name leads to.
    let inside = json!({ "url": "https://127.0.0.1:1/", "events": ["task.changed"] });
    let made = admin.post("/v1/webhooks", inside).await.id();
    admin.post("/v1/tasks", json!({ "text": "x" })).await.id();
    round(&desk).await;
    let log = admin.get(&format!("/v1/webhooks/{made}/deliveries")).await.body;
    assert!(log["data"][0]["said"].as_str().unwrap().contains("private address"), "{log}");
    // Only administrators, and only of this company.
    let support = desk.program(2, Role::Support, None).await;
    assert_eq!(support.get("/v1/webhooks").await.status, 403);
    desk.foreign().await;
    let other = assent_kernel::CompanyId::from_bytes([2; 16]);
    let stranger = desk.program_of(other, 3, Role::Admin, None).await;
    assert_eq!(stranger.get(&format!("/v1/webhooks/{made}")).await.status, 404);
    assert_eq!(stranger.get("/v1/webhooks").await.body["data"], json!([]));
}

async fn pages(engine: Engine) {
    let desk = Desk::new(engine).await;
    let boss = desk.enter(Role::Admin, "rights.inform").await;
    let support = desk.enter(Role::Support, "service.support").await;
    assert_eq!(support.get("/programs").await.status, 403);
    assert_eq!(support.post("/programs", &form(&[("name", "x"), ("choice", "support")])).await.status, 403);
    let bad =
        boss.post("/programs", &form(&[("name", "shop"), ("choice", "support marketing.newsletter")])).await;
    assert!(bad.status == 422 && bad.has("value=\"shop\""), "{}", bad.body);
    let made =
        boss.post("/programs", &form(&[("name", "shop"), ("choice", "support service.support")])).await;
    assert!(made.status == 200 && made.has("assent_key_"));
    assert!(!boss.get("/programs").await.has("assent_key_"), "shown once");
    let end = made.body.split("action=\"/programs/keys/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(boss.post(&format!("/programs/keys/{end}"), "").await.status, 303);
    assert!(boss.get("/programs?said=ended").await.has(">ended<"));
    let wrong = boss.post("/programs/hooks", &form(&[("url", "ftp://x")])).await;
    assert!(wrong.status == 422 && wrong.has("Choose at least one") && wrong.has("must begin with https://"));
    let hook = [("url", "https://shop.example/hooks"), ("event", "person.erased")];
    let made = boss.post("/programs/hooks", &form(&hook)).await;
    assert!(made.has("whsec_"));
    let home = made.body.split("action=\"/programs/hooks/").nth(1).unwrap().split('"').next().unwrap();
    let page = boss.get(&format!("/programs/hooks/{home}")).await;
    assert!(!page.has("whsec_") && page.has("Nothing yet"));
    assert_eq!(boss.post(&format!("/programs/hooks/{home}"), &form(&[("on", "0")])).await.status, 303);
    assert!(boss.get(&format!("/programs/hooks/{home}")).await.has("turned off by hand"));
    assert_eq!(boss.post(&format!("/programs/hooks/{home}/remove"), "").await.status, 303);
    assert_eq!(boss.get(&format!("/programs/hooks/{home}")).await.status, 404);
}

assent_testkit::on_both!(told, again, many_messages_are_one_job, told_once, guarded, pages);

#[test]
fn a_message_holds_ids_alone() {
    let one = model::Delivery {
        hook: HookId::from_bytes([1; 16]),
        id: "msg_1".into(),
        kind: assent_store::events::Kind::PersonErased,
        thing: "per_1".into(),
        at: assent_testkit::START,
        tries: 0,
        next_at: None,
        tried_at: None,
        done_at: None,
        said: String::new(),
    };
    let body: Value = serde_json::from_str(&one.body()).unwrap();
    assert_eq!(
        body,
        json!({ "data": { "id": "per_1" }, "timestamp": "2026-05-01T12:00:00Z", "type": "person.erased" })
    );
}
