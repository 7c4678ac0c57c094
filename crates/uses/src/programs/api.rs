//! Where programs are told what happens, for programs; and their keys.

mod keys;

use assent_store::events::Kind;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Like, Operation, Reply, Shape};
use assent_web::{Ctx, Problem};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ROLES;
use super::act;
use super::model::{Delivery, Hook};
use crate::spoken;

const CHAPTER: &str = "Webhooks";
const HOOK: &str = "/v1/webhooks/{id}";
const HOK: &str = "hok_01jx6sk9c0000000000000000j";
const MESSAGE: &str = "msg_5f1c2a7b9d3e4f60718293a4b5c6d7e8";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let sent = |new: bool| {
        let events = Shape::Word(Kind::ALL.map(Kind::key).to_vec()).list(20);
        let (url, list) = (Shape::Text(Like::Url, 8, 2000), "What to be told; at least one.");
        let where_to = "Where to: https, and no private address unless `private` allows it.";
        let mut fields = if new {
            vec![must("url", url, where_to), must("events", events, list)]
        } else {
            vec![
                may("url", url, where_to),
                may("events", events, list),
                may("on", Shape::Flag, "False turns it off, true on again."),
            ]
        };
        fields.push(may("private", Shape::Flag, "True to allow a private address, and http, of a host that the operator allows (`private_hosts`)."));
        Shape::Record(fields).named(if new { "NewWebhook" } else { "WebhookChanges" })
    };
    let secret = || {
        may(
            "secret",
            Shape::text(200),
            "Signs every message. Shown this once: an answer that is given again leaves it out.",
        )
    };
    let mut all = vec![
        Operation::new("listWebhooks", Method::GET, "/v1/webhooks", |call| Box::pin(list(call)))
            .says(CHAPTER, "List webhooks", "Newest first.")
            .for_roles(ROLES)
            .gives(200, Shape::Record(vec![must("data", shape().list(50), "The webhooks.")]), json!({ "data": [example()] })),
        Operation::new("createWebhook", Method::POST, "/v1/webhooks", |call| Box::pin(make(call)))
            .says(CHAPTER, "Be told what happens", ABOUT)
            .for_roles(ROLES)
            .takes(sent(true), json!({ "url": "https://shop.example/hooks", "events": ["person.terms-changed", "person.erased"] }))
            .gives(
                201,
                Shape::Record(vec![must("id", Shape::id("hok"), "Which."), secret()]),
                json!({ "id": HOK, "secret": SECRET }),
            ),
        Operation::new("getWebhook", Method::GET, HOOK, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read a webhook", "")
            .for_roles(ROLES)
            .gives(200, shape(), example())
            .with_tag(),
        Operation::new("changeWebhook", Method::PATCH, HOOK, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change a webhook, turn it off or on", "")
            .for_roles(ROLES)
            .takes(sent(false), json!({ "on": true }))
            .gives_nothing()
            .must_match(),
        Operation::new("removeWebhook", Method::DELETE, HOOK, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a webhook", "With its log.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("rotateSecret", Method::POST, "/v1/webhooks/{id}/secret", |call| Box::pin(rotate(call)))
            .says(CHAPTER, "Change the secret", "For a day messages bear two signatures, one with each secret.")
            .for_roles(ROLES)
            .gives(200, Shape::Record(vec![secret()]), json!({ "secret": SECRET })),
        Operation::new("listDeliveries", Method::GET, "/v1/webhooks/{id}/deliveries", |call| Box::pin(log(call)))
            .says(CHAPTER, "What was sent", "The last 200 messages of thirty days, newest first.")
            .for_roles(ROLES)
            .gives(200, Shape::Record(vec![must("data", delivery_shape().list(200), "The messages.")]), json!({ "data": [{
                "id": MESSAGE, "type": "person.erased", "thing": "per_01jx6sk9c0000000000000000a",
                "at": "2026-05-01T12:00:00Z", "state": "delivered", "tries": 1, "tried_at": "2026-05-01T12:00:01Z",
                "next_at": null, "said": "taken",
            }] })),
        Operation::new("sendAgain", Method::POST, "/v1/webhooks/{id}/deliveries/{message}/again", |call| Box::pin(again(call)))
            .says(CHAPTER, "Send a message again", "One that was delivered or given up; under the same id.")
            .for_roles(ROLES)
            .gives_nothing()
            .or(409, "It is still being sent, or a call with this Idempotency-Key is at work."),
    ];
    all.extend(keys::operations());
    all
}

const ABOUT: &str = "Messages are signed as Standard Webhooks 1.0.0 lays down (webhook-id, webhook-timestamp, webhook-signature), \
    and hold the type, the time and an id, and no value of anybody: call back with a key, and you are decided. Answer 2xx within 20 \
    seconds. Else it is sent again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h; then the webhook is turned off and \
    administrators are told. 410 turns it off at once.";

fn shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("hok"), "Which."),
        must("url", Shape::text(2000), "Where to."),
        must("events", Shape::text(60).list(20), "What it is told."),
        must("private", Shape::Flag, "True when a private address is allowed."),
        must("on", Shape::Flag, "False when it is off."),
        must("off_because", Shape::any_text(400).or_null(), "Why it is off."),
        must("created_at", Shape::time(), "Since when."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Webhook")
}

fn example() -> Value {
    json!({
        "id": HOK, "url": "https://shop.example/hooks", "events": ["person.erased"], "private": false, "on": true,
        "off_because": null, "created_at": "2026-05-01T12:00:00Z", "etag": "1",
    })
}

fn delivery_shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::text(60), "The message's id, the same whenever it is sent."),
        must("type", Shape::text(60), "What happened."),
        must("thing", Shape::text(60), "To what."),
        must("at", Shape::time(), "When it happened."),
        must("state", Shape::Word(vec!["waiting", "delivered", "given-up"]), "Where it stands."),
        must("tries", Shape::Number(0, 1000), "How often it was tried."),
        must("tried_at", Shape::time().or_null(), "When it was tried last."),
        must("next_at", Shape::time().or_null(), "When it is tried next."),
        must("said", Shape::any_text(400), "What the receiver said last, or why it said nothing."),
    ])
    .named("Delivery")
}

fn told(hook: &Hook) -> Value {
    json!({
        "id": hook.id, "url": hook.url, "events": hook.events.iter().map(|kind| kind.key()).collect::<Vec<_>>(),
        "private": hook.private, "on": hook.off.is_none(), "off_because": hook.off.as_ref().map(|(_, why)| why),
        "created_at": spoken::time(hook.made_at), "etag": hook.ver.to_string(),
    })
}

fn told_delivery(one: &Delivery) -> Value {
    json!({
        "id": one.id, "type": one.kind.key(), "thing": one.thing, "at": spoken::time(one.at), "state": one.state(),
        "tries": one.tries, "tried_at": one.tried_at.map(spoken::time), "next_at": one.next_at.map(spoken::time),
        "said": one.said,
    })
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let all = act::all(&call.ctx, call.staff()?).await?;
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<_>>() }))
}

async fn found(call: &Call) -> Result<Hook, Problem> {
    act::one(&call.ctx, call.staff()?, act::id(call.name("id"))?).await
}

#[derive(Deserialize)]
struct Sent {
    url: Option<String>,
    events: Option<Vec<String>>,
    private: Option<bool>,
    on: Option<bool>,
}

fn kinds(events: &[String]) -> Result<Vec<Kind>, Problem> {
    let mut kinds: Vec<Kind> = events.iter().filter_map(|text| Kind::parse(text)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() { Err(Problem::invalid("/events: choose at least one.")) } else { Ok(kinds) }
}

fn fits(ctx: &Ctx, url: &str, private: bool) -> Result<(), Problem> {
    let wrong = act::wrong(ctx, url, private);
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(format!("/url: {wrong}"))) }
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let sent = call.body::<Sent>()?;
    let (url, private) = (sent.url.unwrap_or_default(), sent.private.unwrap_or(false));
    let events = kinds(&sent.events.unwrap_or_default())?;
    fits(&call.ctx, &url, private)?;
    let (id, secret) = act::make(&call.ctx, call.staff()?, url, events, private).await?;
    let kept = json!({ "id": id });
    Reply::made(id, format!("/v1/webhooks/{id}"))?
        .holding(&json!({ "id": id, "secret": secret }))?
        .kept_as(&kept)
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let hook = found(call).await?;
    Ok(Reply::of(&told(&hook))?.tagged(hook.ver.to_string()))
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (sent, hook) = (call.body::<Sent>()?, found(call).await?);
    call.matches(&hook.ver.to_string())?;
    let url = sent.url.unwrap_or_else(|| hook.url.clone());
    let private = sent.private.unwrap_or(hook.private);
    fits(&call.ctx, &url, private)?;
    let events = match sent.events {
        Some(events) => kinds(&events)?,
        None => hook.events.clone(),
    };
    let off = match sent.on {
        Some(true) => None,
        Some(false) => hook.off.clone().or_else(|| Some((call.ctx.now(), "turned off by hand".into()))),
        None => hook.off.clone(),
    };
    act::change(&call.ctx, Hook { url, private, events, off, ..hook }).await?;
    Ok(Reply::done())
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let hook = found(call).await?;
    call.matches(&hook.ver.to_string())?;
    act::remove(&call.ctx, &hook).await?;
    Ok(Reply::done())
}

async fn rotate(call: &Call) -> Result<Reply, Problem> {
    let secret = act::rotate(&call.ctx, found(call).await?).await?;
    Reply::of(&json!({ "secret": secret }))?.kept_as(&json!({}))
}

async fn log(call: &Call) -> Result<Reply, Problem> {
    let all = act::deliveries(&call.ctx, &found(call).await?).await?;
    Reply::of(&json!({ "data": all.iter().map(told_delivery).collect::<Vec<_>>() }))
}

async fn again(call: &Call) -> Result<Reply, Problem> {
    act::again(&call.ctx, &found(call).await?, call.name("message")).await?;
    Ok(Reply::done())
}
