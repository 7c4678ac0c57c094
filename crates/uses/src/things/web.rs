//! Pages of items: parse, act, render.

mod form;
mod list;
mod record;

use askama::Template;
use assent_web::objects::{self, Object};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::act;
use crate::frame;
use crate::undo::{self, Undo};

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route(objects::HERE, get(all))
        .route("/things/{key}", get(list::show))
        .route("/things/{key}/new", get(form::new).post(form::make))
        .route("/things/{key}/{id}", get(record::show))
        .route("/things/{key}/{id}/edit", get(form::edit).post(form::change))
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

async fn remove(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&key, &id), true).await
}

async fn restore(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    set_gone(&ctx, &staff, (&key, &id), false).await
}

async fn set_gone(
    ctx: &Ctx,
    staff: &Staff,
    (key, id): (&str, &str),
    gone: bool,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(ctx, staff, key).await?;
    let item = act::one(ctx, staff, &sort, id).await?;
    act::set_gone(ctx, staff, (&item, 0), gone).await?;
    let home = sort.href(&item);
    let back = Undo::new(format!("{home}/{}", if gone { "restore" } else { "remove" }), Vec::new());
    undo::to(ctx, staff, &home, if gone { "removed" } else { "restored" }, Some(back)).await
}
