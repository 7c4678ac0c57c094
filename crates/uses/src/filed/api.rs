//! Files beside deals, organisations and items, for programs. `listDealNotes`, `listOrganisationNotes` and `listItemNotes`
//! tell which there are.

use assent_kernel::{DealId, OrganisationId};
use assent_store::work::items::ItemId;
use assent_web::Problem;
use assent_web::api::{Call, Operation, Reply};
use axum::http::Method;
use serde_json::json;

use super::act;
use crate::around::Of;
use crate::around::api::ACY;
use crate::frame::{ROLES, refused};
use crate::spoken;
use crate::spoken::file::{self, MOST};

const CHAPTER: &str = "Files";
const ONE: &str = "/v1/files/{id}";
const CLOSED: &str = "The contact's terms do not open it for the key's role and purpose.";

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let keep = |operation: Operation, line| {
        operation
            .says(CHAPTER, line, "Beside what may be changed. About a person it is a value of theirs. What it is, is told by its bytes; what would run something is refused.")
            .for_roles(ROLES)
            .takes_much(file::shape(), file::example(), MOST)
            .gives(201, spoken::made_shape("acy"), json!({ "id": ACY }))
            .or(403, CLOSED)
    };
    vec![
        keep(
            Operation::new("addDealFile", Method::POST, "/v1/deals/{id}/files", |call| {
                Box::pin(of_deal(call))
            }),
            "Keep a file beside a deal",
        ),
        keep(
            Operation::new("addOrganisationFile", Method::POST, "/v1/organisations/{id}/files", |call| {
                Box::pin(of_organisation(call))
            }),
            "Keep a file beside an organisation",
        ),
        keep(
            Operation::new("addItemFile", Method::POST, "/v1/items/{id}/files", |call| {
                Box::pin(of_item(call))
            }),
            "Keep a file beside an item",
        ),
        Operation::new("getKeptFile", Method::GET, ONE, |call| Box::pin(take(call)))
            .says(
                CHAPTER,
                "Take a file from beside a deal, an organisation or an item",
                "Asked for and written down by itself, where it is about a person.",
            )
            .for_roles(ROLES)
            .gives(200, file::taken_shape(), file::taken_example())
            .or(403, CLOSED),
        Operation::new("removeKeptFile", Method::DELETE, ONE, |call| Box::pin(remove(call)))
            .says(
                CHAPTER,
                "Remove a file of the company's own",
                "For good, by whoever may change what it lies beside. One that is about a person is removed as a value of theirs.",
            )
            .for_roles(ROLES)
            .gives_nothing()
            .or(409, "It is about a person: remove it there."),
    ]
}

async fn of_deal(call: &Call) -> Result<Reply, Problem> {
    let id: DealId = call.name("id").parse().map_err(|_| act::nothing())?;
    keep(call, Of::Deal(id)).await
}

async fn of_organisation(call: &Call) -> Result<Reply, Problem> {
    let id: OrganisationId = call.name("id").parse().map_err(|_| act::nothing())?;
    keep(call, Of::Organisation(id)).await
}

async fn of_item(call: &Call) -> Result<Reply, Problem> {
    let id: ItemId = call.name("id").parse().map_err(|_| act::nothing())?;
    keep(call, Of::Item(id)).await
}

async fn keep(call: &Call, of: Of) -> Result<Reply, Problem> {
    let file::Sent { name, media, content } = file::read(call)?;
    match act::keep(&call.ctx, call.staff()?, of, (&name, media, content)).await? {
        Ok(id) => Reply::made(id, format!("/v1/files/{id}")),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    match act::take(&call.ctx, call.staff()?, call.name("id")).await? {
        Ok((name, media, content)) => file::taken(&name, media, &content),
        Err(reason) => Err(refused(call, reason.as_ref()).await?),
    }
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    match act::remove(&call.ctx, call.staff()?, call.name("id")).await? {
        act::Gone::Own(_) => Ok(Reply::done()),
        act::Gone::OfPerson(_) => {
            Err(Problem::conflict("It is about a person: remove it among their values."))
        }
    }
}
