//! Keys, told and ended. A key makes no key: a human does.

use assent_kernel::{Role, StaffId};
use assent_store::callers::Known;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::{Value, json};

use super::ROLES;
use crate::programs::act;
use crate::spoken;

const CHAPTER: &str = "Keys";
const STF: &str = "stf_01jx6sk9c0000000000000000a";

pub(super) fn operations() -> Vec<Operation> {
    let one = Shape::Record(vec![
        must("id", Shape::id("stf"), "Which: as whom it stands in lists of uses."),
        must("name", Shape::any_text(200), "What it is called."),
        must(
            "role",
            Shape::Word(Role::ALL.iter().map(|role| role.key()).collect()),
            "In which role it asks.",
        ),
        must("purpose", Shape::key().or_null(), "The one purpose it may ask for; null for any of the role."),
        must(
            "made_by",
            Shape::id("stf").or_null(),
            "Who made it and answers for it; null for the command line.",
        ),
        must("created_at", Shape::time(), "Since when."),
        must("until", Shape::time(), "Until when it works."),
        must("ended_at", Shape::time().or_null(), "When it was ended."),
        must(
            "stands",
            Shape::Flag,
            "False while whoever made it may not do any more what it does: it is refused.",
        ),
    ])
    .named("KeyOfProgram");
    vec![
        Operation::new("listKeys", Method::GET, "/v1/keys", |call| Box::pin(list(call)))
            .says(CHAPTER, "List the keys of programs", "The oldest first; never the key itself.")
            .for_roles(ROLES)
            .about_the_house()
            .gives(
                200,
                Shape::Record(vec![must("data", one.list(10_000), "The keys.")]),
                json!({ "data": [{
                    "id": STF, "name": "the shop", "role": "sales", "purpose": "sales.contact", "made_by": STF,
                    "created_at": "2026-05-01T12:00:00Z", "until": "2027-05-01T12:00:00Z", "ended_at": null, "stands": true,
                }] }),
            ),
        Operation::new("endKey", Method::POST, "/v1/keys/{id}/end", |call| Box::pin(end(call)))
            .says(CHAPTER, "End a key", "Every node refuses it within a second.")
            .for_roles(ROLES)
            .about_the_house()
            .gives_nothing(),
    ]
}

fn told(Known { caller: one, stands, .. }: &Known) -> Value {
    json!({
        "id": one.id, "name": one.name, "role": one.role.key(), "purpose": one.purpose.as_ref().map(ToString::to_string),
        "made_by": one.made_by, "created_at": spoken::time(one.created_at), "until": spoken::time(one.until),
        "ended_at": one.ended_at.map(spoken::time), "stands": stands,
    })
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let all = act::keys(&call.ctx, call.staff()?).await?;
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<_>>() }))
}

async fn end(call: &Call) -> Result<Reply, Problem> {
    let id: StaffId =
        call.name("id").parse().map_err(|_| Problem::not_found("There is no key here by that id."))?;
    act::end_key(&call.ctx, call.staff()?, id).await?;
    Ok(Reply::done())
}
