//! Notes of a deal.

use assent_web::Problem;
use assent_web::api::{Call, Operation, Reply};
use axum::http::Method;
use serde_json::json;

use super::{CHAPTER, CLOSED};
use crate::around::{Of, api, note};
use crate::deals::act;
use crate::frame::refused;

pub(super) fn operations() -> Vec<Operation> {
    let (list, remove, restore) =
        ("/v1/deals/{id}/notes", "/v1/deals/{id}/notes/{note}/remove", "/v1/deals/{id}/notes/{note}/restore");
    vec![
        api::writing(
            Operation::new("noteDeal", Method::POST, list, |call| Box::pin(write(call))),
            (
                CHAPTER,
                "Write a note on a deal",
                "A call or a meeting, too. About its contact it is kept under their terms.",
            ),
            json!({ "text": "Wants the tall one.", "kind": "call" }),
        )
        .or(403, CLOSED),
        api::telling(
            Operation::new("listDealNotes", Method::GET, list, |call| Box::pin(told(call))),
            CHAPTER,
            "Notes and files of a deal",
        ),
        api::putting(
            Operation::new("removeDealNote", Method::POST, remove, |call| Box::pin(put(call, true))),
            CHAPTER,
            "Remove a note of a deal",
        ),
        api::putting(
            Operation::new("restoreDealNote", Method::POST, restore, |call| Box::pin(put(call, false))),
            CHAPTER,
            "Bring a note of a deal back",
        ),
    ]
}

async fn of(call: &Call) -> Result<Of, Problem> {
    Ok(Of::Deal(act::one(&call.ctx, call.staff()?, act::id(call.name("id"))?).await?.id))
}

async fn write(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, (kind, text)) = (&call.ctx, call.staff()?, api::sent(call)?);
    let deal = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    let (of, about, there) = (Of::Deal(deal.id), deal.title.person(), format!("/deals/{}", deal.id));
    match note::write(ctx, staff, of, about, kind, &text, &there).await? {
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
