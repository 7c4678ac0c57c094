//! Mandates: the list, one in full, and the form that makes a draft.

mod editor;

use askama::Template;
use assent_kernel::mandate::{Binds, Mandate, Mask, When};
use assent_kernel::{MandateId, Policy, Timestamp};
use assent_web::parts::Tabs;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use editor::editor;

use super::{Said, again, done, enter, frame};
use crate::settings::act::{self, law::Proposal};
use crate::settings::model::mandate::{Form, shipped};
use crate::settings::model::words::{self, Words, effect_tone, effect_word, level_word, receives_word};
use crate::settings::model::{Errors, SECOND};

const HERE: &str = "/settings/mandates";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/mandates/new", get(new).post(create))
        .route("/settings/mandates/interest", post(interest))
        .route("/settings/mandates/{id}", get(one))
        .route("/settings/mandates/{id}/edit", get(edit).post(save))
        .route("/settings/mandates/{id}/end", post(end))
}

#[derive(Template)]
#[template(path = "settings/mandates.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    waiting: Vec<(String, String, String)>,
    lines: Vec<Line>,
    interest: bool,
}

struct Line {
    href: String,
    key: String,
    effect: (&'static str, &'static str),
    level: &'static str,
    cite: String,
    sentence: String,
    force: String,
    ours: bool,
}

fn force(mandate: &Mandate, now: Timestamp) -> String {
    let until = (mandate.until != Timestamp::MAX).then(|| text::date(mandate.until.micros()));
    let from = text::date(mandate.from.micros());
    match (mandate.in_force(now), until) {
        (true, None) => say("in force").into(),
        (true, Some(until)) => say!("in force until {day}", day = until),
        (false, None) if now < mandate.from => say!("from {day}", day = from),
        (false, Some(until)) if now < mandate.from => {
            say!("from {from} until {until}", from = from, until = until)
        }
        (false, _) => say("over").into(),
    }
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Mandates"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let names = act::Names::read(&ctx, &staff).await?;
    let drafts = act::law::drafts(&ctx, &staff).await?;
    let waiting = drafts.iter().filter(|(draft, _)| draft.decided.is_none()).map(|(draft, proposal)| {
        let by = say!("by {who}, {day}", who = names.of(draft.by), day = text::date_time(draft.at.micros()));
        (format!("/settings/drafts/{}", draft.id), proposal.title_here(policy), by)
    });
    let line = |mandate: &Mandate| Line {
        href: format!("{HERE}/{}", mandate.id),
        key: mandate.key.clone(),
        effect: (effect_word(mandate.effect), effect_tone(mandate.effect)),
        level: level_word(mandate.level),
        cite: format!("{}, {}", mandate.cite.instrument, mandate.cite.article),
        sentence: words::mandate(mandate).to_owned(),
        force: force(mandate, ctx.now()),
        ours: !shipped(mandate),
    };
    let mut lines: Vec<Line> = policy.mandates.values().map(line).collect();
    lines.sort_by(|a, b| b.ours.cmp(&a.ours).then_with(|| a.key.cmp(&b.key)));
    let waiting = waiting.collect();
    Ok(html::page(&List { shell, tabs, waiting, lines, interest: policy.legitimate_interest }))
}

/// A mandate in full, name by name.
pub(super) fn facts(mandate: &Mandate, words: &Words<'_>) -> Vec<(&'static str, String)> {
    let when = match &mandate.when {
        When::Always => say("always").into(),
        When::OutsideRegions(set) => {
            say!("when a place of anybody who receives lies outside {regions}", regions = words.regions(set))
        }
        When::RecipientKind(kind) => receives_word(*kind).into(),
        When::ResidentOf(set) => say!("when the person lives in {regions}", regions = words.regions(set)),
    };
    let binds = match &mandate.binds {
        Binds::Every => say("every fact of these kinds").into(),
        Binds::Anchored => say("facts that are anchored to it").into(),
        Binds::Contract(kind) => say!("people with a running contract of the kind “{kind}”", kind = kind),
    };
    let until = if mandate.until == Timestamp::MAX {
        say("without an end").to_owned()
    } else {
        say!("until {day}", day = text::date(mandate.until.micros()))
    };
    let from = if mandate.from == Timestamp::MIN {
        say("always").to_owned()
    } else {
        say!("from {day}", day = text::date(mandate.from.micros()))
    };
    let mut out = Vec::new();
    // Both, whatever whoever approves reads: each is what people are told.
    if let Some(german) = mandate.sentences.get(SECOND) {
        out.push((say("Said"), mandate.sentence.clone()));
        out.push((say("Said in German"), german.to_owned()));
    }
    out.extend([
        (say("Purposes"), words.purposes(&mandate.purposes)),
        (say("Kinds of data"), words.categories(&mandate.categories)),
        (say("Uses"), words::uses(mandate.uses)),
        (say("When"), when),
        (say("Reaches"), binds),
        (say("In force"), format!("{from}, {until}")),
    ]);
    if mandate.opens() {
        out.push((say("Roles"), words::roles(mandate.roles)));
        out.push((say("To whom"), words.recipients(&mandate.recipients)));
        out.push((say("Shown"), say(if mandate.mask == Mask::Partial { "in part" } else { "whole" }).into()));
    }
    if let Some(keeps) = mandate.keeps {
        out.push((say("Kept for"), words::span(keeps)));
    }
    out
}

#[derive(Template)]
#[template(path = "settings/mandate.html")]
struct One {
    shell: Shell,
    tabs: Tabs,
    id: String,
    effect: (&'static str, &'static str),
    level: &'static str,
    cite: String,
    url: String,
    sentence: String,
    facts: Vec<(&'static str, String)>,
    approved: String,
    ours: bool,
    over: bool,
    waiting: Option<String>,
}

async fn one(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mandate = found(&standing.policy, &id)?;
    let (shell, tabs) = frame(&ctx, &staff, HERE, &mandate.key, &Said::default()).await?;
    let words = Words::new(&standing.policy, &staff.company.name);
    let names = act::Names::read(&ctx, &staff).await?;
    let ours = !shipped(mandate);
    let by: Vec<String> = mandate.approved_by.iter().map(|id| names.of(*id)).collect();
    let drafts = act::law::drafts(&ctx, &staff).await?;
    let waiting = drafts
        .iter()
        .find(|(draft, proposal)| draft.decided.is_none() && proposal.mandate() == Some(mandate.id));
    Ok(html::page(&One {
        id: mandate.id.to_string(),
        effect: (effect_word(mandate.effect), effect_tone(mandate.effect)),
        level: level_word(mandate.level),
        cite: format!("{}, {}", mandate.cite.instrument, mandate.cite.article),
        url: mandate.cite.url.clone(),
        sentence: words::mandate(mandate).to_owned(),
        facts: facts(mandate, &words),
        approved: if ours { words::list(&by) } else { say("the editor and the reviewer of Assent").into() },
        ours,
        over: mandate.until <= ctx.now(),
        waiting: waiting.map(|(draft, _)| format!("/settings/drafts/{}", draft.id)),
        shell,
        tabs,
    }))
}

fn found<'a>(policy: &'a Policy, id: &str) -> Result<&'a Mandate, Problem> {
    let id: Option<MandateId> = id.parse().ok();
    id.and_then(|id| policy.mandates.get(&id))
        .ok_or_else(|| Problem::not_found("There is no such mandate here."))
}

fn own<'a>(policy: &'a Policy, id: &str) -> Result<&'a Mandate, Problem> {
    act::law::own(found(policy, id)?)
}

async fn new(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let state = (&Form::fresh(ctx.now()), &Errors::default());
    Ok(html::page(&editor(&ctx, &staff, &standing.policy, None, state).await?))
}

async fn edit(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = own(&standing.policy, &id)?;
    let form = Form::of(old, &standing.policy).ok_or_else(|| {
        Problem::invalid("This mandate was made by a program, in a form that this page cannot show whole. It can be ended.")
    })?;
    Ok(html::page(&editor(&ctx, &staff, &standing.policy, Some(old), (&form, &Errors::default())).await?))
}

async fn create(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let id = ctx.gate.fresh(ctx.now(), MandateId::new)?;
    write(&ctx, &staff, None, id, &fields).await
}

async fn save(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = own(&standing.policy, &id)?;
    write(&ctx, &staff, Some(old), old.id, &fields).await
}

async fn write(
    ctx: &Ctx,
    staff: &Staff,
    old: Option<&Mandate>,
    id: MandateId,
    fields: &Fields,
) -> Result<Response, Problem> {
    let form = Form::read(fields);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let moved = old.is_some_and(|old| fields.get("version") != old.version.to_string());
    let parsed = form.parse(&standing.policy, old, id, ctx.now());
    match if moved { Err(meanwhile()) } else { parsed } {
        Ok(mandate) => {
            let draft = act::law::propose(ctx, staff, &Proposal::Mandate(Box::new(mandate))).await?;
            Ok(done(&format!("/settings/drafts/{draft}"), "proposed"))
        }
        Err(errors) => Ok(again(&editor(ctx, staff, &standing.policy, old, (&form, &errors)).await?)),
    }
}

fn meanwhile() -> Errors {
    let mut errors = Errors::default();
    errors.add("form", act::while_writing("this mandate"));
    errors
}

async fn end(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let draft = act::law::propose_end(&ctx, &staff, found(&standing.policy, &id)?).await?;
    Ok(done(&format!("/settings/drafts/{draft}"), "proposed"))
}

async fn interest(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let turned = Proposal::Interest(!standing.policy.legitimate_interest);
    let draft = act::law::propose(&ctx, &staff, &turned).await?;
    Ok(done(&format!("/settings/drafts/{draft}"), "proposed"))
}
