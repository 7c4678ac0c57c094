//! Items taken along.

use assent_store::work::items::{Item, ItemId};
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, ITM, example, shape, told};
use crate::filled::{self, Filled};
use crate::frame::{ROLES, words};
use crate::things::act;
use crate::{spoken, texts};

pub(super) fn operation() -> Operation {
    let mut fields = shape().fields().to_vec();
    fields.push(must("whom", spoken::said_shape(), "What its person is called; closed with its values."));
    let taken = Shape::Record(fields).named("TakenItem");
    let mut one = example();
    one["whom"] = Value::Null;
    Operation::new("exportItems", Method::POST, "/v1/objects/{key}/items:export", |call| {
        Box::pin(take(call))
    })
    .says(
        CHAPTER,
        "Take items along",
        "What is about a person is asked for as an export, value by value, and written down as one. What is closed says why.",
    )
    .for_roles(ROLES)
    .harmless()
    .takes(
        Shape::Record(vec![must("items", Shape::id(ItemId::PREFIX).list(spoken::MOST_ALONG), "Which.")]),
        json!({ "items": [ITM] }),
    )
    .gives(
        200,
        Shape::Record(vec![must("data", taken.list(spoken::MOST_ALONG), "The items, in the same order.")]),
        json!({ "data": [one] }),
    )
    .or(404, "There is no such object, or no item of yours by one of these ids.")
}

#[derive(Deserialize)]
struct Wanted {
    items: Vec<String>,
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, wanted) = (&call.ctx, call.staff()?, call.body::<Wanted>()?);
    let sort = super::sort(call).await?;
    let ids = wanted.items.iter().map(|id| act::id(id)).collect::<Result<Vec<_>, _>>()?;
    let all = act::some(ctx, staff, &sort, &spoken::each_once(ids)).await?;
    let filled = filled::read(ctx, staff, all.iter().map(|item| item.id.to_bytes()).collect()).await?;
    let opened =
        texts::exported(ctx, staff, filled.values().flat_map(Filled::texts).map(|text| (text, true))).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let blank = Filled::default();
    let one = |item: &Item| {
        let filled = filled.get(&item.id.to_bytes()).unwrap_or(&blank);
        let whom = filled.open(&opened).or_else(|| filled.texts().next());
        let mut out = told(&sort, item, (filled, &opened), &words);
        out["whom"] = json!(whom.and_then(|text| spoken::named(text, &opened, &words)));
        out
    };
    Reply::of(&json!({ "data": all.iter().map(one).collect::<Vec<Value>>() }))
}
