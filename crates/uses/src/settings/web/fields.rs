//! Fields that the company made: of people, deals and tasks, each with its category, and of the organisations it deals with.

use askama::Template;
use assent_kernel::Policy;
use assent_web::fields::{self, Thing};
use assent_web::parts::{Field, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{Said, again, done, enter, frame};
use crate::settings::act::fields::{self as acts, tag};
use crate::settings::act::{Changed, while_writing};
use crate::settings::model::Errors;
use crate::settings::model::field::{Beside, Form, Of, inputs, path};

const HERE: &str = "/settings/fields";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/fields/{thing}", get(new).post(create))
        .route("/settings/fields/{thing}/{name}", get(edit).post(save))
        .route("/settings/fields/{thing}/{name}/move", post(shift))
        .route("/settings/fields/{thing}/{name}/offer", post(offer))
}

/// Where the fields of something are listed.
fn home(thing: &Thing) -> String {
    match thing {
        Thing::Person | Thing::Organisation | Thing::Deal | Thing::Task => HERE.to_owned(),
        Thing::Object(key) => format!("{}/{key}", super::objects::HERE),
    }
}

#[derive(Template)]
#[template(path = "settings/fields.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    things: Vec<Section>,
}

pub(super) struct Section {
    pub key: String,
    pub title: String,
    pub words: String,
    pub lines: Vec<Line>,
}

pub(super) struct Line {
    pub name: String,
    pub label: String,
    pub kind: &'static str,
    pub category: String,
    pub choices: String,
    pub gone: bool,
    pub first: bool,
    pub last: bool,
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Fields"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let sections = [
        (
            Of::people(),
            "Of people",
            "Each belongs to a kind of data, and its values are decided, shown to the person and kept like any other of that kind.",
        ),
        (
            Of::organisations(),
            "Of organisations",
            "About nobody: what stands in them is the company's own. Keep people out of them.",
        ),
        (
            Of::deals(),
            "Of deals",
            "Of a deal with a person they are about that person: each belongs to a kind of data, which decides its values. Of \
             other deals what stands in them is the company's own.",
        ),
        (
            Of::tasks(),
            "Of tasks",
            "Of a task about a person they are about that person: each belongs to a kind of data, which decides its values. Of \
             other tasks what stands in them is the company's own.",
        ),
    ];
    let mut things = Vec::new();
    for (of, title, words) in sections {
        things.push(section(&ctx, &staff, &of, (say(title), say(words)), &standing.policy).await?);
    }
    Ok(html::page(&List { shell, tabs, things }))
}

/// The fields of one thing.
pub(super) async fn section(
    ctx: &Ctx,
    staff: &Staff,
    of: &Of,
    (title, words): (&str, &str),
    policy: &Policy,
) -> Result<Section, Problem> {
    let there = acts::all(ctx, staff, &of.thing).await?;
    let lines = there.iter().enumerate().map(|(n, field)| line(field, (n, there.len()), policy)).collect();
    Ok(Section { key: of.thing.key().into_owned(), title: title.into(), words: words.into(), lines })
}

fn line(field: &fields::Field, (n, of): (usize, usize), policy: &Policy) -> Line {
    let above = field.category.as_ref().and_then(|key| key.parent());
    Line {
        name: field.name.clone(),
        label: fields::name(field).to_owned(),
        kind: say(fields::called(field.kind)),
        category: above.map(|key| path(policy, &key)).unwrap_or_default(),
        choices: fields::shown_choices(field),
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
    /// What was read of the field; nothing of a new one.
    seen: String,
    error: String,
    fields: Vec<Field>,
    /// What cannot be changed, in a sentence.
    fixed: String,
    /// Where the fields beside it are.
    home: String,
}

async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    (of, old): (&Of, Option<&fields::Field>),
    (form, errors, base): (&Form, &Errors, u64),
) -> Result<Editor, Problem> {
    let title = old.map_or_else(|| say("New field").to_owned(), |field| fields::name(field).to_owned());
    let (shell, tabs) = frame(ctx, staff, HERE, &title, &Said::default()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let there = acts::all(ctx, staff, &of.thing).await?;
    let taken = acts::taken(ctx, staff).await?;
    let beside = Beside { of, there: &there, taken: &taken };
    let fixed = old.map(|field| {
        let kind = say(fields::called(field.kind));
        let below = field.category.as_ref().and_then(|key| key.parent());
        match below.map(|key| path(&standing.policy, &key)) {
            None => say!("It holds {kind}. Its short name is {name}.", kind = kind, name = field.name),
            Some(of) => say!(
                "It holds {kind}, of the kind “{of}”. Its short name is {name}.",
                kind = kind,
                of = of,
                name = field.name
            ),
        }
    });
    let last = old.map(|field| format!("/{}", field.name)).unwrap_or_default();
    Ok(Editor {
        fields: inputs(form, beside, old.is_none(), errors, &standing.policy),
        action: format!("{HERE}/{}{last}", of.thing.key()),
        home: home(&of.thing),
        error: errors.at("form"),
        fixed: fixed.unwrap_or_default(),
        base,
        seen: old.map(tag).unwrap_or_default(),
        shell,
        tabs,
    })
}

async fn new(State(ctx): State<Ctx>, Path(key): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let (of, base) =
        (acts::of(&ctx, &staff, &key).await?, ctx.gate.policy(staff.company.id).await?.policy.version);
    let state = (&Form::default(), &Errors::default(), base);
    Ok(html::page(&editor(&ctx, &staff, (&of, None), state).await?))
}

async fn create(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (of, form) = (acts::of(&ctx, &staff, &key).await?, Form::read(&sent));
    let base: u64 = sent.get("base").parse().unwrap_or(0);
    let (there, taken) = (acts::all(&ctx, &staff, &of.thing).await?, acts::taken(&ctx, &staff).await?);
    let make = |policy: &Policy| form.made(Beside { of: &of, there: &there, taken: &taken }, policy);
    let changed = acts::lay_down(&ctx, &staff, (&of, base), None, make).await?;
    let Some((errors, base)) = changed.in_the_way(base) else { return Ok(done(&home(&of.thing), "saved")) };
    Ok(again(&editor(&ctx, &staff, (&of, None), (&form, &errors, base)).await?))
}

async fn edit(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (of, base) =
        (acts::of(&ctx, &staff, &key).await?, ctx.gate.policy(staff.company.id).await?.policy.version);
    let field = acts::one(&ctx, &staff, &of.thing, &name).await?;
    let state = (&Form::of(&field), &Errors::default(), base);
    Ok(html::page(&editor(&ctx, &staff, (&of, Some(&field)), state).await?))
}

async fn save(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let of = acts::of(&ctx, &staff, &key).await?;
    let field = acts::one(&ctx, &staff, &of.thing, &name).await?;
    let form = Form { kind: field.kind.key().into(), ..Form::read(&sent) };
    let base: u64 = sent.get("base").parse().unwrap_or(0);
    let changed = if sent.get("seen") == tag(&field) {
        acts::lay_down(&ctx, &staff, (&of, base), Some(&field), |_| form.changed(&field)).await?
    } else {
        Changed::Meanwhile(
            while_writing("this field"),
            ctx.gate.policy(staff.company.id).await?.policy.version,
        )
    };
    let Some((errors, base)) = changed.in_the_way(base) else { return Ok(done(&home(&of.thing), "saved")) };
    Ok(again(&editor(&ctx, &staff, (&of, Some(&field)), (&form, &errors, base)).await?))
}

async fn shift(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let of = acts::of(&ctx, &staff, &key).await?;
    acts::shift(&ctx, &staff, &of.thing, &name, sent.get("to") == "up").await?;
    Ok(done(&home(&of.thing), "saved"))
}

async fn offer(
    State(ctx): State<Ctx>,
    Path((key, name)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let of = acts::of(&ctx, &staff, &key).await?;
    let field = acts::one(&ctx, &staff, &of.thing, &name).await?;
    if acts::retire(&ctx, &staff, &of.thing, field, sent.get("offer") != "again").await? {
        return Ok(done(&home(&of.thing), "saved"));
    }
    Err(Problem::conflict("Somebody changed this field at the same moment. Look again."))
}
