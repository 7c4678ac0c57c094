//! Pages of tasks: parse, act, render.

mod day;
mod export;
mod form;
mod inbox;
mod list;
mod own;
mod value;

use assent_kernel::TaskId;
use assent_web::{Ctx, Posted, Problem, Staff};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::act;
use super::act::many::{Deed, change_many as change_all};
use crate::frame::{self, INBOX, MY_DAY, words};
use crate::undo::{self, Undo};

/// The most tasks that are changed with one click.
const MOST_AT_ONCE: usize = 200;

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route(MY_DAY, get(day::show))
        .route(INBOX, get(inbox::show).post(inbox::read))
        .route("/tasks", get(list::show))
        .route("/tasks/new", get(form::new).post(form::make))
        .route("/tasks/change", post(change_many))
        .route("/tasks/export", get(export::show).post(export::ticked))
        .route("/tasks/export/file", post(export::file))
        .route("/tasks/{id}", get(form::edit).post(form::change))
        .route("/tasks/{id}/value/{field}", get(value::form).post(value::save))
        .route("/tasks/{id}/done", post(done))
        .route("/tasks/{id}/remove", post(remove))
        .route("/tasks/{id}/restore", post(restore))
}

async fn done(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let (id, done) = (act::id(&id)?, fields.get("done") != "0");
    act::set_done(&ctx, &staff, id, done).await?;
    let undo = Undo::new(format!("/tasks/{id}/done"), vec![("done", if done { "0" } else { "1" }.into())]);
    let back = frame::own(fields.get("back")).unwrap_or(MY_DAY);
    undo::to(&ctx, &staff, back, if done { "done" } else { "open" }, Some(undo)).await
}

async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(&id)?;
    act::set_gone(&ctx, &staff, id, true).await?;
    let undo = Undo::new(format!("/tasks/{id}/restore"), Vec::new());
    undo::to(&ctx, &staff, "/tasks", "removed", Some(undo)).await
}

async fn restore(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(&id)?;
    act::set_gone(&ctx, &staff, id, false).await?;
    Ok(frame::to(&format!("/tasks/{id}"), "restored"))
}

async fn change_many(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let back = frame::own(fields.get("back")).unwrap_or("/tasks");
    let mut ids: Vec<TaskId> = fields.all("id").map(act::id).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(frame::to(back, "none-chosen"));
    }
    if ids.len() > MOST_AT_ONCE {
        let most = format!("At most {MOST_AT_ONCE} tasks can be changed with one click.");
        let hoechstens = format!("Höchstens {MOST_AT_ONCE} Aufgaben lassen sich mit einem Klick ändern.");
        return Err(Problem::invalid(most).german(hoechstens));
    }
    let deed = match fields.get("do") {
        "remove" => Deed::Gone(true),
        "restore" => Deed::Gone(false),
        "open" => Deed::Done(false),
        "done" => Deed::Done(true),
        _ => return Err(Problem::invalid("Choose what to do with the tasks.")),
    };
    change_all(&ctx, &staff, &ids, deed).await?;
    Ok(frame::to(back, &format!("bulk.{}.0", ids.len())))
}
