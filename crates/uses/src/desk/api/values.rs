//! One value: add, read, change, remove; a note; a request to the person.

use assent_kernel::{CategoryKey, FactId, PersonId, PurposeKey};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::{self, Thing};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{CHAPTER, FCT, PER, act, words};
use crate::around::note;
use crate::desk::ROLES;
use crate::desk::act::ask;
use crate::desk::act::write;
use crate::desk::model::cell::{Cell, Value};
use crate::desk::model::said::{Why, reason};
use crate::desk::model::{NOTE, forms};
use crate::frame;
use crate::spoken;
use crate::texts;

const FACT: &str = "/v1/people/{id}/facts/{fact}";

pub(super) fn operations() -> Vec<Operation> {
    let value = || Shape::Record(vec![must("value", Shape::text(10_000), "The new value.")]);
    let example = json!({
        "id": FCT, "record": PER, "category": "contact.email", "confirmed_at": "2026-03-01T09:00:00Z",
        "source": "import Customers", "etag": "64bcb9bf2c000", "value": "aiko@example.org", "partly": false, "until": null,
    });
    let closed = "The terms do not open it for the key's role and purpose; `code` is the law's reason.";
    vec![
        Operation::new("addFact", Method::POST, "/v1/people/{id}/facts", |call| Box::pin(add(call)))
            .says(CHAPTER, "Add a value", "Only what may be seen for the purpose at hand is written under it. It is kept under the person's terms.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    must("category", Shape::key(), "What kind of value it is."),
                    must("value", Shape::text(10_000), "The value."),
                ]),
                json!({ "category": "contact.phone", "value": "+49 451 5550123" }),
            )
            .gives(201, spoken::made_shape("fct"), json!({ "id": FCT }))
            .or(403, closed),
        Operation::new("getFact", Method::GET, FACT, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read one value", "With the ETag to change it.")
            .for_roles(ROLES)
            .gives(200, spoken::fact_shape(), example)
            .with_tag(),
        Operation::new("changeFact", Method::PATCH, FACT, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change a value", "It keeps its terms. The person sees that it was changed, when and by whom.")
            .for_roles(ROLES)
            .takes(value(), json!({ "value": "aiko.ito@example.org" }))
            .gives_nothing()
            .must_match()
            .or(403, closed),
        Operation::new("removeFact", Method::DELETE, FACT, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a value", "Written down; the person sees it.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(403, closed),
        Operation::new("addNote", Method::POST, "/v1/people/{id}/notes", |call| Box::pin(add_note(call)))
            .says(CHAPTER, "Write a note", "A note is a value of the person: they read it on their page, and it fades with its terms. Colleagues named with an @ are told.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![must("text", Shape::text(note::LONGEST), "The note.")]),
                json!({ "text": "Wants to be called after six." }),
            )
            .gives(201, spoken::made_shape("fct"), json!({ "id": FCT }))
            .or(403, closed),
        Operation::new("askPerson", Method::POST, "/v1/people/{id}/requests", |call| Box::pin(ask_for(call)))
            .says(
                CHAPTER,
                "Ask the person",
                "Sends the notice of a purpose to the person, who answers on their own page. Nobody answers for them.",
            )
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![may("purpose", Shape::key(), "For which purpose; the one at hand when left out.")]),
                json!({ "purpose": "sales.contact" }),
            )
            .gives_nothing()
            .or(409, "It makes no sense to ask now: asked already, answered lately, or everything is open. `code` says which."),
    ]
}

fn ids(call: &Call) -> Result<(PersonId, FactId), Problem> {
    Ok((act::person(call.name("id"))?, call.name("fact").parse().map_err(|_| act::nobody())?))
}

pub(super) async fn refused(call: &Call, reason: Option<&assent_kernel::Reason>) -> Problem {
    let staff = match call.staff() {
        Ok(staff) => staff,
        Err(problem) => return problem,
    };
    match call.ctx.gate.policy(staff.company.id).await {
        Ok(standing) => spoken::refused(reason, &words(&call.ctx, staff, &standing.policy)),
        Err(error) => error.into(),
    }
}

#[derive(Deserialize)]
struct Add {
    category: String,
    value: String,
}

async fn add(call: &Call) -> Result<Reply, Problem> {
    let new = call.body::<Add>()?;
    let standing = call.ctx.gate.policy(call.staff()?.company.id).await?;
    let known =
        CategoryKey::new(&new.category).ok().filter(|key| standing.policy.categories.contains_key(key));
    let category = known.ok_or_else(|| Problem::invalid("/category: there is no such category."))?;
    let company = call.staff()?.company.id;
    let own = fields::all(&call.ctx, company, Thing::Person).await?;
    let apart = fields::apart(&call.ctx, company).await?;
    let value = forms::addable((&own, &apart), &category, new.value.trim());
    let value = value.map_err(|wrong| Problem::invalid(format!("/value: {wrong}")))?;
    keep(call, category, &value).await
}

async fn keep(call: &Call, category: CategoryKey, value: &str) -> Result<Reply, Problem> {
    let (ctx, staff, id) = (&call.ctx, call.staff()?, act::person(call.name("id"))?);
    let dossier = act::to_change(ctx, staff, id).await?;
    let kept = match write::may_write(ctx, staff, &dossier, &category).await? {
        Ok(()) => write::keep_one(ctx, staff, &dossier, category, value.to_owned(), None).await?,
        Err(reason) => Err(reason),
    };
    match kept {
        Ok(fact) => Reply::made(fact, format!("/v1/people/{id}/facts/{fact}")),
        Err(reason) => Err(refused(call, Some(&reason)).await),
    }
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, (id, fact)) = (&call.ctx, call.staff()?, ids(call)?);
    let (dossier, _, cell) = write::look_at(ctx, staff, id, fact).await?;
    let held = dossier.fact(fact).ok_or_else(act::nobody)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let value = Value { fact: held.fact().clone(), version: held.version(), cell };
    if words.hides(&value.fact.category, &value.cell) {
        return Err(act::nobody());
    }
    let tag = value.version.clone();
    Ok(Reply::of(&spoken::fact(&value, id, &words))?.tagged(tag))
}

/// The value at hand, when it is open whole and as the program last saw it.
async fn open(call: &Call) -> Result<(assent_gate::Dossier, CategoryKey, FactId), Problem> {
    let (id, fact) = ids(call)?;
    let (dossier, category, cell) = write::look_at(&call.ctx, call.staff()?, id, fact).await?;
    match &cell {
        Cell::Open(seen) if seen.whole => {
            write::must_change(&call.ctx, call.staff()?, id, fact).await?;
            call.matches(&dossier.fact(fact).map(assent_gate::Held::version).unwrap_or_default())?;
            Ok((dossier, category, fact))
        }
        Cell::Open(_) => Err(Problem::forbidden(
            "Only a part of it is open for this key, so it cannot be changed with it.",
        )),
        Cell::Unknown | Cell::Closed(_) => Err(refused(call, cell.closed()).await),
    }
}

#[derive(Deserialize)]
struct Change {
    value: String,
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (dossier, category, fact) = open(call).await?;
    let own = fields::of_people(&call.ctx, call.staff()?.company.id).await?;
    let value = forms::kept(&own, &category, call.body::<Change>()?.value.trim());
    let value = value.map_err(|wrong| Problem::invalid(format!("/value: {wrong}")))?;
    match write::keep(&call.ctx, call.staff()?, &dossier, category, value, Some(fact)).await? {
        Ok(()) => Ok(Reply::done()),
        Err(reason) => Err(refused(call, Some(&reason)).await),
    }
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let (dossier, _, fact) = open(call).await?;
    write::remove(&call.ctx, call.staff()?, &dossier, fact).await?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

async fn add_note(call: &Call) -> Result<Reply, Problem> {
    let text = call.body::<Note>()?.text.trim().to_owned();
    let wrong = texts::wrong(&text, note::LONGEST);
    if !wrong.is_empty() {
        return Err(Problem::invalid(format!("/text: {wrong}")));
    }
    let category = CategoryKey::new(NOTE).map_err(|error| Problem::internal(&error))?;
    let kept = keep(call, category, &text).await?;
    let id = act::person(call.name("id"))?;
    let there = format!("/people/{id}?tab=notes");
    let told = note::tell(&call.ctx, call.staff()?, &text, &there, id).await;
    frame::afterwards("telling colleagues", told.map(|_| ()));
    Ok(kept)
}

#[derive(Deserialize)]
struct Asking {
    purpose: Option<String>,
}

async fn ask_for(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, id) = (&call.ctx, call.staff()?, act::person(call.name("id"))?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purpose = match call.body::<Asking>()?.purpose {
        Some(text) => {
            PurposeKey::new(&text).map_err(|_| Problem::invalid("/purpose: there is no such purpose."))?
        }
        None => staff.purpose.clone(),
    };
    spoken::works_for(call, &standing.policy, &purpose)?;
    match ask::ask(ctx, staff, id, &purpose).await? {
        Ok(()) => Ok(Reply::done()),
        Err(why) => Err(not_asked(&why).detail(why.sentence(&purpose, &standing.policy))),
    }
}

fn not_asked(why: &Why) -> Problem {
    let (status, code) = match why {
        Why::NoNotice => (StatusCode::CONFLICT, "no-notice"),
        Why::Quiet(_) => (StatusCode::CONFLICT, "quiet"),
        Why::Open(_) => (StatusCode::CONFLICT, "open-already"),
        Why::Lately(_) => (StatusCode::CONFLICT, "answered-lately"),
        Why::Given => (StatusCode::CONFLICT, "given"),
        Why::NoAddress => (StatusCode::CONFLICT, "no-address"),
        Why::Gone => (StatusCode::NOT_FOUND, "not-found"),
        Why::Closed(code) => (StatusCode::FORBIDDEN, reason(code).map_or("closed", |reason| reason.code())),
    };
    Problem::new(status, code, "Nobody was asked")
}
