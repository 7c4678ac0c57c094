//! Deals taken along.

use assent_kernel::DealId;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, shapes, told};
use crate::deals::act::list::picked;
use crate::deals::act::{self, pipelines};
use crate::filled::{self, Filled};
use crate::frame::{ROLES, words};
use crate::{spoken, texts};

pub(super) fn operation() -> Operation {
    Operation::new("exportDeals", Method::POST, "/v1/deals:export", |call| Box::pin(take(call)))
        .says(
            CHAPTER,
            "Take deals along",
            "Titles and contacts are asked for as an export, value by value, and written down as one. What is closed says why.",
        )
        .for_roles(ROLES)
        .harmless()
        .takes(
            Shape::Record(vec![must("deals", Shape::id("del").list(spoken::MOST_ALONG), "Which.")]),
            json!({ "deals": [shapes::DEL] }),
        )
        .gives(
            200,
            Shape::Record(vec![must("data", shapes::taken().list(spoken::MOST_ALONG), "The deals, in the same order.")]),
            json!({ "data": [shapes::taken_example()] }),
        )
        .or(404, "There is no deal of yours by one of these ids.")
}

#[derive(Deserialize)]
struct Wanted {
    deals: Vec<DealId>,
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, wanted) = (&call.ctx, call.staff()?, call.body::<Wanted>()?);
    let rows = picked(ctx, staff, spoken::each_once(wanted.deals)).await?;
    let own = act::fields(ctx, staff).await?;
    let filled = filled::read(ctx, staff, rows.iter().map(|row| row.deal.id.to_bytes()).collect()).await?;
    // Whom it is with is told beside its title, and by nothing else.
    let titles = rows.iter().map(|row| (&row.deal.title, true));
    let all = titles.chain(filled.values().flat_map(Filled::texts).map(|text| (text, false)));
    let opened = texts::exported(ctx, staff, all).await?;
    let none = Filled::default();
    let (ways, standing) = (pipelines::all(ctx, staff).await?, ctx.gate.policy(staff.company.id).await?);
    let words = words(ctx, staff, &standing.policy);
    let one = |row: &crate::deals::model::Row| {
        let mut out = told(
            (&row.deal, filled.get(&row.deal.id.to_bytes()).unwrap_or(&none)),
            &own,
            &opened,
            &words,
            &ways,
        );
        out["contact"] = json!(spoken::named(&row.deal.title, &opened, &words));
        out
    };
    Reply::of(&json!({ "data": rows.iter().map(one).collect::<Vec<Value>>() }))
}
