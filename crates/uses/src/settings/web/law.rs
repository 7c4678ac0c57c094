//! A draft of law: what it would change, and the second person's yes or no.

use askama::Template;
use assent_kernel::StaffId;
use assent_web::parts::Tabs;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;

use super::{Said, done, enter, frame};
use crate::settings::act::{self, law::Proposal};
use crate::settings::model::simulate;
use crate::settings::model::words::{self, Words, effect_tone, effect_word};

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/settings/drafts/{id}", get(show).post(decide))
}

#[derive(Template)]
#[template(path = "settings/draft.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    id: String,
    by: String,
    decided: Option<String>,
    own: bool,
    effect: Option<(&'static str, &'static str)>,
    sentence: String,
    cite: String,
    facts: Vec<(&'static str, String)>,
    changes: Vec<String>,
}

async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (draft, proposal) = act::law::draft(&ctx, &staff, &id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let title = proposal.title_here(policy);
    let (shell, tabs) = frame(&ctx, &staff, "/settings/mandates", &title, &said).await?;
    let names = act::Names::read(&ctx, &staff).await?;
    let words = Words::new(policy, &staff.company.name);
    let now = ctx.now();
    let mut after = policy.clone();
    // Any two people do for finding out what it would change.
    let fits = proposal.apply(&mut after, [draft.by, StaffId::from_bytes([0; 16])], now);
    let meant = match &proposal {
        Proposal::Mandate(new) => Some(&**new),
        Proposal::End(id, _) => policy.mandates.get(id),
        Proposal::Interest(_) => None,
    };
    let changes = match (&proposal, meant) {
        (_, _) if draft.decided.is_some() => Vec::new(),
        (_, _) if !fits => {
            vec![
                say("What it is about has changed since it was written. Decline it, and write it anew.")
                    .into(),
            ]
        }
        (Proposal::Interest(on), _) => vec![say(interest(*on)).into()],
        (_, Some(mandate)) => {
            let region = staff.company.region.clone();
            simulate::changes(policy, &after, mandate, &region, &words, now)
        }
        (_, None) => Vec::new(),
    };
    let decided = draft.decided.map(|(at, by, approved)| {
        let (who, day) = (names.of(by), text::date_time(at.micros()));
        if approved {
            say!("Approved by {who} on {day}.", who = who, day = day)
        } else {
            say!("Declined by {who} on {day}.", who = who, day = day)
        }
    });
    let own = act::law::wrote(&ctx, &staff, &draft).await?;
    let page = Page {
        shell,
        tabs,
        id: draft.id.to_string(),
        by: say!(
            "Drafted by {who} on {day}.",
            who = names.of(draft.by),
            day = text::date_time(draft.at.micros())
        ),
        decided,
        own,
        effect: meant.map(|one| (effect_word(one.effect), effect_tone(one.effect))),
        sentence: meant.map_or_else(String::new, |one| words::mandate(one).to_owned()),
        cite: meant.map_or_else(String::new, |one| format!("{}, {}", one.cite.instrument, one.cite.article)),
        facts: meant.map(|one| super::mandates::facts(one, &words)).unwrap_or_default(),
        changes,
    };
    Ok(html::page(&page))
}

const fn interest(on: bool) -> &'static str {
    if on {
        "Purposes that stand on legitimate interest would open where a law of their own carries them. Never for \
         marketing, sharing, enriching, combining, learning or device data."
    } else {
        "Purposes that stand on legitimate interest would be closed."
    }
}

async fn decide(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (draft, proposal) = act::law::draft(&ctx, &staff, &id).await?;
    match fields.get("answer") {
        "yes" => {
            act::law::approve(&ctx, &staff, &draft, &proposal).await?;
            Ok(done("/settings/mandates", "approved"))
        }
        "no" => {
            act::law::decline(&ctx, &staff, &draft).await?;
            Ok(done("/settings/mandates", "declined"))
        }
        _ => Err(Problem::bad_request("Say yes or no.")),
    }
}
