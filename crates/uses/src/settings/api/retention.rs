//! For how long facts may be used whole: told by kind of values, and made shorter.

use assent_kernel::CategoryKey;
use assent_kernel::category::{Category, Retention};
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CHAPTER;
use super::sent::{base, changing, nothing, settled};
use crate::settings::act::retention as act;
use crate::settings::model::retention::{code, may_be, read, usual};

/// The classes by name: those with a clock of their own, and the two whose clock is a law or the terms.
const CLASSES: [&str; 8] = ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"];

pub(super) fn operations() -> Vec<Operation> {
    let class = || Shape::Word(CLASSES.to_vec());
    let one = Shape::Record(vec![
        must("category", Shape::key(), "The kind of values."),
        must("label", Shape::any_text(200), "What it is called."),
        must("class", class(), "The class it is in."),
        must("usual", class(), "The class it came with."),
        must("whole_days", Shape::Number(0, 100_000).or_null(), "For how many days after it was last confirmed it may be used whole; null where a law or the terms say."),
        must("may_be", class().list(8), "The classes it may be put into: never one that keeps longer than it came with."),
    ])
    .named("Retention");
    let example = json!({
        "category": "contact.email", "label": "E-mail address", "class": "r5", "usual": "r2", "whole_days": 180,
        "may_be": ["r2", "r1", "r5", "r7", "r6", "r0"],
    });
    vec![
        changing(Operation::new("listRetention", Method::GET, "/v1/retention", |call| Box::pin(list(call))))
            .says(CHAPTER, "For how long each kind of values is whole", "")
            .gives(
                200,
                Shape::Record(vec![must("data", one.list(10_000), "The kinds of values.")]),
                json!({ "data": [example] }),
            )
            .with_tag(),
        changing(Operation::new("setRetention", Method::PUT, "/v1/retention/{category}", |call| {
            Box::pin(set(call))
        }))
        .says(
            CHAPTER,
            "Keep a kind of values shorter, or as usual again",
            "It holds from the next decision on.",
        )
        .takes(Shape::Record(vec![must("class", class(), "One of its `may_be`.")]), json!({ "class": "r5" }))
        .gives_nothing()
        .may_match(),
    ]
}

fn told(one: &Category) -> Value {
    let codes: Vec<String> = may_be(&one.key).into_iter().map(code).collect();
    let days = one.retention.full().map(crate::settings::model::days);
    json!({
        "category": one.key.to_string(), "label": one.label, "class": code(one.retention),
        "usual": code(usual(&one.key).unwrap_or(one.retention)), "whole_days": days, "may_be": codes,
    })
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    let all: Vec<Value> = standing.policy.categories.values().map(told).collect();
    Ok(Reply::of(&json!({ "data": all }))?.tagged(standing.policy.version.to_string()))
}

#[derive(Deserialize)]
struct Sent {
    class: String,
}

async fn set(call: &Call) -> Result<Reply, Problem> {
    let key = CategoryKey::new(call.name("category")).map_err(|_| nothing("kind of values"))?;
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    if !standing.policy.categories.contains_key(&key) {
        return Err(nothing("kind of values"));
    }
    let class: Option<Retention> = read(&call.body::<Sent>()?.class);
    let class = class.ok_or_else(|| Problem::invalid("/class: no kind of values is put there by hand."))?;
    settled(act::set(&call.ctx, call.staff()?, (&key, class), base(call).await?).await?)?;
    Ok(Reply::done())
}
