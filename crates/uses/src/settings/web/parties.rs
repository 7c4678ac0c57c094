//! Parties: the tree, and one as a form.

use askama::Template;
use assent_kernel::party::Party;
use assent_kernel::{PartyId, Policy};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{Said, again, described, done, enter, frame};
use crate::settings::act::{self, Changed};
use crate::settings::model::Errors;
use crate::settings::model::party::{self, Form, PLACES};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{
    KINDS, TRANSFERS, Words, kind_word, standing_tone, standing_word, transfer_word,
};

mod told;

const HERE: &str = "/settings/parties";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/parties/new", get(new).post(create))
        .route("/settings/parties/{id}", get(edit).post(save))
        .route("/settings/parties/{id}/confirm", post(confirm))
        .route("/settings/parties/told", get(told::all).post(told::by_hand))
}

#[derive(Template)]
#[template(path = "settings/parties.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    base: u64,
    lines: Vec<Line>,
}

struct Line {
    id: String,
    name: String,
    deep: usize,
    kind: &'static str,
    places: Vec<(&'static str, String)>,
    agreement: String,
    transfers: String,
    standing: (String, &'static str),
    described: (String, &'static str),
    home: bool,
}

fn line(words: &Words<'_>, deep: usize, party: &Party, now: assent_kernel::Timestamp) -> Line {
    let home = party.id == words.policy.home;
    let until = |(by, at): &(assent_kernel::party::Transfer, assent_kernel::Timestamp)| {
        let word = transfer_word(*by);
        if *at == assent_kernel::Timestamp::MAX {
            word.to_owned()
        } else {
            say!("{how} until {day}", how = word, day = assent_web::text::date(at.micros()))
        }
    };
    Line {
        id: party.id.to_string(),
        name: party.name.clone(),
        deep: deep.min(4),
        kind: kind_word(party.kind),
        places: party
            .places
            .all()
            .into_iter()
            .map(|(place, set)| (say(place.word()), words.regions(set)))
            .collect(),
        agreement: party.agreement.clone().unwrap_or_default(),
        transfers: party.transfers.iter().map(until).collect::<Vec<_>>().join(", "),
        standing: (standing_word(party.standing), standing_tone(party.standing)),
        described: if home { (String::new(), "") } else { described(party.described_at, now) },
        home,
    }
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Parties"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words::new(&standing.policy, &staff.company.name);
    let tree = party::tree(&standing.policy);
    let lines = tree.into_iter().map(|(deep, party)| line(&words, deep, party, ctx.now())).collect();
    Ok(html::page(&List { shell, tabs, base: standing.policy.version, lines }))
}

#[derive(Template)]
#[template(path = "settings/party_form.html")]
struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    base: u64,
    error: String,
    fields: Vec<Field>,
    places: Vec<Ticks>,
    transfers: Vec<Field>,
    contract: Vec<Field>,
}

async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    policy: &Policy,
    old: Option<&Party>,
    (form, errors, base): (&Form, &Errors, u64),
) -> Result<Editor, Problem> {
    let title = old.map_or_else(|| say("New party").to_owned(), |old| old.name.clone());
    let (shell, tabs) = frame(ctx, staff, HERE, &title, &Said::default()).await?;
    let words = Words::new(policy, &staff.company.name);
    let home = old.is_some_and(|old| old.id == policy.home);
    let places = PLACES.iter().zip(&form.places).map(|((name, legend), chosen)| {
        Ticks::new(name, say(legend), words.all_regions(), chosen).tree().error(errors.at(name))
    });
    let transfers = TRANSFERS.iter().zip(&form.transfers).map(|((key, by), value)| Field {
        input: Input::Line("date"),
        error: errors.at(key),
        ..Field::line(say!("By {how}, until", how = transfer_word(*by)), *key, value.clone())
    });
    let general = errors.at("form");
    let error = if errors.is_empty() || !general.is_empty() {
        general
    } else {
        say("Something has to be put right; it stands beside the field.").into()
    };
    Ok(Editor {
        shell,
        tabs,
        action: old.map_or_else(|| format!("{HERE}/new"), |old| format!("{HERE}/{}", old.id)),
        base,
        error,
        fields: who(policy, old, form, errors, home),
        places: places.collect(),
        transfers: transfers.collect(),
        contract: if home { Vec::new() } else { contract(form, errors) },
    })
}

fn who(policy: &Policy, old: Option<&Party>, form: &Form, errors: &Errors, home: bool) -> Vec<Field> {
    let mut fields = vec![Field {
        error: errors.at("name"),
        required: true,
        ..Field::line(say("Name"), "name", form.name.clone())
    }];
    if old.is_none() {
        fields.push(Field {
            error: errors.at("code"),
            hint: say("Short and for good: the ledger shows it. Such as postlane.").into(),
            required: true,
            ..Field::line(say("Code"), "code", form.code.clone())
        });
    }
    if home {
        return fields;
    }
    let kinds = KINDS.map(|(key, kind)| (key.to_owned(), kind_word(kind).to_owned()));
    fields.push(Field {
        input: Input::Select(kinds.to_vec()),
        error: errors.at("kind"),
        ..Field::line(say("What it is to you"), "kind", form.kind.clone())
    });
    let mut by = vec![(String::new(), say("your company itself").to_owned())];
    let others =
        policy.parties.values().filter(|one| one.id != policy.home && old.is_none_or(|old| old.id != one.id));
    by.extend(others.map(|one| (one.id.to_string(), one.name.clone())));
    fields.push(Field {
        input: Input::Select(by),
        error: errors.at("engaged-by"),
        hint: say("Choose somebody else for a sub-processor.").into(),
        ..Field::line(say("Engaged by"), "engaged-by", form.engaged_by.clone())
    });
    fields
}

fn contract(form: &Form, errors: &Errors) -> Vec<Field> {
    let standings = [
        ("active", "active"),
        ("proposed", "announced: active from a day on"),
        ("suspended", "suspended: receives nothing for now"),
        ("ended", "ended"),
    ];
    vec![
        Field {
            error: errors.at("agreement"),
            hint: say("The contract's reference, such as DPA-2026-014.").into(),
            ..Field::line(say("Contract"), "agreement", form.agreement.clone())
        },
        Field {
            input: Input::Select(standings.map(|(key, label)| (key.into(), say(label).into())).to_vec()),
            error: errors.at("standing"),
            ..Field::line(say("How it stands"), "standing", form.standing.clone())
        },
        Field {
            input: Input::Line("email"),
            error: errors.at("contact"),
            hint: say("When somebody is erased whose data it received, it is told here. Left empty, you tell it by hand.").into(),
            ..Field::line(say("E-mail for such notices"), "contact", form.contact.clone())
        },
        Field {
            input: Input::Line("date"),
            error: errors.at("from"),
            hint: say("Only when announced. Until that day it receives nothing.").into(),
            ..Field::line(say("Active from"), "from", form.from.clone())
        },
    ]
}

async fn new(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let state = (&Form::fresh(), &Errors::default(), standing.policy.version);
    Ok(html::page(&editor(&ctx, &staff, &standing.policy, None, state).await?))
}

fn found<'a>(policy: &'a Policy, id: &str) -> Result<&'a Party, Problem> {
    let id: Option<PartyId> = id.parse().ok();
    id.and_then(|id| policy.parties.get(&id))
        .ok_or_else(|| Problem::not_found("There is no such party here."))
}

async fn edit(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = found(&standing.policy, &id)?;
    let contact = act::told::contact(&ctx, &staff, old.id).await?;
    let state = (&Form { contact, ..Form::of(old) }, &Errors::default(), standing.policy.version);
    Ok(html::page(&editor(&ctx, &staff, &standing.policy, Some(old), state).await?))
}

async fn create(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let id = ctx.gate.fresh(ctx.now(), PartyId::new)?;
    write(&ctx, &staff, id, &fields).await
}

async fn save(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let id = found(&standing.policy, &id)?.id;
    write(&ctx, &staff, id, &fields).await
}

async fn write(
    ctx: &Ctx,
    staff: &Staff,
    id: PartyId,
    fields: &assent_web::Fields,
) -> Result<Response, Problem> {
    let (form, at) = (Form::read(fields), ctx.now());
    let base: u64 = fields.get("base").parse().unwrap_or(0);
    let changed = act::parties::describe(ctx, staff, (id, base), &form, at).await?;
    let Some((errors, base)) = changed.in_the_way(base) else {
        act::told::set_contact(ctx, staff, id, &form.contact).await?;
        return Ok(done(HERE, "saved"));
    };
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = standing.policy.parties.get(&id);
    Ok(again(&editor(ctx, staff, &standing.policy, old, (&form, &errors, base)).await?))
}

/// "It is still as described."
async fn confirm(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (id, at) = (found(&standing.policy, &id)?.id, ctx.now());
    let base: u64 = fields.get("base").parse().unwrap_or(0);
    match act::parties::confirm(&ctx, &staff, (id, base), at).await? {
        Changed::Yes => Ok(done(HERE, "confirmed")),
        Changed::Meanwhile(sentence, _) => Err(Problem::conflict(sentence)),
        Changed::No(_) => Err(Problem::not_found("There is no such party here.")),
    }
}
