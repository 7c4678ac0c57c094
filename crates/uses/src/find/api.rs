//! Finding, for programs: what Ctrl+K finds.

use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::{Value, json};

use super::act::{self, Hit};
use crate::frame::ROLES;

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let hit = |prefix: &'static str| {
        Shape::Record(vec![
            must("id", Shape::id(prefix), "Which."),
            must("label", Shape::any_text(20_000), "What it is called, as far as it may be listed."),
        ])
        .list(act::SHOWN)
    };
    vec![
        Operation::new("find", Method::GET, "/v1/find", |call| Box::pin(find(call)))
            .says(
                "Finding",
                "Find people, organisations, deals and tasks",
                "By the beginnings of words, eight of each. Whoever matches only by something that is closed is left out without a trace.",
            )
            .for_roles(ROLES)
            .asks(vec![must("q", Shape::text(100), "What is looked for.")])
            .gives(
                200,
                Shape::Record(vec![
                    must("people", hit("per"), "People."),
                    must("organisations", hit("org"), "Organisations."),
                    must("deals", hit("del"), "Deals."),
                    must("tasks", hit("tsk"), "Tasks."),
                ]),
                json!({
                    "people": [{ "id": "per_01jx6sk9c0000000000000000a", "label": "Aiko Ito" }], "organisations": [],
                    "deals": [{ "id": "del_01jx6sk9c0000000000000000e", "label": "Kitchen · Aiko Ito" }],
                    "tasks": [{ "id": "tsk_01jx6sk9c0000000000000000f", "label": "Call Aiko about the kitchen · Aiko Ito" }],
                }),
            ),
    ]
}

async fn find(call: &Call) -> Result<Reply, Problem> {
    let hits = act::find(&call.ctx, call.staff()?, call.asked("q").unwrap_or_default()).await?;
    let told = |hits: Vec<Hit>| -> Vec<Value> {
        hits.into_iter().map(|hit| json!({ "id": hit.id, "label": hit.label })).collect()
    };
    Reply::of(&json!({
        "people": told(hits.people), "organisations": told(hits.organisations), "deals": told(hits.deals),
        "tasks": told(hits.tasks),
    }))
}
