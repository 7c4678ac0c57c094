//! Adding a purpose below another, and saying in German what one is called.

use assent_kernel::PurposeKey;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::sent::{base, changing, given, nothing, roles, settled, settled_as, ticked};
use super::{CHAPTER, uses_shape};
use crate::settings::act;
use crate::settings::model::purpose::{Form, LONGEST_LABEL, LONGEST_SENTENCE, Words};

pub(super) fn operations() -> Vec<Operation> {
    let (label, sentence) = (|| Shape::text(LONGEST_LABEL), || Shape::text(LONGEST_SENTENCE));
    let body = Shape::Record(vec![
        must("below", Shape::key(), "The purpose it stands below: it can only narrow that one."),
        must("name", Shape::text(40), "The last part of its name, for good: receipts show it."),
        must("label", label(), "What it is called, for staff and people alike."),
        must("sentence", sentence(), "What it is for, in one sentence to the person."),
        may("label_de", label(), "What it is called in German."),
        may("sentence_de", sentence(), "The sentence in German."),
        must("uses", uses_shape(), "What may be done under it: some of what stands above it."),
        must("roles", roles(), "Who works for it: some of those above it."),
        must("longest_days", Shape::Number(0, 100_000), "The longest life of a yes to it, in days."),
    ])
    .named("NewPurpose");
    vec![
        changing(Operation::new("addPurpose", Method::POST, "/v1/purposes", |call| Box::pin(add(call))))
            .says(CHAPTER, "Add a purpose below another", "It stands on the same ground and can only narrow what is above it.")
            .takes(
                body,
                json!({
                    "below": "marketing.newsletter", "name": "anniversary", "label": "Anniversary letter", "label_de": "Jubiläumsbrief",
                    "sentence": "So that you hear from us on your anniversary.", "uses": ["Message"], "roles": ["marketing"],
                    "longest_days": 365,
                }),
            )
            .gives(
                201,
                Shape::Record(vec![must("id", Shape::key(), "Its place in the tree.")]),
                json!({ "id": "marketing.newsletter.anniversary" }),
            )
            .or(404, "There is no such purpose to stand below.")
            .may_match(),
        changing(Operation::new("translatePurpose", Method::PATCH, "/v1/purposes/{purpose}", |call| Box::pin(translate(call))))
            .says(CHAPTER, "Say in German what a purpose is called", "Its first name and sentence stay as people read them when they said yes.")
            .takes(
                Shape::Record(vec![
                    may("label_de", label().or_null(), "What it is called in German; null for nothing of its own."),
                    may("sentence_de", sentence().or_null(), "The sentence in German; null for nothing of its own."),
                ])
                .named("PurposeWords"),
                json!({ "label_de": "Jubiläumsbrief", "sentence_de": "Damit Sie zum Jubiläum von uns hören." }),
            )
            .gives_nothing()
            .may_match(),
    ]
}

#[derive(Deserialize)]
struct Sent {
    below: String,
    name: String,
    label: String,
    sentence: String,
    #[serde(default)]
    label_de: String,
    #[serde(default)]
    sentence_de: String,
    uses: Vec<String>,
    roles: Vec<String>,
    longest_days: u32,
}

async fn add(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let base = base(call).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let above = PurposeKey::new(&sent.below).ok().and_then(|key| standing.policy.purposes.get(&key));
    let above = above.ok_or_else(|| nothing("purpose"))?;
    let id = format!("{}.{}", above.key, sent.name);
    let form = Form {
        name: sent.name,
        label: sent.label,
        label_de: sent.label_de,
        sentence: sent.sentence,
        sentence_de: sent.sentence_de,
        uses: ticked(&sent.uses),
        roles: ticked(&sent.roles),
        days: sent.longest_days.to_string(),
    };
    let added = act::purposes::add(ctx, staff, (above, base), &form).await?;
    settled_as(added, &[("days", "longest_days")])?;
    Reply::made(id, "/v1/purposes".into())
}

#[derive(Deserialize)]
struct Said {
    #[serde(default, deserialize_with = "given")]
    label_de: Option<String>,
    #[serde(default, deserialize_with = "given")]
    sentence_de: Option<String>,
}

async fn translate(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Said>()?);
    let base = base(call).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let key = PurposeKey::new(call.name("purpose")).ok();
    let one = key.and_then(|key| standing.policy.purposes.get(&key)).ok_or_else(|| nothing("purpose"))?;
    let was = Words::of(one);
    let words = Words {
        label_de: sent.label_de.unwrap_or(was.label_de),
        sentence_de: sent.sentence_de.unwrap_or(was.sentence_de),
    };
    settled(act::purposes::translate(ctx, staff, (one, base), &words).await?)?;
    Ok(Reply::done())
}
