//! Who changed what the company lays down, and when.

use assent_store::policies::{About, Line};
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::{Value, json};

use super::CHAPTER;
use crate::settings::ROLES;
use crate::settings::act;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    let line = Shape::Record(vec![
        must("version", Shape::Number(0, i64::MAX), "Which version of the policy it made."),
        must("what", Shape::any_text(4_000), "What changed."),
        must(
            "about",
            Shape::Word(vec!["laid-down", "purpose", "notice", "description", "chain", "mandate", "field"]),
            "What kind of thing.",
        ),
        must("by", Shape::id("stf").or_null(), "Who; null for the program."),
        must("approved_by", Shape::id("stf").or_null(), "Who approved it, where that takes a second person."),
        must("at", Shape::time(), "When."),
        must("digest", Shape::text(32), "Sixteen bytes that stand for this version in the ledger."),
    ])
    .named("Change");
    let example = json!({
        "version": 7, "what": "Notice “Newsletter”: version 2.", "about": "notice", "by": "stf_01jx6sk9c0000000000000000h",
        "approved_by": null, "at": "2026-05-01T12:00:00Z", "digest": "00112233445566778899aabbccddeeff",
    });
    vec![
        Operation::new("listHistory", Method::GET, "/v1/history", |call| Box::pin(list(call)))
            .says(CHAPTER, "Who changed what", "Newest first.")
            .for_roles(ROLES)
            .about_the_house()
            .asks(spoken::page_fields())
            .gives(200, line.page_of(), json!({ "data": [example], "next": null })),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let before: Option<u64> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let one_more = u32::try_from(call.limit()).unwrap_or(200).saturating_add(1);
    let mut lines = act::history(&call.ctx, call.staff()?, before, one_more).await?;
    let next = spoken::cut(&mut lines, call.limit(), |line| line.version.to_string());
    Reply::page(&lines.into_iter().map(told).collect::<Vec<Value>>(), next)
}

fn told(line: Line) -> Value {
    let about = match line.change.about {
        About::Laid => "laid-down",
        About::Purpose => "purpose",
        About::Notice => "notice",
        About::Described => "description",
        About::Chain => "chain",
        About::Mandate => "mandate",
        About::Category => "field",
    };
    let what = if line.change.what.is_empty() { act::LAID.to_owned() } else { line.change.what };
    let digest: String = line.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "version": line.version, "what": what, "about": about, "by": line.change.by, "approved_by": line.change.second,
        "at": spoken::time(line.at), "digest": digest,
    })
}
