//! What deals are worth together, stage by stage, and what the open ones may bring: the sums of the board.

use std::collections::BTreeMap;

use assent_kernel::StageId;
use assent_store::work::deals::{Ending, Stage};
use assent_store::work::sums::Sum;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::{Value, json};

use super::{CHAPTER, list, shapes};
use crate::around::deal::added;
use crate::deals::act::list::{By, Found, by_stage, found};
use crate::deals::act::{self, pipelines};
use crate::deals::model;
use crate::frame::{self, ROLES};
use crate::lists;

/// Some deals of one stage and currency.
struct Part {
    stage: StageId,
    currency: String,
    cents: i64,
    count: u64,
}

pub(super) fn operation() -> Operation {
    let sum = || {
        let cents = must("cents", Shape::Number(0, i64::MAX), "How much, in hundredths.");
        let sum = Shape::Record(vec![must("currency", Shape::text(3), "Of which currency."), cents]);
        sum.named("Sum").list(200)
    };
    let stage = Shape::Record(vec![
        must("pipeline", Shape::id("pip"), "Of which pipeline."),
        must("stage", Shape::id("stg"), "Which stage."),
        must("name", Shape::any_text(200), "What it is called."),
        must("state", shapes::state(), "What it means."),
        must("chance", Shape::Number(0, 100), "How likely, in hundredths."),
        must("count", Shape::Number(0, i64::MAX), "How many deals are in it."),
        must("worth", sum(), "What they are worth, by currency."),
        must("weighed", sum(), "The same, weighed by how likely."),
    ]);
    let example = json!({ "currency": "EUR", "cents": 259_900 });
    let weighed = json!({ "currency": "EUR", "cents": 77_970 });
    Operation::new("sumDeals", Method::GET, "/v1/deals:sums", |call| Box::pin(sums(call)))
        .says(
            CHAPTER,
            "Add deals up, stage by stage",
            "The sums of the board and the forecast, of all deals or of those that fit rules. Amounts of different currencies are \
             never added up.",
        )
        .for_roles(ROLES)
        .asks(list::fields())
        .gives(
            200,
            Shape::Record(vec![
                must("data", stage.list(1_000), "Every stage, in order."),
                must("forecast", sum(), "What open deals may bring, each weighed by how likely its stage is."),
                must("cut", Shape::Flag, "True when only the newest 10 000 were looked at."),
            ]),
            json!({
                "data": [{
                    "pipeline": shapes::PIP, "stage": shapes::STG, "name": "In talks", "state": "open", "chance": 30, "count": 2,
                    "worth": [example], "weighed": [weighed.clone()],
                }],
                "forecast": [weighed], "cut": false,
            }),
        )
}

async fn sums(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (wanted, ruled) = list::said(call, &act::fields(ctx, staff).await?).await?;
    let ways = pipelines::all(ctx, staff).await?;
    let way = list::way(&wanted, &ways)?;
    let (parts, cut) = if wanted.is_plain() && wanted.extra("show").is_empty() {
        let all = by_stage(ctx, staff).await?.into_iter();
        let part = |one: Sum<()>| Part {
            stage: one.stage,
            currency: one.currency,
            cents: one.cents,
            count: one.count,
        };
        (all.map(part).collect(), false)
    } else {
        let colleagues = frame::colleagues(ctx, staff).await?;
        let by =
            By { wanted: &wanted, way, colleagues: &colleagues, pipelines: &ways, own: &ruled, named: false };
        let Found { rows, read, .. } = found(ctx, staff, by, None).await?;
        let part = |row: model::Row| Part {
            stage: row.deal.stage,
            currency: row.deal.currency,
            cents: row.deal.cents.unwrap_or(0),
            count: 1,
        };
        (rows.into_iter().map(part).collect::<Vec<Part>>(), lists::is_cut(read))
    };
    let shown: Vec<&Stage> = ways
        .iter()
        .filter(|one| way.is_none_or(|way| way.id == one.id))
        .flat_map(|way| &way.stages)
        .collect();
    let open = shown.iter().filter(|stage| stage.ending == Ending::Open);
    let forecast =
        open.flat_map(|stage| of(&parts, stage).map(|part| (&*part.currency, part.cents, stage.chance)));
    Reply::of(&json!({
        "data": shown.iter().map(|stage| told(stage, &parts)).collect::<Vec<Value>>(),
        "forecast": by_currency(added(forecast)), "cut": cut,
    }))
}

fn of<'a>(parts: &'a [Part], stage: &Stage) -> impl Iterator<Item = &'a Part> {
    let id = stage.id;
    parts.iter().filter(move |part| part.stage == id)
}

fn told(stage: &Stage, parts: &[Part]) -> Value {
    let at =
        |chance: i64| by_currency(added(of(parts, stage).map(|part| (&*part.currency, part.cents, chance))));
    json!({
        "pipeline": stage.pipeline, "stage": stage.id, "name": stage.name, "state": model::state(stage.ending),
        "chance": stage.chance, "count": of(parts, stage).map(|part| part.count).sum::<u64>(),
        "worth": at(100), "weighed": at(stage.chance),
    })
}

fn by_currency(all: BTreeMap<&str, i64>) -> Vec<Value> {
    all.into_iter().map(|(currency, cents)| json!({ "currency": currency, "cents": cents })).collect()
}
