//! Notes of an organisation: about nobody, so they are always kept.

use assent_web::Problem;
use assent_web::api::{Call, Operation, Reply};
use axum::http::Method;
use serde_json::json;

use super::{CHAPTER, found};
use crate::around::{Of, api, note};

const NOTES: &str = "/v1/organisations/{id}/notes";

pub(super) fn operations() -> Vec<Operation> {
    let (remove, restore) =
        ("/v1/organisations/{id}/notes/{note}/remove", "/v1/organisations/{id}/notes/{note}/restore");
    vec![
        api::writing(
            Operation::new("noteOrganisation", Method::POST, NOTES, |call| Box::pin(write(call))),
            (
                CHAPTER,
                "Write a note on an organisation",
                "A call or a meeting, too. It is the company's own: keep people out of it.",
            ),
            json!({ "text": "Closed on Mondays.", "kind": "call" }),
        ),
        api::telling(
            Operation::new("listOrganisationNotes", Method::GET, NOTES, |call| Box::pin(told(call))),
            CHAPTER,
            "Notes and files of an organisation",
        ),
        api::putting(
            Operation::new("removeOrganisationNote", Method::POST, remove, |call| Box::pin(put(call, true))),
            CHAPTER,
            "Remove a note of an organisation",
        ),
        api::putting(
            Operation::new("restoreOrganisationNote", Method::POST, restore, |call| {
                Box::pin(put(call, false))
            }),
            CHAPTER,
            "Bring a note of an organisation back",
        ),
    ]
}

async fn of(call: &Call) -> Result<Of, Problem> {
    Ok(Of::Organisation(found(call).await?.row.id))
}

async fn write(call: &Call) -> Result<Reply, Problem> {
    let (kind, text) = api::sent(call)?;
    let (one, href) = (of(call).await?, format!("/organisations/{}", call.name("id")));
    // About nobody, so it is always kept.
    let _ = note::write(&call.ctx, call.staff()?, one, None, kind, &text, &href).await?;
    Ok(Reply::done())
}

async fn told(call: &Call) -> Result<Reply, Problem> {
    api::told(call, of(call).await?).await
}

async fn put(call: &Call, gone: bool) -> Result<Reply, Problem> {
    api::put(call, of(call).await?, gone).await
}
