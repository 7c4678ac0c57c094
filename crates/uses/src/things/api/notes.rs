//! Notes of an item.

use assent_web::Problem;
use assent_web::api::{Call, Operation, Reply};
use assent_web::objects;
use axum::http::Method;
use serde_json::json;

use super::{CHAPTER, CLOSED};
use crate::around::{Of, api, note};
use crate::frame::refused;
use crate::things::act;

pub(super) fn operations() -> Vec<Operation> {
    let (list, remove, restore) =
        ("/v1/items/{id}/notes", "/v1/items/{id}/notes/{note}/remove", "/v1/items/{id}/notes/{note}/restore");
    vec![
        api::writing(
            Operation::new("noteItem", Method::POST, list, |call| Box::pin(write(call))),
            (
                CHAPTER,
                "Write a note on an item",
                "A call or a meeting, too. About its person, when it belongs to one, it is kept under their terms.",
            ),
            json!({ "text": "Wants the tall one.", "kind": "call" }),
        )
        .or(403, CLOSED),
        api::telling(
            Operation::new("listItemNotes", Method::GET, list, |call| Box::pin(told(call))),
            CHAPTER,
            "Notes and files of an item",
        ),
        api::putting(
            Operation::new("removeItemNote", Method::POST, remove, |call| Box::pin(put(call, true))),
            CHAPTER,
            "Remove a note of an item",
        ),
        api::putting(
            Operation::new("restoreItemNote", Method::POST, restore, |call| Box::pin(put(call, false))),
            CHAPTER,
            "Bring a note of an item back",
        ),
    ]
}

async fn of(call: &Call) -> Result<Of, Problem> {
    Ok(Of::Item(act::any(&call.ctx, call.staff()?, call.name("id")).await?.id))
}

async fn write(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, (kind, text)) = (&call.ctx, call.staff()?, api::sent(call)?);
    let item = act::any(ctx, staff, call.name("id")).await?;
    let there = format!("{}/{}", objects::href(&item.object), item.id);
    match note::write(ctx, staff, Of::Item(item.id), item.person, kind, &text, &there).await? {
        Ok(_) => Ok(Reply::done()),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

async fn told(call: &Call) -> Result<Reply, Problem> {
    api::told(call, of(call).await?).await
}

async fn put(call: &Call, gone: bool) -> Result<Reply, Problem> {
    api::put(call, of(call).await?, gone).await
}
