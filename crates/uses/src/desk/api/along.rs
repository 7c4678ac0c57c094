//! The line of time, people taken along, receipts.

use assent_gate::LineId;
use assent_kernel::{CategoryKey, PersonId, Role};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape};
use assent_web::fields::{self, Thing};
use assent_web::text;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, FCT, PER, act, words};
use crate::desk::ROLES;
use crate::desk::act::{export, record, write};
use crate::desk::model::back::Back;
use crate::desk::model::columns::Columns;
use crate::desk::web::tabs;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    vec![timeline(), take_along(), receipt()]
}

fn timeline() -> Operation {
    let event = Shape::Record(vec![
        must("at", Shape::time(), "When."),
        must("what", Shape::any_text(20_000), "What happened, in a sentence."),
        must("more", Shape::any_text(20_000), "What else there is to say."),
    ])
    .named("Event");
    Operation::new("getTimeline", Method::GET, "/v1/people/{id}/timeline", |call| Box::pin(line_of_time(call)))
        .says(
            CHAPTER,
            "What happened with a person",
            "Notes, requests, answers, deals and uses, newest first, as far as they are open; the same use by the same colleague on \
             one day is told once.",
        )
        .for_roles(ROLES)
        .asks(vec![may("after", Shape::text(400), "`next` of the page before.")])
        .gives(
            200,
            Shape::Record(vec![
                must("data", event.list(2_000), "The events."),
                must("uses", Shape::Flag, "False when who used what is closed, because nothing of the person is open."),
                must("next", Shape::text(400).or_null(), "Hand it back as `after` for what happened before; null at the end."),
            ]),
            json!({ "data": [{ "at": "2026-05-01T12:00:00Z", "what": "Said yes to “Newsletter”", "more": "Until 1 May 2027" }], "uses": true, "next": null }),
        )
}

async fn line_of_time(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let record = record::record(ctx, staff, act::person(call.name("id"))?).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let from = call.after()?.map(|cursor| cursor.id::<Back>()).transpose()?.unwrap_or_default();
    let (events, uses, older) = tabs::events(ctx, staff, &record, &record.values(), &words, from).await?;
    let told = |one: &assent_web::parts::Event| json!({ "at": text::iso(one.at), "what": one.what, "more": one.more });
    let data: Vec<Value> = events.iter().take(2_000).map(told).collect();
    Reply::of(&json!({ "data": data, "uses": uses, "next": older.map(Cursor::written) }))
}

fn take_along() -> Operation {
    let taken = Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must(
            "facts",
            spoken::fact_shape().list(10_000),
            "What goes into a list that leaves, open or closed.",
        ),
    ])
    .named("Taken");
    let mut fact = json!({
        "id": FCT, "record": PER, "category": "contact.email", "confirmed_at": "2026-03-01T09:00:00Z", "source": "import Customers",
        "etag": "64bcb9bf2c000",
    });
    if let (Some(map), Value::Object(said)) = (fact.as_object_mut(), spoken::open_example("aiko@example.org"))
    {
        map.extend(said);
    }
    Operation::new("exportPeople", Method::POST, "/v1/people:export", |call| Box::pin(take(call)))
        .says(
            CHAPTER,
            "Take people along",
            "Asked for as an export, value by value, and written down as one. Whoever is closed whole is left out.",
        )
        .for_roles(ROLES)
        .harmless()
        .takes(
            Shape::Record(vec![must("people", Shape::id("per").list(spoken::MOST_ALONG), "Whom.")]),
            json!({ "people": [PER] }),
        )
        .gives(
            200,
            Shape::Record(vec![must("data", taken.list(spoken::MOST_ALONG), "Who comes along.")]),
            json!({ "data": [{ "id": PER, "facts": [fact] }] }),
        )
}

#[derive(Deserialize)]
struct Wanted {
    people: Vec<PersonId>,
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, mut wanted) = (&call.ctx, call.staff()?, call.body::<Wanted>()?);
    wanted.people.sort_unstable();
    wanted.people.dedup();
    let columns = Columns::new(fields::offered(ctx, staff.company.id, Thing::Person).await?);
    let kinds: Vec<CategoryKey> = columns.filed().into_iter().map(|(_, kind)| kind).collect();
    let people = export::take(ctx, staff, &wanted.people, &kinds).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let told = |one: &export::Taken| {
        let named = one.values.iter().filter(|value| !words.hides(&value.fact.category, &value.cell));
        let holder =
            |value: &crate::desk::model::cell::Value| one.of.get(&value.fact.id).copied().unwrap_or(one.id);
        let facts = named.map(|value| spoken::fact(value, holder(value), &words)).collect::<Vec<_>>();
        json!({ "id": one.id, "facts": facts })
    };
    Reply::of(&json!({ "data": people.iter().map(told).collect::<Vec<_>>() }))
}

fn receipt() -> Operation {
    Operation::new("getReceipt", Method::GET, "/v1/people/{id}/uses/{entry}/receipt", |call| {
        Box::pin(proof(call))
    })
    .says(
        CHAPTER,
        "The receipt of a use",
        "A .tlog-proof that anybody checks without us: `entry` as `listUses` tells it.",
    )
    .for_roles(&[Role::Dpo])
    .gives(
        200,
        Shape::Record(vec![must("receipt", Shape::text(1_000_000), "The proof.")]),
        json!({ "receipt": "c2sp.org/tlog-proof@v1\n…" }),
    )
}

async fn proof(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, id) = (&call.ctx, call.staff()?, act::person(call.name("id"))?);
    let line: LineId =
        call.name("entry").parse().map_err(|_| Problem::not_found("There is no such entry."))?;
    match write::receipt(ctx, staff, id, line).await? {
        Ok(receipt) => Reply::of(&json!({ "receipt": receipt })),
        Err(reason) => {
            let standing = ctx.gate.policy(staff.company.id).await?;
            Err(spoken::refused(Some(&reason), &words(ctx, staff, &standing.policy)))
        }
    }
}
