//! Pages of deals: parse, act, render.

mod bulk;
mod export;
mod form;
mod list;
mod pipelines;
mod record;
mod stage;
mod value;

use askama::Template;
use assent_kernel::Reason;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::act;
use crate::around::{Of, note};
use crate::frame::{self, words};
use crate::texts;
use crate::undo::{self, Undo};

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/deals", get(list::show))
        .route("/deals/new", get(form::new).post(form::make))
        .route("/deals/change", post(bulk::change))
        .route("/deals/export", get(export::show).post(export::ticked))
        .route("/deals/export/file", post(export::file))
        .route("/deals/pipelines", get(pipelines::show).post(pipelines::save))
        .route("/deals/pipelines/{id}/remove", post(pipelines::remove))
        .route("/deals/{id}", get(record::show))
        .route("/deals/{id}/edit", get(form::edit).post(form::change))
        .route("/deals/{id}/stage", get(stage::ask).post(stage::save))
        .route("/deals/{id}/value/{field}", get(value::form).post(value::save))
        .route("/deals/{id}/note", post(write_note))
        .route("/deals/{id}/note/{note}/{verb}", post(set_note))
        .route("/deals/{id}/remove", post(remove))
        .route("/deals/{id}/restore", post(restore))
}

#[derive(Template)]
#[template(path = "deals/closed.html")]
struct Closed {
    shell: Shell,
    sentence: String,
    back: String,
    typed: String,
}

/// A page that says why something about a person may not be kept, and keeps what was typed.
async fn refused(
    ctx: &Ctx,
    staff: &Staff,
    reason: &Reason,
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let sentence = format!("{}. {}", words.closed_for(), words.sentence(Some(reason)));
    let shell = frame::shell(ctx, staff, say("Not saved")).await?;
    let mut page = html::page(&Closed { shell, sentence, back, typed: typed.to_owned() });
    *page.status_mut() = StatusCode::FORBIDDEN;
    Ok(page)
}

async fn write_note(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    let text = fields.get("text");
    let wrong = texts::wrong(text, note::LONGEST);
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    let href = format!("/deals/{}", deal.id);
    let (of, about) = (Of::Deal(deal.id), deal.title.person());
    match note::write(&ctx, &staff, of, about, note::kind(fields.get("kind")), text, &href).await? {
        Ok(blind) => Ok(frame::to(&href, &frame::noted(blind))),
        Err(reason) => refused(&ctx, &staff, &reason, href, text).await,
    }
}

async fn set_note(
    State(ctx): State<Ctx>,
    Path((id, note, verb)): Path<(String, String, String)>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::one(&ctx, &staff, act::id(&id)?).await?.id;
    note::put(&ctx, &staff, (Of::Deal(id), &format!("/deals/{id}")), (&note, &verb)).await
}

async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, &id, true).await
}

async fn restore(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, &id, false).await
}

async fn set_gone(ctx: &Ctx, staff: &Staff, id: &str, gone: bool) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(id)?;
    act::set_gone(ctx, staff, id, gone).await?;
    let home = format!("/deals/{id}");
    let back = Undo::new(format!("{home}/{}", if gone { "restore" } else { "remove" }), Vec::new());
    undo::to(ctx, staff, &home, if gone { "removed" } else { "restored" }, Some(back)).await
}
