//! The fields that the company made, for programs.

use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::{self, Field, Kind, Thing};
use axum::http::Method;
use serde_json::{Value, json};

use super::CHAPTER;
use crate::desk::ROLES;

pub(super) fn operation() -> Operation {
    let field = Shape::Record(vec![
        must("category", Shape::key(), "The category of its values: by this a value is added and read."),
        must("name", Shape::text(64), "Its short name."),
        must("label", Shape::text(200), "What it is called."),
        must("kind", Shape::Word(Kind::ALL.map(Kind::key).to_vec()), "What may stand in it."),
        must("choices", Shape::text(200).list(100), "What can be chosen; several are parted by `; `."),
        must("offered", Shape::Flag, "False when nothing new may stand in it."),
    ])
    .named("PersonField");
    let example = json!({ "data": [{
        "category": "purchase.product.brush-model", "name": "brush-model", "label": "Brush model", "kind": "one-of",
        "choices": ["Clean 2", "Clean Pro"], "offered": true,
    }] });
    Operation::new("listPersonFields", Method::GET, "/v1/people-fields", |call| Box::pin(all(call)))
        .says(
            CHAPTER,
            "The fields of the company",
            "What the company wants to know of people beside the usual. Their values are values like any other: add them, read \
             them and change them by their category.",
        )
        .for_roles(ROLES)
        .gives(200, Shape::Record(vec![must("data", field.list(200), "The fields, in order.")]), example)
}

async fn all(call: &Call) -> Result<Reply, Problem> {
    let fields = fields::all(&call.ctx, call.staff()?.company.id, Thing::Person).await?;
    let told = |field: &Field| {
        let category = field.category.as_ref()?.to_string();
        Some(json!({
            "category": category, "name": field.name, "label": field.label, "kind": field.kind.key(),
            "choices": field.choices, "offered": field.gone_at.is_none(),
        }))
    };
    let data: Vec<Value> = fields.iter().filter_map(told).collect();
    Reply::of(&json!({ "data": data }))
}
