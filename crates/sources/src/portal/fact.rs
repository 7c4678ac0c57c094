//! Correcting: type over a value, add one, or say that it is wrong and goes.

use askama::Template;
use assent_gate::GateError;
use assent_kernel::{CategoryKey, Fact, FactId, TreeKey};
use assent_web::media::{self, Media};
use assent_web::parts::Field as Input;
use assent_web::{Ctx, Person, Posted, Problem, Shell, fields, filters, html};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::act::{self, Own};
use super::model::Names;
use super::reasons;
use super::show::{self, Known};
use super::text::Text;
use super::web::shell;

/// The longest value a person can type.
const LONGEST: usize = 2000;
/// What a person may add by hand: these, and what lies below them.
const ADDABLE: [&str; 8] = [
    "name",
    "contact",
    "work",
    "personal.language",
    "personal.birth-date",
    "interest",
    "opinion",
    "preference",
];

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/me/fact/{id}", get(edit).post(save))
        .route("/me/file/{id}", get(file))
        .route("/me/add", get(add).post(added))
}

#[derive(Template)]
#[template(path = "portal/fact.html")]
struct Edit {
    shell: Shell,
    t: Text,
    known: Known,
    value: String,
    /// The input of a field that the company made.
    own: Option<Input>,
    locked: &'static str,
    removable: bool,
    way_in: bool,
    error: String,
}

#[derive(Template)]
#[template(path = "portal/add.html")]
struct Add {
    shell: Shell,
    t: Text,
    kinds: Vec<(String, String)>,
    kind: String,
    value: String,
    error: String,
}

/// One of their values, by its id.
pub(super) fn fact(own: &Own, id: &str) -> Result<FactId, Problem> {
    let nothing = || {
        Problem::not_found("There is no such value of yours.")
            .german("So eine Angabe von Ihnen gibt es nicht.")
    };
    let id: FactId = id.parse().map_err(|_| nothing())?;
    own.dossier.fact(id).map(|held| held.id()).ok_or_else(nothing)
}

/// The field that the company made of this category, if it made one.
async fn field_of(ctx: &Ctx, own: &Own, category: &CategoryKey) -> Result<Option<fields::Field>, Problem> {
    let all = fields::of_people(ctx, own.dossier.person().company).await?;
    Ok(all.into_iter().find(|field| field.category.as_ref() == Some(category)))
}

/// The input in which a field is typed.
fn typed_in(field: &fields::Field, value: &str) -> Input {
    fields::input(field, "value".into(), value, String::new())
}

/// The text in which a value is kept, or what is wrong with it.
fn kept(field: Option<&fields::Field>, typed: &str, t: Text) -> Result<String, String> {
    if typed.is_empty() || typed.chars().count() > LONGEST {
        return Err(t.empty_value().to_owned());
    }
    let Some(field) = field else { return Ok(typed.to_owned()) };
    fields::read(field, typed).map_err(|wrong| match t.german {
        true if field.choices.is_empty() => t.unfit().to_owned(),
        true => format!("{} {}", t.unfit(), fields::shown_choices(field)),
        false => wrong,
    })
}

/// True for an address that letters with a way in go to.
pub(super) fn leads_in(category: &CategoryKey) -> bool {
    CategoryKey::new("contact.email").is_ok_and(|email| email.covers(category))
}

/// Why a value cannot be typed over; empty when it can.
fn locked(names: &Names<'_>, fact: &Fact, own: &Own) -> &'static str {
    if names.held_by_law(fact, own.now).is_some() {
        names.t.locked_law()
    } else if !fact.derived_from.is_empty() {
        names.t.locked_derived()
    } else {
        ""
    }
}

async fn edit(State(ctx): State<Ctx>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let id = fact(&own, &id)?;
    Ok(html::page(&page(&ctx, &person, &own, id).await?))
}

/// Hands the person a file of theirs, to be saved.
async fn file(State(ctx): State<Ctx>, person: Person, Path(id): Path<String>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let id = fact(&own, &id)?;
    let (name, file) = act::take_file(&ctx, &own, id).await?;
    Ok(media::download(&name, Media::parse(&file.kind), file.content))
}

async fn page(ctx: &Ctx, person: &Person, own: &Own, id: FactId) -> Result<Edit, Problem> {
    let t = Text::of(&person.lang);
    let held = own.dossier.fact(id).ok_or_else(|| {
        Problem::not_found("There is no such value of yours.")
            .german("So eine Angabe von Ihnen gibt es nicht.")
    })?;
    let answer = act::view_one(ctx, own, id).await?;
    let names = show::names(own, &person.company.name, t);
    let known = show::known(&names, own, &answer, held);
    Ok(Edit {
        shell: shell(person, t, t.edit_title(), "/me", ""),
        t,
        value: known.kept.clone(),
        own: field_of(ctx, own, held.category()).await?.map(|field| {
            let label = t.value();
            Input { label: label.into(), hint: String::new(), ..typed_in(&field, &known.kept) }
        }),
        locked: locked(&names, held.fact(), own),
        removable: held.fact().anchors.iter().all(|anchor| anchor.until <= own.now),
        way_in: leads_in(held.category()),
        known,
        error: String::new(),
    })
}

/// What the gate said about keeping, in the reader's language; anything but a plain refusal is a problem.
fn sentence(t: Text, error: GateError, removing: bool) -> Result<String, Problem> {
    match error {
        GateError::NotKept(reason) => {
            Ok(format!("{} {}", t.not_kept(), reasons::sentence(reason.code(), t.german)))
        }
        GateError::Input(_) => Ok(if removing { t.locked_law() } else { t.empty_value() }.to_owned()),
        other => Err(other.into()),
    }
}

/// Puts a value right. The sentence that says why not, where it cannot be.
pub(super) async fn put_right(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    id: FactId,
    value: String,
) -> Result<Result<(), String>, Problem> {
    let Some(fact) = own.dossier.fact(id).map(|held| held.fact().clone()) else {
        return Err(GateError::NoPerson.into());
    };
    let lock = locked(names, &fact, own);
    if !lock.is_empty() {
        return Ok(Err(lock.to_owned()));
    }
    match kept(field_of(ctx, own, &fact.category).await?.as_ref(), &value, names.t) {
        Ok(value) => told(names.t, act::keep(ctx, own, fact.category, value, Some(id)).await, false),
        Err(wrong) => Ok(Err(wrong)),
    }
}

/// Removes a value. The sentence that says why not, where a law still demands it.
pub(super) async fn remove(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    id: FactId,
) -> Result<Result<(), String>, Problem> {
    told(names.t, act::forget(ctx, own, id).await, true)
}

/// Adds a value of a kind that can be added. The sentence that says why not, where it cannot.
pub(super) async fn put(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    kind: &str,
    value: &str,
) -> Result<Result<(), String>, Problem> {
    let known = addable(ctx, own, names).await?.iter().any(|(key, _)| key == kind);
    let Some(key) = CategoryKey::new(kind).ok().filter(|_| known) else {
        return Ok(Err(names.t.bad_kind().to_owned()));
    };
    match kept(field_of(ctx, own, &key).await?.as_ref(), value, names.t) {
        Ok(value) => told(names.t, act::keep(ctx, own, key, value, None).await, false),
        Err(wrong) => Ok(Err(wrong)),
    }
}

/// What the gate said, as whoever changed something reads it.
fn told(t: Text, done: Result<(), GateError>, removing: bool) -> Result<Result<(), String>, Problem> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error) => sentence(t, error, removing).map(Err),
    }
}

async fn save(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(person, sent): Posted<Person>,
) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    let id = fact(&own, &id)?;
    let (value, removes) = (fields::sent(&sent, "value"), sent.get("act") == "remove");
    let way_in = own.dossier.fact(id).is_some_and(|held| leads_in(held.category()));
    let done = if removes {
        remove(&ctx, &own, &names, id).await?
    } else {
        put_right(&ctx, &own, &names, id, value.clone()).await?
    };
    match done {
        Ok(()) => {
            if way_in {
                act::end_ways(&ctx, &person).await?;
            }
            Ok(Redirect::to(if removes { "/me?done=removed" } else { "/me?done=saved" }).into_response())
        }
        Err(error) => {
            let page = page(&ctx, &person, &own, id).await?;
            let typed = if removes { page.value.clone() } else { value };
            let own = page.own.map(|input| Input { value: typed.clone(), ..input });
            let page = Edit { error, value: typed, own, ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response())
        }
    }
}

/// The kinds that can be added: key and name.
pub(super) async fn addable(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
) -> Result<Vec<(String, String)>, Problem> {
    Ok(kinds(names, &fields::personal(ctx, own.dossier.person().company).await?))
}

/// What a person may add. A field of the company is no reason to hide the kind above it; what belongs to a thing of its own
/// is not added by itself.
fn kinds(names: &Names<'_>, fields: &[(fields::Thing, fields::Field)]) -> Vec<(String, String)> {
    let upper: Vec<CategoryKey> = ADDABLE.iter().filter_map(|key| CategoryKey::new(key).ok()).collect();
    let fits = |key: &&CategoryKey| {
        let of = |key: &CategoryKey| fields.iter().find(|(_, field)| field.category.as_ref() == Some(key));
        let mut others = names.policy.categories.keys().filter(|other| of(other).is_none());
        let below = others.any(|other| other != *key && key.covers(other));
        of(key).is_none_or(|(thing, field)| *thing == fields::Thing::Person && field.gone_at.is_none())
            && upper.iter().any(|one| one.covers(key))
            && (!below || key.as_str().contains('.'))
    };
    names.policy.categories.keys().filter(fits).map(|key| (key.to_string(), names.category(key))).collect()
}

async fn add(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    Ok(html::page(&blank(&ctx, &person, &own).await?))
}

async fn blank(ctx: &Ctx, person: &Person, own: &Own) -> Result<Add, Problem> {
    let t = Text::of(&person.lang);
    Ok(Add {
        shell: shell(person, t, t.add_title(), "/me", ""),
        t,
        kinds: addable(ctx, own, &show::names(own, &person.company.name, t)).await?,
        kind: String::new(),
        value: String::new(),
        error: String::new(),
    })
}

async fn added(State(ctx): State<Ctx>, Posted(person, sent): Posted<Person>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    let (kind, value) = (sent.get("kind").to_owned(), sent.get("value").to_owned());
    match put(&ctx, &own, &names, &kind, &value).await? {
        Ok(()) => Ok(Redirect::to("/me?done=saved").into_response()),
        Err(error) => {
            let page = Add { kind, value, error, ..blank(&ctx, &person, &own).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response())
        }
    }
}
