//! Pages of the desk: parse, act, render. No decisions.

mod asked;
mod beside;
mod deleted;
mod erase;
mod export;
mod files;
mod joined;
mod list;
mod new;
mod owner;
mod record;
pub mod tabs;
mod value;

use assent_kernel::{PersonId, PurposeKey};
use assent_web::file::attachment;
use assent_web::parts::Act;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, say};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::act;
use super::model::said;
use crate::frame::words;

/// The largest form with a file: the settings bound the file itself.
const LARGEST_FORM: usize = assent_gate::LARGEST_FILE + (1 << 16);

/// The routes of the desk.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/people", get(list::show))
        .route("/people/new", get(new::show).post(new::save))
        .route("/people/ask", post(ask_many))
        .route("/people/asked", get(asked::show))
        .route("/people/give", post(owner::give_many))
        .route("/people/{id}/owner", get(owner::form).post(owner::give))
        .route("/people/export", get(export::show).post(export::ticked))
        .route("/people/export/file", post(export::file))
        .route("/people/doubles", get(joined::doubles))
        .route("/people/deleted", get(deleted::list))
        .route("/people/{id}/delete", post(deleted::delete))
        .route("/people/{id}/restore", post(deleted::restore))
        .route("/people/{id}", get(record::show))
        .route("/people/{id}/beside", get(beside::go))
        .route("/people/{id}/join/{other}", get(joined::preview).post(joined::join))
        .route("/people/{id}/split", post(joined::split))
        .route("/people/{id}/ask", post(ask))
        .route("/people/{id}/fact", get(value::add_form).post(value::add))
        .route("/people/{id}/fact/{fact}", get(value::edit_form).post(value::edit))
        .route("/people/{id}/fact/{fact}/remove", post(value::remove))
        .route("/people/{id}/note", post(value::note))
        .route("/people/{id}/files", post(files::keep).layer(DefaultBodyLimit::max(LARGEST_FORM)))
        .route("/people/{id}/files/{fact}", get(files::take))
        .route("/people/{id}/erase", get(erase::confirm).post(erase::erase))
        .route("/people/{id}/receipt/{seq}", get(receipt))
}

/// Only those of the card may enter.
fn enter(staff: &Staff) -> Result<(), Problem> {
    staff.must_be(super::ROLES)
}

/// The frame of a page; coming back to it does not say again what was said once.
async fn shell(ctx: &Ctx, staff: &Staff, title: &str) -> Result<assent_web::Shell, Problem> {
    let mut shell = crate::frame::shell(ctx, staff, title).await?;
    if let Some(pill) = &mut shell.purpose {
        pill.return_to = said::unsaid(&pill.return_to);
    }
    Ok(shell)
}

/// The page at hand, to come back to.
fn here(shell: &assent_web::Shell) -> String {
    shell.purpose.as_ref().map_or_else(|| "/people".into(), |pill| pill.return_to.clone())
}

/// The button that asks a person for a purpose.
fn ask_act(shell: &assent_web::Shell, id: PersonId, purpose: &PurposeKey, label: String) -> Act {
    Act {
        label,
        action: format!("/people/{id}/ask"),
        csrf: shell.csrf.clone(),
        fields: vec![("purpose", purpose.to_string()), ("back", here(shell))],
        ..Act::default()
    }
}

/// Back to a page of the desk, with what was done.
fn back(path: &str, word: &str) -> Response {
    Redirect::to(&said::saying(path, word)).into_response()
}

/// The purpose that a form names, if this role works for it.
async fn purpose_of(ctx: &Ctx, staff: &Staff, fields: &Fields) -> Result<PurposeKey, Problem> {
    let purpose = PurposeKey::new(fields.get("purpose")).map_err(|e| Problem::bad_request(e.to_string()))?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    if assent_web::session::purposes_of(&standing.policy, staff.role).contains(&purpose) {
        Ok(purpose)
    } else {
        Err(Problem::forbidden("Your role does not work for that purpose."))
    }
}

async fn ask(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let id = act::person(&id)?;
    let purpose = purpose_of(&ctx, &staff, &fields).await?;
    let word = match act::ask::ask(&ctx, &staff, id, &purpose).await? {
        Ok(()) => "asked".to_owned(),
        Err(why) => why.key(),
    };
    let home = format!("/people/{id}");
    let path = said::own(fields.get("back")).unwrap_or(&home);
    Ok(back(path, &format!("{word}&of={purpose}")))
}

/// The most people that are asked with one click.
const MOST_ASKED: usize = 200;

async fn ask_many(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let purpose = purpose_of(&ctx, &staff, &fields).await?;
    let path = said::own(fields.get("back")).unwrap_or("/people");
    let mut ids: Vec<PersonId> = fields.all("id").map(act::person).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(back(path, "none-chosen"));
    }
    if ids.len() > MOST_ASKED {
        return Err(Problem::invalid(say!(
            "At most {n} people can be asked with one click.",
            n = MOST_ASKED
        ))
        .said());
    }
    let outcomes = act::ask::ask_many(&ctx, &staff, &ids, &purpose).await?;
    Ok(Redirect::to(&asked::href(&outcomes, &purpose, path)).into_response())
}

async fn receipt(
    State(ctx): State<Ctx>,
    Path((id, seq)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(&[assent_kernel::Role::Dpo])?;
    let id = act::person(&id)?;
    let seq = seq.parse().map_err(|_| act::nobody())?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    match act::write::receipt(&ctx, &staff, id, seq).await? {
        Ok(text) => Ok(attachment("text/plain; charset=utf-8", &format!("receipt-{seq}.tlog-proof"), text)),
        Err(reason) => {
            Err(Problem::forbidden(words(&ctx, &staff, &standing.policy).sentence(Some(&reason))).said())
        }
    }
}
