//! Pages of deals: parse, act, render.

mod beside;
mod bulk;
mod export;
mod form;
mod list;
mod own;
mod pipelines;
mod record;
mod stage;
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
        .route("/deals", get(list::show))
        .route("/deals/new", get(form::new).post(form::make))
        .route("/deals/change", post(bulk::change))
        .route("/deals/export", get(export::show).post(export::ticked))
        .route("/deals/export/file", post(export::file))
        .route("/deals/pipelines", get(pipelines::show).post(pipelines::save))
        .route("/deals/pipelines/{id}/remove", post(pipelines::remove))
        .route("/deals/{id}", get(record::show))
        .route("/deals/{id}/beside", get(beside::go))
        .route("/deals/{id}/edit", get(form::edit).post(form::change))
        .route("/deals/{id}/stage", get(stage::ask).post(stage::save))
        .route("/deals/{id}/value/{field}", get(value::form).post(value::save))
        .route("/deals/{id}/note", post(write_note))
        .route("/deals/{id}/note/{note}/{verb}", post(set_note))
        .route("/deals/{id}/remove", post(remove))
        .route("/deals/{id}/restore", post(restore))
}

async fn write_note(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    let (of, about) = (Of::Deal(deal.id), deal.title.person());
    note::posted(&ctx, &staff, (of, about, &format!("/deals/{}", deal.id)), &fields).await
}

async fn set_note(
    State(ctx): State<Ctx>,
    Path((id, note, verb)): Path<(String, String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::one(&ctx, &staff, act::id(&id)?).await?.id;
    let home = format!("/deals/{id}");
    let back = frame::back(&sent, &home);
    note::put(&ctx, &staff, (Of::Deal(id), &home, back), (&note, &verb)).await
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
    let home = format!("/deals/{id}");
    let undo = Undo::new(format!("{home}/{}", if gone { "restore" } else { "remove" }), Vec::new());
    let back = frame::back(sent, &home);
    undo::to(ctx, staff, back, if gone { "removed" } else { "restored" }, Some(undo)).await
}
