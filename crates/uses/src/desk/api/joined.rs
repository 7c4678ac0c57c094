//! Several records of one human: who seems to be here twice, what joining closes, joining and taking apart.

use assent_kernel::{FactId, PersonId, Role};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, FCT, PER, act, words};
use crate::desk::act::joined::{self as acts, Double};
use crate::desk::model::joined::closes;
use crate::seen::words::Words;
use crate::spoken;

/// Who may join records and take them apart.
const JOINERS: &[Role] = &[Role::Sales, Role::Support, Role::Dpo, Role::Admin];
const OTHER: &str = "per_01jx6sk9c0000000000000000n";

pub(super) fn operations() -> Vec<Operation> {
    vec![doubles(), alike(), foresee(), join(), split()]
}

fn double_shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("name", spoken::said_shape(), "What they are called, as far as that is open."),
    ])
    .named("Double")
}

fn told(one: &Double, words: &Words<'_>) -> Value {
    json!({ "id": one.id, "name": spoken::said(&one.name, words) })
}

fn doubles() -> Operation {
    let same = Shape::Record(vec![must(
        "people",
        double_shape().list(1000),
        "They share an address, a number or an identifier.",
    )]);
    let both = json!([
        { "id": PER, "name": spoken::open_example("Aiko Ito") },
        { "id": OTHER, "name": spoken::closed_example() },
    ]);
    Operation::new("listDoubles", Method::GET, "/v1/doubles", |call| Box::pin(list(call)))
        .says(
            CHAPTER,
            "Who seems to be here twice",
            "As far as something by which they are known is open for the purpose at hand.",
        )
        .for_roles(JOINERS)
        .asks(vec![may("after", Shape::text(400), "`next` of the page before.")])
        .gives(200, same.page_of(), json!({ "data": [{ "people": both }], "next": null }))
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let after = call.after()?.map(|cursor| cursor.id::<i64>()).transpose()?;
    let (found, next) = acts::doubles(ctx, staff, after).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let same =
        |of: &Vec<Double>| json!({ "people": of.iter().map(|one| told(one, &words)).collect::<Vec<_>>() });
    let data: Vec<Value> = found.iter().map(same).collect();
    Reply::page(&data, next.map(Cursor::written))
}

fn alike() -> Operation {
    let joined = Shape::Record(vec![
        must("id", Shape::id("per"), "The record that was joined."),
        must("since", Shape::time(), "Since when."),
    ]);
    Operation::new("getSame", Method::GET, "/v1/people/{id}/same", |call| Box::pin(same(call)))
        .says(
            CHAPTER,
            "Who else may be, or counts as, the same",
            "Others with an address of theirs, and the records that were joined into this one.",
        )
        .for_roles(JOINERS)
        .gives(
            200,
            Shape::Record(vec![
                must("alike", double_shape().list(1000), "Who may be the same."),
                must("joined", joined.list(1000), "Records that count as the same."),
            ]),
            json!({
                "alike": [{ "id": OTHER, "name": spoken::open_example("A. Ito") }],
                "joined": [{ "id": OTHER, "since": "2026-05-01T12:00:00Z" }],
            }),
        )
}

async fn same(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let records = ctx.gate.look_all(&staff.people(), act::person(call.name("id"))?).await?;
    let first = records.first().ok_or_else(act::nobody)?;
    let joined: Vec<Value> =
        first.links().map(|(person, _, at)| json!({ "id": person, "since": spoken::time(at) })).collect();
    let alike = acts::alike(ctx, staff, &records).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let alike: Vec<Value> = alike.iter().map(|one| told(one, &words)).collect();
    Reply::of(&json!({ "alike": alike, "joined": joined }))
}

fn foresee() -> Operation {
    Operation::new("foreseeJoin", Method::GET, "/v1/people/{id}/same/{other}", |call| Box::pin(foreseen(call)))
        .says(CHAPTER, "What joining would close", "Joining only narrows: what one of the two refused, took back or stopped counts for both.")
        .for_roles(JOINERS)
        .gives(
            200,
            Shape::Record(vec![must("closes", Shape::any_text(2000).list(1000), "A sentence for each thing that closes.")]),
            json!({ "closes": ["“Newsletter”: the yes of the other record stops counting; the other took it back."] }),
        )
        .or(422, "The two cannot be joined: they are one, or lie in two regions.")
}

async fn foreseen(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (into, other) = (act::person(call.name("id"))?, act::person(call.name("other"))?);
    let preview = acts::preview(ctx, staff, into, other).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    Reply::of(&json!({ "closes": closes(&preview.joining, &words) }))
}

fn join() -> Operation {
    Operation::new("joinPeople", Method::POST, "/v1/people/{id}/same", |call| Box::pin(joined(call)))
        .says(
            CHAPTER,
            "Join two records",
            "By a link: each keeps its key, its values and its terms. It can be taken apart again.",
        )
        .for_roles(JOINERS)
        .takes(
            Shape::Record(vec![
                must("other", Shape::id("per"), "The other record."),
                may(
                    "first",
                    Shape::id("fct").list(100),
                    "Values that stand first where the two tell something else.",
                ),
            ]),
            json!({ "other": OTHER, "first": [FCT] }),
        )
        .gives_nothing()
        .or(409, "The terms changed meanwhile, or a call with this Idempotency-Key is still at work.")
}

#[derive(Deserialize)]
struct Joining {
    other: PersonId,
    #[serde(default)]
    first: Vec<FactId>,
}

async fn joined(call: &Call) -> Result<Reply, Problem> {
    let (into, sent) = (act::person(call.name("id"))?, call.body::<Joining>()?);
    acts::join(&call.ctx, call.staff()?, (into, sent.other), sent.first).await?;
    Ok(Reply::done())
}

fn split() -> Operation {
    Operation::new("splitPerson", Method::POST, "/v1/people/{id}/apart", |call| Box::pin(apart(call)))
        .says(
            CHAPTER,
            "Take a record out again",
            "Each is decided on its own terms as before they were joined.",
        )
        .for_roles(JOINERS)
        .takes(
            Shape::Record(vec![must(
                "record",
                Shape::id("per"),
                "The record that was joined into this one.",
            )]),
            json!({ "record": OTHER }),
        )
        .gives_nothing()
        .or(409, "The terms changed meanwhile, or a call with this Idempotency-Key is still at work.")
}

#[derive(Deserialize)]
struct Apart {
    record: PersonId,
}

async fn apart(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, record) = (&call.ctx, call.staff()?, call.body::<Apart>()?.record);
    let first = ctx.gate.look_one(&staff.people(), act::person(call.name("id"))?).await?;
    if !first.links().any(|(one, _, _)| one == record) {
        return Err(Problem::not_found("That record was not joined into this one."));
    }
    acts::split(ctx, staff, record).await?;
    Ok(Reply::done())
}
