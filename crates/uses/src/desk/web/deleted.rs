//! Deleting, bringing back, and the list of those who can be.

use askama::Template;
use assent_web::parts::{Act, Shown};
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::desk::act;
use crate::desk::act::deleted;
use crate::desk::model::cell::Cell;
use crate::desk::model::nameless;

#[derive(Template)]
#[template(path = "desk/deleted.html")]
struct Page {
    shell: Shell,
    days: String,
    lines: Vec<Line>,
}

/// One of the list.
struct Line {
    name: Shown,
    when: String,
    by: String,
    until: String,
    restore: Act,
}

/// Deletes somebody.
pub async fn delete(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    deleted::delete(&ctx, &staff, id).await?;
    Ok(super::back("/people", &format!("deleted.{id}")))
}

/// Brings somebody back.
pub async fn restore(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    deleted::restore(&ctx, &staff, id).await?;
    Ok(super::back(&format!("/people/{id}"), "restored"))
}

/// What is said right after, with the way to undo it.
pub fn flash(word: &str, shell: &Shell, days: u32) -> Option<Flash> {
    let id = act::person(word.strip_prefix("deleted.")?).ok()?;
    Some(Flash {
        tone: Tone::Good,
        text: say!(
            "Deleted. Nobody finds or uses this person. In {days} days everything is erased for good; until then they stand under “Deleted”.",
            days = days
        ),
        undo: Some(Act {
            label: say("Undo").into(),
            action: format!("/people/{id}/restore"),
            csrf: shell.csrf.clone(),
            ..Act::default()
        }),
    })
}

/// Everybody who can be brought back.
pub async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let all = deleted::list(&ctx, &staff).await?;
    let colleagues = act::colleagues(&ctx, &staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let shell = super::shell(&ctx, &staff, say("Deleted")).await?;
    let line = |one: deleted::Line| {
        let id = one.deleted.person;
        let name = match &one.name {
            Cell::Open(_) => words.in_list(format!("d-{id}"), &one.person, &one.name),
            Cell::Unknown | Cell::Closed(_) => Shown::Plain(nameless(id)),
        };
        Line {
            name,
            when: text::date(one.deleted.at.micros()),
            by: colleagues.get(&one.deleted.by.to_string()).cloned().unwrap_or_default(),
            until: text::date(one.deleted.until.micros()),
            restore: Act {
                label: say("Bring back").into(),
                action: format!("/people/{id}/restore"),
                csrf: shell.csrf.clone(),
                ..Act::default()
            },
        }
    };
    let lines = all.into_iter().map(line).collect();
    let days = text::plural(u64::from(ctx.settings.limits.deleted_days), say("day"), say("days~for"));
    Ok(html::page(&Page { days, lines, shell }))
}
