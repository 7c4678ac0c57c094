//! Deleting somebody so that they can be brought back for a while.

use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::json;

use super::{CHAPTER, PER, act, words};
use crate::desk::ROLES;
use crate::desk::act::deleted;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    let line = Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("deleted_at", Shape::time(), "When."),
        must("until", Shape::time(), "Until when they can be brought back; then they are erased."),
        must("name", spoken::said_shape(), "What they are called, as far as it is open."),
    ]);
    vec![
        Operation::new("deletePerson", Method::POST, "/v1/people/{id}/deletion", |call| Box::pin(delete(call)))
            .says(
                CHAPTER,
                "Delete a person, to be brought back for a while",
                "Nobody finds or uses them. After the days that the installation sets everything is erased; until then they see and steer it on their own page.",
            )
            .for_roles(ROLES)
            .gives_nothing(),
        Operation::new("restorePerson", Method::POST, "/v1/people/{id}/restore", |call| Box::pin(restore(call)))
            .says(CHAPTER, "Bring a deleted person back", "What they said, and what ended meanwhile, stays so.")
            .for_roles(ROLES)
            .gives_nothing(),
        Operation::new("listDeleted", Method::GET, "/v1/deleted-people", |call| Box::pin(list(call)))
            .says(CHAPTER, "List who can be brought back", "Newest first: those that the key deleted; all of them for those who may erase.")
            .for_roles(ROLES)
            .gives(
                200,
                Shape::Record(vec![must("data", line.list(200), "They.")]),
                json!({ "data": [{
                    "id": PER, "deleted_at": "2026-03-01T09:00:00Z", "until": "2026-03-31T09:00:00Z",
                    "name": spoken::open_example("Aiko Ito"),
                }] }),
            ),
    ]
}

async fn delete(call: &Call) -> Result<Reply, Problem> {
    deleted::delete(&call.ctx, call.staff()?, act::person(call.name("id"))?).await?;
    Ok(Reply::done())
}

async fn restore(call: &Call) -> Result<Reply, Problem> {
    deleted::restore(&call.ctx, call.staff()?, act::person(call.name("id"))?).await?;
    Ok(Reply::done())
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let all = deleted::list(ctx, staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let told: Vec<serde_json::Value> = all
        .iter()
        .map(|one| {
            json!({
                "id": one.deleted.person.to_string(),
                "deleted_at": spoken::time(one.deleted.at),
                "until": spoken::time(one.deleted.until),
                "name": spoken::said(&one.name, &words),
            })
        })
        .collect();
    Reply::of(&json!({ "data": told }))
}
