//! Notes of a deal.

use assent_web::Problem;
use assent_web::api::{Call, Operation, Reply};
use axum::http::Method;

use super::CHAPTER;
use crate::around::{Of, api};
use crate::deals::act;

pub(super) fn operations() -> Vec<Operation> {
    let (list, remove, restore) =
        ("/v1/deals/{id}/notes", "/v1/deals/{id}/notes/{note}/remove", "/v1/deals/{id}/notes/{note}/restore");
    vec![
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

async fn told(call: &Call) -> Result<Reply, Problem> {
    api::told(call, of(call).await?).await
}

async fn put(call: &Call, gone: bool) -> Result<Reply, Problem> {
    api::put(call, of(call).await?, gone).await
}
