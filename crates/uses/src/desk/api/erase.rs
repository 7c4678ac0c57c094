//! An erasure.

use assent_kernel::PersonId;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{CHAPTER, PER, act};
use crate::desk::ERASERS;
use crate::desk::act::write;
use crate::spoken;

pub(super) fn erase_person() -> Operation {
    let kept = Shape::Record(vec![
        must("category", Shape::text(200), "What kind of value."),
        must("demanded_by", Shape::text(1000), "The law that demands it."),
        must("until", Shape::time(), "Until when."),
    ]);
    Operation::new("erasePerson", Method::POST, "/v1/people/{id}/erasure", |call| Box::pin(erase(call)))
        .says(
            CHAPTER,
            "Erase a person",
            "Destroys the person's key: their values go dark at once, in backups too. What a law demands is kept and named. \
             It cannot be taken back, so `confirm` repeats the id.",
        )
        .for_roles(ERASERS)
        .takes(
            Shape::Record(vec![
                must("confirm", Shape::id("per"), "The person's id once more."),
                may("never_write", Shape::Flag, "True to remember, blind, that nobody may write to their addresses again."),
            ]),
            json!({ "confirm": PER, "never_write": true }),
        )
        .gives(
            200,
            Shape::Record(vec![must("data", Shape::Record(vec![
                must("at", Shape::time(), "When."),
                must("erased", Shape::Number(0, 1_000_000), "How many values are gone."),
                must("kept", kept.list(10_000), "What a law demands."),
                must(
                    "unrecoverable_from",
                    Shape::time().or_null(),
                    "From when on no copy of the keys brings anything back; null while the last copies wait to go by themselves.",
                ),
                must("receipt", Shape::text(1_000_000), "The proof, as a .tlog-proof."),
            ])
            .named("Certificate").list(100), "One for each record that counted as this person.")]),
            json!({ "data": [{
                "at": "2026-05-01T12:00:00Z", "erased": 7, "kept": [], "unrecoverable_from": "2026-05-31T12:00:00Z",
                "receipt": "c2sp.org/tlog-proof@v1\n…",
            }] }),
        )
}

#[derive(Deserialize)]
struct Erasing {
    confirm: PersonId,
    #[serde(default)]
    never_write: bool,
}

async fn erase(call: &Call) -> Result<Reply, Problem> {
    let id = act::person(call.name("id"))?;
    let asked = call.body::<Erasing>()?;
    if asked.confirm != id {
        return Err(Problem::invalid("/confirm: that is not the person of the address."));
    }
    let done = write::erase(&call.ctx, call.staff()?, id, asked.never_write).await?;
    let certificate = |done: &assent_gate::Certificate| {
        let kept = done.kept.iter().map(|kept| {
            json!({ "category": kept.category, "demanded_by": kept.cite, "until": spoken::time(kept.until) })
        });
        json!({
            "at": spoken::time(done.at), "erased": done.erased, "kept": kept.collect::<Vec<_>>(),
            "unrecoverable_from": done.unrecoverable_from.map(spoken::time), "receipt": done.receipt,
        })
    };
    Reply::of(&json!({ "data": done.iter().map(certificate).collect::<Vec<_>>() }))
}
