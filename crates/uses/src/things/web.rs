//! Pages of items: parse, act, render.

mod beside;
mod bulk;
mod export;
mod form;
mod list;
mod record;
mod value;

use askama::Template;
use assent_web::objects::{self, Object};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::act;
use crate::around::{Of, note};
use crate::frame;
use crate::undo::{self, Undo};

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route(objects::HERE, get(all))
        .route("/things/{key}", get(list::show))
        .route("/things/{key}/new", get(form::new).post(form::make))
        .route("/things/{key}/change", post(bulk::change))
        .route("/things/{key}/export", get(export::show).post(export::ticked))
        .route("/things/{key}/export/file", post(export::file))
        .route("/things/{key}/{id}", get(record::show))
        .route("/things/{key}/{id}/beside", get(beside::go))
        .route("/things/{key}/{id}/edit", get(form::edit).post(form::change))
        .route("/things/{key}/{id}/value/{field}", get(value::form).post(value::save))
        .route("/things/{key}/{id}/note", post(write_note))
        .route("/things/{key}/{id}/note/{note}/{verb}", post(set_note))
        .route("/things/{key}/{id}/remove", post(remove))
        .route("/things/{key}/{id}/restore", post(restore))
}

#[derive(Template)]
#[template(path = "things/all.html")]
struct All {
    shell: Shell,
    all: Vec<Object>,
}

/// Every kind that is in use.
async fn all(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let all = objects::in_use(&ctx, staff.company.id).await?;
    Ok(html::page(&All { shell: frame::shell(&ctx, &staff, say("Objects")).await?, all }))
}

/// A note beside an item: about its person, when it belongs to one.
async fn write_note(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    note::posted(&ctx, &staff, (Of::Item(item.id), item.person, &sort.href(&item)), &sent).await
}

async fn set_note(
    State(ctx): State<Ctx>,
    Path((key, id, note, verb)): Path<(String, String, String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    let home = sort.href(&item);
    let back = frame::back(&sent, &home);
    note::put(&ctx, &staff, (Of::Item(item.id), &home, back), (&note, &verb)).await
}

async fn remove(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&key, &id, &sent), true).await
}

async fn restore(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&key, &id, &sent), false).await
}

async fn set_gone(
    ctx: &Ctx,
    staff: &Staff,
    (key, id, sent): (&str, &str, &Fields),
    gone: bool,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(ctx, staff, key).await?;
    let item = act::one(ctx, staff, &sort, id).await?;
    act::set_gone(ctx, staff, (&item, 0), gone).await?;
    let home = sort.href(&item);
    let undo = Undo::new(format!("{home}/{}", if gone { "restore" } else { "remove" }), Vec::new());
    let back = frame::back(sent, &home);
    undo::to(ctx, staff, back, if gone { "removed" } else { "restored" }, Some(undo)).await
}
