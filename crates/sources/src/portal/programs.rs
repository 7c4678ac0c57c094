//! Programs that a person lets act for them: make a key, to read or to read and answer, and end it.

use askama::Template;
use assent_gate::GateError;
use assent_kernel::StaffId;
use assent_store::own_keys::May;
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Person, Posted, Problem, Shell, filters, html};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::act;
use super::text::Text;
use super::web::{Asked, shell};

/// The longest name.
const LONGEST: usize = 60;

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/me/programs", get(all).post(make)).route("/me/programs/end", post(end))
}

#[derive(Template)]
#[template(path = "portal/programs.html")]
struct Programs {
    shell: Shell,
    t: Text,
    programs: Vec<Told>,
    /// True when they came in a moment ago, and so may make a key.
    fresh: bool,
    /// The key that was just made, shown this once.
    made: String,
    name: String,
    answers: bool,
    error: String,
}

/// A program that may act for them.
struct Told {
    id: String,
    name: String,
    may: &'static str,
    since: String,
    until: String,
    used: String,
}

async fn page(ctx: &Ctx, person: &Person, own: &act::Own, done: &str) -> Result<Programs, Problem> {
    let t = Text::of(&person.lang);
    let told = |(name, key): (String, assent_store::own_keys::OwnKey)| Told {
        id: key.id.to_string(),
        name,
        may: match key.may {
            May::Read => t.program_reads(),
            May::Answer => t.program_answers(),
        },
        since: t.date(key.made_at),
        until: t.date(key.until),
        used: key.used_at.map(|at| t.date(at)).unwrap_or_default(),
    };
    Ok(Programs {
        shell: shell(person, t, t.programs_title(), "/me/programs", done),
        t,
        programs: act::programs(ctx, own, t).await?.into_iter().map(told).collect(),
        fresh: person.just_came_in(ctx.now()),
        made: String::new(),
        name: String::new(),
        answers: false,
        error: String::new(),
    })
}

async fn all(State(ctx): State<Ctx>, person: Person, Query(said): Query<Asked>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    Ok(html::page(&page(&ctx, &person, &own, &said.done).await?))
}

/// Makes a key, or says what is wrong.
async fn made(
    ctx: &Ctx,
    own: &act::Own,
    t: Text,
    (name, may): (&str, May),
) -> Result<Result<String, &'static str>, Problem> {
    if name.is_empty() || name.chars().count() > LONGEST {
        return Ok(Err(t.program_unnamed()));
    }
    match act::let_program(ctx, own, name, may).await {
        Ok(Some(made)) => Ok(Ok(made)),
        Ok(None) => Ok(Err(t.program_many())),
        Err(GateError::Input(_)) => Ok(Err(t.program_unnamed())),
        Err(error) => Err(error.into()),
    }
}

/// The key is in the answer and nowhere else: it is shown once, so there is no other address to go to.
async fn make(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    person.must_have_just_come_in(ctx.now())?;
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let (name, answers) = (fields.get("name"), fields.get("may") == "answer");
    let made = made(&ctx, &own, t, (name, if answers { May::Answer } else { May::Read })).await?;
    let mut page = page(&ctx, &person, &own, "").await?;
    match made {
        Ok(made) => {
            page.shell.flash = Some(Flash { tone: Tone::Good, text: t.program_made().into(), undo: None });
            Ok(([(header::CACHE_CONTROL, "no-store")], html::page(&Programs { made, ..page }))
                .into_response())
        }
        Err(error) => {
            let page = Programs { name: name.to_owned(), answers, error: error.to_owned(), ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response())
        }
    }
}

/// Ending one takes nothing but being here: what narrows is never made hard.
async fn end(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let nothing = || {
        Problem::not_found("There is no such program of yours.")
            .german("So ein Programm von Ihnen gibt es nicht.")
    };
    let id: StaffId = fields.get("id").parse().map_err(|_| nothing())?;
    if !act::end_program(&ctx, &own, id).await? {
        return Err(nothing());
    }
    Ok(Redirect::to("/me/programs?done=program-ended").into_response())
}
