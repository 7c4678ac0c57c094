//! Pages of the settings: parse, act, render. No decisions.

mod fields;
mod history;
mod law;
mod mandates;
mod notices;
mod objects;
mod parties;
mod purposes;
mod start;
mod tables;

use askama::Template;
use assent_kernel::party::STALE_AFTER;
use assent_kernel::{Policy, Span, Timestamp};
use assent_web::parts::Tabs;
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::act;

pub use start::first_page;

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/settings", get(overview))
        .merge(notices::routes())
        .merge(parties::routes())
        .merge(mandates::routes())
        .merge(law::routes())
        .merge(purposes::routes())
        .merge(fields::routes())
        .merge(objects::routes())
        .merge(tables::routes())
        .merge(history::routes())
        .merge(start::routes())
}

/// Only those of the card may enter.
fn enter(staff: &Staff) -> Result<(), Problem> {
    staff.must_be(super::ROLES)
}

/// The parts of the settings, in order.
const PARTS: [(&str, &str); 12] = [
    ("Overview", "/settings"),
    ("First steps", start::HERE),
    ("Notices", "/settings/notices"),
    ("Parties", "/settings/parties"),
    ("Mandates", "/settings/mandates"),
    ("Purposes", "/settings/purposes"),
    ("Fields", "/settings/fields"),
    ("Objects", objects::HERE),
    ("Staff", "/settings/staff"),
    ("Roles", "/settings/roles"),
    ("Retention", "/settings/retention"),
    ("History", "/settings/history"),
];

/// What a page says that was done a moment ago.
const DONE: &[(&str, &str)] = &[
    ("published", "Published. It holds from now on; the version before stays readable."),
    ("saved", "Saved. It holds from now on."),
    ("confirmed", "Confirmed as of today."),
    ("proposed", "Written down as a draft. It changes nothing until somebody else approves it."),
    ("approved", "Approved by two people. It holds from now on."),
    ("declined", "Declined. Nothing has changed."),
];

/// What a link asks to be said.
#[derive(Debug, Default, serde::Deserialize)]
struct Said {
    #[serde(default)]
    done: String,
}

/// The frame of a page of the settings, with its tabs.
async fn frame(
    ctx: &Ctx,
    staff: &Staff,
    at: &str,
    title: &str,
    said: &Said,
) -> Result<(Shell, Tabs), Problem> {
    enter(staff)?;
    let mut shell = staff.shell(ctx, title).await?;
    let found = DONE.iter().find(|(key, _)| *key == said.done);
    shell.flash = found.map(|(_, text)| Flash { tone: Tone::Good, text: say(text).into(), undo: None });
    shell.purpose = None;
    let tabs = Tabs {
        label: say("Settings").into(),
        tabs: PARTS.iter().map(|(label, href)| (say(label).into(), (*href).into(), None)).collect(),
        at: PARTS.iter().position(|(_, href)| *href == at).unwrap_or(0),
        swap: "",
    };
    Ok((shell, tabs))
}

/// A form that was not right, with what is wrong beside it.
fn again(page: &impl Template) -> Response {
    let mut response = html::page(page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

fn done(path: &str, word: &str) -> Response {
    Redirect::to(&format!("{path}?done={word}")).into_response()
}

/// How long before a description runs out somebody is warned.
const WARN_BEFORE: Span = Span::days(14);

/// How a party's description stands: a word and its colour.
fn described(at: Timestamp, now: Timestamp) -> (String, &'static str) {
    let until = at.plus(STALE_AFTER);
    if until <= now {
        (say("too old: it receives nothing until somebody confirms it").into(), "bad")
    } else if until <= now.plus(WARN_BEFORE) {
        (say!("runs out on {day}", day = text::date(until.micros())), "warn")
    } else {
        (say!("confirmed {when}", when = text::relative(at.micros(), now.micros())), "")
    }
}

/// What wants somebody's attention, with where to see to it.
fn attention(
    policy: &Policy,
    (drafts, by_hand): (usize, usize),
    now: Timestamp,
) -> Vec<(String, String, &'static str)> {
    let mut out = Vec::new();
    if by_hand > 0 {
        let n = text::count(u64::try_from(by_hand).unwrap_or(0));
        let words = if by_hand == 1 {
            say!("{n} party has to be told by hand that somebody was erased.", n = n)
        } else {
            say!("{n} parties have to be told by hand that somebody was erased.", n = n)
        };
        out.push((words, "/settings/parties/told".into(), "warn"));
    }
    if drafts > 0 {
        let n = text::count(u64::try_from(drafts).unwrap_or(0));
        let words = if drafts == 1 {
            say!("{n} draft waits for a second person.", n = n)
        } else {
            say!("{n} drafts wait for a second person.", n = n)
        };
        out.push((words, "/settings/mandates".into(), "warn"));
    }
    for party in policy.parties.values().filter(|party| party.id != policy.home) {
        let (word, tone) = described(party.described_at, now);
        let receives = !matches!(party.standing, assent_kernel::party::Standing::Ended);
        if !tone.is_empty() && receives {
            out.push((
                say!("{party}: the description {how}.", party = party.name, how = word),
                format!("/settings/parties/{}", party.id),
                tone,
            ));
        }
    }
    out
}

#[derive(Template)]
#[template(path = "settings/overview.html")]
struct Overview {
    shell: Shell,
    tabs: Tabs,
    attention: Vec<(String, String, &'static str)>,
    cards: Vec<(&'static str, &'static str, String, &'static str)>,
    version: u64,
}

async fn overview(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, "/settings", say("Settings"), &Said::default()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let drafts = act::law::drafts(&ctx, &staff).await?;
    let waiting = drafts.iter().filter(|(draft, _)| draft.decided.is_none()).count();
    let count =
        |n: usize, one: &str, many: &str| text::plural(u64::try_from(n).unwrap_or(0), say(one), say(many));
    let in_force = policy.mandates.values().filter(|mandate| mandate.in_force(ctx.now())).count();
    let cards = vec![
        (
            say("Notices"),
            "/settings/notices",
            count(policy.notices.len(), "notice", "notices"),
            say("What people are asked, in which words, and what they get."),
        ),
        (
            say("Parties"),
            "/settings/parties",
            count(policy.parties.len(), "party", "parties"),
            say("Who may receive, where they work, and whom they engage."),
        ),
        (
            say("Mandates"),
            "/settings/mandates",
            count(in_force, "mandate in force", "mandates in force"),
            say("Laws, industry rules and contracts, each with its citation."),
        ),
        (
            say("Purposes"),
            "/settings/purposes",
            count(policy.purposes.len(), "purpose", "purposes"),
            say("Why data is used, and the one ground each stands on."),
        ),
    ];
    let by_hand = act::told::by_hand_left(&ctx, &staff).await?;
    let attention = attention(policy, (waiting, by_hand), ctx.now());
    Ok(html::page(&Overview { shell, tabs, attention, cards, version: policy.version }))
}
