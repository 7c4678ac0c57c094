//! `GET /find?q=`: to a program an answer in JSON, which Ctrl+K asks for while somebody types; to a browser a page, which the
//! search box of the menu leads to with and without JavaScript.

use askama::Template;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::act::{self, Hit, Hits, SHOWN};
use crate::frame;

/// The longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new().route("/find", get(find))
}

/// What is found of one kind, under its heading, and the list that goes on.
struct Part {
    kind: &'static str,
    list: &'static str,
    hits: Vec<Hit>,
}

impl Part {
    /// More may fit than is shown.
    fn full(&self) -> bool {
        self.hits.len() >= SHOWN
    }
    /// Where there is more, in words.
    fn more(&self) -> String {
        say!("More of {kind}", kind = text::within(say(self.kind)))
    }
}

fn parts(hits: Hits) -> [Part; 4] {
    [
        Part { kind: "People", list: "/people", hits: hits.people },
        Part { kind: "Organisations", list: "/organisations", hits: hits.organisations },
        Part { kind: "Deals", list: "/deals", hits: hits.deals },
        Part { kind: "Tasks", list: "/tasks", hits: hits.tasks },
    ]
}

#[derive(Template)]
#[template(path = "find/page.html")]
struct Page {
    shell: Shell,
    text: String,
    query: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Line {
    label: String,
    href: String,
    group: &'static str,
}

async fn find(
    State(ctx): State<Ctx>,
    staff: Staff,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let text: String = fields.get("q").chars().take(LONGEST).collect();
    let parts = parts(act::find(&ctx, &staff, &text).await?);
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut answer =
        if accepts.contains("text/html") { page(&ctx, &staff, text, parts).await? } else { listed(parts)? };
    answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept"));
    Ok(answer)
}

async fn page(ctx: &Ctx, staff: &Staff, text: String, parts: [Part; 4]) -> Result<Response, Problem> {
    let mut shell = frame::shell(ctx, staff, say("Search")).await?;
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&text);
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &text).finish();
    let parts = parts.into_iter().filter(|part| !part.hits.is_empty()).collect();
    Ok(html::page(&Page { shell, text, query, parts }))
}

fn listed(parts: [Part; 4]) -> Result<Response, Problem> {
    let lines = |part: Part| {
        part.hits.into_iter().map(move |hit| Line { label: hit.label, href: hit.href, group: say(part.kind) })
    };
    let all: Vec<Line> = parts.into_iter().flat_map(lines).collect();
    let body = serde_json::to_string(&all).map_err(|error| Problem::internal(&error))?;
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, body).into_response())
}
