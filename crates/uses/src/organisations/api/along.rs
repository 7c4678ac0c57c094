//! Organisations taken along: about nobody, so nothing is asked.

use assent_kernel::OrganisationId;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{CHAPTER, ORG, example, shape, told};
use crate::frame::ROLES;
use crate::{organised, spoken};

pub(super) fn operation() -> Operation {
    Operation::new("exportOrganisations", Method::POST, "/v1/organisations:export", |call| {
        Box::pin(take(call))
    })
    .says(CHAPTER, "Take organisations along", "They are about nobody; who works there is none of it.")
    .for_roles(ROLES)
    .harmless()
    .takes(
        Shape::Record(vec![must("organisations", Shape::id("org").list(spoken::MOST_ALONG), "Which.")]),
        json!({ "organisations": [ORG] }),
    )
    .gives(
        200,
        Shape::Record(vec![must("data", shape().list(spoken::MOST_ALONG), "They, in the same order.")]),
        json!({ "data": [example()] }),
    )
    .or(404, "There is no organisation of yours by one of these ids.")
}

#[derive(Deserialize)]
struct Wanted {
    organisations: Vec<OrganisationId>,
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, wanted) = (&call.ctx, call.staff()?, call.body::<Wanted>()?);
    let all = organised::some(ctx, staff, spoken::each_once(wanted.organisations)).await?;
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<_>>() }))
}
