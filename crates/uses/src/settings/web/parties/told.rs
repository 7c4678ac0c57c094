//! Who received something of somebody who was erased and was not told yet: a list to see to, and a word that it was done.

use askama::Template;
use assent_kernel::{CategoryKey, MailId, Policy};
use assent_store::told::{State as How, Telling};
use assent_web::parts::Tabs;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Query, State};
use axum::response::Response;

use super::HERE;
use crate::settings::act;
use crate::settings::model::words;
use crate::settings::web::{Said, done, enter, frame};

#[derive(Template)]
#[template(path = "settings/told.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    lines: Vec<Line>,
}

struct Line {
    id: String,
    party: String,
    person: String,
    kinds: String,
    last: String,
    erased: String,
    waits: bool,
}

fn line(policy: &Policy, one: Telling) -> Line {
    let kind = |key: &str| {
        let found = CategoryKey::new(key).ok().and_then(|key| policy.categories.get(&key));
        found.map_or_else(|| key.to_owned(), |category| words::category(category).to_owned())
    };
    Line {
        id: one.id.to_string(),
        party: policy.party(&one.party).map_or_else(|| one.party.clone(), |party| party.name.clone()),
        person: one.person.to_string(),
        kinds: one.kinds.split(' ').map(kind).collect::<Vec<_>>().join(", "),
        last: text::date(one.last_at.micros()),
        erased: text::date(one.erased_at.micros()),
        waits: one.state == How::Written,
    }
}

pub(super) async fn all(
    State(ctx): State<Ctx>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Who has to be told"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let lines = act::told::open(&ctx, &staff).await?.into_iter().map(|one| line(&standing.policy, one));
    Ok(html::page(&Page { shell, tabs, lines: lines.collect() }))
}

pub(super) async fn by_hand(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let id: MailId =
        fields.get("id").parse().map_err(|_| Problem::not_found("There is no such party to tell here."))?;
    if act::told::by_hand(&ctx, &staff, id).await? {
        Ok(done("/settings/parties/told", "saved"))
    } else {
        Err(Problem::not_found("There is no such party to tell here."))
    }
}
