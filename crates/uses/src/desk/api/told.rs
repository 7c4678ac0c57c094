//! What is told about a person: where each purpose stands, what they were asked, who used what.

use assent_gate::After;
use assent_kernel::{TreeKey as _, Use};
use assent_store::requests::Asked;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape};
use assent_web::parts::State;
use axum::http::Method;
use serde_json::{Value, json};

use super::{CHAPTER, act, words};
use crate::desk::ROLES;
use crate::desk::act::record;
use crate::seen::words::concerns;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    vec![terms_of(), requests_of(), uses_of()]
}

fn terms_of() -> Operation {
    let stand = Shape::Record(vec![
        must("purpose", Shape::key(), "Which purpose."),
        must("label", Shape::text(200), "What it is called."),
        must("state", Shape::Word(vec!["open", "partly", "closed"]), "How it stands."),
        must("word", Shape::any_text(200), "In a word or two."),
        must("sentence", Shape::any_text(2000), "In a sentence."),
        must("ask", Shape::Flag, "True when asking would change something."),
    ])
    .named("Stand");
    Operation::new("listTerms", Method::GET, "/v1/people/{id}/terms", |call| Box::pin(terms(call)))
        .says(
            CHAPTER,
            "Where each purpose stands",
            "Foreseen, for whoever works for it. No value is involved.",
        )
        .for_roles(ROLES)
        .gives(
            200,
            Shape::Record(vec![must("data", stand.list(1000), "Every purpose.")]),
            json!({ "data": [{
            "purpose": "service.support", "label": "Support", "state": "open", "word": "contract",
            "sentence": "Open until 1 May 2027.", "ask": false,
        }] }),
        )
}

async fn terms(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    // What is foreseen is no use: nothing is opened, and nothing is written down.
    let records = ctx.gate.look_all(&staff.people(), act::person(call.name("id"))?).await?;
    let dossier = records.first().ok_or_else(act::nobody)?;
    let requests = record::requests_of_all(ctx, staff, records.iter()).await?;
    let told = |one: crate::desk::model::stand::Stand| {
        let state = match one.state {
            State::Open => "open",
            State::Part => "partly",
            State::Shut => "closed",
        };
        json!({
            "purpose": one.purpose.as_str(), "label": one.label, "state": state, "word": one.word,
            "sentence": one.sentence, "ask": one.ask,
        })
    };
    let all: Vec<Value> =
        record::stands(ctx, staff, dossier, &requests).await?.into_iter().map(told).collect();
    Reply::of(&json!({ "data": all }))
}

fn requests_of() -> Operation {
    let request = Shape::Record(vec![
        must("id", Shape::id("req"), "Which."),
        must("purpose", Shape::key(), "For which purpose."),
        must("asked_at", Shape::time(), "When."),
        must("asked_by", Shape::text(300), "By whom."),
        must("state", Shape::Word(vec!["open", "given", "refused", "not-again"]), "What came of it."),
        must("answered_at", Shape::time().or_null(), "When it was answered."),
        must("quiet_until", Shape::time().or_null(), "Until when nobody may ask again."),
    ])
    .named("Request");
    Operation::new("listRequests", Method::GET, "/v1/people/{id}/requests", |call| Box::pin(requests(call)))
        .says(CHAPTER, "What a person was asked", "Newest first, with what they answered.")
        .for_roles(ROLES)
        .gives(200, Shape::Record(vec![must("data", request.list(200), "The requests.")]), json!({ "data": [{
            "id": "req_01jx6sk9c0000000000000000c", "purpose": "sales.contact", "asked_at": "2026-05-01T12:00:00Z",
            "asked_by": "web shop (program)", "state": "open", "answered_at": null, "quiet_until": null,
        }] }))
}

async fn requests(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let dossier = ctx.gate.look_one(&staff.people(), act::person(call.name("id"))?).await?;
    let names = act::colleagues(ctx, staff).await?;
    let told = |one: assent_store::requests::Request| {
        let state = match one.state {
            Asked::Open => "open",
            Asked::Given => "given",
            Asked::Refused => "refused",
            Asked::NotAgain => "not-again",
        };
        let by = names.get(&one.staff.to_string()).map_or("somebody who has left", String::as_str);
        let by = if one.is_unasked() { "nobody; the person said it by themselves" } else { by };
        json!({
            "id": one.id, "purpose": one.purpose.as_str(), "asked_at": spoken::time(one.at), "asked_by": by,
            "state": state, "answered_at": one.answered_at.map(spoken::time),
            "quiet_until": one.quiet_until.map(spoken::time),
        })
    };
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mine = record::requests_of(ctx, staff, &dossier).await?.into_iter();
    let mine = mine.filter(|one| concerns(&standing.policy, staff.role, &one.purpose));
    let all: Vec<Value> = mine.map(told).collect();
    Reply::of(&json!({ "data": all }))
}

fn uses_of() -> Operation {
    let line = Shape::Record(vec![
        must(
            "entry",
            Shape::text(40),
            "Its number among the person's, or `m` and a number for a line of a use on many.",
        ),
        must("among", Shape::Number(0, i64::MAX).or_null(), "Of a use on many people, how many."),
        must("index", Shape::Number(0, i64::MAX).or_null(), "Its index in the ledger, once it has one."),
        must("at", Shape::time(), "When."),
        must("who", Shape::text(300), "Who; a key by its name."),
        must("role", Shape::any_text(100), "In which role."),
        must("use", Shape::text(40).or_null(), "Which use; null when it was none."),
        must("purpose", Shape::any_text(200), "For which purpose."),
        must("outcome", Shape::text(60), "`PERMIT`, or why not."),
        must("categories", Shape::text(200).list(256), "With which kinds of values."),
    ])
    .named("UseLine");
    Operation::new("listUses", Method::GET, "/v1/people/{id}/uses", |call| Box::pin(uses(call)))
        .says(CHAPTER, "Who used what", "The person's lines of the ledger, newest first. Reading them is a use itself.")
        .for_roles(ROLES)
        .asks(vec![may("after", Shape::text(400), "`next` of the page before.")])
        .gives(200, line.page_of(), json!({ "data": [{
            "entry": "12", "among": null, "index": 40312, "at": "2026-05-01T12:00:00Z", "who": "web shop (program)", "role": "support",
            "use": "View", "purpose": "service.support", "outcome": "PERMIT", "categories": ["contact.email"],
        }], "next": null }))
}

async fn uses(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let after = call.after()?.map(|cursor| cursor.id::<After>()).transpose()?.unwrap_or_default();
    let id = act::person(call.name("id"))?;
    let record = record::record(ctx, staff, id).await?;
    // Each record has lines of its own: of several that were joined, those of the one that was asked for.
    let (dossier, answer) = record.parts().find(|(one, _)| one.id() == id).ok_or_else(act::nobody)?;
    let Some((lines, next)) = record::uses_page(ctx, dossier, answer, after).await? else {
        let standing = ctx.gate.policy(staff.company.id).await?;
        let words = words(ctx, staff, &standing.policy);
        let reason = answer.and_then(|answer| answer.ruling().refusal());
        return Err(spoken::refused(reason, &words));
    };
    let next = next.map(Cursor::written);
    let told = |line: &assent_gate::UseLine| {
        let detail = &line.detail;
        let who = match detail.actor.as_str() {
            "the person" => "the person",
            "system" => "the system",
            id => record.colleagues.get(id).map_or("somebody who has left", String::as_str),
        };
        let what = Use::ALL.iter().find(|one| **one as u8 == detail.use_code).map(|one| one.name());
        json!({
            "entry": line.id.to_string(), "among": line.among, "index": line.index, "at": assent_web::text::iso(detail.at), "who": who,
            "role": detail.role, "use": what, "purpose": detail.purpose, "outcome": detail.outcome,
            "categories": detail.categories,
        })
    };
    let data: Vec<Value> = lines.iter().map(told).collect();
    Reply::page(&data, next)
}
