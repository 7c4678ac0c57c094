//! Finding, for programs: what Ctrl+K finds.

use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::{Value, json};

use super::act::{self, Hit};
use crate::frame::ROLES;

/// The most objects that a company has.
const MOST_OBJECTS: usize = 20;

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let hit = |prefix: &'static str| {
        Shape::Record(vec![
            must("id", Shape::id(prefix), "Which."),
            must("label", Shape::any_text(20_000), "What it is called, as far as it may be listed."),
        ])
        .list(act::SHOWN)
    };
    let beside = || {
        Shape::Record(vec![
            must(
                "id",
                Shape::text(30),
                "Which: a value of a person, or what was done beside an organisation, a deal or an item.",
            ),
            must(
                "of",
                Shape::text(30),
                "The person, the organisation, the deal or the item that it lies beside.",
            ),
            must(
                "label",
                Shape::any_text(20_000),
                "The part of it that was found, and whom it is about, as far as that may be listed.",
            ),
        ])
        .list(act::SHOWN)
    };
    let items = Shape::Record(vec![
        must("object", Shape::text(64), "The key of the object."),
        must("data", hit("itm"), "Items of it."),
    ]);
    vec![
        Operation::new("find", Method::GET, "/v1/find", |call| Box::pin(find(call)))
            .says(
                "Finding",
                "Find people, organisations, deals, tasks, notes, files and items",
                "By the beginnings of words, eight of each; of notes, files and items from three letters on. Whoever matches only by something that is closed is left out without a trace.",
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
                    must("notes", beside(), "Notes."),
                    must("files", beside(), "Files, by what they are called."),
                    must("items", items.list(MOST_OBJECTS), "Items of the company's own objects."),
                ]),
                json!({
                    "people": [{ "id": "per_01jx6sk9c0000000000000000a", "label": "Aiko Ito" }], "organisations": [],
                    "deals": [{ "id": "del_01jx6sk9c0000000000000000e", "label": "Kitchen · Aiko Ito" }],
                    "tasks": [{ "id": "tsk_01jx6sk9c0000000000000000f", "label": "Call Aiko about the kitchen · Aiko Ito" }],
                    "notes": [{ "id": "fct_01jx6sk9c0000000000000000b", "of": "per_01jx6sk9c0000000000000000a", "label": "Wants the kitchen in oak. · Aiko Ito" }],
                    "files": [],
                    "items": [{ "object": "device", "data": [{ "id": "itm_01jx6sk9c0000000000000000g", "label": "Cool 300 · Aiko Ito" }] }],
                }),
            ),
    ]
}

async fn find(call: &Call) -> Result<Reply, Problem> {
    let hits = act::find(&call.ctx, call.staff()?, call.asked("q").unwrap_or_default()).await?;
    let told = |hits: Vec<Hit>| -> Vec<Value> {
        hits.into_iter().map(|hit| json!({ "id": hit.id, "label": hit.label })).collect()
    };
    let beside = |hits: Vec<Hit>| -> Vec<Value> {
        hits.into_iter().map(|hit| json!({ "id": hit.id, "of": hit.of, "label": hit.label })).collect()
    };
    let items = hits.items.into_iter().map(|one| json!({ "object": one.object, "data": told(one.hits) }));
    Reply::of(&json!({
        "people": told(hits.people), "organisations": told(hits.organisations), "deals": told(hits.deals),
        "tasks": told(hits.tasks), "notes": beside(hits.notes), "files": beside(hits.files),
        "items": items.collect::<Vec<_>>(),
    }))
}
