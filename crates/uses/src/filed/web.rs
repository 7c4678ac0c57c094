//! Parse, act, answer. What is kept is told in the timeline that the form stands on.

use assent_kernel::{DealId, OrganisationId, Reason};
use assent_store::work::items::ItemId;
use assent_web::media::{self, Media};
use assent_web::session::{Attached, NoUpload};
use assent_web::{Ctx, Posted, Problem, Staff};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::act;
use crate::around::Of;
use crate::frame::{self, ROLES, words};

/// The largest form: the settings bound the file itself.
const LARGEST_FORM: usize = assent_gate::LARGEST_FILE + (1 << 16);

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    let large = || DefaultBodyLimit::max(LARGEST_FORM);
    Router::new()
        .route("/deals/{id}/files", post(of_deal).layer(large()))
        .route("/organisations/{id}/files", post(of_organisation).layer(large()))
        .route("/things/{key}/{id}/files", post(of_item).layer(large()))
        .route("/files/{id}", get(take))
        .route("/files/{id}/remove", post(remove))
}

async fn of_deal(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    form: Attached<Staff>,
) -> Result<Response, Problem> {
    let id: DealId = id.parse().map_err(|_| act::nothing())?;
    keep(&ctx, Of::Deal(id), &format!("/deals/{id}"), form).await
}

async fn of_organisation(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    form: Attached<Staff>,
) -> Result<Response, Problem> {
    let id: OrganisationId = id.parse().map_err(|_| act::nothing())?;
    keep(&ctx, Of::Organisation(id), &format!("/organisations/{id}"), form).await
}

async fn of_item(
    State(ctx): State<Ctx>,
    Path((_, id)): Path<(String, String)>,
    form: Attached<Staff>,
) -> Result<Response, Problem> {
    let id: ItemId = id.parse().map_err(|_| act::nothing())?;
    let there = act::there(&ctx, &form.0, id).await?;
    keep(&ctx, Of::Item(id), &there, form).await
}

async fn keep(
    ctx: &Ctx,
    of: Of,
    there: &str,
    Attached(staff, sent, file): Attached<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let file = file.map_err(|why| {
        Problem::invalid(match why {
            NoUpload::Missing => "Choose a file first.",
            NoUpload::Empty => "That file is empty. Nothing was kept.",
            NoUpload::TooLarge => "That file is too large. Nothing was kept.",
        })
    })?;
    let media = Media::of(&file.content).map_err(|why| Problem::invalid(why.to_string()))?;
    match act::keep(ctx, &staff, of, (&file.name, media, file.content)).await? {
        Ok(_) => Ok(frame::to(frame::back(&sent, there), "noted")),
        Err(reason) => Err(closed(ctx, &staff, Some(&reason)).await?),
    }
}

async fn take(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    match act::take(&ctx, &staff, &id).await? {
        Ok((name, media, content)) => Ok(media::download(&name, media, content)),
        Err(reason) => Err(closed(&ctx, &staff, reason.as_ref()).await?),
    }
}

async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let there = match act::remove(&ctx, &staff, &id).await? {
        act::Gone::Own(there) => there,
        act::Gone::OfPerson(person) => format!("/people/{person}?tab=files"),
    };
    Ok(Redirect::to(&there).into_response())
}

async fn closed(ctx: &Ctx, staff: &Staff, reason: Option<&Reason>) -> Result<Problem, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    Ok(Problem::forbidden(format!("{}. {}", words.closed_for(), words.sentence(reason))).said())
}
