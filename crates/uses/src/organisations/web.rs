//! Pages of organisations: parse, act, render.

mod beside;
mod export;
mod form;
mod list;
mod record;
mod value;

use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::act;
use crate::around::{Of, note};
use crate::frame::{self, words};
use crate::undo::{self, Undo};

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/organisations", get(list::show))
        .route("/organisations/new", get(form::new).post(form::make))
        .route("/organisations/export", get(export::show).post(export::ticked))
        .route("/organisations/export/file", post(export::file))
        .route("/organisations/{id}", get(record::show))
        .route("/organisations/{id}/edit", get(form::edit).post(form::change))
        .route("/organisations/{id}/value/{field}", get(value::form).post(value::save))
        .route("/organisations/{id}/note", post(write_note))
        .route("/organisations/{id}/note/{note}/{verb}", post(set_note))
        .route("/organisations/{id}/remove", post(remove))
        .route("/organisations/{id}/restore", post(restore))
}

async fn write_note(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(&id)?;
    crate::organised::one(&ctx, &staff, id).await?;
    note::posted(&ctx, &staff, (Of::Organisation(id), None, &format!("/organisations/{id}")), &fields).await
}

async fn set_note(
    State(ctx): State<Ctx>,
    Path((id, note, verb)): Path<(String, String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = crate::organised::one(&ctx, &staff, act::id(&id)?).await?.row.id;
    let home = format!("/organisations/{id}");
    let back = frame::back(&sent, &home);
    note::put(&ctx, &staff, (Of::Organisation(id), &home, back), (&note, &verb)).await
}

async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&id, &sent), true).await
}

async fn restore(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&id, &sent), false).await
}

async fn set_gone(
    ctx: &Ctx,
    staff: &Staff,
    (id, sent): (&str, &Fields),
    gone: bool,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(id)?;
    act::set_gone(ctx, staff, id, gone).await?;
    let home = format!("/organisations/{id}");
    let undo = Undo::new(format!("{home}/{}", if gone { "restore" } else { "remove" }), Vec::new());
    let back = frame::back(sent, &home);
    undo::to(ctx, staff, back, if gone { "removed" } else { "restored" }, Some(undo)).await
}
