//! Who changed what, and when.

use askama::Template;
use assent_store::policies::{About, Line};
use assent_web::parts::Tabs;
use assent_web::{Ctx, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;

use super::{Said, frame};
use crate::settings::act::{self, Names};

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/settings/history", get(show))
}

/// How many lines a page has.
const MOST: u32 = 50;

#[derive(serde::Deserialize)]
struct From {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "settings/history.html")]
struct History {
    shell: Shell,
    tabs: Tabs,
    lines: Vec<Told>,
    older: Option<u64>,
}

struct Told {
    version: u64,
    what: String,
    who: String,
    at: String,
    digest: String,
    about: &'static str,
}

const fn about(of: About) -> &'static str {
    match of {
        About::Laid => "laid down",
        About::Purpose => "purpose",
        About::Notice => "notice",
        About::Described => "description",
        About::Chain => "chain, in the ledger",
        About::Mandate => "law",
        About::Category => "field",
    }
}

fn told(names: &Names, line: Line) -> Told {
    let who = match (line.change.by, line.change.second) {
        (Some(by), Some(second)) => {
            say!("{who}, approved by {second}", who = names.of(by), second = names.of(second))
        }
        (Some(by), None) => names.of(by),
        (None, _) => say("the program").into(),
    };
    let what = if line.change.what.is_empty() { say(act::LAID).into() } else { line.change.what };
    Told {
        version: line.version,
        what,
        who,
        at: text::date_time(line.at.micros()),
        digest: line.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        about: say(about(line.change.about)),
    }
}

async fn show(State(ctx): State<Ctx>, staff: Staff, Query(from): Query<From>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, "/settings/history", say("History"), &Said::default()).await?;
    let lines = act::history(&ctx, &staff, from.before, MOST).await?;
    let names = Names::read(&ctx, &staff).await?;
    let full = u32::try_from(lines.len()).is_ok_and(|n| n >= MOST);
    let older = lines.last().map(|line| line.version).filter(|_| full);
    let lines = lines.into_iter().map(|line| told(&names, line)).collect();
    Ok(html::page(&History { shell, tabs, lines, older }))
}
