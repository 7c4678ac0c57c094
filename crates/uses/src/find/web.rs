//! `GET /find?q=`: to a program an answer in JSON, which Ctrl+K asks for while somebody types; to a browser a page, which the
//! search box of the menu leads to with and without JavaScript.

use askama::Template;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, objects, say, text};
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
    kind: String,
    list: Option<String>,
    hits: Vec<Hit>,
}

impl Part {
    fn new(kind: &'static str, list: Option<&str>, hits: Vec<Hit>) -> Self {
        Self { kind: say(kind).into(), list: list.map(str::to_owned), hits }
    }
    /// The list where there may be more than is shown.
    fn more_at(&self) -> Option<&str> {
        self.list.as_deref().filter(|_| self.hits.len() >= SHOWN)
    }
    /// The same, in words.
    fn more(&self) -> String {
        say!("More of {kind}", kind = text::within(&self.kind))
    }
}

fn parts(hits: Hits) -> Vec<Part> {
    let mut all = vec![
        Part::new("People", Some("/people"), hits.people),
        Part::new("Organisations", Some("/organisations"), hits.organisations),
        Part::new("Deals", Some("/deals"), hits.deals),
        Part::new("Tasks", Some("/tasks"), hits.tasks),
    ];
    // Under the name that the company gave them, each before what was typed beside something.
    let items = hits.items.into_iter();
    all.extend(items.map(|one| Part {
        kind: one.called,
        list: Some(objects::href(&one.object)),
        hits: one.hits,
    }));
    all.push(Part::new("Notes", None, hits.notes));
    all.push(Part::new("Files", None, hits.files));
    all
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
    group: String,
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

async fn page(ctx: &Ctx, staff: &Staff, text: String, parts: Vec<Part>) -> Result<Response, Problem> {
    let mut shell = frame::shell(ctx, staff, say("Search")).await?;
    if let Some(search) = &mut shell.search {
        search.value.clone_from(&text);
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &text).finish();
    let parts = parts.into_iter().filter(|part| !part.hits.is_empty()).collect();
    Ok(html::page(&Page { shell, text, query, parts }))
}

fn listed(parts: Vec<Part>) -> Result<Response, Problem> {
    let lines = |part: Part| {
        let group = part.kind;
        part.hits.into_iter().map(move |hit| Line { label: hit.label, href: hit.href, group: group.clone() })
    };
    let all: Vec<Line> = parts.into_iter().flat_map(lines).collect();
    let body = serde_json::to_string(&all).map_err(|error| Problem::internal(&error))?;
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, body).into_response())
}
