//! Fields that the company made: of people, each with its category, and of the organisations it deals with.

use askama::Template;
use assent_kernel::Policy;
use assent_web::fields::{self, Thing};
use assent_web::parts::{Field, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, html};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{Said, again, done, enter, frame, nothing};
use crate::settings::act::fields as acts;
use crate::settings::model::Errors;
use crate::settings::model::field::{Form, inputs, path};

const HERE: &str = "/settings/fields";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/fields/{thing}", get(new).post(create))
        .route("/settings/fields/{thing}/{name}", get(edit).post(save))
        .route("/settings/fields/{thing}/{name}/move", post(shift))
        .route("/settings/fields/{thing}/{name}/offer", post(offer))
}

fn thing(key: &str) -> Result<Thing, Problem> {
    let found = [Thing::Person, Thing::Organisation].into_iter().find(|thing| thing.key() == key);
    found.ok_or_else(|| nothing("kind of field"))
}

#[derive(Template)]
#[template(path = "settings/fields.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    things: Vec<Section>,
}

struct Section {
    key: &'static str,
    title: &'static str,
    words: &'static str,
    lines: Vec<Line>,
}

struct Line {
    name: String,
    label: String,
    kind: &'static str,
    category: String,
    choices: String,
    gone: bool,
    first: bool,
    last: bool,
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, "Fields", &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let sections = [
        (
            Thing::Person,
            "Of people",
            "Each belongs to a kind of data, and its values are decided, shown to the person and kept like any other of that kind.",
        ),
        (
            Thing::Organisation,
            "Of organisations",
            "About nobody: what stands in them is the company's own. Keep people out of them.",
        ),
    ];
    let mut things = Vec::new();
    for (thing, title, words) in sections {
        let there = acts::all(&ctx, &staff, thing).await?;
        let line = |(n, field): (usize, &fields::Field)| line(field, (n, there.len()), &standing.policy);
        let lines = there.iter().enumerate().map(line).collect();
        things.push(Section { key: thing.key(), title, words, lines });
    }
    Ok(html::page(&List { shell, tabs, things }))
}

fn line(field: &fields::Field, (n, of): (usize, usize), policy: &Policy) -> Line {
    let above = field.category.as_ref().and_then(|key| key.parent());
    Line {
        name: field.name.clone(),
        label: field.label.clone(),
        kind: fields::called(field.kind),
        category: above.map(|key| path(policy, &key)).unwrap_or_default(),
        choices: field.choices.join(", "),
        gone: field.gone_at.is_some(),
        first: n == 0,
        last: n.saturating_add(1) == of,
    }
}

#[derive(Template)]
#[template(path = "settings/field_form.html")]
struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    base: u64,
    error: String,
    fields: Vec<Field>,
    /// What cannot be changed, in a sentence.
    fixed: String,
}

async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    (thing, old): (Thing, Option<&fields::Field>),
    (form, errors, base): (&Form, &Errors, u64),
) -> Result<Editor, Problem> {
    let title = old.map_or_else(|| "New field".to_owned(), |field| field.label.clone());
    let (shell, tabs) = frame(ctx, staff, HERE, &title, &Said::default()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let there = acts::all(ctx, staff, thing).await?;
    let fixed = old.map(|field| {
        let kind = fields::called(field.kind);
        let below = field.category.as_ref().and_then(|key| key.parent());
        let below = below.map(|key| format!(", of the kind “{}”", path(&standing.policy, &key)));
        format!("It holds {kind}{}. Its short name is {}.", below.unwrap_or_default(), field.name)
    });
    let last = old.map(|field| format!("/{}", field.name)).unwrap_or_default();
    Ok(Editor {
        fields: inputs(form, thing, old.is_none(), errors, &standing.policy, &there),
        action: format!("{HERE}/{}{last}", thing.key()),
        error: errors.at("form"),
        fixed: fixed.unwrap_or_default(),
        base,
        shell,
        tabs,
    })
}

async fn new(State(ctx): State<Ctx>, Path(key): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let (thing, base) = (thing(&key)?, ctx.gate.policy(staff.company.id).await?.policy.version);
    let state = (&Form::default(), &Errors::default(), base);
    Ok(html::page(&editor(&ctx, &staff, (thing, None), state).await?))
}

async fn create(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (thing, form) = (thing(&key)?, Form::read(&sent));
    let base: u64 = sent.get("base").parse().unwrap_or(0);
    let there = acts::all(&ctx, &staff, thing).await?;
    let make = |policy: &Policy| form.made(thing, &there, policy);
    let changed = acts::lay_down(&ctx, &staff, (thing, base), make).await?;
    let Some((errors, base)) = changed.in_the_way(base) else { return Ok(done(HERE, "saved")) };
    Ok(again(&editor(&ctx, &staff, (thing, None), (&form, &errors, base)).await?))
}

async fn edit(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (thing, base) = (thing(&key)?, ctx.gate.policy(staff.company.id).await?.policy.version);
    let field = acts::one(&ctx, &staff, thing, &name).await?;
    let state = (&Form::of(&field), &Errors::default(), base);
    Ok(html::page(&editor(&ctx, &staff, (thing, Some(&field)), state).await?))
}

async fn save(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let thing = thing(&key)?;
    let field = acts::one(&ctx, &staff, thing, &name).await?;
    let form = Form { kind: field.kind.key().into(), ..Form::read(&sent) };
    let base: u64 = sent.get("base").parse().unwrap_or(0);
    let changed = acts::lay_down(&ctx, &staff, (thing, base), |_| form.changed(&field)).await?;
    let Some((errors, base)) = changed.in_the_way(base) else { return Ok(done(HERE, "saved")) };
    Ok(again(&editor(&ctx, &staff, (thing, Some(&field)), (&form, &errors, base)).await?))
}

async fn shift(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    acts::shift(&ctx, &staff, thing(&key)?, &name, sent.get("to") == "up").await?;
    Ok(done(HERE, "saved"))
}

async fn offer(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    acts::retire(&ctx, &staff, thing(&key)?, &name, sent.get("offer") != "again").await?;
    Ok(done(HERE, "saved"))
}
