//! What Ctrl+K asks while somebody types: `GET /find?q=`, an answer in JSON. Without JavaScript the search box of the menu
//! leads to the list of people.

use assent_web::{Ctx, Fields, Problem, Staff};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::act;
use crate::frame;

/// The longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new().route("/find", get(find))
}

#[derive(Serialize)]
struct Line {
    label: String,
    href: String,
    group: &'static str,
}

async fn find(State(ctx): State<Ctx>, staff: Staff, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let text: String = fields.get("q").chars().take(LONGEST).collect();
    let hits = act::find(&ctx, &staff, &text).await?;
    let lines = |hits: Vec<act::Hit>, group| {
        hits.into_iter().map(move |hit| Line { label: hit.label, href: hit.href, group })
    };
    let all: Vec<Line> = lines(hits.people, "People")
        .chain(lines(hits.organisations, "Organisations"))
        .chain(lines(hits.deals, "Deals"))
        .chain(lines(hits.tasks, "Tasks"))
        .collect();
    let body = serde_json::to_string(&all).map_err(|error| Problem::internal(&error))?;
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, body).into_response())
}
