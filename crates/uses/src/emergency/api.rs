//! Emergencies, for programs of those who answer for them: what was opened, never what was typed. A key is no second person.

use assent_store::emergencies::State;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::json;

use super::act;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    let states = Shape::Word(vec!["asked", "lapsed", "open", "over", "refused"]);
    let line = Shape::Record(vec![
        must("id", Shape::id("req"), "Which."),
        must("person", Shape::id("per").or_null(), "Of whom; null once they are erased."),
        must("by", Shape::id("stf"), "Who asked."),
        must("purpose", Shape::key(), "For which purpose."),
        must("categories", Shape::key().list(200), "To open what."),
        must("asked_at", Shape::time(), "When."),
        must("state", states, "What became of it."),
        must("second", Shape::id("stf").or_null(), "Who said yes or no."),
        must("until", Shape::time().or_null(), "Until when it opens."),
        must("looked_at", Shape::time().or_null(), "When something was looked at first."),
    ]);
    vec![
        Operation::new("listEmergencies", Method::GET, "/v1/emergencies", |call| Box::pin(list(call)))
            .says(
                "People",
                "List the emergencies",
                "What was asked to be opened for somebody's life, newest first. What was typed is for people.",
            )
            .for_roles(assent_gate::SECONDS)
            .gives(
                200,
                Shape::Record(vec![must("data", line.list(200), "They.")]),
                json!({ "data": [{
                    "id": "req_01jx6sk9c0000000000000000a", "person": "per_01jx6sk9c0000000000000000a",
                    "by": "stf_01jx6sk9c0000000000000000a", "purpose": "safety.life", "categories": ["contact.phone"],
                    "asked_at": "2026-03-01T09:00:00Z", "state": "over", "second": "stf_01jx6sk9c0000000000000000b",
                    "until": "2026-03-01T10:02:00Z", "looked_at": "2026-03-01T09:03:00Z",
                }] }),
            ),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (staff, now) = (call.staff()?, call.ctx.now());
    let all = act::all(&call.ctx, staff).await?;
    let told: Vec<serde_json::Value> = all
        .iter()
        .map(|one| {
            let state = match one.state {
                State::Asked if one.waits(now) => "asked",
                State::Asked => "lapsed",
                State::Approved if one.runs(now) => "open",
                State::Approved => "over",
                State::Refused => "refused",
            };
            json!({
                "id": one.id.to_string(),
                "person": one.person.map(|id| id.to_string()),
                "by": one.staff.to_string(),
                "purpose": one.purpose.to_string(),
                "categories": one.kinds.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "asked_at": spoken::time(one.asked_at),
                "state": state,
                "second": one.second.map(|id| id.to_string()),
                "until": one.until.map(spoken::time),
                "looked_at": one.looked_at.map(spoken::time),
            })
        })
        .collect();
    Reply::of(&json!({ "data": told }))
}
